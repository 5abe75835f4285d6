package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Prepared is a run that is ready to be stored, or why there is none: the errors
// of Start that lie in the request or its workflow.
type Prepared struct {
	Run models.Run
	Err error
}

// Runs makes the runs of many requests for these workflows, in their order, with as few
// questions to the database as for one. They exist once they are inserted in the same
// transaction. Those of one workflow count each other.
func (b *Starting) Runs(ctx context.Context, requests []StartRequest) ([]Prepared, error) {
	prepared := make([]Prepared, len(requests))
	order := make([]int, len(requests))
	for i := range order {
		order[i] = i
	}
	// Whoever locks the places of several workflows does so in the same order.
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(requests[i].WorkflowID, requests[j].WorkflowID) })
	for _, i := range order {
		run, err := b.prepare(ctx, requests[i])
		if err != nil && !ofRequest(err) {
			return nil, err
		}
		prepared[i] = Prepared{Run: run, Err: err}
	}
	return prepared, nil
}

// ofRequest reports whether an error concerns one request only.
func ofRequest(err error) bool {
	var invalid *models.InvalidError
	var conflict *models.ConflictError
	var limit *models.LimitError
	return errors.As(err, &invalid) || errors.As(err, &conflict) || errors.As(err, &limit) || errors.Is(err, models.ErrNotFound) || errors.Is(err, ErrChanged) || errors.Is(err, errUnreadable) || errors.As(err, new(*beyondError))
}

// Starting is what one transaction knows of the workflows of which it starts runs.
type Starting struct {
	e       *Engine
	tx      *gorm.DB
	targets map[string]*runs.WorkflowToStart
	places  map[string]*placesTaken // of workflows that have a limit
}

// Starting reads the workflows and, all at once, those of their published versions that
// are not kept.
func (e *Engine) Starting(ctx context.Context, tx *gorm.DB, workflows []string) (*Starting, error) {
	targets, err := runs.WorkflowsToStart(ctx, tx, workflows, manyHigh)
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, id := range workflows {
		if target := targets[id]; target != nil && target.VersionID != nil {
			versions = append(versions, *target.VersionID)
		}
	}
	return &Starting{e: e, tx: tx, targets: targets, places: map[string]*placesTaken{}}, e.loadStarts(ctx, tx, versions)
}

// Beyond says in words what of a workflow's published version keeps this program from
// starting it, since only a newer one can read that; "" is nothing. Any other trouble is
// for Runs to say.
func (b *Starting) Beyond(ctx context.Context, workflowID string) string {
	target := b.targets[workflowID]
	if target == nil || target.VersionID == nil {
		return ""
	}
	_, err := b.e.starter(ctx, b.tx, *target.VersionID)
	if beyond := new(beyondError); errors.As(err, &beyond) {
		return beyond.what
	}
	return ""
}

// prepare makes the run that a request asks for, with its place.
func (b *Starting) prepare(ctx context.Context, req StartRequest) (models.Run, error) {
	target := b.targets[req.WorkflowID]
	if target == nil {
		return models.Run{}, fmt.Errorf("find the workflow: %w", models.ErrNotFound)
	}
	id, err := versionID(target.Workflow, req.VersionID)
	if err != nil {
		return models.Run{}, err
	}
	if req.Seen != "" && (req.Seen != id || target.Status == workflow.StatusPaused) {
		return models.Run{}, ErrChanged
	}
	version, err := b.e.starter(ctx, b.tx, id)
	if err == nil {
		err = ofWorkflow(target.Workflow, version.workflowID)
	}
	if err != nil {
		return models.Run{}, err
	}
	input, problems := req.input(version.inputs)
	if len(problems) > 0 {
		return models.Run{}, invalidInput(problems)
	}
	run := models.Run{
		ID: cmp.Or(req.RunID, models.NewID()), WorkflowID: version.workflowID, VersionID: version.id, Version: version.number, WorkflowName: version.name,
		Status: workflow.RunQueued, TriggerType: req.Trigger.Type, Queue: laneFor(version.settings.Priority, target.Ready),
		RetryFrom: req.RetryFrom, RequestHash: req.RequestHash, Depth: req.Depth, QueuedAt: b.e.now(),
		RetryOf: orNil(req.RetryOf), ParentID: orNil(req.ParentID), IdempotencyKey: orNil(req.IdempotencyKey), BehindID: orNil(req.BehindID),
	}
	if run.Trigger, err = b.e.keptTrigger(req.Trigger); err != nil {
		return models.Run{}, fmt.Errorf("keep what started the run: %w", err)
	}
	if run.Input, err = toJSON(input); err != nil {
		return models.Run{}, fmt.Errorf("keep the run's input: %w", err)
	}
	run.Input = b.e.redactor.JSON(run.Input)
	if err := b.givePlace(ctx, target.Workflow, version, req, &run); err != nil {
		return models.Run{}, err
	}
	if !run.HeldBack && run.Status == workflow.RunQueued {
		target.Ready++ // as the next one of this workflow finds it
		if !b.e.queue.Full(run.Queue) {
			run.RungAt = &run.QueuedAt // whoever starts it rings
		}
	}
	return run, nil
}

// Ahead makes a run before its time has come; false where that cannot be told yet: the
// workflow has a limit, or the start has a trouble that is told when its time comes.
// AsOfNow makes it a run that starts now.
func (b *Starting) Ahead(ctx context.Context, req StartRequest) (models.Run, bool) {
	target := b.targets[req.WorkflowID]
	if target == nil || target.VersionID == nil {
		return models.Run{}, false
	}
	version, err := b.e.starter(ctx, b.tx, *target.VersionID)
	if err != nil || version.settings.MaxRunning > 0 {
		return models.Run{}, false
	}
	target.Ready = 0 // as it will be if the run may start
	run, err := b.prepare(ctx, req)
	return run, err == nil
}

// AsOfNow is a run that was made ahead as one that is started now.
func (e *Engine) AsOfNow(run models.Run) models.Run {
	run.ID, run.QueuedAt, run.RungAt = models.NewID(), e.now(), nil
	if !e.queue.Full(run.Queue) {
		run.RungAt = &run.QueuedAt
	}
	return run
}

// keptTrigger is what started a run, without the values of secrets in what came
// from outside.
func (e *Engine) keptTrigger(t Trigger) (models.JSON, error) {
	data, err := toJSON(t)
	if err != nil || bytes.Equal(e.redactor.JSON(data), data) {
		return data, err
	}
	if data, err = toJSON(Trigger{Headers: t.Headers, Query: t.Query, Body: t.Body}); err != nil {
		return nil, err
	}
	var clean Trigger
	if err := document.Decode(e.redactor.JSON(data), &clean); err != nil {
		return nil, err
	}
	t.By, t.Headers, t.Query, t.Body = e.redactor.Text(t.By), clean.Headers, clean.Query, clean.Body
	return toJSON(t)
}

// input is the checked and complete input of a request.
func (r StartRequest) input(inputs []workflow.Input) (map[string]any, []workflow.Problem) {
	if r.Read == nil {
		return workflow.CheckInput(inputs, r.Input)
	}
	sent, problems := r.Read(inputs)
	if len(problems) > 0 {
		return nil, problems
	}
	asked := make(map[string]any, len(inputs))
	for _, wanted := range inputs {
		if value, given := sent[wanted.Name]; given {
			asked[wanted.Name] = value
		}
	}
	return workflow.CheckInput(inputs, asked)
}

func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
