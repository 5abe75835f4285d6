package workflow

import (
	"maps"
	"slices"
	"strings"

	"workflows/worker/filter"
)

// Copy is a definition whose steps and triggers may be changed, and its steps renamed, while
// the other stays.
func (d Definition) Copy() Definition {
	d.Triggers, d.Steps = slices.Clone(d.Triggers), copiesOf(d.Steps)
	return d
}

func copiesOf(steps []Step) []Step {
	copies := slices.Clone(steps)
	for i := range copies {
		step := &copies[i]
		step.Config = maps.Clone(step.Config)
		step.Then, step.Else, step.Do = copiesOf(step.Then), copiesOf(step.Else), copiesOf(step.Do)
	}
	return copies
}

// RenameStep changes a step's id and every reference to it. The caller makes
// sure that the new id is free and well formed.
func RenameStep(d *Definition, from, to string) {
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		if step.ID == from {
			step.ID = to
		}
		for name, value := range step.Config {
			step.Config[name] = mapTexts(value, func(text string) string { return renameIn(text, from, to) })
		}
		return true
	})
}

func renameIn(text, from, to string) string {
	references, err := References(text)
	if err != nil {
		return text
	}
	var b strings.Builder
	at := 0
	for _, reference := range references {
		if !slices.ContainsFunc(append(reference.arguments(), reference), func(r Reference) bool { return r.of(from) }) {
			continue
		}
		b.WriteString(text[at:reference.start] + reference.renamed(from, to).String())
		at = reference.end
	}
	return b.String() + text[at:]
}

// of reports whether the reference stands for what a step gives.
func (r Reference) of(stepID string) bool {
	return r.Root == "steps" && len(r.Path) > 0 && r.Path[0] == stepID
}

func (r Reference) renamed(from, to string) Reference {
	if r.of(from) {
		r.Path = append([]string{to}, r.Path[1:]...)
	}
	changes := make([]filter.Filter, len(r.Changes))
	for i, change := range r.Changes {
		changes[i] = filter.Filter{Name: change.Name, Args: slices.Clone(change.Args)}
		for j, arg := range change.Args {
			if arg.Reference != "" {
				changes[i].Args[j].Reference = bare(arg.Reference).renamed(from, to).path()
			}
		}
	}
	r.Changes = changes
	return r
}

func mapTexts(value any, change func(string) string) any {
	switch v := value.(type) {
	case string:
		return change(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = mapTexts(item, change)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, item := range v {
			object[name] = mapTexts(item, change)
		}
		return object
	}
	return value
}

// BrokenBy lists the references that would break if a step were deleted
// together with the steps inside it: one problem per text, in document order.
func BrokenBy(d Definition, stepID string, types Types) []Problem {
	step, at, found := FindStep(&d, stepID)
	if !found {
		return nil
	}
	gone := map[string]bool{stepID: true}
	titles := map[string]string{stepID: StepTitle(*step, types)}
	for _, block := range step.blocks() {
		Walk(block.steps, func(_ string, inner *Step, _ []*Step) bool {
			gone[inner.ID], titles[inner.ID] = true, StepTitle(*inner, types)
			return true
		})
	}
	var problems []Problem
	Walk(d.Steps, func(path string, user *Step, _ []*Step) bool {
		if path == at || strings.HasPrefix(path, at+".") {
			return true
		}
		walkTexts(user.Config, path+".config", func(path, text string) {
			if id := usesAny(text, gone); id != "" {
				problems = append(problems, Problem{Path: path, Code: "reference_broken", Message: "Step “" + StepTitle(*user, types) + "” uses what step “" + titles[id] + "” gives."})
			}
		})
		return true
	})
	return problems
}

func usesAny(text string, ids map[string]bool) string {
	for _, reference := range Used(text) {
		if reference.Root == "steps" && len(reference.Path) > 0 && ids[reference.Path[0]] {
			return reference.Path[0]
		}
	}
	return ""
}
