package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/failpoint"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// Ways in which a run starts: the type of its trigger.
const (
	TriggerManual   = "manual"
	TriggerSchedule = "schedule"
	TriggerWebhook  = "webhook"
	TriggerForm     = "form"
	TriggerWorkflow = "workflow"
	TriggerRetry    = "retry"
	// TriggerTry is of tries: they stand in no list, count nowhere and are kept a day.
	TriggerTry = "try"
)

// TriggerTypes are all but tries, in the order in which people look for them.
func TriggerTypes() []string {
	return runs.Triggers()
}

// Trigger says what started a run. It is kept with the run and is what
// {{ trigger }} refers to.
type Trigger struct {
	Type string `json:"type"`
	By   string `json:"by,omitempty"`  // a person's name
	Via  string `json:"via,omitempty"` // page, api or rule
	// Tries is how often in a row it was run again by a rule; 0 where somebody or something
	// else has started it.
	Tries      int        `json:"tries,omitempty"`
	TriggerID  string     `json:"trigger_id,omitempty"`
	ScheduleID string     `json:"schedule_id,omitempty"`
	PlannedAt  *time.Time `json:"planned_at,omitempty"`
	RunID      string     `json:"run_id,omitempty"`  // the run whose step started this one
	StepID     string     `json:"step_id,omitempty"` // that step
	DeliveryID string     `json:"delivery_id,omitempty"`
	// Headers, Query and Body are what a webhook was sent.
	Headers map[string]string `json:"headers,omitempty"`
	Query   map[string]any    `json:"query,omitempty"`
	Body    any               `json:"body,omitempty"`
	// Acts says of a try that its steps may act.
	Acts bool `json:"acts,omitempty"`
	// TriedOn is the run whose data a try was given, or "typed"; "" are the latest.
	TriedOn string `json:"tried_on,omitempty"`
}

// StartRequest asks for a run.
type StartRequest struct {
	WorkflowID string
	VersionID  string // "" is the published one
	// Seen is the published version that whoever asks goes by. Where another one has been
	// published since, or the workflow is paused, nothing starts: ErrChanged. "" asks for
	// nothing of the kind.
	Seen    string
	Trigger Trigger
	Input   map[string]any
	// Read reads the input from what was sent, once it is known what the workflow asks
	// for; what it does not ask for is left out. Nil where Input holds it.
	Read func(inputs []workflow.Input) (map[string]any, []workflow.Problem)
	// IdempotencyKey makes a second request the same run; RequestHash tells
	// whether it really is the same request.
	IdempotencyKey, RequestHash string
	RetryOf, RetryFrom          string
	ParentID                    string // the run whose step starts this one
	Depth                       int    // how many runs stand above it
	// RunID is the new run's id; "" chooses one.
	RunID string
	// BehindID is a run that must end before this one begins. Followed runs may get
	// such followers.
	BehindID string
	Followed bool
	// Delivery is what was sent, stored with the run that it starts; nil is nothing. It is not
	// stored where the key was used before.
	Delivery *models.Delivery
	// Also stores what else belongs to the run, in its transaction; nil is nothing. It may be
	// called more than once, and is not called where the key was used before.
	Also func(ctx context.Context, tx *gorm.DB, run models.Run) error
}

// Start stores a run in the caller's transaction; it begins once that commits
// and Announce or the sweeper rings for it. Inputs that do not fit are a
// *models.InvalidError, a workflow that was never published a
// *models.ConflictError. A paused workflow may be started: pausing stops its
// triggers only. At its workflow's limit a run is held back, is stored as cancelled
// (skipped), or is refused with a *models.LimitError, as the settings say. A version
// that only a newer program can read is a *models.UnavailableError, but for a run that
// starts another and waits for that program.
func (e *Engine) Start(ctx context.Context, tx *gorm.DB, req StartRequest) (models.Run, error) {
	b, err := e.Starting(ctx, tx, []string{req.WorkflowID})
	if err != nil {
		return models.Run{}, err
	}
	run, err := b.prepare(ctx, req)
	if err != nil && req.ParentID == "" {
		err = e.refuseBeyond(req.WorkflowID, err)
	}
	if err != nil {
		return models.Run{}, err
	}
	return run, runs.Insert(ctx, tx, &run)
}

