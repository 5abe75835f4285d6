package pages

import (
	"context"
	"errors"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/queue/board"
	"workflows/worker/workflow"
)

// How often an active run's page asks for news: one that waits changes seldom,
// and one with thousands of items costs more to look at.
const (
	activeEvery  = time.Second
	waitingEvery = 2 * time.Second
	largeEvery   = 5 * time.Second
	largeRun     = 2000 // attempts
)

// runSheet is all that a run's page is made from.
type runSheet struct {
	run        models.Run
	trigger    runTrigger // what cannot be read of it is left out
	definition workflow.Definition
	types      workflow.Types
	// rows are all attempts without what they were given and gave; full are those
	// that the page shows with it, by id.
	rows  []plan.Attempt
	full  map[string]plan.Attempt
	steps []plan.OutlineStep
	look  runLook
	now   time.Time
	// parent is the run whose step, starter, started this one; children are those
	// that the listed steps have started, by id.
	parent   *models.Run
	starter  plan.Attempt
	children map[string]models.Run
	again    *models.Run // the newest run that repeats this one
	// deliveryURL leads to what the webhook was sent that started it, while that is kept.
	deliveryURL string
	tried       string // the branch of the draft that this is a try of, in words
	// mayOperate draws the actions; queue explains why a run waits.
	mayOperate bool
	mayEdit    bool // draws the way to a failed step
	queue      board.Snapshot
	why        *failures.Listed // of a failed run: all that failed so, once they are gathered
	stranded   string           // why no worker that was there could take it on
}

// RunShow tells what happened in a run, or what happens.
func (s *Site) RunShow(c *gin.Context) (templ.Component, error) {
	page, err := s.runPage(c)
	if err != nil {
		return nil, err
	}
	return views.RunShow(page), nil
}

// runPage is a run's page. Where its address names nothing it opens on the step that
// matters, and its live parts keep to that: nothing that somebody reads gives way to another
// step.
func (s *Site) runPage(c *gin.Context) (views.RunPage, error) {
	ctx := c.Request.Context()
	sheet, err := s.readSheet(ctx, c)
	if err != nil {
		return views.RunPage{}, err
	}
	if sheet.look == (runLook{item: -1}) {
		if step := sheet.matters(); step != nil {
			sheet.look.step, sheet.look.in = step.StepID, step.Iteration
		}
	}
	if err := s.fillSheet(ctx, sheet); err != nil {
		return views.RunPage{}, err
	}
	page := s.Page(c, sheet.run.WorkflowName, "runs")
	page.Live, page.Wide = sheet.every() > 0, true
	links, err := s.RunLinks(ctx, sheet.run.ID)
	if err != nil {
		return views.RunPage{}, err
	}
	page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}, {Label: sheet.run.WorkflowName, URL: "/workflows/" + sheet.run.WorkflowID}}
	return views.RunPage{Page: page, Timeline: sheet.timeline(), Detail: sheet.detail(), Decisions: sheet.decisions(), Links: links}, nil
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

func (s *Site) runSheet(ctx context.Context, c *gin.Context) (*runSheet, error) {
	sheet, err := s.readSheet(ctx, c)
	if err != nil {
		return nil, err
	}
	return sheet, s.fillSheet(ctx, sheet)
}

// readSheet reads a run and what it did.
func (s *Site) readSheet(ctx context.Context, c *gin.Context) (*runSheet, error) {
	run, err := runs.Get(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	definition, err := s.Engine.Definition(ctx, run.VersionID)
	if err != nil && !(errors.As(err, new(*models.UnavailableError)) && run.WaitingFor == workflow.WaitWorker) {
		return nil, err // else it is shown without its steps: nothing of it was done
	}
	rows, err := runs.StepMarks(ctx, s.DB, run.ID)
	if err != nil {
		return nil, err
	}
	var trigger runTrigger
	_ = document.Decode(run.Trigger, &trigger)
	return &runSheet{
		run: run, trigger: trigger, definition: definition, types: s.Types, rows: engine.Attempts(rows), look: readLook(c),
		now: s.Now(), mayOperate: mayOperate(ctx), mayEdit: auth.May(ctx, auth.Editor),
	}, nil
}

// fillSheet reads all else that is shown of what is looked at.
func (s *Site) fillSheet(ctx context.Context, sheet *runSheet) (err error) {
	run := sheet.run
	sheet.steps = plan.Outline(sheet.definition, s.Types, run.Status, sheet.rows, sheet.look.opens(&sheet.definition))
	sheet.settleLook()
	if sheet.again, err = runs.NewestRetry(ctx, s.DB, run); err != nil {
		return err
	}
	if sheet.deliveryURL, err = s.deliveryURL(ctx, run, sheet.trigger.DeliveryID); err != nil {
		return err
	}
	if run.FailureID != nil {
		why, err := failures.Get(ctx, s.DB, *run.FailureID)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		if err == nil {
			sheet.why = &why
		}
	}
	if sheet.tried, err = s.triedWords(ctx, run); err != nil {
		return err
	}
	if run.Status == workflow.RunQueued || sheet.overdue() {
		sheet.queue = s.Board.Snapshot(ctx)
	}
	if run.WaitingFor == workflow.WaitWorker {
		if sheet.stranded, err = models.OpenAlertAbout(ctx, s.DB, models.AlertUnreadable, run.ID); err != nil {
			return err
		}
	}
	return s.readValues(ctx, sheet)
}

func (s *Site) deliveryURL(ctx context.Context, run models.Run, id string) (string, error) {
	if run.TriggerType != engine.TriggerWebhook || id == "" {
		return "", nil
	}
	kept, err := models.HasDelivery(ctx, s.DB, id)
	if err != nil || !kept {
		return "", err
	}
	return "/deliveries/" + id, nil
}

// readValues reads what is shown in full, and the runs above and below this one.
func (s *Site) readValues(ctx context.Context, sheet *runSheet) error {
	var whole, related []string
	for i := range sheet.steps {
		row := sheet.steps[i].Latest()
		if row != nil && len(sheet.steps[i].Items) > 0 {
			whole = append(whole, row.ID)
		}
		if row != nil && row.ChildID != nil {
			related = append(related, *row.ChildID)
		}
	}
	if row := sheet.shownRow(); row != nil {
		whole = append(whole, row.ID)
	}
	if sheet.run.ParentID != nil {
		related = append(related, *sheet.run.ParentID)
		starter, err := runs.StarterOf(ctx, s.DB, *sheet.run.ParentID, sheet.run.ID)
		if err == nil {
			sheet.starter = engine.AttemptOf(&starter) // else the parent is gone
		}
	}
	full, err := runs.StepsByID(ctx, s.DB, sheet.run.ID, whole)
	if err != nil {
		return err
	}
	sheet.full = make(map[string]plan.Attempt, len(full))
	for id, row := range full {
		sheet.full[id] = engine.AttemptOf(&row)
	}
	if sheet.children, err = runs.ByID(ctx, s.DB, related); err != nil || sheet.run.ParentID == nil {
		return err
	}
	if parent, found := sheet.children[*sheet.run.ParentID]; found {
		sheet.parent = &parent
	}
	return nil
}

// every is how often the timeline asks for news; never once the run is final.
func (r *runSheet) every() time.Duration {
	switch {
	case workflow.Final(r.run.Status):
		return 0
	case len(r.rows) > largeRun:
		return largeEvery
	case r.run.Status == workflow.RunWaiting:
		return waitingEvery
	}
	return activeEvery
}
