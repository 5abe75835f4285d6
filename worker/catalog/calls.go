package catalog

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/workflow"
)

// maxCalled bounds how many workflows are looked through for a circle. At run
// time the depth is limited besides.
const maxCalled = 500

// Check returns everything that is wrong with a definition of the workflow with
// this id, "" for one that is not stored yet: what the checker finds, calendars and
// secrets that do not exist, and what is wrong with the other workflows that its steps run.
func (c *Catalog) Check(ctx context.Context, id string, d workflow.Definition) ([]workflow.Problem, error) {
	return c.check(ctx, c.DB, id, d)
}

func (c *Catalog) check(ctx context.Context, db *gorm.DB, id string, d workflow.Definition) ([]workflow.Problem, error) {
	problems := c.Checker.Check(d)
	unknown, err := c.calendarProblems(ctx, db, d)
	if err != nil {
		return nil, err
	}
	problems = append(problems, unknown...)
	if unknown, err = c.secretProblems(ctx, db, d); err != nil {
		return nil, err
	}
	problems = append(problems, unknown...)
	calls := c.callsIn(d)
	if len(calls) == 0 {
		return problems, nil
	}
	called, err := models.CalledWorkflows(ctx, db, idsOf(calls))
	if err != nil {
		return nil, err
	}
	circles, err := c.circles(ctx, db, id, called)
	if err != nil {
		return nil, err
	}
	for _, call := range calls {
		problems = append(problems, call.problems(id, called, circles)...)
	}
	return problems, nil
}

// call is a step that runs another workflow.
type call struct {
	path     string // of its config
	workflow string
	input    map[string]any
}

// callsIn finds the steps that run other workflows; switched-off ones do not.
func (c *Catalog) callsIn(d workflow.Definition) []call {
	var calls []call
	off := workflow.StepsOff(d.Steps)
	workflow.Walk(d.Steps, func(path string, step *workflow.Step, _ []*workflow.Step) bool {
		if id := c.calledBy(*step); id != "" && !off[step.ID] {
			input, _ := step.Config["input"].(map[string]any)
			calls = append(calls, call{path: path + ".config", workflow: id, input: input})
		}
		return true
	})
	return calls
}

func (c *Catalog) calledBy(step workflow.Step) string {
	if t := c.Checker.Types[step.Type]; t.Calls != nil {
		return t.Calls(step.Config)
	}
	return ""
}

func idsOf(calls []call) []string {
	var ids []string
	for _, call := range calls {
		ids = append(ids, call.workflow)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (c call) problems(id string, called map[string]models.CalledWorkflow, circles map[string]bool) []workflow.Problem {
	one := func(code, message string, incomplete bool) []workflow.Problem {
		return []workflow.Problem{{Path: c.path + ".workflow", Code: code, Message: message, Incomplete: incomplete}}
	}
	target, exists := called[c.workflow]
	switch {
	case c.workflow == id:
		return one("calls_itself", "A workflow cannot run itself. Choose another one.", false)
	case !exists:
		// Of what is no id there will never be one; another may still be imported.
		return one("unknown_workflow", "The workflow to run does not exist. Choose another one.", models.ValidID(c.workflow))
	case circles[c.workflow]:
		return one("calls_itself", "“"+target.Name+"” runs this workflow, directly or through others, so this would never end. Choose another one.", false)
	case target.Definition == nil:
		return one("not_published", "“"+target.Name+"” has never been published, so it cannot run. Publish it first.", true)
	}
	d, err := workflow.Load(target.Definition)
	if err != nil {
		return one("unknown_workflow", "“"+target.Name+"” cannot be read. Publish it again first.", true)
	}
	return c.inputProblems(target.Name, d.Inputs)
}

// inputProblems compare what the step gives with what the workflow asks for now.
func (c call) inputProblems(name string, inputs []workflow.Input) []workflow.Problem {
	var problems []workflow.Problem
	_, found := workflow.CheckInput(inputs, c.input)
	for _, problem := range found {
		switch problem.Code {
		case "required", "unknown_field", "must_be_true":
			problem.Path = c.path + "." + problem.Path
			problem.Message, problem.Incomplete = "“"+name+"”: "+problem.Message, true
		default: // a value may hold references: its kind is known when the step runs
			continue
		}
		problems = append(problems, problem)
	}
	return problems
}

// circles are those of the called workflows that run the workflow with this id
// in turn, as they are published now.
func (c *Catalog) circles(ctx context.Context, db *gorm.DB, id string, called map[string]models.CalledWorkflow) (map[string]bool, error) {
	found := map[string]bool{}
	if id == "" {
		return found, nil
	}
	for first := range called {
		seen := map[string]bool{first: true}
		level := map[string]models.CalledWorkflow{first: called[first]}
		for len(level) > 0 && len(seen) < maxCalled {
			var next []string
			for _, w := range level {
				for _, id := range c.callsOf(w) {
					if !seen[id] {
						seen[id] = true
						next = append(next, id)
					}
				}
			}
			if seen[id] {
				found[first] = true
				break
			}
			var err error
			if level, err = models.CalledWorkflows(ctx, db, next); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func (c *Catalog) callsOf(w models.CalledWorkflow) []string {
	d, err := workflow.Load(w.Definition)
	if err != nil { // a draft, which runs nothing
		return nil
	}
	return idsOf(c.callsIn(d))
}

// Caller is a workflow that runs another one: in its draft, as it is published, or both.
type Caller struct {
	Use
	Draft, Published bool
}

// Callers are the workflows of which a step runs the one with this id, by name.
func (c *Catalog) Callers(ctx context.Context, id string) ([]Caller, error) {
	return c.callers(ctx, c.DB, id)
}

func (c *Catalog) callers(ctx context.Context, db *gorm.DB, id string) ([]Caller, error) {
	naming, err := models.WorkflowsNaming(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var callers []Caller
	for _, w := range naming {
		caller := Caller{Use: Use{w.ID, w.Name}, Draft: c.runs(w.Draft, id), Published: c.runs(w.Definition, id)}
		if caller.Draft || caller.Published {
			callers = append(callers, caller)
		}
	}
	return callers, nil
}

// runs reports whether a stored definition has a step that runs the workflow,
// switched off or not.
func (c *Catalog) runs(definition models.JSON, id string) bool {
	d, err := workflow.Load(definition)
	if err != nil {
		return false
	}
	return !workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool { return c.calledBy(*step) != id })
}

func usedBy(callers []Caller) error {
	const most = 5
	words := ""
	for i, caller := range callers[:min(len(callers), most)] {
		name := caller.Name
		switch {
		case i == 0:
			words = "“" + name + "”"
		case i == len(callers)-1:
			words += " and “" + name + "”"
		default:
			words += ", “" + name + "”"
		}
	}
	if more := len(callers) - most; more > 0 {
		words += fmt.Sprintf(" and %d more", more)
	}
	verb := "runs"
	if len(callers) > 1 {
		verb = "run"
	}
	return &models.ConflictError{Code: "in_use", Message: words + " " + verb + " this workflow. Remove the step there first."}
}
