package engine

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

const (
	// A run that this worker does not know enough for is offered again after
	// strandedFirst, then after twice as long, up to strandedLast: a newer worker takes
	// it then, or at its start.
	strandedFirst = 5 * time.Second
	strandedLast  = time.Minute
)

// beyondError says that a stored version holds what only a newer program knows.
type beyondError struct {
	what string // in words, as "the step “Send a fax”"
	err  error
}

func (e *beyondError) Error() string { return "it holds " + e.what + ": " + e.err.Error() }

func (e *beyondError) Unwrap() error { return e.err }

// ByNewerProgram refuses, until a newer program takes it, what this one cannot take or
// would take wrongly.
func ByNewerProgram() *models.UnavailableError {
	return &models.UnavailableError{Message: "A newer program has set up what is called here. It is taken again once that runs; nothing was started."}
}

// refuseBeyond is what somebody outside is told who asks for a run of such a version.
func (e *Engine) refuseBeyond(workflowID string, err error) error {
	if !errors.As(err, new(*beyondError)) {
		return err
	}
	e.log.Warn("a run was not started, since only a newer program can read its version", "workflow_id", workflowID, "error", err)
	return ByNewerProgram()
}

// strand gives the run back for a worker that knows more. Nothing of it was done
// here, so nothing is lost; a person may still cancel it.
func (x *execution) strand(what string) error {
	wait := strandedFirst
	for range min(x.run.Attempt-1, 4) {
		wait = min(2*wait, strandedLast)
	}
	due := x.now().Add(wait).UTC()
	if err := x.write(runs.Advance{Status: workflow.RunWaiting, WaitingFor: workflow.WaitWorker, DueAt: &due, DeadlineAt: x.run.DeadlineAt}); err != nil {
		return x.stuck(err)
	}
	x.e.log.Warn("a run waits for a worker that knows more", "run_id", x.run.ID, "wants", what)
	ctx, done := models.Bounded(context.WithoutCancel(x.ctx))
	defer done()
	return withoutUnreachable(models.OpenAlerts(ctx, x.e.db, models.Alert{
		Kind: models.AlertUnreadable, Subject: x.run.ID, WorkflowID: x.run.WorkflowID, RunID: &x.run.ID, OpenedAt: x.e.now(), HappenedAt: x.run.QueuedAt,
		Message: "A run waits for a worker that knows " + what + ". Start the newer program in place of the older workers, or cancel the run.",
	}))
}

// wakeStranded looks at the runs again that waited for a worker that knows more:
// this one may. Otherwise they come by themselves.
func (e *Engine) wakeStranded(ctx context.Context) {
	ctx, done := models.Bounded(ctx)
	defer done()
	began := time.Now()
	e.database.Note(began, runs.WakeStranded(ctx, e.db, e.now()))
}
