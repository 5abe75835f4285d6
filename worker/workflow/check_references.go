package workflow

import (
	"errors"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/filter"
)

// position says where a step stands: in which list, at which position, and how
// manyeth it is in document order.
type position struct {
	list  string // "steps", "steps[0].then"
	at    int
	order int
	path  string
	name  string
	loop  bool // has steps under "do"
	step  *Step
}

func positionsOf(d Definition, types Types) map[string]position {
	positions := map[string]position{}
	order := 0
	Walk(d.Steps, func(path string, step *Step, _ []*Step) bool {
		open := strings.LastIndexByte(path, '[')
		at := 0
		for _, digit := range path[open+1 : len(path)-1] {
			at = at*10 + int(digit-'0')
		}
		if _, taken := positions[step.ID]; !taken {
			positions[step.ID] = position{list: path[:open], at: at, order: order, path: path, name: StepTitle(*step, types), loop: len(step.Do) > 0, step: step}
		}
		order++
		return true
	})
	return positions
}

// reach says whether the step at one place may use what the other step gives.
type reach int

const (
	reachable reach = iota
	itself
	later
	otherBranch
	perItem // it runs once for each item of a list, and this step does not
)

func (p position) reach(target position) reach {
	if p.path == target.path {
		return itself
	}
	if strings.HasPrefix(p.path, target.path+".") { // the target is around this step
		if target.loop {
			return later // a loop has finished only when all its items have
		}
		return reachable
	}
	if rest, inside := strings.CutPrefix(p.path, target.list+"["); inside {
		position := 0
		for _, digit := range rest[:strings.IndexByte(rest, ']')] {
			position = position*10 + int(digit-'0')
		}
		if target.at < position {
			return reachable
		}
		return later
	}
	switch {
	case target.order > p.order:
		return later
	case loopAround(target.path, p.path):
		return perItem
	}
	return otherBranch
}

// Reachable lists the steps that a step may refer to, in the order of the document, and
// those in other branches, which may not have run; and whether it stands in a loop.
func Reachable(d Definition, types Types, stepID string) (before, elsewhere []*Step, looped bool) {
	positions := positionsOf(d, types)
	here, found := positions[stepID]
	if !found {
		return nil, nil, false
	}
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		switch here.reach(positions[step.ID]) {
		case reachable:
			before = append(before, step)
		case otherBranch:
			elsewhere = append(elsewhere, step)
		}
		return true
	})
	return before, elsewhere, inLoop(here.path)
}

// inLoop reports whether a step is executed once for each item of a list.
func inLoop(path string) bool { return strings.Contains(path, ".do[") }

// loopAround reports whether a step at path stands in a loop that the step at
// other does not stand in.
func loopAround(path, other string) bool {
	last := strings.LastIndex(path, ".do[")
	return last >= 0 && !strings.HasPrefix(other, path[:last+len(".do[")])
}

// references checks every {{ … }} in a step's config.
func (c *checking) references(path string, step *Step, t StepType, known bool) {
	for _, name := range sortedKeys(step.Config) {
		field, listed := t.Field(name)
		walkTexts(step.Config[name], path+".config."+name, func(at, text string) {
			if !hasReference(text) {
				return
			}
			if part, ok := partOf(field.Fields, strings.TrimPrefix(at, path+".config."+name+".")); ok {
				c.texts(at, text, part, known && listed, step)
				return
			}
			c.texts(at, text, field, known && listed, step)
		})
	}
}

// partOf finds a field by its name.
func partOf(fields []Field, name string) (Field, bool) {
	found := fieldNamed(fields, name)
	if found == nil {
		return Field{}, false
	}
	return *found, true
}

func (c *checking) texts(path, text string, field Field, known bool, step *Step) {
	references, err := References(text)
	if err != nil {
		c.unreadable(path, err)
		return
	}
	if known && !field.Reference {
		c.add(path, "reference_not_allowed", "“%s” cannot hold a reference. Enter the value itself.", field.Label)
		return
	}
	for _, reference := range references {
		secrets := slices.ContainsFunc(reference.arguments(), func(r Reference) bool { return r.Root == "secrets" })
		if secrets || reference.Root == "secrets" && len(reference.Changes) > 0 {
			c.add(path, "secret_not_allowed", "“%s” changes a secret, or changes something by one. A secret is inserted as it is, so that it is recognised and never shown.", c.called(reference))
		}
	}
	for _, reference := range Used(text) {
		c.reference(path, reference, field, step)
	}
}

// unreadable says what is wrong with a text whose references cannot be read.
func (c *checking) unreadable(path string, err error) {
	c.problems = append(c.problems, Problem{Path: path, Code: "invalid_reference", Message: err.Error(), Unknown: errors.As(err, new(filter.UnknownWord))})
}

