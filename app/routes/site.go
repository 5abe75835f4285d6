package routes

import (
	"log/slog"
	"net/http"
	"time"

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
	"workflows/app/settings"
	"workflows/app/web"
	"workflows/models"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/hooks"
	"workflows/worker/mailserver"
	"workflows/worker/outage"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// Parts are what a site is joined from.
type Parts struct {
	DB       *gorm.DB
	Queue    *queue.Queue
	Settings environment.Settings
	// Secrets are those that steps use.
	Secrets *secrets.Store
	Log     *slog.Logger
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
	// Types are the step types; those of this build when nil.
	Types workflow.Types
	// Now is the clock; models.Now when nil.
	Now func() time.Time
	// Problem returns a sentence while the database cannot be used; nil is never.
	Problem func() string
	// Storage returns a sentence while the database stores nothing; nil is never.
	Storage func() string
	// Heard is told the errors that requests meet; nil tells nobody.
	Heard func(error)
}

// Site is the whole web site, with its table for whoever wants to walk it.
type Site struct {
	http.Handler
	Table []Route
}

// New joins a site. It asks neither server for anything, and it executes no run.
func New(p Parts) (*Site, error) {
	p.fill()
	options := auth.Options{DB: p.DB, Secure: secure(p.Settings), SubPath: p.Settings.SubPath(), Log: p.Log, Now: p.Now}
	if p.Secrets != nil {
		options.Signer = p.Secrets.Keys
	}
	sessions, err := auth.NewSessions(options)
	if err != nil {
		return nil, err
	}
	tokens, err := auth.NewTokens(p.DB, p.Settings.APIRatePerMinute, p.Log, p.Now)
	if err != nil {
		return nil, err
	}
	shown := board.New(p.Queue, p.DB)
	shown.Storage, shown.Standalone = p.Storage, p.Settings.Standalone
	keeper := &catalog.Catalog{DB: p.DB, Checker: workflow.Checker{Types: p.Types, Trigger: schedule.CheckTrigger}, Queue: p.Queue, Now: p.Now, Secrets: p.Secrets}
	if p.Secrets != nil {
		keeper.Redactor = p.Secrets.Redactor
	}
	runs := engine.New(engine.Options{DB: p.DB, Queue: p.Queue, Types: p.Types, Secrets: p.Secrets, Log: p.Log, Database: p.Database, Now: p.Now})
	receiver := &hooks.Receiver{DB: p.DB, Engine: runs, Secrets: p.Secrets, Log: p.Log, Now: p.Now, Told: web.Told, BaseURL: p.Settings.BaseURL}
	programs := &api.API{Hooks: receiver, DB: p.DB, Catalog: keeper, Engine: runs, Board: shown, Types: p.Types, Settings: p.Settings, Secrets: p.Secrets, Log: p.Log, Now: p.Now}
	around := frame.Frame{DB: p.DB, Board: shown, Now: p.Now}
	mail := p.mail()
	people := Pages{
		Settings:  &settings.Site{Frame: around, Catalog: keeper, Settings: p.Settings, Mail: mail, Secrets: p.Secrets, Sessions: sessions, Tokens: tokens},
		Editor:    &editor.Site{Frame: around, Catalog: keeper, Types: p.Types, Settings: p.Settings, Mail: mail, Hooks: receiver, Engine: runs, Secrets: p.Secrets, Patience: 2 * time.Second},
		Documents: &documents.Site{Frame: around, Catalog: keeper},
		Many:      &many.Site{Frame: around, Engine: runs, Types: p.Types},
		Machine:   &machine.Site{Frame: around, Settings: p.Settings},
		Explained: &explained.Site{Frame: around, Engine: runs, Types: p.Types, Settings: p.Settings, Sessions: sessions, Secrets: p.Secrets},
		Runs: &pages.Site{
			Frame: around, Catalog: keeper, Engine: runs, Types: p.Types, Settings: p.Settings, Hooks: receiver, Secrets: p.Secrets,
			Sessions: sessions, Log: p.Log, Document: programs.Document, Patience: 5 * time.Second,
		},
	}
	table := Table(people, programs)
	handler, err := Engine(Options{
		Table: table, Sessions: sessions, Tokens: tokens, SignIn: people.Settings.SignInFirst, Settings: p.Settings, Log: p.Log, Problem: p.Problem, Heard: p.Heard,
		Probes: NewProbes(p.DB, p.Queue, shown, p.Problem, p.Storage),
	})
	return &Site{Handler: handler, Table: table}, err
}

func (p *Parts) mail() *mailserver.Source {
	return &mailserver.Source{DB: p.DB, Secrets: p.Secrets, SMTP: p.Settings.SMTPURL, From: p.Settings.MailFrom}
}

func (p *Parts) fill() {
	if p.Types == nil {
		p.Types = steps.All(steps.Options{OutboundAllow: p.Settings.OutboundAllow, Mail: p.mail().Await})
	}
	if p.Now == nil {
		p.Now = models.Now
	}
	if p.Problem == nil {
		p.Problem = func() string { return "" }
	}
	if p.Storage == nil {
		p.Storage = func() string { return "" }
	}
}
