package pages_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/api"
	"workflows/app/auth"
	"workflows/app/pages"
	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/schedule"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// runSite is the whole site over a real database and queue, without a worker:
// tests execute runs themselves.
type runSite struct {
	t       *testing.T
	db      *gorm.DB
	engine  *engine.Engine
	queue   *queue.Queue
	board   *queue.Board
	catalog *catalog.Catalog
	redis   *miniredis.Miniredis
	server  *httptest.Server
	shop    *shop
}

// eachRunSite runs the test on a site over each kind of database.
func eachRunSite(t *testing.T, test func(t *testing.T, s *runSite)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { test(t, newRunSite(t, db)) })
}

func newRunSite(t *testing.T, db *gorm.DB) *runSite {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	q, redis := queuetest.MiniServer(t)
	types := steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	s := &runSite{t: t, db: db, queue: q, redis: redis, shop: newShop(t)}
	s.engine = engine.New(engine.Options{DB: db, Queue: q, Types: types, Log: log})
	s.board = queue.NewBoard(q, db)
	s.catalog = &catalog.Catalog{DB: db, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}, Now: models.Now}
	sessions, err := auth.NewSessions(auth.Options{DB: db, Log: log, Now: models.Now})
	s.check(err)
	tokens, err := auth.NewTokens(db, 0, log, models.Now)
	s.check(err)
	settings := environment.Settings{BaseURL: "http://127.0.0.1"}
	site := &pages.Site{
		DB: db, Catalog: s.catalog, Engine: s.engine, Board: s.board, Queue: q, Types: types, Settings: settings,
		Sessions: sessions, Tokens: tokens, Log: log, Now: models.Now,
	}
	a := &api.API{DB: db, Catalog: s.catalog, Engine: s.engine, Board: s.board, Queue: q, Types: types, Log: log, Now: models.Now}
	table := append(routes.Table(site, a), routes.Route{Method: http.MethodPost, Path: "/enter/:role", Who: routes.Anyone(), Handler: s.enter(sessions)})
	fine := func() string { return "" }
	handler, err := routes.Engine(routes.Options{
		Table: table, Sessions: sessions, Tokens: tokens, Settings: settings, Log: log, Problem: fine, Probes: routes.NewProbes(db, q, s.board, fine),
	})
	s.check(err)
	s.server = httptest.NewServer(handler)
	t.Cleanup(s.server.Close)
	return s
}

// enter signs the browser in as a new person with the role.
func (s *runSite) enter(sessions *auth.Sessions) gin.HandlerFunc {
	return func(c *gin.Context) {
		role := c.Param("role")
		user := models.User{ID: models.NewID(), Name: "Ann", Email: role + "-" + models.NewID() + "@example.com", PasswordHash: "-", Role: role, TimeZone: "Europe/Berlin", CreatedAt: models.Now()}
		s.check(s.db.Create(&user).Error)
		s.check(sessions.Enter(c, user))
		c.Status(http.StatusNoContent)
	}
}

func (s *runSite) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// browser is one signed-in person, without JavaScript.
type browser struct {
	s      *runSite
	client *http.Client
}

func (s *runSite) as(role auth.Role) *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	s.check(err)
	b := &browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	b.post("/enter/"+string(role), nil, http.StatusNoContent)
	return b
}

// answer is what came back.
type answer struct {
	status   int
	location string
	tag      string
	body     string
}

func (b *browser) send(method, path string, form url.Values, header http.Header) answer {
	b.s.t.Helper()
	request, err := http.NewRequest(method, b.s.server.URL+path, strings.NewReader(form.Encode()))
	b.s.check(err)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := b.client.Do(request)
	b.s.check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	b.s.check(err)
	return answer{response.StatusCode, response.Header.Get("Location"), response.Header.Get("ETag"), string(body)}
}

// get expects a page and returns its HTML.
func (b *browser) get(path string, status int) string {
	b.s.t.Helper()
	a := b.send(http.MethodGet, path, nil, nil)
	if a.status != status {
		b.s.t.Fatalf("GET %s answered %d instead of %d: %s", path, a.status, status, a.body)
	}
	return a.body
}

// post expects a status and returns what came back.
func (b *browser) post(path string, form url.Values, status int) answer {
	b.s.t.Helper()
	a := b.send(http.MethodPost, path, form, nil)
	if a.status != status {
		b.s.t.Fatalf("POST %s answered %d instead of %d: %s", path, a.status, status, a.body)
	}
	return a
}

