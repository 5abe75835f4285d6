// Package editor is the pages of the workflows that people keep: the list, what a
// workflow is, and everything that changes its draft, up to publishing it and
// going back to an older version. One file for each page or action, with the same
// stem as its view and its test.
//
// A page reads the draft (draft.go), changes its own copy, through
// worker/workflow/edit where steps move, and hands it to save, which guards it by
// its revision: no page writes a draft by itself. Nothing here starts a run, but
// for tries and a delivery that is taken again, and nothing here knows Redis; what a step
// type asks and what a kind of field means comes from worker/workflow, and no
// page knows a type by its name.
package editor

import (
	"time"

	"workflows/app/frame"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/hooks"
	"workflows/worker/mailserver"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// Site is what these pages are made from.
type Site struct {
	frame.Frame
	Catalog  *catalog.Catalog
	Types    workflow.Types
	Settings environment.Settings
	Mail     *mailserver.Source
	Hooks    *hooks.Receiver
	Engine   *engine.Engine // for tries
	Secrets  *secrets.Store // keeps those that templates ask for
	Patience time.Duration  // how long a try is waited for before the page is shown
}
