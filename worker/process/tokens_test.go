package process_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue/queuetest"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// once is a server that takes each refresh token once, as many do: one that comes again
// ends the sign-in for good.
type once struct {
	mu      sync.Mutex
	refresh int  // the number of the one that it takes
	access  int  // the number of the one that it takes at /api
	burnt   bool // a used one has come
}

func (s *once) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/api" {
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer access-token-%d", s.access) {
			w.WriteHeader(http.StatusUnauthorized)
		}
		return
	}
	if s.burnt = s.burnt || r.PostFormValue("refresh_token") != fmt.Sprintf("refresh-token-%d", s.refresh); s.burnt {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	s.refresh++
	s.access = s.refresh
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprint("access-token-", s.access), "token_type": "bearer", "expires_in": 3600, "refresh_token": fmt.Sprint("refresh-token-", s.refresh)})
}

// end has all access tokens not taken any more.
func (s *once) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = -1
}

func (s *once) given(t *testing.T, want int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refresh != want || s.burnt {
		t.Errorf("%d tokens were given, not %d; a used refresh token has come: %v", s.refresh, want, s.burnt)
	}
}

// tokenWorker is a worker that has just begun, as far as tokens go.
type tokenWorker struct {
	types workflow.Types
	store *secrets.Store
}

func newTokenWorker(t *testing.T, db *gorm.DB, keys string) tokenWorker {
	t.Helper()
	store, err := secrets.Open(keys)
	must(t, err)
	store.DB, store.Log = db, slog.New(slog.DiscardHandler)
	return tokenWorker{steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}), store}
}

func tokenConfig(server string) map[string]any {
	return map[string]any{"url": server + "/api", "auth": map[string]any{
		"type": "oauth2_refresh_token", "token_url": server + "/token", "client_id": "client", "client_secret": "hush hush", "refresh_token": "refresh-token-0",
	}}
}

func (w tokenWorker) call(ctx context.Context, config map[string]any) error {
	_, err := w.types["http_request"].Execute(ctx, workflow.Call{Config: config, Tokens: w.store, Now: models.Now()})
	return err
}

func TestARefreshTokenThatChangesIsKnownToEveryWorkerAndAfterARestart(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := &once{}
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		config, keys := tokenConfig(server.URL), secrets.NewKey("first")
		anna, bert := newTokenWorker(t, db, keys), newTokenWorker(t, db, keys)
		must(t, anna.call(t.Context(), config))
		must(t, bert.call(t.Context(), config))
		s.given(t, 1)

		s.end()
		var calls errgroup.Group
		for i := range 6 { // of two workers that are all turned down
			worker := []tokenWorker{anna, bert}[i%2]
			calls.Go(func() error { return worker.call(t.Context(), config) })
		}
		must(t, calls.Wait())
		s.given(t, 2)

		restarted := newTokenWorker(t, db, keys)
		must(t, restarted.call(t.Context(), config))
		s.given(t, 2)
		s.end()
		must(t, restarted.call(t.Context(), config))
		s.given(t, 3)

		changed := tokenConfig(server.URL) // the client's secret is renewed, the sign-in goes on
		changed["auth"].(map[string]any)["client_secret"] = "new and long"
		must(t, anna.call(t.Context(), changed))
		s.given(t, 4)
		for table, rows := range modelstest.Everything(t, db) {
			if strings.Contains(rows, "access-token-") || strings.Contains(rows, "refresh-token-") {
				t.Errorf("%s holds a token as it is", table)
			}
		}
	})
}

// What a server has given for a refresh token is kept although the call is over: nobody
// will be given it again.
func TestATokenIsKeptAlsoWhereTheCallEndsBefore(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s, asked, answer := &once{}, make(chan struct{}), make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				asked <- struct{}{}
				<-answer
			}
			s.ServeHTTP(w, r)
		}))
		t.Cleanup(server.Close)
		config, keys := tokenConfig(server.URL), secrets.NewKey("first")
		anna, bert := newTokenWorker(t, db, keys), newTokenWorker(t, db, keys)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- anna.call(ctx, config) }()
		<-asked
		cancel()
		if err := <-ended; err == nil {
			t.Error("the call was not cut off")
		}
		other := make(chan error, 1)
		go func() { other <- bert.call(t.Context(), config) }()
		close(answer)
		must(t, <-other)
		s.given(t, 1)
	})
}

func TestARunsCallUsesTheTokenThatIsKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := &once{}
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		keys := secrets.NewKey("first")
		q := queuetest.Mini(t)
		w := publish(t, db, strings.ReplaceAll(`{"format":1,"name":"W","steps":[{"id":"c","type":"http_request","config":{"url":"SERVER/api","auth":{
			"type":"oauth2_refresh_token","token_url":"SERVER/token","client_id":"client","refresh_token":"refresh-token-0"}}}]}`, "SERVER", server.URL))
		for range 2 { // each time by a worker that has just begun
			worker := newTokenWorker(t, db, keys)
			stop := start(t, process.Config{DB: db, Queue: q, Types: worker.types, Secrets: worker.store, Concurrency: 2, Grace: time.Second})
			e := engine.New(engine.Options{DB: db, Queue: q, Types: worker.types, Secrets: worker.store})
			run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			must(t, err)
			modelstest.Eventually(t, "the run succeeds", func() bool {
				ended, err := runs.Get(t.Context(), db, run.ID)
				return err == nil && ended.Status == workflow.RunSucceeded
			})
			stop()
		}
		s.given(t, 1)
	})
}
