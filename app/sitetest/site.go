// Package sitetest is the whole site for the tests of its pages: on a database of
// their own, with browsers that do what one without JavaScript does.
package sitetest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/api"
	"workflows/app/auth"
	"workflows/app/documents"
	"workflows/app/editor"
	"workflows/app/explained"
	"workflows/app/frame"
	"workflows/app/machine"
	"workflows/app/many"
	"workflows/app/pages"
	"workflows/app/routes"
	"workflows/app/settings"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/catalog"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/hooks"
	"workflows/worker/mailserver"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
	"workflows/worker/queue/queuetest"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// Site is the whole site over a real database and queue, without a worker:
// tests execute runs themselves.
type Site struct {
	T       testing.TB
	DB      *gorm.DB
	Engine  *engine.Engine
	Queue   *queue.Queue
	Board   *board.Board
	Hooks   *hooks.Receiver
	Catalog *catalog.Catalog
	Secrets *secrets.Store // in which the addresses of calendars are sealed
	Redis   *miniredis.Miniredis
	Server  *httptest.Server
	Shop    *Shop
}

// Each runs the test on a site over each kind of database.
func Each(t *testing.T, test func(t *testing.T, s *Site)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { test(t, New(t, db)) })
}

// New is a site over a database.
func New(t testing.TB, db *gorm.DB) *Site {
	return newSite(t, db, environment.Settings{BaseURL: "http://127.0.0.1"})
}

// EachWith is Each with settings of the test's own.
func EachWith(t *testing.T, environ environment.Settings, test func(t *testing.T, s *Site)) {
	modelstest.InTurn(t, func(t *testing.T, db *gorm.DB) { test(t, newSite(t, db, environ)) })
}

func newSite(t testing.TB, db *gorm.DB, environ environment.Settings) *Site {
	t.Helper()
	environ.RunRetentionDays = cmp.Or(environ.RunRetentionDays, 30) // as where nobody sets it
	log := slog.New(slog.DiscardHandler)
	q, redis := queuetest.MiniServer(t)
	types := steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	s := &Site{T: t, DB: db, Queue: q, Redis: redis, Shop: newShop(t)}
	s.Engine = engine.New(engine.Options{DB: db, Queue: q, Types: types, Log: log})
	s.Board = board.New(q, db)
	vault, err := secrets.Open(secrets.NewKey("test"))
	s.Check(err)
	s.Secrets, vault.DB, vault.Log = vault, db, log
	s.Hooks = &hooks.Receiver{DB: db, Engine: s.Engine, Log: log, Now: models.Now, BaseURL: "http://127.0.0.1"}
	s.Catalog = &catalog.Catalog{DB: db, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}, Queue: q, Now: models.Now, Secrets: s.Secrets}
	sessions, err := auth.NewSessions(auth.Options{DB: db, Log: log, Now: models.Now})
	s.Check(err)
	tokens, err := auth.NewTokens(db, 0, log, models.Now)
	s.Check(err)
	mail := &mailserver.Source{DB: db, SMTP: environ.SMTPURL, From: environ.MailFrom}
	around := frame.Frame{DB: db, Board: s.Board, Now: models.Now}
	site := routes.Pages{
		Settings:  &settings.Site{Frame: around, Catalog: s.Catalog, Settings: environ, Mail: mail, Sessions: sessions, Tokens: tokens},
		Editor:    &editor.Site{Frame: around, Catalog: s.Catalog, Types: types, Settings: environ, Mail: mail, Engine: s.Engine, Hooks: s.Hooks},
		Runs:      &pages.Site{Frame: around, Catalog: s.Catalog, Engine: s.Engine, Hooks: s.Hooks, Types: types, Settings: environ, Sessions: sessions, Log: log},
		Documents: &documents.Site{Frame: around, Catalog: s.Catalog},
		Many:      &many.Site{Frame: around, Engine: s.Engine, Types: types},
		Machine:   &machine.Site{Frame: around, Settings: environ},
		Explained: &explained.Site{Frame: around, Engine: s.Engine, Types: types, Settings: environ, Sessions: sessions, Secrets: s.Secrets},
	}
	a := &api.API{DB: db, Catalog: s.Catalog, Engine: s.Engine, Board: s.Board, Types: types, Log: log, Now: models.Now}
	table := append(routes.Table(site, a), routes.Route{Method: http.MethodPost, Path: "/enter/:role", Who: routes.Anyone(), Handler: s.enter(sessions)})
	fine := func() string { return "" }
	handler, err := routes.Engine(routes.Options{
		Table: table, Sessions: sessions, Tokens: tokens, SignIn: site.Settings.SignInFirst, Settings: environ, Log: log, Problem: fine, Probes: routes.NewProbes(db, q, s.Board, fine, fine),
	})
	s.Check(err)
	s.Server = httptest.NewServer(handler)
	t.Cleanup(s.Server.Close)
	return s
}

