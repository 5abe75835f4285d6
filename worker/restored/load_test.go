package restored_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/archive"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue/queuetest"
	"workflows/worker/restored"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// shop counts what it is sent, by the key that is the same for each try of a step.
type shop struct {
	*httptest.Server
	mu    sync.Mutex
	calls map[string]int
	wrong int // without the secret
}

func newShop(t *testing.T) *shop {
	s := &shop{calls: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls[r.Header.Get("Idempotency-Key")]++
		if r.Header.Get("X-Key") != "a secret value" {
			s.wrong++
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) seen() (all map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all = make(map[string]int, len(s.calls))
	for key, n := range s.calls {
		all[key] = n
	}
	return all
}

// system is an installation with a worker.
type system struct {
	*testing.T
	db     *gorm.DB
	engine *engine.Engine
	log    *lines
	stop   func()
}

// lines is a log that is read while it is written.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(data)
}

func (l *lines) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.out.String(), text)
}

func newSystem(t *testing.T, db *gorm.DB, keys string) *system {
	t.Helper()
	log := &lines{}
	vault, err := secrets.Open(keys)
	if err != nil {
		t.Fatal(err)
	}
	vault.DB, vault.Log = db, slog.New(slog.NewTextHandler(log, nil))
	types := steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	q := queuetest.Mini(t)
	s := &system{T: t, db: db, log: log, engine: engine.New(engine.Options{DB: db, Queue: q, Types: types, Secrets: vault})}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- process.Run(ctx, process.Config{DB: db, Queue: q, Types: types, Secrets: vault, Concurrency: 4, Grace: time.Second, Log: vault.Log})
	}()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

func (s *system) publish(definition string) models.Workflow {
	s.Helper()
	now := models.Now()
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: "Order", Definition: models.JSON(definition), CreatedAt: now}
	w := models.Workflow{ID: v.WorkflowID, Name: "Order", Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now}
	for _, row := range []any{&w, &v} {
		if err := s.db.Create(row).Error; err != nil {
			s.Fatal(err)
		}
	}
	return w
}

// begin starts runs until told to stop, and returns which were accepted, and when.
func (s *system) begin(ctx context.Context, w models.Workflow) (accepted func() []models.Run) {
	var mu sync.Mutex
	var all []models.Run
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for ctx.Err() == nil {
				run, _, err := s.engine.StartNow(context.WithoutCancel(ctx), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
				if err != nil {
					s.Error(err)
					return
				}
				mu.Lock()
				all = append(all, run)
				mu.Unlock()
			}
		})
	}
	return func() []models.Run {
		if ctx.Err() != nil {
			group.Wait()
		}
		mu.Lock()
		defer mu.Unlock()
		return append([]models.Run(nil), all...)
	}
}

// states counts the runs by their state.
func states(t *testing.T, db *gorm.DB) map[string]int {
	t.Helper()
	var found []struct {
		State string
		N     int
	}
	if err := db.Raw("SELECT CASE waiting_for WHEN 'decision' THEN 'decision' ELSE status END AS state, count(*) AS n FROM runs GROUP BY 1").Scan(&found).Error; err != nil {
		t.Fatal(err)
	}
	counted := map[string]int{}
	for _, f := range found {
		counted[f.State] = f.N
	}
	return counted
}