func (c *checking) reference(path string, reference Reference, field Field, step *Step) {
	switch reference.Root {
	case "steps":
		c.stepReference(path, reference, step)
	case "input":
		c.inputReference(path, reference)
	case "run":
		known := []string{"id", "started_at"}
		if len(reference.Path) > 0 && !slices.Contains(known, reference.Path[0]) {
			c.add(path, "unknown_reference", "A run has no “%s”. Choose what it has under “Insert data”.", document.Shorten(reference.Path[0], 60))
		}
	case "item", "index":
		if !field.Each && !inLoop(c.positions[step.ID].path) {
			c.add(path, "unknown_reference", "“%s” exists only inside a step that repeats others for each item of a list.", c.called(reference))
		}
	case "secrets":
		c.secretReference(path, reference, field)
	case "trigger":
		known := TriggerParts()
		if len(reference.Path) > 0 && !slices.Contains(known, reference.Path[0]) {
			c.add(path, "unknown_reference", "What started a run has no “%s”. Choose what it has under “Insert data”.", document.Shorten(reference.Path[0], 60))
		}
	case "now":
		if len(reference.Path) > 0 {
			c.add(path, "unknown_reference", "The present time has no “%s”. Insert it as a whole.", document.Shorten(reference.Path[0], 60))
		}
	default:
		if meant := c.meant(reference); meant != "" {
			c.add(path, "unknown_reference", "There is no “%s” to insert from. Did you mean “%s”? Choose it under “Insert data”.", document.Shorten(reference.Root, 40), meant)
			return
		}
		c.add(path, "unknown_reference", "There is no “%s” to insert from. Choose under “Insert data”.", document.Shorten(reference.Root, 40))
	}
}

// called is what people call what a reference stands for.
func (c *checking) called(reference Reference) string {
	return document.Shorten(TitlesOf(c.definition.Steps, c.Types).WithInputs(c.definition.Inputs).Words(reference), 100)
}

// perhaps asks whether another part was meant at that place of a path, which is called much
// the same.
func (c *checking) perhaps(reference Reference, at int, names []string) string {
	best := document.Likely(reference.Path[at], names)
	if best == "" {
		return ""
	}
	reference.Path = slices.Clone(reference.Path)
	reference.Path[at] = best
	return " Did you mean “" + c.called(reference) + "”?"
}

// meant is what a reference stands for that names a step or an input and leaves out that
// it is one; "" for any other.
func (c *checking) meant(reference Reference) string {
	full := func(root string) string {
		return c.called(Reference{Root: root, Path: append([]string{reference.Root}, reference.Path...)})
	}
	if _, found := c.positions[reference.Root]; found {
		return full("steps")
	}
	for _, input := range c.definition.Inputs {
		if input.Name == reference.Root {
			return full("input")
		}
	}
	return ""
}

func (c *checking) secretReference(path string, reference Reference, field Field) {
	if !field.Secret || field.Each {
		c.add(path, "secret_not_allowed", "“%s” cannot stand here: secrets may be used only in fields that are marked for them.", c.called(reference))
		return
	}
	if len(reference.Path) != 1 {
		c.add(path, "invalid_reference", "Name the secret: choose it under “Insert data”.")
	}
}

func (c *checking) inputReference(path string, reference Reference) {
	names := make([]string, len(c.definition.Inputs))
	for i, input := range c.definition.Inputs {
		names[i] = input.Name
	}
	if len(reference.Path) > 0 && !slices.Contains(names, reference.Path[0]) {
		c.add(path, "unknown_reference", "The workflow does not ask for “%s”. Choose what it asks for under “Insert data”.%s", c.called(reference), c.perhaps(reference, 0, names))
	}
}

func (c *checking) stepReference(path string, reference Reference, step *Step) {
	if len(reference.Path) == 0 {
		c.add(path, "invalid_reference", "Name the step to insert from: choose what it gives under “Insert data”.")
		return
	}
	id := reference.Path[0]
	target, exists := c.positions[id]
	if !exists {
		c.add(path, "unknown_reference", "“%s” is inserted here, and that step is not there. Choose something else under “Insert data”.%s", c.called(reference), c.perhaps(reference, 0, c.stepIDs()))
		return
	}
	switch c.positions[step.ID].reach(target) {
	case itself:
		c.add(path, "reference_later", "The step refers to itself. Choose an earlier step.")
	case later:
		c.add(path, "reference_later", "Step “%s” has not finished when this step runs. Move it before this one, or choose an earlier step.", target.name)
	case perItem:
		c.add(path, "reference_other_branch", "Step “%s” runs once for each item of a list. Insert the list of results of the step around it instead, or move this step in beside it.", target.name)
	default:
		c.outputReference(path, reference, target)
	}
}

// outputReference checks what is inserted of a step against what its type is known to
// give. Where it stands in another branch it may not have run, and gives nothing then.
func (c *checking) outputReference(path string, reference Reference, target position) {
	if len(reference.Path) < 2 {
		return
	}
	t, known := c.Types[target.step.Type]
	if !known {
		return
	}
	names := []string{"error"}
	for _, output := range t.Gives(target.step.Config) {
		names = append(names, output.Name)
	}
	if part := reference.Path[1]; len(names) > 1 && !slices.Contains(names, part) {
		c.add(path, "unknown_reference", "Step “%s” gives no “%s”.%s", target.name, document.Shorten(part, 60), c.perhaps(reference, 1, names))
	}
}

func (c *checking) stepIDs() []string {
	ids := make([]string, 0, len(c.positions))
	for id := range c.positions {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
