package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"workflows/models"
	"workflows/models/columns"
	"workflows/models/runs"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// stored is an output as it is stored, or why it cannot be.
type stored struct {
	data    models.JSON
	problem *workflow.StepError
}

// asStored writes an output without values of secrets. What was written before stays.
func (x *execution) asStored(row *plan.Attempt, output any) stored {
	switch before := output.(type) {
	case nil:
		return stored{}
	case stored:
		return before
	}
	data, err := toJSON(output)
	if err != nil {
		return stored{problem: x.unwritable(row, err)}
	}
	if data = x.e.redactor.JSON(data); len(data) > plan.MaxKept {
		return stored{problem: &workflow.StepError{Code: workflow.CodeTooLarge, Permanent: true, Message: "The step's result is larger than 16 MB. Ask for less at once."}}
	}
	return stored{data: data}
}

// toJSON writes a value for a column. U+0000 becomes U+FFFD, since PostgreSQL
// keeps no text with it; < > & stay as they are.
func toJSON(value any) (models.JSON, error) {
	data, err := columns.Encode(value)
	return columns.FitJSON(data), err
}

func (x *execution) unwritable(row *plan.Attempt, err error) *workflow.StepError {
	x.e.log.Error("a step's output cannot be written as JSON", "run_id", x.run.ID, "step_id", row.StepID, "error", err)
	return &workflow.StepError{Code: workflow.CodeInternal, Permanent: true, Message: "The step's result cannot be stored. The log has the details."}
}

// writeOutput has the result's output written, in the goroutine of the step and while
// there is room for its values; only text goes on to the run's own.
func (x *execution) writeOutput(ctx context.Context, c *call, r stepResult) stepResult {
	var failed *workflow.StepError
	var err error
	switch {
	case errors.As(r.err, &failed):
		told := *failed
		if told.Output, err = x.made(ctx, c, failed.Output); err == nil {
			err = &told
		}
		r.err = err
	case r.err != nil:
	case r.outcome.Items == nil:
		r.outcome.Output, r.err = x.made(ctx, c, r.outcome.Output)
	case len(r.outcome.Items.List) <= plan.MaxItems:
		items := r.outcome.Items
		r.outcome.Output, r.err = x.made(ctx, c, map[string]any{"list": items.List, "max_parallel": items.MaxParallel, "on_item_error": items.OnItemError})
	}
	return r
}

// made writes one output.
func (x *execution) made(ctx context.Context, c *call, output any) (any, error) {
	if output == nil {
		return nil, nil
	}
	large, ok := output.(workflow.Large)
	if !ok {
		return x.asStored(c.row, output), nil
	}
	if !c.roomy {
		waited := c.limit.whileWaiting()
		release, err := x.e.memory.forValues(ctx, large.Bytes)
		waited()
		if err != nil {
			return nil, err
		}
		defer release()
	}
	value, err := large.Make()
	var failed *workflow.StepError
	if errors.As(err, &failed) && failed.Output != nil {
		told := *failed
		told.Output = x.asStored(c.row, failed.Output)
		return nil, &told
	}
	if err != nil {
		return nil, err
	}
	return x.asStored(c.row, value), nil
}

// keepOutput has a row hold an output, which is left behind aside when it is too
// large for it.
func (x *execution) keepOutput(row *plan.Attempt, output any) *workflow.StepError {
	if output == nil {
		return nil
	}
	s := x.asStored(row, output)
	if s.problem != nil {
		return s.problem
	}
	var cut bool
	if row.Output, cut = plan.CutTo(s.data); cut {
		x.leaves = append(x.leaves, models.Payload{StepRunID: row.ID, RunID: x.run.ID, Data: s.data})
	}
	return nil
}

// storeLarge writes results that are kept aside at once, so that they need no memory
// any more: who wants one again reads it.
func (x *execution) storeLarge() error {
	if x.last != nil || x.ctx.Err() != nil {
		return nil // they are written with the end, if they still may be
	}
	for _, left := range x.leaves {
		if _, large := left.(models.Payload); large {
			return x.save()
		}
	}
	return nil
}