// ErrChanged tells that a workflow is not any more as it was seen.
var ErrChanged = errors.New("the workflow has changed since it was looked at")

// versionID is the version that is started when this one is asked for: "" is the
// published one.
func versionID(target models.Workflow, asked string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	if target.VersionID == nil {
		return "", &models.ConflictError{Code: "not_published", Message: "This workflow has never been published. Publish it, then run it."}
	}
	return *target.VersionID, nil
}

func ofWorkflow(target models.Workflow, workflowID string) error {
	if workflowID != target.ID {
		return fmt.Errorf("start a version of another workflow: %w", models.ErrNotFound)
	}
	return nil
}

func invalidInput(problems []workflow.Problem) error {
	invalid := &models.InvalidError{Code: "invalid_input", Message: "Some values do not fit the workflow's inputs. Correct them, then start the run."}
	for _, problem := range problems {
		invalid.Fields = append(invalid.Fields, models.FieldError{Path: problem.Path, Code: problem.Code, Message: problem.Message})
	}
	return invalid
}

// StartNow stores a run and announces it, with those that are asked for at the same time
// in one transaction. With an idempotency key that was used before it returns that run and
// true; if the request was another one then, a *models.InvalidError with the code
// idempotency_mismatch.
func (e *Engine) StartNow(ctx context.Context, req StartRequest) (run models.Run, before bool, err error) {
	if ctx.Err() != nil {
		return models.Run{}, false, context.Cause(ctx)
	}
	came, err := e.starts.submit(req)
	if err == nil {
		err = came.err
	}
	if err != nil {
		return models.Run{}, false, err
	}
	return came.run, came.before, nil
}

// startOutcome is what a request has come to.
type startOutcome struct {
	run    models.Run
	before bool // it was started before, under the same key
	err    error
}

// again is the outcome for another request under the same key.
func (o startOutcome) again(req StartRequest) startOutcome {
	if o.err == nil {
		o.before, o.err = true, req.sameAs(o.run)
	}
	return o
}

// startAll stores the runs that were asked for together, and announces them.
func (e *Engine) startAll(requests []StartRequest) ([]startOutcome, error) {
	ctx, done := models.Bounded(context.Background())
	defer done()
	outcomes, started, err := e.storeStarts(ctx, requests)
	if models.Unique(err) { // the same request came twice at once: the second finds the first
		outcomes, started, err = e.storeStarts(ctx, requests)
	}
	if err != nil {
		return nil, err
	}
	failpoint.Hit("start.before_ring")
	e.Announce(ctx, started...)
	return outcomes, nil
}

func (e *Engine) storeStarts(ctx context.Context, requests []StartRequest) (outcomes []startOutcome, started []models.Run, err error) {
	err = models.Tx(ctx, e.db, func(tx *gorm.DB) (err error) {
		if len(requests) > 1 {
			if err := models.WaitForLocks(ctx, tx, startPatience); err != nil {
				return err
			}
		}
		outcomes, started, err = e.storeIn(ctx, tx, requests)
		failpoint.Hit("start.before_commit")
		return err
	})
	if len(requests) > 1 && models.TroubleOf(err) == models.Busy {
		err = errHeldUp
	}
	return outcomes, started, err
}

