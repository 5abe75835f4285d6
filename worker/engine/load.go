package engine

import (
	"context"
	"maps"

	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// recall reads what earlier holders of the run have done.
func (x *execution) recall(ctx context.Context) error {
	rows, err := runs.Steps(ctx, x.e.db, x.run.ID)
	if err != nil {
		return err
	}
	attempts := Attempts(rows)
	waiting := map[string][]*plan.Attempt{} // by what they wait for
	for i := range attempts {
		a := &attempts[i]
		x.Done.Add(a)
		if a.Status == workflow.StepWaiting {
			waiting[a.WaitsFor()] = append(waiting[a.WaitsFor()], a)
		}
	}
	if err := x.look(waiting); err != nil {
		return err
	}
	return x.recallLoops(attempts)
}

// look reads what has come that attempts wait for.
func (x *execution) look(waiting map[string][]*plan.Attempt) error {
	x.Came = map[string]any{}
	for word, attempts := range waiting {
		kind := x.e.waits[word]
		if kind.come == nil {
			continue
		}
		came, err := kind.come(x, attempts)
		if err != nil {
			return err
		}
		maps.Copy(x.Came, came)
	}
	return nil
}

// recallLoops reads what each for_each that is under way goes through.
func (x *execution) recallLoops(attempts []plan.Attempt) error {
	for i := range attempts {
		a := &attempts[i]
		if !a.UnderWay() {
			continue
		}
		data, err := x.whole(a)
		if err != nil {
			return err
		}
		items := &plan.Loop{}
		if err := document.Decode(data, items); err != nil {
			return errUnreadable
		}
		x.Enter(a, items)
	}
	return nil
}
