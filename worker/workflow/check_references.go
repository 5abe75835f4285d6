package workflow

import (
	"slices"
	"strings"

	"workflows/worker/document"
)

// place says where a step stands: in which list, at which position, and how
// manyeth it is in document order.
type place struct {
	list  string // "steps", "steps[0].then"
	at    int
	order int
	path  string
	name  string
	loop  bool // has steps under "do"
}

func placesOf(d Definition) map[string]place {
	places := map[string]place{}
	order := 0
	Walk(d.Steps, func(path string, step *Step, _ []*Step) bool {
		open := strings.LastIndexByte(path, '[')
		at := 0
		for _, digit := range path[open+1 : len(path)-1] {
			at = at*10 + int(digit-'0')
		}
		if _, taken := places[step.ID]; !taken {
			places[step.ID] = place{list: path[:open], at: at, order: order, path: path, name: displayName(step), loop: len(step.Do) > 0}
		}
		order++
		return true
	})
	return places
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

func (p place) reach(target place) reach {
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
			if part, ok := partOf(field, strings.TrimPrefix(at, path+".config."+name+".")); ok {
				c.texts(at, text, part, known && listed, step)
				return
			}
			c.texts(at, text, field, known && listed, step)
		})
	}
}

// partOf finds the field inside a group that a path leads to.
func partOf(field Field, path string) (Field, bool) {
	return fieldNamed(field.Fields, path)
}

func (c *checking) texts(path, text string, field Field, known bool, step *Step) {
	references, err := References(text)
	if err != nil {
		c.add(path, "invalid_reference", "%s", err)
		return
	}
	if known && !field.Reference {
		c.add(path, "reference_not_allowed", "“%s” cannot hold a reference. Enter the value itself.", field.Label)
		return
	}
	for _, reference := range references {
		c.reference(path, reference, field, step)
	}
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
			c.add(path, "unknown_reference", "A run has no “%s”. It has %s.", document.Shorten(reference.Path[0], 60), joinOr(known))
		}
	case "item", "index":
		if !field.Each && !inLoop(c.places[step.ID].path) {
			c.add(path, "unknown_reference", "“%s” exists only inside a step that repeats others for each item of a list.", reference.Text)
		}
	case "secrets":
		c.secretReference(path, reference, field)
	case "trigger":
	default:
		roots := []string{"input", "trigger", "steps", "run", "item", "index", "secrets"}
		c.add(path, "unknown_reference", "There is no “%s” to insert from. Use %s.%s", document.Shorten(reference.Root, 40), joinOr(roots[:4]), document.DidYouMean(reference.Root, roots))
	}
}

func (c *checking) secretReference(path string, reference Reference, field Field) {
	if !field.Secret || field.Each {
		c.add(path, "secret_not_allowed", "“%s” cannot stand here: secrets may be used only in fields that are marked for them.", reference.Text)
		return
	}
	if len(reference.Path) != 1 {
		c.add(path, "invalid_reference", "Name the secret, such as {{ secrets.SHOP_KEY }}.")
	}
}

func (c *checking) inputReference(path string, reference Reference) {
	names := make([]string, len(c.definition.Inputs))
	for i, input := range c.definition.Inputs {
		names[i] = input.Name
	}
	if len(reference.Path) > 0 && !slices.Contains(names, reference.Path[0]) {
		c.add(path, "unknown_reference", "The workflow has no input “%s”.%s", document.Shorten(reference.Path[0], 60), document.DidYouMean(reference.Path[0], names))
	}
}

func (c *checking) stepReference(path string, reference Reference, step *Step) {
	if len(reference.Path) == 0 {
		c.add(path, "invalid_reference", "Name the step to insert from, such as {{ steps.fetch.body }}.")
		return
	}
	id := reference.Path[0]
	target, exists := c.places[id]
	if !exists {
		c.add(path, "unknown_reference", "There is no step “%s”.%s", document.Shorten(id, 60), document.DidYouMean(id, c.stepIDs()))
		return
	}
	switch c.places[step.ID].reach(target) {
	case itself:
		c.add(path, "reference_later", "The step refers to itself. Choose an earlier step.")
	case later:
		c.add(path, "reference_later", "Step “%s” has not finished when this step runs. Move it before this one, or choose an earlier step.", target.name)
	case perItem:
		c.add(path, "reference_other_branch", "Step “%s” runs once for each item of a list. Insert the list of results of the step around it instead, or move this step in beside it.", target.name)
	case otherBranch:
		c.add(path, "reference_other_branch", "Step “%s” is in another branch and may not have run. Move this step into that branch, or choose another step.", target.name)
	}
}

func (c *checking) stepIDs() []string {
	ids := make([]string, 0, len(c.places))
	for id := range c.places {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