func (e *Engine) storeIn(ctx context.Context, tx *gorm.DB, requests []StartRequest) (outcomes []startOutcome, started []models.Run, err error) {
	workflows, keys := make([]string, len(requests)), make([]runs.Key, len(requests))
	for i, req := range requests {
		workflows[i], keys[i] = req.WorkflowID, req.key()
	}
	earlier, err := runs.ByKeys(ctx, tx, keys...)
	if err != nil {
		return nil, nil, err
	}
	starting, err := e.Starting(ctx, tx, workflows)
	if err != nil {
		return nil, nil, err
	}
	outcomes = make([]startOutcome, len(requests))
	var fresh []StartRequest
	var asked []int             // the request of each
	first := map[runs.Key]int{} // of those that came under one key
	for i, req := range requests {
		if run, before := earlier[keys[i]]; before {
			outcomes[i] = startOutcome{run: run}.again(req)
			continue
		}
		if _, came := first[keys[i]]; !came || req.IdempotencyKey == "" {
			first[keys[i]] = i
			fresh, asked = append(fresh, req), append(asked, i)
		}
	}
	prepared, err := starting.Runs(ctx, fresh)
	if err != nil {
		return nil, nil, err
	}
	for i, p := range prepared {
		if p.Err != nil {
			outcomes[asked[i]].err = e.refuseBeyond(fresh[i].WorkflowID, p.Err)
			continue
		}
		outcomes[asked[i]].run, started = p.Run, append(started, p.Run)
	}
	if err := runs.InsertMany(ctx, tx, started); err != nil {
		return nil, nil, err
	}
	var delivered []*models.Delivery
	for i, req := range requests {
		if there := first[keys[i]]; req.IdempotencyKey != "" && outcomes[i].run.ID == "" && there != i {
			outcomes[i] = outcomes[there].again(req)
		} else if o := outcomes[i]; o.err == nil && !o.before {
			if req.Delivery != nil {
				req.Delivery.RunID = &outcomes[i].run.ID
				delivered = append(delivered, req.Delivery)
			}
			if req.Also != nil {
				err = errors.Join(err, req.Also(ctx, tx, o.run))
			}
		}
	}
	if err = errors.Join(err, models.InsertDeliveries(ctx, tx, delivered)); err != nil {
		return nil, nil, err
	}
	return outcomes, started, nil
}

// startPatience is how long requests that came together wait for a lock that somebody
// holds on the workflow of one of them: then each waits for itself.
const startPatience = 200 * time.Millisecond

var errHeldUp = errors.New("one of the workflows is locked")

func (r StartRequest) key() runs.Key {
	return runs.Key{WorkflowID: r.WorkflowID, Key: r.IdempotencyKey}
}

// sameAs is an error where a run was started with the same key by another request.
func (r StartRequest) sameAs(run models.Run) error {
	if run.RequestHash != r.RequestHash {
		return &models.InvalidError{Code: "idempotency_mismatch", Message: "This idempotency key was used for another request. Send a new key for a new request."}
	}
	return nil
}

// startedBefore finds the run that was started with the same key before.
func (e *Engine) startedBefore(ctx context.Context, req StartRequest) (run models.Run, before bool, err error) {
	earlier, err := runs.ByKeys(ctx, e.db, req.key())
	if err != nil {
		return models.Run{}, false, err
	}
	if run, before = earlier[req.key()]; before {
		err = req.sameAs(run)
	}
	return run, before, err
}

// Announce rings for runs whose transaction has committed, if they may begin. A
// failure costs nothing but time: the sweeper rings later.
func (e *Engine) Announce(ctx context.Context, started ...models.Run) {
	hints := make([]queue.Hint, 0, len(started))
	for _, run := range started {
		if run.Status == workflow.RunQueued && run.RungAt != nil {
			hints = append(hints, queue.Hint{RunID: run.ID, Lane: run.Queue})
		}
		if run.BehindID != nil { // which may have ended meanwhile
			e.noteFreed(run)
		}
	}
	e.ring(ctx, hints)
}

// ring pushes hints, and notes for the sweeper which runs have got none because
// their lane is full.
func (e *Engine) ring(ctx context.Context, hints []queue.Hint) {
	if len(hints) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	refused, _ := e.queue.Ring(ctx, hints...) // without Redis the sweeper rings later
	if len(refused) == 0 {
		return
	}
	ids := make([]string, len(refused))
	for i, hint := range refused {
		ids[i] = hint.RunID
	}
	ctx, done := models.Bounded(ctx)
	defer done()
	began := time.Now()
	e.database.Note(began, runs.Unring(ctx, e.db, ids))
}
