package pages

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"workflows/models"
	"workflows/worker/workflow"
)

// place is a gap in a definition's lists of steps: before the index in the list
// of a step's block, or in the outermost list when Step is "".
type place struct {
	Step, Block string
	Index       int
}

// String writes the place as forms carry it: "@2", "is_large.then@0".
func (p place) String() string {
	list := ""
	if p.Step != "" {
		list = p.Step + "." + p.Block
	}
	return list + "@" + strconv.Itoa(p.Index)
}

// readPlace reads what String writes.
func readPlace(text string) (place, bool) {
	list, index, found := strings.Cut(text, "@")
	n, err := strconv.Atoi(index)
	if !found || err != nil || n < 0 {
		return place{}, false
	}
	if list == "" {
		return place{Index: n}, true
	}
	step, block, found := strings.Cut(list, ".")
	return place{Step: step, Block: block, Index: n}, found
}

// listAt returns the list of steps that a place is in; nil when it is gone or
// the step's type has no such block.
func listAt(d *workflow.Definition, p place, types workflow.Types) *[]workflow.Step {
	if p.Step == "" {
		return &d.Steps
	}
	step, _, found := workflow.FindStep(d, p.Step)
	if !found || !slices.Contains(types[step.Type].Blocks, p.Block) {
		return nil
	}
	return step.Block(p.Block)
}

// insertStep puts a step into a place; an index beyond the end is the end.
func insertStep(d *workflow.Definition, p place, step workflow.Step, types workflow.Types) error {
	list := listAt(d, p, types)
	if list == nil {
		return fmt.Errorf("insert a step at %s: %w", p, models.ErrNotFound)
	}
	*list = slices.Insert(*list, min(p.Index, len(*list)), step)
	return nil
}

// listOf finds the list that holds a step, the step's index in it, and the place
// that this is.
func listOf(d *workflow.Definition, id string) (*[]workflow.Step, place, bool) {
	return findIn(&d.Steps, place{}, id)
}

func findIn(list *[]workflow.Step, at place, id string) (*[]workflow.Step, place, bool) {
	for i := range *list {
		step := &(*list)[i]
		at.Index = i
		if step.ID == id {
			return list, at, true
		}
		for _, block := range blockNames() {
			if inner, place, found := findIn(step.Block(block), place{Step: step.ID, Block: block}, id); found {
				return inner, place, true
			}
		}
	}
	return nil, place{}, false
}

func blockNames() []string { return []string{"then", "else", "do"} }

// removeStep takes a step out together with the steps inside it.
func removeStep(d *workflow.Definition, id string) (workflow.Step, error) {
	list, at, found := listOf(d, id)
	if !found {
		return workflow.Step{}, fmt.Errorf("remove step %s: %w", id, models.ErrNotFound)
	}
	step := (*list)[at.Index]
	*list = slices.Delete(*list, at.Index, at.Index+1)
	return step, nil
}

// moveStep swaps a step with its neighbour above (-1) or below (+1) in its list.
// At the end of the list nothing happens.
func moveStep(d *workflow.Definition, id string, by int) error {
	list, at, found := listOf(d, id)
	if !found {
		return fmt.Errorf("move step %s: %w", id, models.ErrNotFound)
	}
	if other := at.Index + by; other >= 0 && other < len(*list) {
		(*list)[at.Index], (*list)[other] = (*list)[other], (*list)[at.Index]
	}
	return nil
}

// moveStepTo takes a step out and puts it into another place, which is named as
// it was before the step was taken out.
func moveStepTo(d *workflow.Definition, id string, to place, types workflow.Types) error {
	_, from, found := listOf(d, id)
	if !found || insideItself(d, id, to) {
		return fmt.Errorf("move step %s to %s: %w", id, to, models.ErrNotFound)
	}
	if listAt(d, to, types) == nil {
		return fmt.Errorf("move step %s to %s: %w", id, to, models.ErrNotFound)
	}
	step, err := removeStep(d, id)
	if err != nil {
		return err
	}
	if from.Step == to.Step && from.Block == to.Block && from.Index < to.Index {
		to.Index--
	}
	return insertStep(d, to, step, types)
}

// insideItself reports whether a place is in one of the step's own blocks.
func insideItself(d *workflow.Definition, id string, to place) bool {
	step, _, found := workflow.FindStep(d, id)
	if !found || to.Step == "" {
		return false
	}
	alone := workflow.Definition{Steps: []workflow.Step{*step}}
	_, _, inside := workflow.FindStep(&alone, to.Step)
	return inside
}

// duplicateStep puts a copy right after a step. The copy and the steps inside it
// get ids of their own, and what they refer to among themselves follows.
func duplicateStep(d *workflow.Definition, id string) (string, error) {
	list, at, found := listOf(d, id)
	if !found {
		return "", fmt.Errorf("duplicate step %s: %w", id, models.ErrNotFound)
	}
	alone, err := workflow.Load(workflow.Definition{Name: d.Name, Steps: []workflow.Step{(*list)[at.Index]}}.Marshal())
	if err != nil {
		return "", fmt.Errorf("duplicate step %s: %w", id, err)
	}
	var ids []string
	workflow.Walk(alone.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		ids = append(ids, step.ID)
		return true
	})
	for _, old := range ids {
		both := workflow.Definition{Steps: slices.Concat(d.Steps, alone.Steps), Triggers: d.Triggers}
		workflow.RenameStep(&alone, old, workflow.NewStepID(both, numbered.ReplaceAllString(old, "")))
	}
	if name := alone.Steps[0].Name; name != "" {
		alone.Steps[0].Name = copyName(name)
	}
	*list = slices.Insert(*list, at.Index+1, alone.Steps[0])
	return alone.Steps[0].ID, nil
}

// numbered is the end that NewStepID adds to make an id free.
var numbered = regexp.MustCompile(`_\d+$`)

// copyName names a copy without growing beyond what a name may hold.
func copyName(name string) string {
	const suffix = " (copy)"
	runes := []rune(name)
	return string(runes[:min(len(runes), workflow.MaxNameLength-len(suffix))]) + suffix
}
