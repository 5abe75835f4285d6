package engine

import (
	"fmt"
	"slices"

	"workflows/models"
	"workflows/models/columns"
	"workflows/models/runs"
	"workflows/models/told"
	"workflows/worker/engine/plan"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// waitForPerson ends with somebody's word about a question, or when nobody has
// decided in time. What was decided after the run was read counts too: from the end
// of its time on the database takes no more decisions.
func waitForPerson() waitKind {
	return waitKind{store: storeQuestion, come: questionsDecided, give: giveDecision}
}

// storeQuestion leaves a question behind: there is never one without the attempt
// that asks, or the other way round.
func storeQuestion(x *execution, _ *workflow.Step, a *plan.Attempt, asked workflow.Outcome) error {
	question, now := asked.Wait.(*workflow.Approval), x.now()
	a.Status, a.Branch = workflow.StepWaiting, workflow.WaitApproval
	approval := models.Approval{
		ID: models.NewID(), RunID: x.run.ID, StepRunID: a.ID, WorkflowID: x.run.WorkflowID, WorkflowName: x.run.WorkflowName,
		StepName: a.Name, Question: columns.Fit(x.e.redactor.Text(question.Question)), AskedAt: now,
	}
	if question.Expires > 0 {
		until := now.Add(question.Expires)
		a.WakeAt, approval.ExpiresAt = &until, &until
	}
	var err error
	if approval.Assignees, err = toJSON(append([]string{}, question.Assignees...)); err != nil {
		return err
	}
	x.leaves = append(x.leaves, approval)
	if x.e.tells {
		for _, address := range slices.Compact(slices.Sorted(slices.Values(question.Assignees))) {
			x.leaves = append(x.leaves, models.AskedMail{ApprovalID: approval.ID, Address: address, DueAt: &now})
		}
	}
	x.happened(told.Occurred{Event: notify.Waiting, Cause: a.StepID, StepName: a.Name})
	x.touch(a, false)
	return x.save()
}

func questionsDecided(x *execution, _ []*plan.Attempt) (map[string]any, error) {
	ctx, done := models.Bounded(x.ctx)
	defer done()
	decided, err := runs.DecidedApprovals(ctx, x.e.db, x.run.ID)
	came := make(map[string]any, len(decided))
	for id, approval := range decided {
		came[id] = approval
	}
	return came, err
}

// giveDecision is what the step gives once its question is settled.
func giveDecision(x *execution, s plan.Settlement) (any, *workflow.StepError, error) {
	decided, _ := s.Came.(*models.Approval)
	if decided == nil {
		ctx, done := models.Bounded(x.ctx)
		defer done()
		// Somebody may decide at this very moment: one of the two wins, for good.
		if err := runs.ExpireApproval(ctx, x.e.db, s.Attempt.ID, x.now()); err != nil {
			return nil, nil, err
		}
		all, err := runs.DecidedApprovals(ctx, x.e.db, x.run.ID)
		if err != nil {
			return nil, nil, err
		}
		if decided = all[s.Attempt.ID]; decided == nil {
			return nil, nil, fmt.Errorf("settle the question of the attempt %s: %w", s.Attempt.ID, models.ErrNotFound)
		}
	}
	s.Attempt.WakeAt, s.Attempt.Branch = nil, ""
	return map[string]any{"decision": decided.Decision, "by": decided.DecidedBy, "comment": decided.Comment}, nil, nil
}