// enter signs the Browser in as a new person with the role.
func (s *Site) enter(sessions *auth.Sessions) gin.HandlerFunc {
	return func(c *gin.Context) {
		role := c.Param("role")
		user := models.User{ID: models.NewID(), Name: "Ann", Email: role + "-" + models.NewID() + "@example.com", PasswordHash: "-", Role: role, TimeZone: "Europe/Berlin", CreatedAt: models.Now()}
		s.Check(s.DB.Create(&user).Error)
		s.Check(sessions.Enter(c, user))
		c.Status(http.StatusNoContent)
	}
}

// Check fails the test on an error.
func (s *Site) Check(err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}

// Shop is the HTTP target of the tests' workflow.
type Shop struct {
	URL   string
	Fails atomic.Bool
	Calls atomic.Int64
	Total atomic.Int64
}

func newShop(t testing.TB) *Shop {
	shop := &Shop{}
	shop.Total.Store(250)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		shop.Calls.Add(1)
		w.Header().Set("Content-Type", "application/json")
		if shop.Fails.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, `{"total": %d, "customer": "<script>alert(1)</script>"}`, shop.Total.Load())
	}))
	t.Cleanup(server.Close)
	shop.URL = server.URL
	return shop
}

// Evil is a text that must be shown as text.
const Evil = "<script>alert(1)</script>"

// Order is a workflow with typed inputs, a step that acts, and two branches; all
// its texts are hostile.
func (s *Site) Order(change ...func(d *workflow.Definition)) models.Workflow {
	s.T.Helper()
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
	]}`, Evil, s.Shop.URL)
	d, problems, err := workflow.Parse([]byte(definition))
	s.Check(err)
	if len(problems) > 0 {
		s.T.Fatal(problems)
	}
	for _, c := range change {
		c(&d)
	}
	return s.Publish(d)
}

// Publish stores a definition and publishes it.
func (s *Site) Publish(d workflow.Definition) models.Workflow {
	s.T.Helper()
	w, err := s.Catalog.Create(context.Background(), d, true, "Ann")
	s.Check(err)
	return w
}

// Start starts a run; Execute takes it as far as it goes without waiting.
func (s *Site) Start(w models.Workflow, input string) models.Run {
	s.T.Helper()
	var given map[string]any
	s.Check(document.Decode([]byte(input), &given))
	run, _, err := s.Engine.StartNow(context.Background(), engine.StartRequest{
		WorkflowID: w.ID, Input: given, Trigger: engine.Trigger{Type: engine.TriggerManual, By: "Ann", Via: "page"},
	})
	s.Check(err)
	return run
}

// Execute executes a run until it is final or waits.
func (s *Site) Execute(id string) models.Run {
	s.T.Helper()
	s.Check(s.Engine.Execute(context.Background(), id))
	var run models.Run
	// A run's end is written after its worker is free again.
	modelstest.Eventually(s.T, "the run is final or waits", func() (done bool) {
		var err error
		run, err = runs.Get(context.Background(), s.DB, id)
		s.Check(err)
		return run.Status != workflow.RunRunning
	})
	return run
}
