package engine

import (
	"context"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine/plan"
)

// OutlineOf is the outline of a run with everything it needs read from the database: the
// steps up to so many attempts, of which further ones are left out. more says that
// there are.
func (e *Engine) OutlineOf(ctx context.Context, run models.Run, attempts int) (listed []plan.OutlineStep, more bool, err error) {
	version, err := e.version(ctx, e.db, run.VersionID)
	if err != nil {
		return nil, false, err
	}
	marks, err := runs.StepMarks(ctx, e.db, run.ID)
	if err != nil {
		return nil, false, err
	}
	listed, more = plan.FirstSteps(plan.Outline(version.definition, e.types, run.Status, Attempts(marks), nil), attempts)
	var ids []string
	for _, step := range listed {
		for _, attempt := range step.Attempts {
			ids = append(ids, attempt.ID)
		}
	}
	whole, err := runs.StepsByID(ctx, e.db, run.ID, ids)
	if err != nil {
		return nil, false, err
	}
	for _, step := range listed {
		for i, attempt := range step.Attempts {
			step.Attempts[i].Input, step.Attempts[i].Output = whole[attempt.ID].Input, whole[attempt.ID].Output
		}
	}
	return listed, more, nil
}

// OutlineOfNew is that of a run as it was started, before any step has begun.
func (e *Engine) OutlineOfNew(ctx context.Context, run models.Run, attempts int) (listed []plan.OutlineStep, more bool, err error) {
	version, err := e.version(ctx, e.db, run.VersionID)
	if err != nil {
		return nil, false, err
	}
	listed, more = plan.FirstSteps(plan.Outline(version.definition, e.types, run.Status, nil, nil), attempts)
	return listed, more, nil
}
