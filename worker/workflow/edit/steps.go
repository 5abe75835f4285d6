// Package edit changes the steps of definitions: a step is put in, taken out,
// moved or doubled, and what refers to it follows. It is pure: it changes the
// definition that it is given and nothing else, and leaves saying what is wrong
// with the result to workflow.Checker.
package edit

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"workflows/models"
	"workflows/worker/workflow"
)

// Place is a gap in a definition's lists of steps: before the index in the list
// of a step's block, or in the outermost list when Step is "".
type Place struct {
	Step, Block string
	Index       int
}

// String writes the place as forms carry it: "@2", "is_large.then@0".
func (p Place) String() string {
	list := ""
	if p.Step != "" {
		list = p.Step + "." + p.Block
	}
	return list + "@" + strconv.Itoa(p.Index)
}

// ReadPlace reads what String writes.
func ReadPlace(text string) (Place, bool) {
	list, index, found := strings.Cut(text, "@")
	n, err := strconv.Atoi(index)
	if !found || err != nil || n < 0 {
		return Place{}, false
	}
	if list == "" {
		return Place{Index: n}, true
	}
	step, block, found := strings.Cut(list, ".")
	return Place{Step: step, Block: block, Index: n}, found
}

// ListAt returns the list of steps that a place is in; nil when it is gone or
// the step's type has no such block.
func ListAt(d *workflow.Definition, p Place, types workflow.Types) *[]workflow.Step {
	if p.Step == "" {
		return &d.Steps
	}
	step, _, found := workflow.FindStep(d, p.Step)
	if !found || !slices.Contains(types[step.Type].Blocks, p.Block) {
		return nil
	}
	return step.Block(p.Block)
}

// Insert puts a step into a place; an index beyond the end is the end.
func Insert(d *workflow.Definition, p Place, step workflow.Step, types workflow.Types) error {
	list := ListAt(d, p, types)
	if list == nil {
		return fmt.Errorf("insert a step at %s: %w", p, models.ErrNotFound)
	}
	*list = slices.Insert(*list, min(p.Index, len(*list)), step)
	return nil
}

// ListOf finds the list that holds a step, the step's index in it, and the place
// that this is.
func ListOf(d *workflow.Definition, id string) (*[]workflow.Step, Place, bool) {
	return findIn(&d.Steps, Place{}, id)
}

func findIn(list *[]workflow.Step, at Place, id string) (*[]workflow.Step, Place, bool) {
	for i := range *list {
		step := &(*list)[i]
		at.Index = i
		if step.ID == id {
			return list, at, true
		}
		for _, block := range Blocks() {
			if inner, Place, found := findIn(step.Block(block), Place{Step: step.ID, Block: block}, id); found {
				return inner, Place, true
			}
		}
	}
	return nil, Place{}, false
}

func Blocks() []string { return []string{"then", "else", "do"} }

// Remove takes a step out together with the steps inside it.
func Remove(d *workflow.Definition, id string) (workflow.Step, error) {
	list, at, found := ListOf(d, id)
	if !found {
		return workflow.Step{}, fmt.Errorf("remove step %s: %w", id, models.ErrNotFound)
	}
	step := (*list)[at.Index]
	*list = slices.Delete(*list, at.Index, at.Index+1)
	return step, nil
}

// Move swaps a step with its neighbour above (-1) or below (+1) in its list.
// At the end of the list nothing happens.
func Move(d *workflow.Definition, id string, by int) error {
	list, at, found := ListOf(d, id)
	if !found {
		return fmt.Errorf("move step %s: %w", id, models.ErrNotFound)
	}
	if other := at.Index + by; other >= 0 && other < len(*list) {
		(*list)[at.Index], (*list)[other] = (*list)[other], (*list)[at.Index]
	}
	return nil
}

// MoveTo takes a step out and puts it into another place, which is named as
// it was before the step was taken out.
func MoveTo(d *workflow.Definition, id string, to Place, types workflow.Types) error {
	_, from, found := ListOf(d, id)
	if !found || insideItself(d, id, to) {
		return fmt.Errorf("move step %s to %s: %w", id, to, models.ErrNotFound)
	}
	if ListAt(d, to, types) == nil {
		return fmt.Errorf("move step %s to %s: %w", id, to, models.ErrNotFound)
	}
	step, err := Remove(d, id)
	if err != nil {
		return err
	}
	if from.Step == to.Step && from.Block == to.Block && from.Index < to.Index {
		to.Index--
	}
	return Insert(d, to, step, types)
}

// insideItself reports whether a place is in one of the step's own blocks.
func insideItself(d *workflow.Definition, id string, to Place) bool {
	step, _, found := workflow.FindStep(d, id)
	if !found || to.Step == "" {
		return false
	}
	alone := workflow.Definition{Steps: []workflow.Step{*step}}
	_, _, inside := workflow.FindStep(&alone, to.Step)
	return inside
}

// Duplicate puts a copy right after a step. The copy and the steps inside it
// get ids of their own, and what they refer to among themselves follows.
func Duplicate(d *workflow.Definition, id string) (string, error) {
	list, at, found := ListOf(d, id)
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
