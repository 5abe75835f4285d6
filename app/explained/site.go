// Package explained is the pages that explain one run: what is otherwise in it than in the last
// one that succeeded, where its time went, and the run itself for somebody without an account who
// was sent a link to it. What is found stands in worker/differences and worker/engine/plan; here
// it becomes a page.
//
// Nothing here changes a run. Of a link's token only a hash is kept (models/runs), and a page for
// whoever holds one leads nowhere else. What a run's own page shows is for app/pages.
package explained

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// Site is what these pages are made from.
type Site struct {
	frame.Frame
	Engine   *engine.Engine
	Types    workflow.Types
	Settings environment.Settings
	Sessions *auth.Sessions // slows down what comes from outside
	Secrets  *secrets.Store
}

// run is the one that the address names, with its version as far as this program can read it.
func (s *Site) run(c *gin.Context) (models.Run, workflow.Definition, error) {
	ctx := c.Request.Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return models.Run{}, workflow.Definition{}, err
	}
	run, err := runs.Get(ctx, s.DB, id)
	if err != nil {
		return run, workflow.Definition{}, err
	}
	definition, err := s.readable(ctx, run)
	return run, definition, err
}

// readable is the run's version; an empty one where only a newer program can read it.
func (s *Site) readable(ctx context.Context, run models.Run) (workflow.Definition, error) {
	definition, err := s.Engine.Definition(ctx, run.VersionID)
	if errors.As(err, new(*models.UnavailableError)) {
		return workflow.Definition{}, nil
	}
	return definition, err
}

// page is the layout of a page about a run.
func (s *Site) page(c *gin.Context, run models.Run, title string) ui.Page {
	page := s.Page(c, title, "runs")
	page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}, {Label: run.WorkflowName, URL: "/runs/" + run.ID}}
	return page
}
