package engine

import (
	"context"
	"slices"
	"time"

	"workflows/models"
	"workflows/worker/engine/plan"
	"workflows/worker/failpoint"
	"workflows/worker/workflow"
)

const (
	defaultTimeout = time.Minute
	// abandonAfter is how long a step may take to notice that it was cut off.
	abandonAfter = time.Second
	// shownAfter is when a step that may be repeated safely is shown as running;
	// faster ones are written once, with their result.
	shownAfter = 250 * time.Millisecond
	// unwritten bounds the results that are kept for the next write while other
	// items of a list are at work.
	unwritten = 64
)

// call is an attempt in hand.
type call struct {
	step   *workflow.Step
	row    *plan.Attempt
	kind   workflow.StepType
	config map[string]any // resolved, but for secrets; nil while it is laid aside
	scope  workflow.Scope // where config came from, narrowed, unless config is whole
	bytes  int            // of config as a text
	aside  int            // bytes of the texts that config is laid aside as
	acts   bool           // its step may act
	spared bool           // its step does nothing, since this is a try
	limit  *stepLimit
	showAt time.Time // when it is shown as running; zero: it is
	roomy  bool      // it has room for values as long as it is at work
	// releases give back the room that it has for texts.
	releases []func()
}

// roomFor waits for room for a text that the attempt is about to read. Who has room for
// values waits for nothing more.
func (x *execution) roomFor(ctx context.Context, c *call, bytes int) error {
	if c.roomy {
		return nil
	}
	defer c.limit.whileWaiting()()
	release, err := x.e.memory.forText(ctx, bytes)
	if err == nil {
		c.releases = append(c.releases, release)
	}
	return err
}

func (c *call) releaseMemory() {
	for _, release := range c.releases {
		release()
	}
	c.releases = nil
}

// stepResult is what an attempt came to.
type stepResult struct {
	outcome   workflow.Outcome
	err       error
	abandoned bool // its step is still at work, and what that returns is ignored
}

type report struct {
	call *call
	stepResult
}

// letGo gives back the room of an attempt whose result is stored or lost.
func (r report) letGo() {
	if !r.abandoned {
		r.call.releaseMemory()
	}
}

// beginAll begins attempts. Those that only compute are over when it returns. An act
// that must not be repeated unasked is on record before it happens. So is every step of a
// run whose worker was lost: it may be the one to blame.
func (x *execution) beginAll(list []plan.Beginning) error {
	var calls []*call
	for _, b := range list {
		c, err := x.ready(b)
		if err != nil || x.last != nil || x.ctx.Err() != nil {
			return err
		}
		if c != nil {
			calls = append(calls, c)
		}
	}
	mark := false
	for _, c := range calls {
		if c.acts || x.run.Recoveries > 0 {
			x.touch(c.row, false)
			c.showAt, mark = time.Time{}, true
		}
	}
	if mark || len(x.dirty) >= unwritten {
		if err := x.save(); err != nil {
			return err
		}
		failpoint.Hit("engine.before_effect")
	}
	if len(calls) > 0 && x.calls == nil {
		x.calls, x.InHand, x.reports = map[plan.Spot]*call{}, map[plan.Spot]bool{}, make(chan report)
	}
	for _, c := range calls {
		at := c.row.Spot()
		x.calls[at], x.InHand[at] = c, true
		go func() { x.reports <- report{c, x.supervise(c)} }()
	}
	return nil
}

// ready makes an attempt's row and the call of one that is to be launched, with the
// step's config filled in; nil for one that is over: it only computes, or cannot be done.
// Values of large texts are made while there is room for them.
func (x *execution) ready(b plan.Beginning) (*call, error) {
	release, err := x.e.memory.forValues(x.ctx, x.weigh(b.Step, b.Iteration))
	if err != nil {
		return nil, nil // the run's context has ended
	}
	defer release()
	now := x.now()
	c := &call{step: b.Step, showAt: time.Now().Add(shownAfter), row: &plan.Attempt{
		ID: models.NewID(), StepID: b.Step.ID, Name: workflow.StepTitle(*b.Step, x.e.types), Type: b.Step.Type,
		Iteration: b.Iteration, Number: b.Number, Status: workflow.StepRunning, StartedAt: &now,
	}}
	x.Done.Add(c.row)
	problem, err := x.configure(c)
	if err != nil {
		return nil, err
	}
	if problem == nil && c.kind.Immediate {
		c.roomy = true
		return nil, x.complete(report{c, x.callStep(x.ctx, c)})
	}
	if problem == nil {
		var defect error
		if c.acts, defect = effects(c.kind, c.config); defect != nil {
			problem = x.defective(c, defect)
		}
		if try, acts := x.isTry(); try && c.acts && !acts {
			c.acts, c.spared = false, true
		}
	}
	if problem != nil {
		x.fail(c.step, c.row, problem)
		return nil, nil
	}
	// Of its scope it keeps what its config inserts, and that as texts where it is large:
	// the config is filled in anew when there is room for it.
	if small := c.bytes <= workflow.FreeBytes; small && len(x.version.secrets[c.step.ID]) == 0 && !workflow.FillsEach(c.kind.Fields) {
		c.scope = workflow.Scope{}
	} else if c.scope, c.aside = c.scope.Narrowed(c.step.Config); c.aside > 0 {
		c.config = nil
	}
	return c, nil
}

