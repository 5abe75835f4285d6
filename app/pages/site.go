// Package pages is the site for people: one file for each page or action, with
// the same stem as its view and its test. A page is a method of Site that
// returns a component, adapted by web.Page in the route table.
package pages

import (
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/hooks"
	"workflows/worker/queue"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// Site is what pages are made from.
type Site struct {
	DB       *gorm.DB
	Catalog  *catalog.Catalog
	Engine   *engine.Engine
	Board    *queue.Board
	Queue    *queue.Queue
	Types    workflow.Types
	Settings environment.Settings
	Secrets  *secrets.Store
	Hooks    *hooks.Receiver
	Sessions *auth.Sessions
	Tokens   *auth.Tokens
	Log      *slog.Logger
	Now      func() time.Time
	// Document describes the API; pages may not import app/api.
	Document    func() map[string]any
	Environment string // a badge such as "Test"; empty shows none
}

// page is what the layout of every page shows. active is the entry of the side
// bar: overview, workflows, runs, schedules, queue or settings.
func (s *Site) page(c *gin.Context, title, active string) ui.Page {
	ctx := c.Request.Context()
	p := ui.Page{Title: title, Active: active, Viewer: web.Viewer(ctx), Environment: s.Environment}
	if p.Viewer == nil || s.Board == nil {
		return p
	}
	for _, notice := range s.Board.Snapshot(ctx).Notices() {
		p.Notices = append(p.Notices, ui.Notice{Kind: notice.Kind, Text: notice.Text, ActionLabel: notice.ActionLabel, ActionURL: notice.ActionURL})
	}
	return p
}
