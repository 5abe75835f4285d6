package pages

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"workflows/app/frame"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// timeline is the list of steps with what became of each.
func (r *runSheet) timeline() views.RunTimeline {
	look := r.look
	look.attempt = 0
	t := views.RunTimeline{
		URL: look.url("/live/runs/" + r.run.ID), Every: r.every(), ID: r.run.ID,
		Workflow: r.run.WorkflowName, WorkflowURL: "/workflows/" + r.run.WorkflowID, Status: frame.RunBadge(r.run), Facts: r.facts(),
	}
	t.Sentence, t.GoesOnAt = r.sentence()
	t.Next = r.next()
	if r.run.TriggerType == engine.TriggerTry {
		t.Trial = r.trialWords()
		if r.mayEdit {
			t.EditURL = "/workflows/" + r.run.WorkflowID + "/edit"
		}
	}
	t.Ended = workflow.Final(r.run.Status)
	if r.run.StartedAt != nil {
		t.TimesURL = "/runs/" + r.run.ID + "/timeline"
	}
	if r.run.TriggerType != engine.TriggerTry && r.run.StartedAt != nil {
		t.ComparedURL = "/runs/" + r.run.ID + "/differences"
	}
	t.History, t.HistoryMore = r.history()
	begin, whole := r.span()
	t.Whole = whole
	list := &stepLister{sheet: r, begin: begin, whole: whole}
	for list.at < len(r.steps) {
		list.step()
	}
	t.Steps, t.Bar = list.rows, list.bar
	t.BarLabel = "When steps worked and waited within " + ui.DurationText(whole)
	if r.run.Status == workflow.RunFailed {
		t.Error = r.failure()
	}
	switch {
	case !r.mayOperate:
	case workflow.Final(r.run.Status) && r.run.TriggerType == engine.TriggerTry:
		t.Tried = r.triedBranch() // all else is tried again in the editor
	case workflow.Final(r.run.Status):
		t.AgainURL = "/runs/" + r.run.ID + "/retry"
	default:
		t.CancelURL = "/runs/" + r.run.ID + "/cancel"
		if waitsForTime(r.run) {
			t.GoOnURL = "/runs/" + r.run.ID + "/continue"
		}
		t.DecideURL = r.decideURL()
	}
	return t
}

// failure is why the run failed, with the way to the step.
func (r *runSheet) failure() *views.RunError {
	failure := workflow.ReadFailure(r.run.Error)
	e := &views.RunError{Message: failure.Message}
	id := failure.StepID
	if step := r.matters(); step != nil {
		id, e.StepURL = step.StepID, r.page(step.StepID, step.Iteration, 0)
		if step.StepID == r.look.step && step.Iteration == r.look.in && r.look.item < 0 {
			e.StepURL = "#step" // further down, where there is no room beside
		}
	}
	if r.mayEdit && id != "" {
		e.ChangeURL = "/workflows/" + r.run.WorkflowID + "/edit?open=" + id + "#step-" + id
	}
	return e
}