// shows fails unless the page holds every text, and not those that begin with "!".
func shows(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		unwanted, not := strings.CutPrefix(text, "!")
		if not == strings.Contains(page, unwanted) {
			t.Errorf("the page shows %q: %v, which is wrong\n%s", unwanted, not, mainOf(page))
		}
	}
}

// mainOf leaves out what surrounds every page.
func mainOf(page string) string {
	if _, after, found := strings.Cut(page, "<main"); found {
		page, _, _ = strings.Cut(after, "</main>")
	}
	return page
}

// shop is the HTTP target of the tests' workflow.
type shop struct {
	url   string
	fails atomic.Bool
	calls atomic.Int64
	total atomic.Int64
}

func newShop(t *testing.T) *shop {
	shop := &shop{}
	shop.total.Store(250)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		shop.calls.Add(1)
		w.Header().Set("Content-Type", "application/json")
		if shop.fails.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, `{"total": %d, "customer": "<script>alert(1)</script>"}`, shop.total.Load())
	}))
	t.Cleanup(server.Close)
	shop.url = server.URL
	return shop
}

const evil = "<script>alert(1)</script>"

// order is a workflow with typed inputs, a step that acts, and two branches; all
// its texts are hostile.
func (s *runSite) order(change ...func(d *workflow.Definition)) models.Workflow {
	s.t.Helper()
	definition := fmt.Sprintf(`{
	"format": 1, "name": "Orders %[1]s", "description": "About %[1]s",
	"inputs": [
		{"name": "order_id", "type": "number", "label": "Order %[1]s", "required": true},
		{"name": "gift", "type": "boolean", "label": "A gift"},
		{"name": "note", "type": "text", "help": "Help %[1]s", "default": "Thanks"}
	],
	"steps": [
		{"id": "remember", "type": "set_values", "name": "Remember %[1]s", "config": {"values": {"note": "{{ input.note }}", "%[1]s": 1}}},
		{"id": "fetch", "type": "http_request", "name": "Send the order", "config": {"method": "POST", "url": "%[2]s/orders/{{ input.order_id }}"}},
		{"id": "large", "type": "condition", "name": "Is it large?", "config": {"match": "all", "conditions": [{"value": "{{ steps.fetch.body.total }}", "operator": "greater_than", "other": 100}]},
			"then": [{"id": "yes", "type": "set_values", "name": "Say large", "config": {"values": {"answer": "large {{ steps.fetch.body.customer }}"}}}],
			"else": [{"id": "no", "type": "set_values", "name": "Say small", "config": {"values": {"answer": "small"}}}]}
	]}`, evil, s.shop.url)
	d, problems, err := workflow.Parse([]byte(definition))
	s.check(err)
	if len(problems) > 0 {
		s.t.Fatal(problems)
	}
	for _, c := range change {
		c(&d)
	}
	return s.publish(d)
}

func (s *runSite) publish(d workflow.Definition) models.Workflow {
	s.t.Helper()
	w, err := s.catalog.Create(context.Background(), d, true, "Ann")
	s.check(err)
	return w
}

// start starts a run; execute takes it as far as it goes without waiting.
func (s *runSite) start(w models.Workflow, input string) models.Run {
	s.t.Helper()
	var given map[string]any
	decoder := json.NewDecoder(strings.NewReader(input))
	decoder.UseNumber()
	s.check(decoder.Decode(&given))
	run, _, err := s.engine.StartNow(context.Background(), engine.StartRequest{
		WorkflowID: w.ID, Input: given, Trigger: engine.Trigger{Type: engine.TriggerManual, By: "Ann", Via: "page"},
	})
	s.check(err)
	return run
}

func (s *runSite) execute(id string) models.Run {
	s.t.Helper()
	s.check(s.engine.Execute(context.Background(), id))
	var run models.Run
	// A run's end is written after its worker is free again.
	modelstest.Eventually(s.t, "the run is final or waits", func() (done bool) {
		var err error
		run, err = models.GetRun(context.Background(), s.db, id)
		s.check(err)
		return run.Status != workflow.RunRunning
	})
	return run
}

func contains(page string, texts ...string) bool {
	for _, text := range texts {
		if !strings.Contains(page, text) {
			return false
		}
	}
	return true
}

func eventually(t *testing.T, sentence string, done func() bool) {
	t.Helper()
	modelstest.Eventually(t, sentence, done)
}
