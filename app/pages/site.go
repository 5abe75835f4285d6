// Package pages is the site for people where it is about what happens: runs and
// their forms, planned times, the queue, approvals, alerts, the overview. One file
// for each page or action, with the same stem as its view and its test. A page is
// a method of Site that returns a component, adapted by web.Page in the route
// table: three files and a line there.
//
// Pages here start, end and decide runs through the engine, and pause through the
// catalog. They change no definition (that is app/editor) and no account, token or
// secret (app/settings), and import neither; what is shown here and there is in
// app/frame.
package pages

import (
	"log/slog"
	"time"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/hooks"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// Site is what these pages are made from.
type Site struct {
	frame.Frame
	Catalog  *catalog.Catalog
	Engine   *engine.Engine
	Types    workflow.Types
	Settings environment.Settings
	Hooks    *hooks.Receiver // public forms
	Secrets  *secrets.Store  // signs the links of approvals
	Sessions *auth.Sessions  // slows down what comes from outside
	Log      *slog.Logger
	// Document describes the API; pages may not import app/api.
	Document func() map[string]any
	// Patience is how long what comes from the address of a calendar is waited for before the
	// page is shown.
	Patience time.Duration
}
