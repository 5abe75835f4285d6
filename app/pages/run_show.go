package pages

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// How often an active run's page asks for news: one that waits changes seldom.
const (
	activeEvery  = time.Second
	waitingEvery = 2 * time.Second
)

// runSheet is all that a run's page is made from.
type runSheet struct {
	run        models.Run
	definition workflow.Definition
	types      workflow.Types
	steps      []engine.OutlineStep
	// chosen and attempt are what the address asks to see; empty and 0 show the
	// run itself and the newest attempt.
	chosen  string
	attempt int
	now     time.Time
	// mayOperate draws the actions; queue explains why a run waits.
	mayOperate bool
	queue      queue.Snapshot
}

// RunShow tells what happened in a run, or what happens.
func (s *Site) RunShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	sheet, err := s.runSheet(ctx, c)
	if err != nil {
		return nil, err
	}
	page := s.page(c, sheet.run.WorkflowName, "runs")
	page.Live, page.Wide = sheet.every() > 0, true
	page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}, {Label: sheet.run.WorkflowName, URL: "/workflows/" + sheet.run.WorkflowID}}
	return views.RunShow(views.RunPage{Page: page, Timeline: sheet.timeline(), Detail: sheet.detail()}), nil
}

// RunLive is the timeline, which polls. Serve it with the key KeyByRole.
func (s *Site) RunLive(ctx context.Context, c *gin.Context) (templ.Component, error) {
	sheet, err := s.runSheet(ctx, c)
	if err != nil {
		return nil, err
	}
	return views.RunTimelineLive(sheet.timeline()), nil
}

// RunDetailLive is the chosen step, which polls until it has ended.
func (s *Site) RunDetailLive(ctx context.Context, c *gin.Context) (templ.Component, error) {
	sheet, err := s.runSheet(ctx, c)
	if err != nil {
		return nil, err
	}
	return views.RunDetailLive(sheet.detail()), nil
}

// RunOutput is the whole output of an attempt that is too large for its page.
func (s *Site) RunOutput(c *gin.Context) {
	data, err := models.PayloadOf(c.Request.Context(), s.DB, c.Param("id"), c.Param("output"))
	if err != nil {
		web.Fail(c, err)
		return
	}
	c.Header("Content-Disposition", `attachment; filename="output.json"`)
	c.Data(200, "application/json", data)
}

func (s *Site) runSheet(ctx context.Context, c *gin.Context) (*runSheet, error) {
	run, err := models.GetRun(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	version, err := models.VersionToRun(ctx, s.DB, run.VersionID)
	if err != nil {
		return nil, err
	}
	definition, err := workflow.Load(version.Definition)
	if err != nil {
		return nil, err
	}
	rows, err := models.StepRuns(ctx, s.DB, run.ID)
	if err != nil {
		return nil, err
	}
	sheet := &runSheet{
		run: run, definition: definition, types: s.Types, steps: engine.Outline(definition, s.Types, run, rows),
		now: s.Now(), mayOperate: mayOperate(c.Request.Context()),
	}
	if run.Status == workflow.RunQueued {
		sheet.queue = s.Board.Snapshot(ctx)
	}
	sheet.choose(c.Query("step"), c.Query("attempt"))
	return sheet, nil
}

// url is an address of this run with what is chosen on it.
func (r *runSheet) url(path, step, attempt string) string {
	query := url.Values{}
	if step != "" {
		query.Set("step", step)
	}
	if attempt != "" {
		query.Set("attempt", attempt)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// page is the address of this run's page showing a step.
func (r *runSheet) page(step, attempt string) string {
	return r.url("/runs/"+r.run.ID, step, attempt) + "#detail"
}

// every is how often the timeline asks for news; never once the run is final.
func (r *runSheet) every() time.Duration {
	switch {
	case workflow.Final(r.run.Status):
		return 0
	case r.run.Status == workflow.RunWaiting:
		return waitingEvery
	}
	return activeEvery
}