// A system is backed up while it works, and goes on working. What it was restored to is
// the system as it was at that moment, in either kind of database.
func TestASystemUnderLoadIsBackedUpAndGoesOnElsewhere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		target, keys := newShop(t), secrets.NewKey("k1")
		s := newSystem(t, db, keys)
		vault, err := secrets.Open(keys)
		if err != nil {
			t.Fatal(err)
		}
		vault.DB = db
		if _, err := vault.Put(t.Context(), "SHOP", "a secret value", "Ada"); err != nil {
			t.Fatal(err)
		}
		w := s.publish(`{"format":1,"name":"Order","steps":[
			{"id":"a","type":"set_values","config":{"values":{"x":1}}},
			{"id":"tell","type":"http_request","config":{"method":"POST","url":"` + target.URL + `","headers":{"X-Key":"{{ secrets.SHOP }}"}}},
			{"id":"pause","type":"wait","config":{"for":"300ms"}},
			{"id":"b","type":"set_values","config":{"values":{"x":2}}}]}`)
		loading, enough := context.WithCancel(t.Context())
		accepted := s.begin(loading, w)
		modelstest.Eventually(t, "some runs have ended", func() bool { return states(t, db)["succeeded"] > 20 })

		before := accepted()
		var backup bytes.Buffer
		if _, err := archive.Write(t.Context(), db, &backup, archive.Options{}); err != nil {
			t.Fatal(err)
		}
		enough()
		all := accepted()
		// It works on, as a system may before it is lost.
		modelstest.Eventually(t, "it works off what was accepted", func() bool { return states(t, db)["succeeded"] == len(all) })
		s.stop()

		into := map[string]*gorm.DB{"sqlite": modelstest.SQLite(t)}
		if modelstest.Find("postgres") != "" {
			into["postgres"], _ = modelstest.Postgres(t)
		}
		for kind, db := range into {
			restoreInto(t, db, backup.Bytes())
			for _, run := range before {
				if _, err := runs.Get(t.Context(), db, run.ID); err != nil {
					t.Fatalf("%s: a run that was accepted before is not in it: %v", kind, err)
				}
			}
			was := states(t, db)
			if was["succeeded"] < 20 || was["queued"]+was["running"]+was["waiting"] == 0 {
				t.Fatalf("%s: it was under no load: %v", kind, was)
			}
			told := target.seen()
			other := newSystem(t, db, keys)
			modelstest.Eventually(t, "it waits", func() bool { return other.log.has("until an administrator says") })
			most := 0 // how often a step of then is done once more
			if kind == "sqlite" {
				other.endsWhatWasOpen(was)
			} else {
				other.goesOn(was)
				most = 1
			}
			fresh := other.publish(`{"format":1,"name":"New","steps":[{"id":"tell","type":"http_request","config":{"method":"POST","url":"` + target.URL + `","headers":{"X-Key":"{{ secrets.SHOP }}"}}}]}`)
			run, _, err := other.engine.StartNow(t.Context(), engine.StartRequest{WorkflowID: fresh.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			if err != nil {
				t.Fatal(err)
			}
			modelstest.Eventually(t, "new runs start", func() bool {
				now, err := runs.Get(t.Context(), db, run.ID)
				return err == nil && now.Status == workflow.RunSucceeded
			})
			for key, n := range target.seen() {
				if before, known := told[key]; known && n > before+most {
					t.Errorf("%s: told %d times, and %d before: %s", kind, n, before, key)
				}
			}
			other.stop()
		}
		if target.wrong > 0 {
			t.Errorf("%d calls came without the secret", target.wrong)
		}
	})
}

func restoreInto(t *testing.T, db *gorm.DB, backup []byte) {
	t.Helper()
	read, err := archive.Read(t.Context(), bytes.NewReader(backup))
	if err == nil {
		err = archive.Restore(t.Context(), db, bytes.NewReader(backup), read)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// endsWhatWasOpen says that the other system has worked on.
func (s *system) endsWhatWasOpen(was map[string]int) {
	s.Helper()
	if err := restored.GoOn(s.Context(), s.db, restored.End, "Ada"); err != nil {
		s.Fatal(err)
	}
	now := states(s.T, s.db)
	if now["succeeded"] != was["succeeded"] || now["cancelled"] != was["queued"]+was["running"]+was["waiting"]+was["decision"] || len(now) != 2 {
		s.Errorf("it was %v and is %v", was, now)
	}
}

// goesOn says that it has not: every run ends, but for those of which nobody knows
// whether they have told the shop.
func (s *system) goesOn(was map[string]int) {
	s.Helper()
	if err := restored.GoOn(s.Context(), s.db, restored.Continue, "Ada"); err != nil {
		s.Fatal(err)
	}
	open := was["queued"] + was["running"] + was["waiting"]
	modelstest.Eventually(s, "what was open ends, or waits for a decision", func() bool {
		now := states(s.T, s.db)
		return now["succeeded"]+now["decision"] == was["succeeded"]+open
	})
	if now := states(s.T, s.db); now["decision"] > was["running"] {
		s.Errorf("%d wait for a decision, and %d were at work", now["decision"], was["running"])
	}
}
