package workflow

import (
	"slices"
	"time"

	"workflows/worker/document"
)

func (c *checking) steps() {
	steps := c.definition.Steps
	if len(steps) == 0 {
		c.addIncomplete("steps", "Add at least one step.")
	}
	if count := CountSteps(steps); count > MaxSteps {
		c.add("steps", "too_many", "The workflow has %d steps; %d is the most. Split it into two workflows.", count, MaxSteps)
		return
	}
	Walk(steps, func(path string, step *Step, parents []*Step) bool {
		c.step(path, step, parents)
		return true
	})
}

// step checks one step. One that is switched off may lack what a draft may lack.
func (c *checking) step(path string, step *Step, parents []*Step) {
	before := len(c.problems)
	c.wholeStep(path, step, parents)
	if step.Disabled || slices.ContainsFunc(parents, func(parent *Step) bool { return parent.Disabled }) {
		found := slices.DeleteFunc(c.problems[before:], func(p Problem) bool { return p.Incomplete })
		c.problems = c.problems[:before+len(found)]
	}
}

func (c *checking) wholeStep(path string, step *Step, parents []*Step) {
	c.id(path+".id", step.ID, "the step “"+StepTitle(*step, c.Types)+"”")
	stepType, known := c.Types[step.Type]
	switch {
	case step.Type == "":
		c.add(path+".type", "required", "Choose what the step does.")
	case !known:
		c.add(path+".type", "unknown_type", "There is no step type “%s” in this version.%s", document.Shorten(step.Type, 40), document.DidYouMean(step.Type, c.Types.names()))
	}
	// The document's own object is one level, each list of steps and each step one more.
	if depth := 1 + 2*(len(parents)+1) + depthOf(step.Config); depth > document.MaxDepth {
		c.add(path, "too_deep", "This step is nested too deep. Move it further out.")
	}
	if known {
		c.config(path+".config", stepType, step)
		c.conditions(path, step, stepType)
	}
	c.references(path, step, stepType, known)
	c.retry(path+".retry", step.Retry)
	c.duration(path+".timeout", step.Timeout, time.Second, 24*time.Hour)
	c.choice(path+".on_error", step.OnError, "fail", "continue")
	c.choice(path+".on_unknown", step.OnUnknown, "wait", "repeat", "fail")
	if len(step.Do) == 0 && slices.Contains(stepType.Blocks, "do") {
		c.addIncomplete(path+".do", "Add at least one step to do for each item.")
	}
	for _, block := range step.blocks() {
		if known && len(block.steps) > 0 && !slices.Contains(stepType.Blocks, block.name) {
			c.add(path+"."+block.name, "unexpected_steps", "A step of type “%s” has no steps under “%s”. Move them out.", step.Type, block.name)
		}
	}
}

func (c *checking) retry(path string, retry *Retry) {
	if retry == nil {
		return
	}
	if retry.MaxAttempts < 1 || retry.MaxAttempts > 50 {
		c.add(path+".max_attempts", "out_of_range", "Use a number of attempts between 1 and 50.")
	}
	c.choice(path+".backoff", retry.Backoff, "fixed", "exponential")
	c.duration(path+".delay", retry.Delay, time.Millisecond, 24*time.Hour)
	c.duration(path+".max_delay", retry.MaxDelay, time.Millisecond, 24*time.Hour)
}

// depthOf counts the JSON levels of a value: 0 for a text.
func depthOf(value any) int {
	deepest := 0
	switch v := value.(type) {
	case map[string]any:
		for _, item := range v {
			deepest = max(deepest, depthOf(item))
		}
		return deepest + 1
	case []any:
		for _, item := range v {
			deepest = max(deepest, depthOf(item))
		}
		return deepest + 1
	}
	return 0
}