// supervise executes an attempt within its time limits and the run's. A step that
// does not heed the end of its context is abandoned; what it may return later is
// ignored.
func (x *execution) supervise(c *call) stepResult {
	ctx, cancel := context.WithCancelCause(x.ctx)
	defer cancel(nil)
	c.limit = newStepLimit(plan.DurationOr(c.step.Timeout, defaultTimeout), func() { cancel(errAttemptTimeout) })
	defer c.limit.lift()
	if !x.Deadline.IsZero() {
		var cancelRun context.CancelFunc
		ctx, cancelRun = context.WithTimeoutCause(ctx, x.Deadline.Sub(x.now()), errRunTimeout)
		defer cancelRun()
	}
	results := make(chan stepResult, 1)
	go func() { results <- x.callStep(ctx, c) }()
	var r stepResult
	select {
	case r = <-results:
	case <-ctx.Done():
		select {
		case r = <-results:
		case <-time.After(abandonAfter):
			x.e.log.Warn("a step did not end when it was cut off", "run_id", x.run.ID, "step_id", c.step.ID, "step_type", c.step.Type)
			go func() { <-results; c.releaseMemory() }()
			return stepResult{err: context.Cause(ctx), abandoned: true}
		}
	}
	if r.err != nil && ctx.Err() != nil { // why its context has ended says more
		r.err = context.Cause(ctx)
	}
	return r
}

// callStep turns a panic into a failure: it is the step type's defect, and ends
// neither the worker nor other runs.
func (x *execution) callStep(ctx context.Context, c *call) (r stepResult) {
	defer func() {
		if recovered := recover(); recovered != nil {
			r = stepResult{err: x.defective(c, asDefect(recovered))}
		}
	}()
	failpoint.HitAt("engine.in_step", c.step.ID)
	if c.spared {
		return stepResult{outcome: workflow.Outcome{Branch: plan.Example}}
	}
	config, perItem, release, err := x.filledIn(ctx, c)
	if err != nil {
		return stepResult{err: err}
	}
	defer release()
	call := workflow.Call{
		WorkflowID: x.run.WorkflowID, RunID: x.run.ID, StepID: c.step.ID, Iteration: c.row.Iteration, Attempt: c.row.Number, Config: config, PerItem: perItem,
		Now: *c.row.StartedAt, IdempotencyKey: x.keyOf(c.row), Room: func(ctx context.Context, bytes int) error { return x.roomFor(ctx, c, bytes) },
		Recall: func(ctx context.Context, scope string, items []string) (workflow.Recalled, error) {
			return x.recollect(ctx, c, scope, items)
		},
	}
	if x.e.secrets != nil {
		call.Tokens = x.e.secrets
	}
	outcome, err := c.kind.Execute(ctx, call)
	if try, _ := x.isTry(); try {
		outcome = inTry(c, outcome)
	}
	return x.writeOutput(ctx, c, stepResult{outcome: outcome, err: err})
}

// keyOf is the same for every attempt of a step in a run and iteration.
func (x *execution) keyOf(row *plan.Attempt) string {
	key := x.run.ID + "/" + row.StepID
	if row.Iteration != "" {
		key += "/" + row.Iteration
	}
	return key
}

// awaitReport waits for a report, or until something else has to be done: an item's
// wait is over, or a slow step has to be shown as running.
func (x *execution) awaitReport(until time.Time) error {
	wait := time.Duration(-1)
	if !until.IsZero() {
		wait = max(until.Sub(x.now()), 0)
	}
	for _, c := range x.calls {
		if left := time.Until(c.showAt); !c.showAt.IsZero() && (wait < 0 || left < wait) {
			wait = max(left, 0)
		}
	}
	var due <-chan time.Time
	if wait >= 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case r := <-x.reports:
		return x.complete(r)
	case <-due:
		return x.show()
	case <-x.ctx.Done(): // the attempts notice too
		return nil
	}
}

// show writes slow attempts as running, with all that was finished before them.
func (x *execution) show() error {
	slow := false
	for _, c := range x.calls {
		if !c.showAt.IsZero() && !time.Now().Before(c.showAt) {
			x.touch(c.row, false)
			c.showAt, slow = time.Time{}, true
		}
	}
	if !slow {
		return nil
	}
	return x.save()
}

// complete keeps what an attempt came to, with what its step leaves behind; what is
// large is stored at once.
func (x *execution) complete(r report) error {
	defer r.letGo()
	c := r.call
	delete(x.calls, c.row.Spot())
	delete(x.InHand, c.row.Spot())
	if r.err != nil && x.ctx.Err() != nil {
		x.broken = append(x.broken, c.row)
		return nil
	}
	var left []models.Left
	if r.err == nil {
		left, r.err = x.leftBehind(c, r.outcome.Leaves)
	}
	before := len(x.leaves)
	x.leaves = append(x.leaves, left...)
	var err error
	switch {
	case r.err != nil:
		x.fail(c.step, c.row, x.stepError(c.step, r.err))
	case r.outcome.Stop != "":
		x.stop(c.row, r.outcome)
	case r.outcome.Items != nil:
		x.enterLoop(c.step, c.row, r.outcome)
	case r.outcome.Wait != nil:
		err = x.beginWait(c.step, c.row, r.outcome)
	default:
		x.succeed(c.step, c.row, r.outcome)
	}
	if c.row.Status == workflow.StepFailed && r.outcome.Stop == "" && len(left) > 0 {
		x.leaves = slices.Delete(x.leaves, before, before+len(left)) // it has no result after all
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(left, contested) && c.row.Status == workflow.StepSucceeded {
		return x.storeContested(c.row, before)
	}
	return x.storeLarge()
}

// cutOffAll cuts off what is in hand and waits for it.
func (x *execution) cutOffAll(why error) {
	if len(x.calls) > 0 {
		x.cancel(why)
	}
	for len(x.calls) > 0 {
		_ = x.complete(<-x.reports) // what cannot be written now is left to the next holder
	}
}