// whole is the output of a row, also where it is kept aside.
func (x *execution) whole(row *plan.Attempt) (models.JSON, error) {
	if !plan.IsCut(row.Output) {
		return row.Output, nil
	}
	for i := len(x.leaves) - 1; i >= 0; i-- {
		if left, ok := x.leaves[i].(models.Payload); ok && left.StepRunID == row.ID {
			return left.Data, nil
		}
	}
	if data, remembered := x.e.outputs.get(row.ID); remembered {
		return data, nil
	}
	data, err := x.readOutput(row.ID)
	if errors.Is(err, models.ErrNotFound) { // the step has given something that looks like it
		return row.Output, nil
	}
	if err == nil {
		x.cacheOutput(row, data)
	}
	return data, err
}

// cacheStored keeps at hand the outputs that were written just now.
func (x *execution) cacheStored() {
	for _, left := range x.leaves {
		payload, ok := left.(models.Payload)
		if !ok {
			continue
		}
		for _, row := range x.dirty {
			if row.ID == payload.StepRunID {
				x.cacheOutput(row, payload.Data)
			}
		}
	}
}

// cacheOutput keeps an output at hand that is stored for good. That of an attempt which
// goes on is not: a for_each keeps its list, and then what it came to, under one id.
func (x *execution) cacheOutput(row *plan.Attempt, data models.JSON) {
	if workflow.Final(row.Status) {
		x.e.outputs.put(row.ID, data)
	}
}

// readOutput waits for a database that is away as long as a result that is to be
// written does.
func (x *execution) readOutput(id string) (data models.JSON, err error) {
	pause := 50 * time.Millisecond
	for began := time.Now(); ; pause = min(2*pause, time.Second) {
		tried := time.Now()
		ctx, done := models.Bounded(x.ctx)
		data, err = runs.PayloadOf(ctx, x.e.db, x.run.ID, id)
		done()
		x.e.database.Note(tried, err)
		if !errors.Is(err, models.ErrUnavailable) || x.ctx.Err() != nil || time.Since(began) > x.patience() {
			return data, err
		}
		time.Sleep(pause)
	}
}

// itemError is a failed item in what a for_each gives.
type itemError struct {
	Index   int    `json:"index"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// itemsOutput is what a for_each gives: {"items", "count", "errors"}, the output of
// each item's last step, null for those that failed, which are listed apart. It is put
// together from texts as they are stored.
func (x *execution) itemsOutput(row *plan.Attempt, items []plan.Item) (stored, error) {
	bytes := 0
	for _, item := range items {
		bytes += item.Last.Bytes()
	}
	release, err := x.e.memory.forValues(x.ctx, bytes)
	if err != nil {
		return stored{}, err
	}
	defer release()
	return x.joined(row, items)
}

func (x *execution) joined(row *plan.Attempt, items []plan.Item) (stored, error) {
	var text bytes.Buffer
	errs := []itemError{}
	text.WriteString(`{"items":[`)
	for i, item := range items {
		if i > 0 {
			text.WriteByte(',')
		}
		var whole models.JSON
		if item.Failed != nil {
			reason := workflow.ReadFailure(item.Failed.Error)
			errs = append(errs, itemError{i, reason.Code, reason.Message})
		} else if item.Last != nil {
			var err error
			if whole, err = x.whole(item.Last); err != nil {
				return stored{}, err
			}
		}
		if len(whole) == 0 {
			whole = models.JSON("null")
		}
		text.Write(whole)
	}
	listed, err := toJSON(errs)
	if err != nil {
		return stored{problem: x.unwritable(row, err)}, nil
	}
	fmt.Fprintf(&text, `],"count":%d,"errors":%s}`, len(items), listed)
	return x.asStored(row, json.RawMessage(text.Bytes())), nil
}
