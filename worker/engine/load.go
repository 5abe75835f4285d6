package engine

import (
	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// load reads what earlier holders of the run have done.
func (x *execution) load() error {
	rows, err := models.StepRuns(x.ctx, x.e.db, x.run.ID)
	if err != nil {
		return err
	}
	large, children, asked := false, false, false
	for i := range rows {
		x.done.add(&rows[i])
		large = large || isNote(rows[i].Output)
		children = children || rows[i].ChildID != nil && rows[i].Status == workflow.StepWaiting
		asked = asked || rows[i].Branch == blockApproval && rows[i].Status == workflow.StepWaiting
	}
	if large {
		if x.payloads, err = models.Payloads(x.ctx, x.e.db, x.run.ID); err != nil {
			return err
		}
	}
	if children {
		if x.children, err = models.EndedChildren(x.ctx, x.e.db, x.run.ID); err != nil {
			return err
		}
	}
	if asked {
		if x.approvals, err = models.DecidedApprovals(x.ctx, x.e.db, x.run.ID); err != nil {
			return err
		}
	}
	return x.loadLoops(rows)
}

// loadLoops reads what each for_each that is under way goes through.
func (x *execution) loadLoops(rows []models.StepRun) error {
	for i := range rows {
		row := &rows[i]
		if row.Status != workflow.StepRunning || row.Branch != blockDo {
			continue
		}
		var stored underWay
		if err := document.Decode(x.whole(row), &stored); err != nil {
			return errUnreadable
		}
		x.keepLoop(row, &workflow.Items{List: stored.List, MaxParallel: stored.MaxParallel, OnItemError: stored.OnItemError})
	}
	return nil
}