// span is from when on and for how long the run has been at work. A waiting run's
// ends with what it did last, so that its page stays the same while it waits.
func (r *runSheet) span() (begin time.Time, whole time.Duration) {
	if r.run.StartedAt == nil {
		return time.Time{}, 0
	}
	begin = *r.run.StartedAt
	end := r.now
	switch {
	case r.run.FinishedAt != nil:
		end = *r.run.FinishedAt
	case r.run.Status != workflow.RunRunning:
		end = begin
		for i := range r.rows {
			end = later(end, later(frame.TimeOf(r.rows[i].StartedAt), frame.TimeOf(r.rows[i].FinishedAt)))
		}
	}
	return begin, max(end.Sub(begin), 0)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// stepLister turns the outline into rows, with the items of loops between them.
type stepLister struct {
	sheet *runSheet
	begin time.Time
	whole time.Duration
	at    int // the next step of the outline
	rows  []ui.StepRow
	bar   []ui.Span
}

// step lists one step of the outline, and the items and steps inside of it where
// it is a loop.
func (l *stepLister) step() {
	i := l.at
	step := l.sheet.steps[i]
	l.at++
	l.row(i, step)
	if len(step.Items) == 0 {
		return
	}
	data, shown := l.sheet.loopData(step), l.sheet.shownItems(step)
	open := l.sheet.look.opens(&l.sheet.definition)
	for _, item := range shown {
		l.rows = append(l.rows, l.itemRow(step, data, item))
		for open(step.StepID, item.Iteration) && l.at < len(l.sheet.steps) && l.sheet.steps[l.at].Depth > step.Depth {
			l.step()
		}
	}
	if len(shown) < len(step.Items) {
		l.rows = append(l.rows, l.itemsLeft(step, len(shown)))
	}
}

// depth is how far a step's row is indented: an item takes a level of its own.
func (l *stepLister) depth(step plan.OutlineStep) int {
	return step.Depth + levels(step.Iteration)
}

// row lists one step, and its pieces of the run's time.
func (l *stepLister) row(i int, step plan.OutlineStep) {
	r := l.sheet
	row := ui.StepRow{
		ID: stepRowID(step), Title: step.Name, Depth: l.depth(step), Status: stepBadge(step.Status, step.WaitingFor), Icon: r.types[step.Type].Icon,
		URL: r.page(step.StepID, step.Iteration, 0), Branch: r.branchWord(i),
		Selected: step.StepID == r.look.step && step.Iteration == r.look.in && r.look.item < 0,
	}
	if step.Disabled && len(step.Attempts) == 0 {
		row.Off, row.Status = true, ""
	}
	if len(step.Items) > 0 {
		row.Sentence = itemTally(step.Items, r.loopData(step).total)
	}
	problem, note, took := r.stepNotes(step)
	if r.onlyShowed(step) {
		note = "It only showed what it would do."
	}
	spans := r.spans(step, l.begin)
	if tries := r.tries(step); tries != "" || took >= 0 {
		row.Meta = views.RunStepMeta(took, tries)
	}
	child := r.childLink(step)
	if problem != "" || note != "" || len(spans) > 0 || child != nil {
		row.Below = views.RunStepBelow(views.RunStepNote("When “"+step.Name+"” worked", l.whole, spans, problem, note), child)
	}
	l.rows = append(l.rows, row)
	if step.Iteration == "" {
		l.bar = append(l.bar, spans...)
	}
}

// stepNotes are why a step failed, what else is to be said about it, and how long
// it took, negative where that is not known.
func (r *runSheet) stepNotes(step plan.OutlineStep) (problem, note string, took time.Duration) {
	last := step.Latest()
	if last == nil {
		return "", "", -1
	}
	if last.Status == workflow.StepFailed && !r.ended(step) {
		problem = workflow.ReadFailure(last.Error).Message
	}
	if r.takenOver(*last) {
		return problem, "Taken over from the run before: it did not run again.", -1
	}
	return problem, last.Note, attemptTook(*last)
}

// childLink leads to the run that a step has started.
func (r *runSheet) childLink(step plan.OutlineStep) *views.RunRow {
	last := step.Latest()
	if last == nil || last.ChildID == nil {
		return nil
	}
	child, found := r.children[*last.ChildID]
	if !found {
		return nil
	}
	row := frame.RunRow(child)
	return &row
}

// ended reports whether the run failed at this step, which is said above the list.
func (r *runSheet) ended(step plan.OutlineStep) bool {
	return r.run.Status == workflow.RunFailed && workflow.ReadFailure(r.run.Error).StepID == step.StepID && step.Iteration == ""
}

// stepBadge is the state that a step's badge shows: a waiting one says what for.
func stepBadge(status, waitingFor string) string {
	if status == workflow.StepWaiting && waitingFor != "" {
		return "waiting_" + waitingFor
	}
	return status
}

// branchWord names the branch that a step of the outline opens; it is drawn once
// above it, and not where an item's row stands there.
func (r *runSheet) branchWord(i int) string {
	step := r.steps[i]
	first := i > 0 && (r.steps[i-1].Depth < step.Depth || r.blockBefore(i) != step.Block)
	if !first || step.Depth == 0 {
		return ""
	}
	if step.Block == "do" && levels(step.Iteration) == len(loopsAround(&r.definition, step.StepID)) {
		return ""
	}
	return frame.BranchWords(step.Block)
}

// blockBefore is the block of the sibling above, within the same step.
func (r *runSheet) blockBefore(i int) string {
	for above := i - 1; above >= 0 && r.steps[above].Depth >= r.steps[i].Depth; above-- {
		if r.steps[above].Depth == r.steps[i].Depth {
			return r.steps[above].Block
		}
	}
	return ""
}

// takenOver reports whether a row is a result of the run that this one repeats.
func (r *runSheet) takenOver(row plan.Attempt) bool {
	return r.run.RetryOf != nil && row.StartedAt != nil && row.StartedAt.Before(r.run.QueuedAt)
}

// attemptTook is how long an attempt took, negative while it is at work.
func attemptTook(row plan.Attempt) time.Duration {
	if row.StartedAt == nil || row.FinishedAt == nil {
		return -1
	}
	return max(row.FinishedAt.Sub(*row.StartedAt), 0)
}

// tries says how often a step was tried where that is worth saying.
func (r *runSheet) tries(step plan.OutlineStep) string {
	n := len(step.Attempts)
	if n < 2 && step.WaitingFor != workflow.WaitRetry {
		return ""
	}
	if found, _, ok := workflow.FindStep(&r.definition, step.StepID); ok && found.Retry != nil && n > 0 {
		return fmt.Sprintf("attempt %d of %d", n, max(found.Retry.MaxAttempts, n))
	}
	if n < 2 {
		return ""
	}
	return "attempt " + strconv.Itoa(n)
}

// spans are the pieces of the run's time in which a step worked or waited.
func (r *runSheet) spans(step plan.OutlineStep, begin time.Time) []ui.Span {
	if begin.IsZero() {
		return nil
	}
	now := r.now
	if r.run.Status != workflow.RunRunning { // a waiting run's page stays the same
		_, whole := r.span()
		now = begin.Add(whole)
	}
	own := slices.DeleteFunc(slices.Clone(step.Attempts), r.takenOver)
	var spans []ui.Span
	for _, p := range plan.Pieces(own, r.types, now) {
		label := step.Name
		if len(own) > 1 {
			label += ", attempt " + strconv.Itoa(p.Number)
		}
		span := ui.Span{Start: p.From.Sub(begin), Length: p.Length(), Kind: "waiting", Label: label + ": " + frame.PieceWords(p) + ", " + ui.DurationText(p.Length())}
		switch {
		case p.Kind != plan.Working && p.Kind != plan.Lost && p.Kind != plan.Looping:
		case p.Failed:
			span.Kind = "failed"
		case p.Open:
			span.Kind = "running"
		default:
			span.Kind = "good"
		}
		spans = append(spans, span)
	}
	return spans
}
