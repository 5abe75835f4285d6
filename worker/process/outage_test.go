package process_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue/queuetest"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// loud are the lines of the log that ask a person to look.
func (l *lines) loud() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var loud []string
	for line := range strings.Lines(l.out.String()) {
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			loud = append(loud, line)
		}
	}
	return loud
}

// toldOnce says that an outage was told by one line, and its end, with its length,
// by another.
func toldOnce(t *testing.T, log *lines, lost, back string) {
	t.Helper()
	if loud := log.loud(); len(loud) != 1 || !strings.Contains(loud[0], lost) {
		t.Errorf("it was told by %d lines:\n%s", len(loud), strings.Join(loud, ""))
	}
	if n := log.count(back); n != 1 || log.count("away=") != 1 {
		t.Errorf("%d lines say that it is over:\n%s", n, log.out.String())
	}
}

// shop answers calls once it is opened.
type shop struct {
	*httptest.Server
	called, open chan struct{}
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{called: make(chan struct{}, 100), open: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		s.called <- struct{}{}
		<-s.open
	}))
	t.Cleanup(s.Close)
	return s
}

// bystander starts runs and looks at them, whatever happens to the worker.
type bystander struct {
	*testing.T
	db     *gorm.DB
	engine *engine.Engine
	target models.Workflow
}

func (b *bystander) start() string {
	b.Helper()
	run, _, err := b.engine.StartNow(b.Context(), engine.StartRequest{WorkflowID: b.target.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
	if err != nil {
		b.Fatal(err)
	}
	return run.ID
}

func (b *bystander) succeeds(id string) {
	b.Helper()
	modelstest.Eventually(b, "the run succeeds", func() bool {
		run, err := runs.Get(b.Context(), b.db, id)
		return err == nil && run.Status == workflow.RunSucceeded
	})
}

// everybodyMeetsIt is longer than any part of a worker stays away from a server.
const everybodyMeetsIt = 6 * time.Second

func TestAnOutageOfRedisIsToldOnceInAWorker(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, server := queuetest.MiniServer(t)
		log, shop := &lines{}, newShop(t)
		types := steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
		q := queuetest.OpenIn(t, "redis://"+server.Addr(), "outage", slog.New(slog.NewTextHandler(log, nil)))
		start(t, process.Config{DB: db, Queue: q, Types: types, Concurrency: 3, Grace: time.Second, Log: slog.New(slog.NewTextHandler(log, nil))})
		far := queuetest.OpenIn(t, "redis://"+server.Addr(), "outage", slog.New(slog.DiscardHandler))
		by := bystander{T: t, db: db, engine: engine.New(engine.Options{DB: db, Queue: far, Types: types})}
		by.target = publish(t, db, fmt.Sprintf(`{"format":1,"name":"W","steps":[{"id":"a","type":"http_request","config":{"url":%q}},{"id":"b","type":"wait","config":{"for":"50ms"}}]}`, shop.URL))
		during := by.start()
		<-shop.called

		server.Close()
		gone := time.Now()
		close(shop.open)
		by.start()
		modelstest.Eventually(t, "every part of the worker has met the outage", func() bool { return time.Since(gone) > everybodyMeetsIt })
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		by.succeeds(during)
		by.succeeds(by.start())
		modelstest.Eventually(t, "the log says that it is over", func() bool { return log.count("Redis is back") > 0 })
		toldOnce(t, log, "Redis cannot be reached", "Redis is back")
	})
}

// gate shuts a database for everybody, as if its server were away, and opens it again.
func gate(t *testing.T, address string) (shut func(bool)) {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(parsed.Path, "/")
	parsed.Path = "/postgres"
	beside, err := models.Open(models.Source{URL: parsed.String()})
	if err != nil {
		t.Fatal(err)
	}
	shut = func(closed bool) {
		if err := beside.Exec(fmt.Sprintf(`ALTER DATABASE %q WITH ALLOW_CONNECTIONS %t`, name, !closed)).Error; err != nil {
			t.Fatal(err)
		}
		if closed {
			if err := beside.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?`, name).Error; err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Cleanup(func() { shut(false); _ = models.Close(beside) })
	return shut
}

func TestAnOutageOfPostgresIsToldOnceInAWorker(t *testing.T) {
	t.Parallel()
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("without a server there is none to go away")
	}
	db, address := modelstest.Postgres(t)
	shut := gate(t, address)
	log, shop := &lines{}, newShop(t)
	types := steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	q := queuetest.Mini(t)
	start(t, process.Config{DB: db, Queue: q, Types: types, Concurrency: 3, Grace: time.Second, Log: slog.New(slog.NewTextHandler(log, nil))})
	by := bystander{T: t, db: db, engine: engine.New(engine.Options{DB: db, Queue: q, Types: types})}
	by.target = publish(t, db, fmt.Sprintf(`{"format":1,"name":"W","steps":[{"id":"a","type":"http_request","config":{"url":%q}}]}`, shop.URL))
	during := by.start()
	<-shop.called

	shut(true)
	gone := time.Now()
	close(shop.open)
	modelstest.Eventually(t, "every part of the worker has met the outage", func() bool { return time.Since(gone) > everybodyMeetsIt })
	shut(false)
	by.succeeds(during)
	by.succeeds(by.start())
	modelstest.Eventually(t, "the log says that it is over", func() bool { return log.count("PostgreSQL is back") > 0 })
	toldOnce(t, log, "PostgreSQL cannot be reached", "PostgreSQL is back")
}
