package merge

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// object is a JSON object whose members are kept as they are written.
type object = map[string]json.RawMessage

// apart is a definition taken apart.
type apart struct {
	// parts are the values by their paths, as JSON: name, settings.timeout,
	// steps.ask.config.url.
	parts map[string]string
	// under are the names of the parts below a path: of a step, a trigger, an input, settings.
	under map[string][]string
	// lists are the names of what stands in a list, in order: inputs, triggers, steps, and
	// steps.decide.then for the steps in a branch.
	lists map[string][]string
	// within is the list in which each step stands.
	within map[string]string
}

// whenFields say together when a schedule fires: one without the other means something else.
var whenFields = []string{"cron", "every", "at", "times", "month_day", "weekday_of_month", "day_interval", "week_interval", "month_interval"}

const (
	stepsList = "steps"
	whenPart  = "when"
)

func newApart() apart {
	return apart{parts: map[string]string{}, under: map[string][]string{}, lists: map[string][]string{}, within: map[string]string{}}
}

// alike are the steps that all of the definitions have just so, by their ids and without those
// inside them. Nearly all steps are.
func alike(first workflow.Definition, others ...workflow.Definition) map[string]workflow.Step {
	steps := map[string]workflow.Step{}
	workflow.Walk(first.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		steps[step.ID] = alone(*step)
		return true
	})
	for _, other := range others {
		both := map[string]workflow.Step{}
		workflow.Walk(other.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
			if there, has := steps[step.ID]; has && reflect.DeepEqual(alone(*step), there) {
				both[step.ID] = there
			}
			return true
		})
		steps = both
	}
	return steps
}

// alone is a step without those inside it.
func alone(step workflow.Step) workflow.Step {
	step.Then, step.Else, step.Do = nil, nil, nil
	return step
}

// takeApart is false for what cannot be: where two things of a kind have one name. Of the steps
// that are alike it takes only where they stand.
func takeApart(d workflow.Definition, alike map[string]workflow.Step) (apart, bool) {
	a := newApart()
	a.parts["format"], a.parts["name"] = string(document.JSON(d.Format)), string(document.JSON(d.Name))
	if d.Description != "" {
		a.parts["description"] = string(document.JSON(d.Description))
	}
	a.put("settings", objectOf(document.JSON(d.Settings)))
	for _, input := range d.Inputs {
		if !a.add("inputs", input.Name) {
			return a, false
		}
		a.put("inputs."+input.Name, objectOf(document.JSON(input)))
	}
	for _, trigger := range d.Triggers {
		if !a.add("triggers", trigger.ID) {
			return a, false
		}
		a.put("triggers."+trigger.ID, groupWhen(objectOf(document.JSON(trigger))))
	}
	return a, a.takeSteps(stepsList, d.Steps, alike)
}

func (a apart) takeSteps(list string, steps []workflow.Step, alike map[string]workflow.Step) bool {
	for _, step := range steps {
		if _, twice := a.within[step.ID]; twice || !a.add(list, step.ID) {
			return false
		}
		a.within[step.ID] = list
		path := "steps." + step.ID
		if _, same := alike[step.ID]; !same {
			a.takeStep(path, alone(step))
		}
		for _, block := range []string{"then", "else", "do"} {
			if !a.takeSteps(path+"."+block, *step.Block(block), alike) {
				return false
			}
		}
	}
	return true
}

func (a apart) takeStep(path string, step workflow.Step) {
	config := step.Config
	step.Config = nil
	fields := objectOf(document.JSON(step))
	for name, value := range config {
		fields["config."+name] = document.JSON(value)
	}
	a.put(path, fields)
}

func (a apart) add(list, name string) bool {
	if name == "" || slices.Contains(a.lists[list], name) {
		return false
	}
	a.lists[list] = append(a.lists[list], name)
	return true
}

func (a apart) put(path string, fields object) {
	for name, value := range fields {
		a.parts[path+"."+name] = string(value)
		a.under[path] = append(a.under[path], name)
	}
}

// objectOf reads what was written here: it is an object, or nothing.
func objectOf(data []byte) object {
	found := object{}
	if len(data) > 0 {
		_ = document.Decode(data, &found) // #nosec G104 -- it was encoded by us
	}
	return found
}

func groupWhen(fields object) object {
	when := object{}
	for _, name := range whenFields {
		if value, there := fields[name]; there {
			when[name] = value
			delete(fields, name)
		}
	}
	if len(when) > 0 {
		fields[whenPart] = document.JSON(when)
	}
	return fields
}

// together puts the parts together again, with the steps that are alike.
func (a apart) together(alike map[string]workflow.Step) (workflow.Definition, error) {
	whole := object{}
	for path, value := range a.parts {
		if !strings.Contains(path, ".") {
			whole[path] = json.RawMessage(value)
		}
	}
	whole["settings"] = document.JSON(a.object("settings"))
	for _, list := range []string{"inputs", "triggers"} {
		items := []object{}
		for _, name := range a.lists[list] {
			fields := a.object(list + "." + name)
			for field, value := range objectOf(fields[whenPart]) {
				fields[field] = value
			}
			delete(fields, whenPart)
			items = append(items, fields)
		}
		whole[list] = document.JSON(items)
	}
	d, err := workflow.Load(document.JSON(whole))
	if err != nil {
		return d, err
	}
	steps, err := a.stepsOf(stepsList, alike)
	d.Steps = append(d.Steps, steps...) // none is an empty list
	return d, err
}

func (a apart) stepsOf(list string, alike map[string]workflow.Step) ([]workflow.Step, error) {
	var steps []workflow.Step
	for _, id := range a.lists[list] {
		path := "steps." + id
		step, same := alike[id]
		if !same {
			if err := document.Decode(a.step(path), &step); err != nil {
				return nil, err
			}
		}
		for _, block := range []string{"then", "else", "do"} {
			inside, err := a.stepsOf(path+"."+block, alike)
			if err != nil {
				return nil, err
			}
			*step.Block(block) = inside
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// step is one as JSON, without those inside it.
func (a apart) step(path string) []byte {
	step, config := a.object(path), object{}
	for name, value := range step {
		if field, inside := strings.CutPrefix(name, "config."); inside {
			config[field] = value
			delete(step, name)
		}
	}
	if len(config) > 0 {
		step["config"] = document.JSON(config)
	}
	return document.JSON(step)
}

func (a apart) object(path string) object {
	fields := object{}
	for _, name := range a.under[path] {
		fields[name] = json.RawMessage(a.parts[path+"."+name])
	}
	return fields
}

// Touched is the path of the one part in which two definitions differ; "" where they differ in
// none, in several, or in which steps there are and where.
func Touched(old, new workflow.Definition) string {
	same := alike(old, new)
	was, ok := takeApart(old, same)
	is, also := takeApart(new, same)
	if !ok || !also || !maps.EqualFunc(was.lists, is.lists, slices.Equal) {
		return ""
	}
	touched := ""
	for _, side := range []apart{was, is} {
		for path := range side.parts {
			if was.parts[path] == is.parts[path] || path == touched {
				continue
			}
			if touched != "" {
				return ""
			}
			touched = path
		}
	}
	return touched
}
