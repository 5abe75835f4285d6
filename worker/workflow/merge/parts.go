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
	// alone is each step without those inside it.
	alone map[string]workflow.Step
}

// whenFields say together when a schedule fires: one without the other means something else.
var whenFields = []string{"cron", "every", "at", "times", "month_day", "weekday_of_month", "day_interval", "week_interval", "month_interval"}

const (
	stepsList = "steps"
	whenPart  = "when"
)

func newApart() apart {
	return apart{parts: map[string]string{}, under: map[string][]string{}, lists: map[string][]string{}, within: map[string]string{}, alone: map[string]workflow.Step{}}
}

// takeApart is false for what cannot be: where two things of a kind have one name. A step
// that other has just so is not taken apart anew; nearly all of them are.
func takeApart(d workflow.Definition, other apart) (apart, bool) {
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
	return a, a.takeSteps(stepsList, d.Steps, other)
}

func (a apart) takeSteps(list string, steps []workflow.Step, other apart) bool {
	for _, step := range steps {
		if _, twice := a.within[step.ID]; twice || !a.add(list, step.ID) {
			return false
		}
		a.within[step.ID] = list
		path, alone := "steps."+step.ID, step
		alone.Then, alone.Else, alone.Do = nil, nil, nil
		a.alone[step.ID] = alone
		if there, has := other.alone[step.ID]; has && reflect.DeepEqual(alone, there) {
			a.takeOver(path, other)
		} else {
			a.takeStep(path, alone)
		}
		for _, block := range []string{"then", "else", "do"} {
			if !a.takeSteps(path+"."+block, *step.Block(block), other) {
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

func (a apart) takeOver(path string, other apart) {
	a.under[path] = other.under[path]
	for _, name := range other.under[path] {
		a.parts[path+"."+name] = other.parts[path+"."+name]
	}
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

// together puts the parts together again.
func (a apart) together() (workflow.Definition, error) {
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
	whole["steps"] = document.JSON(a.stepsOf(stepsList))
	return workflow.Load(document.JSON(whole))
}

func (a apart) stepsOf(list string) []object {
	steps := []object{}
	for _, id := range a.lists[list] {
		path := "steps." + id
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
		for _, block := range []string{"then", "else", "do"} {
			if inside := a.stepsOf(path + "." + block); len(inside) > 0 {
				step[block] = document.JSON(inside)
			}
		}
		steps = append(steps, step)
	}
	return steps
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
	was, ok := takeApart(old, apart{})
	is, also := takeApart(new, was)
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
