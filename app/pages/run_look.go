package pages

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/worker/engine/plan"
	"workflows/worker/pattern"
	"workflows/worker/workflow"
)

// runLook is what a run's address asks to see: a step, inside of which item of
// the loops around it, and one of its attempts; or one item of a loop. No step
// shows the run itself.
type runLook struct {
	step, in string
	item     int  // of the loop that step is; -1 for the step itself
	attempt  int  // 0 is the newest
	itself   bool // the run is to be seen, whatever matters of it
}

// iterationForm is an item's place: "3", or "3.0" in a loop inside a loop.
var iterationForm = pattern.Of(`^\d{1,5}(\.\d{1,5}){0,15}$`)

// RunLooks names the parameters of the address that say it.
func RunLooks() []string { return []string{"step", "in", "item", "attempt"} }

func readLook(c *gin.Context) runLook {
	step, named := c.GetQuery("step")
	look := runLook{step: step, item: -1, itself: named && step == ""}
	if in := c.Query("in"); iterationForm().MatchString(in) {
		look.in = in
	}
	if n, err := strconv.Atoi(c.Query("item")); err == nil && n >= 0 {
		look.item = n
	}
	if n, err := strconv.Atoi(c.Query("attempt")); err == nil && n >= 1 {
		look.attempt = n
	}
	return look
}

// url is an address of this run with what is to be seen on it.
func (l runLook) url(path string) string {
	query := url.Values{}
	if l.step != "" || l.itself {
		query.Set("step", l.step)
	}
	if l.in != "" {
		query.Set("in", l.in)
	}
	if l.item >= 0 {
		query.Set("item", strconv.Itoa(l.item))
	}
	if l.attempt > 0 {
		query.Set("attempt", strconv.Itoa(l.attempt))
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// opens says which items are listed step by step: those on the way to what is
// looked at.
func (l runLook) opens(d *workflow.Definition) func(loop, iteration string) bool {
	open := map[[2]string]bool{}
	loops := loopsAround(d, l.step)
	parts := strings.Split(l.in, ".")
	if l.in == "" {
		parts = nil
	}
	for i := range min(len(loops), len(parts)) {
		open[[2]string{loops[i], strings.Join(parts[:i+1], ".")}] = true
	}
	if l.item >= 0 && len(loops) == len(parts) {
		open[[2]string{l.step, strings.Join(append(parts, strconv.Itoa(l.item)), ".")}] = true
	}
	return func(loop, iteration string) bool { return open[[2]string{loop, iteration}] }
}

// loopsAround names the loops that a step stands in, outermost first.
func loopsAround(d *workflow.Definition, id string) []string {
	var loops []string
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, parents []*workflow.Step) bool {
		if step.ID != id {
			return true
		}
		for _, parent := range parents {
			if len(parent.Do) > 0 {
				loops = append(loops, parent.ID)
			}
		}
		return false
	})
	return loops
}

// matters is the step on which a run's page opens where its address names none: the
// one that failed, or that the run waits for, also inside of items; nil for a run of
// which nothing needs to be looked at.
func (r *runSheet) matters() *plan.OutlineStep {
	all := plan.Outline(r.definition, r.types, r.run.Status, r.rows, nil)
	switch r.run.Status {
	case workflow.RunWaiting:
		for i := range all {
			if all[i].WaitingFor != "" && all[i].WaitingFor == r.run.WaitingFor {
				return &all[i]
			}
		}
	case workflow.RunFailed:
		id := workflow.ReadFailure(r.run.Error).StepID
		if found := failedIn(all, id, ""); found != nil {
			return found
		}
		for i := range slices.Backward(all) { // it ended the run from inside of an item
			if all[i].StepID == id && len(all[i].Attempts) > 0 {
				return &all[i]
			}
		}
	}
	return nil
}

// failedIn is the step that failed; of a loop that failed by one of its items, the step at
// which that did.
func failedIn(all []plan.OutlineStep, id, iteration string) *plan.OutlineStep {
	i := slices.IndexFunc(all, func(step plan.OutlineStep) bool { return step.StepID == id && step.Iteration == iteration })
	if i < 0 {
		return nil
	}
	if last := all[i].Latest(); last == nil || workflow.ReadFailure(last.Error).Code != workflow.CodeItemFailed {
		return &all[i]
	}
	for _, item := range all[i].Items {
		if item.Status == workflow.StepFailed {
			return cmp.Or(failedIn(all, item.StepID, item.Iteration), &all[i])
		}
	}
	return &all[i]
}

// settleLook drops what the address asks for and the run does not have.
func (r *runSheet) settleLook() {
	found := r.chosen()
	if found == nil {
		r.look = runLook{item: -1}
		return
	}
	if r.chosenItem() == nil {
		r.look.item = -1
	}
	if r.look.item >= 0 || r.look.attempt > len(found.Attempts) {
		r.look.attempt = 0
	}
}

// step is a step as it stands inside of an item.
func (r *runSheet) step(id, iteration string) *plan.OutlineStep {
	for i := range r.steps {
		if r.steps[i].StepID == id && r.steps[i].Iteration == iteration {
			return &r.steps[i]
		}
	}
	return nil
}

// chosen is the step that is looked at, or nil.
func (r *runSheet) chosen() *plan.OutlineStep { return r.step(r.look.step, r.look.in) }

// chosenItem is the item that is looked at, or nil.
func (r *runSheet) chosenItem() *plan.OutlineItem {
	if step := r.chosen(); step != nil && r.look.item >= 0 {
		for i := range step.Items {
			if step.Items[i].Index == r.look.item {
				return &step.Items[i]
			}
		}
	}
	return nil
}

// shownRow is the attempt that is shown in full, or nil.
func (r *runSheet) shownRow() *plan.Attempt {
	step := r.chosen()
	if step == nil || len(step.Attempts) == 0 {
		return nil
	}
	if r.look.attempt > 0 {
		return &step.Attempts[r.look.attempt-1]
	}
	return step.Latest()
}

// page is the address of this run's page showing a step, or one of its attempts, or the
// run itself where it names none.
func (r *runSheet) page(step, iteration string, attempt int) string {
	return runLook{step: step, in: iteration, item: -1, attempt: attempt, itself: step == ""}.url("/runs/"+r.run.ID) + "#detail"
}

// itemPage is the address of this run's page showing an item of a loop.
func (r *runSheet) itemPage(loop plan.OutlineStep, item plan.OutlineItem) string {
	return runLook{step: loop.StepID, in: loop.Iteration, item: item.Index}.url("/runs/"+r.run.ID) + "#" + itemRowID(loop, item)
}

// stepRowID names a step's row in the page; ids of steps hold no "-".
func stepRowID(step plan.OutlineStep) string {
	if step.Iteration == "" {
		return step.StepID
	}
	return step.StepID + "-" + step.Iteration
}

// itemRowID is the id of an item's row in the page.
func itemRowID(loop plan.OutlineStep, item plan.OutlineItem) string {
	return "step-item-" + loop.StepID + "-" + item.Iteration
}

// title is a step's name for people.
func (r *runSheet) title(id string) string {
	if step, _, found := workflow.FindStep(&r.definition, id); found {
		return workflow.StepTitle(*step, r.types)
	}
	return id
}
