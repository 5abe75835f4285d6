package changes

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

func (d *differ) steps() {
	was, is := placesOf(d.old), placesOf(d.new)
	old := map[string]*workflow.Step{}
	workflow.Walk(d.old.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		old[step.ID] = step
		return true
	})
	workflow.Walk(d.new.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		before, existed := old[step.ID]
		if !existed {
			d.whole("Step “"+workflow.StepTitle(*step, d.types)+"” is added"+d.inside(is[step.ID])+": "+d.sentence(d.is, *step)+".", d.is, *step, true)
			return true
		}
		d.step(*before, *step)
		if from, to := was[step.ID], is[step.ID]; from != to {
			d.moved(*step, from, to)
		}
		return true
	})
	workflow.Walk(d.old.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		if _, stays := is[step.ID]; !stays {
			d.whole("Step “"+d.called[step.ID]+"” is removed: "+d.sentence(d.was, *step)+".", d.was, *step, false)
		}
		return true
	})
	d.order()
}

func (d *differ) sentence(s side, step workflow.Step) string {
	return strings.TrimSuffix(workflow.InWords(workflow.StepSentence(step, d.types), s.titles), ".")
}

// whole says that a step comes or goes, with all that is filled in, one setting a line.
func (d *differ) whole(sentence string, s side, step workflow.Step, comes bool) {
	change := Change{Sentence: sentence}
	lines := strings.Join(s.settings(d.types[step.Type].Fields, step.Config), "\n")
	if comes {
		change.Is = lines
	} else {
		change.Was = lines
	}
	d.changes = append(d.changes, change)
}

// settings are the fields that are filled in, one in each line.
func (s side) settings(fields []workflow.Field, config map[string]any) []string {
	var lines []string
	for _, field := range fields {
		value := config[field.Name]
		if value == nil || value == "" {
			continue
		}
		if field.Kind.Parts {
			for _, line := range s.settings(field.Fields, partsOf(value)) {
				lines = append(lines, field.Label+", "+line)
			}
			continue
		}
		lines = append(lines, field.Label+": "+s.filled(field, fields, config, ", "))
	}
	return lines
}

// filled is what a field is filled in with, "" for nothing; between stands between its
// entries where it has several.
func (s side) filled(field workflow.Field, siblings []workflow.Field, config map[string]any, between string) string {
	value, rows := config[field.Name], field.InRows(config, siblings)
	switch {
	case field.Kind.Parts:
		return strings.Join(s.settings(field.Fields, partsOf(value)), "\n")
	case rows != nil && rows.Component == "conditions":
		return s.conditions(config["match"], value)
	case rows != nil && value != nil && !isText(value):
		return strings.Join(s.entries(rows, value), between)
	case field.Kind.Name == "boolean" && !isText(value):
		return yesNo(ticked(field, value))
	}
	return s.of(field, value)
}

// place is a list of steps: the step that holds it, by its id, and the block there; the
// outermost is the zero value.
type place struct{ step, block string }

func placesOf(d workflow.Definition) map[string]place {
	places := map[string]place{}
	eachList(d, func(at place, steps []workflow.Step) {
		for _, step := range steps {
			places[step.ID] = at
		}
	})
	return places
}

func eachList(d workflow.Definition, visit func(at place, steps []workflow.Step)) {
	visit(place{}, d.Steps)
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		for _, block := range edit.Blocks() {
			if list := *step.Block(block); len(list) > 0 {
				visit(place{step.ID, block}, list)
			}
		}
		return true
	})
}

// inside says in which block something stands, "" for the outermost steps.
func (d *differ) inside(at place) string {
	holder, _, found := workflow.FindStep(&d.new, at.step)
	if !found {
		return ""
	}
	return " " + BlockWords(at.block) + " of “" + workflow.StepTitle(*holder, d.types) + "”"
}

// BlockWords say in which block of a step another one stands: “under “If yes””.
func BlockWords(block string) string {
	switch block {
	case "then":
		return "under “If yes”"
	case "else":
		return "under “If no”"
	}
	return "for each item"
}

func (d *differ) moved(step workflow.Step, from, to place) {
	title := workflow.StepTitle(step, d.types)
	if to == (place{}) {
		d.say("Step “%s” is moved out of “%s”, to the steps that always run.", title, d.called[from.step])
		return
	}
	d.say("Step “%s” is moved: it runs%s now.", title, d.inside(to))
}

// order says that steps which stay in their list run in another order there.
func (d *differ) order() {
	before := map[place][]workflow.Step{}
	eachList(d.old, func(at place, steps []workflow.Step) { before[at] = steps })
	eachList(d.new, func(at place, steps []workflow.Step) {
		was, is := kept(before[at], steps), kept(steps, before[at])
		if slices.Equal(was, is) {
			return
		}
		for i, id := range is { // one that was moved
			if !slices.Equal(without(was, id), without(is, id)) {
				continue
			}
			where := "first"
			if i > 0 {
				where = "after “" + d.title(is[i-1]) + "”"
			}
			d.say("Step “%s” runs %s now.", d.title(id), where)
			return
		}
		d.changes = append(d.changes, Change{Sentence: "The steps" + d.inside(at) + " run in another order.", Was: d.titles(was), Is: d.titles(is)})
	})
}

func (d *differ) title(id string) string {
	step, _, _ := workflow.FindStep(&d.new, id)
	return workflow.StepTitle(*step, d.types)
}

func (d *differ) titles(ids []string) string {
	var titles []string
	for i, id := range ids {
		titles = append(titles, strconv.Itoa(i+1)+" "+d.title(id))
	}
	return strings.Join(titles, "\n")
}

// kept are the ids of those steps that the other list has too.
func kept(steps, other []workflow.Step) []string {
	var ids []string
	for _, step := range steps {
		if slices.ContainsFunc(other, func(o workflow.Step) bool { return o.ID == step.ID }) {
			ids = append(ids, step.ID)
		}
	}
	return ids
}

func without(ids []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return other == id })
}

// followed is the old definition with those steps under their new ids that are the same
// step under another one, as when a step is given its first name; and what its steps were
// called.
func followed(old, new workflow.Definition, types workflow.Types) (workflow.Definition, map[string]string) {
	d := old.Copy()
	for from, to := range pairs(old, new) {
		workflow.RenameStep(&d, from, to)
	}
	called := map[string]string{}
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		called[step.ID] = workflow.StepTitle(*step, types)
		return true
	})
	return d, called
}

// pairs finds the steps of new that are one of old under another id: of the same type,
// and alike, the more so the better.
func pairs(old, new workflow.Definition) map[string]string {
	found := map[string]string{}
	was, is := standing(old, new), standing(new, old)
	for _, alike := range []func(a, b stood) bool{
		func(a, b stood) bool { return a.at == b.at && a.config == b.config },
		func(a, b stood) bool { return a.name != "" && a.name == b.name },
		func(a, b stood) bool { return a.config == b.config && a.config != "null" },
		func(a, b stood) bool { return a.at == b.at },
	} {
		for _, from := range slices.Sorted(maps.Keys(was)) {
			for _, to := range slices.Sorted(maps.Keys(is)) {
				if was[from].kind == is[to].kind && alike(was[from], is[to]) {
					found[from] = to
					delete(was, from)
					delete(is, to)
					break
				}
			}
		}
	}
	return found
}

// stood is how a step stood in its definition.
type stood struct{ kind, name, config, at string }

// standing are the steps of a definition that another one does not have.
func standing(d, other workflow.Definition) map[string]stood {
	steps, there := map[string]stood{}, placesOf(other)
	workflow.Walk(d.Steps, func(path string, step *workflow.Step, _ []*workflow.Step) bool {
		if _, both := there[step.ID]; both {
			return true
		}
		config := "null"
		if len(step.Config) > 0 {
			config = string(document.JSON(step.Config))
		}
		steps[step.ID] = stood{kind: step.Type, name: step.Name, config: config, at: path}
		return true
	})
	return steps
}

func (d *differ) step(was, is workflow.Step) {
	was.Then, was.Else, was.Do = nil, nil, nil
	is.Then, is.Else, is.Do = nil, nil, nil
	if reflect.DeepEqual(was, is) { // as nearly all are
		return
	}
	before, title := d.called[was.ID], workflow.StepTitle(is, d.types)
	if before != title {
		d.say("Step “%s” is now called “%s”.", before, title)
	}
	of := "Step “" + title + "”"
	if was.Type != is.Type {
		d.whole(of+" is now of another kind: "+d.sentence(d.is, is)+".", d.is, is, true)
		d.changes[len(d.changes)-1].Was = strings.Join(d.was.settings(d.types[was.Type].Fields, was.Config), "\n")
	} else {
		d.fields(of+": ", d.types[is.Type].Fields, was.Config, is.Config)
	}
	if was.Disabled != is.Disabled {
		d.say("%s is switched %s.", of, onOff(!is.Disabled))
	}
	d.retry(of, was.Retry, is.Retry)
	if before, after := lengthOr(was.Timeout, "60s"), lengthOr(is.Timeout, "60s"); before != after {
		d.say("%s may now take %s instead of %s.", of, after, before)
	}
	if was, is := was.OnError == "continue", is.OnError == "continue"; was != is {
		d.say("When %s fails, the run now %s; before, it %s.", strings.ToLower(of[:1])+of[1:], onError(is), onError(was))
	}
	if before, after := unknownWords(was.OnUnknown), unknownWords(is.OnUnknown); before != after {
		d.say("When it is not known whether %s acted, %s now; before, %s.", strings.ToLower(of[:1])+of[1:], after, before)
	}
}

func onError(goesOn bool) string {
	if goesOn {
		return "goes on"
	}
	return "fails"
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func unknownWords(onUnknown string) string {
	switch onUnknown {
	case "repeat":
		return "it is run again"
	case "fail":
		return "it fails"
	}
	return "a person decides"
}

func (d *differ) retry(of string, was, is *workflow.Retry) {
	before, after := orOnce(was), orOnce(is)
	if before.MaxAttempts != after.MaxAttempts {
		d.say("%s is now tried %s instead of %s.", of, times(after.MaxAttempts), times(before.MaxAttempts))
	}
	if before.MaxAttempts == 1 && after.MaxAttempts == 1 && same(before, after) {
		return
	}
	if waits, did := waitWords(after), waitWords(before); waits != did && (before.MaxAttempts > 1 || after.MaxAttempts > 1) {
		d.say("%s now waits between two tries: %s; before: %s.", of, waits, did)
	}
}

func orOnce(r *workflow.Retry) workflow.Retry {
	if r == nil {
		return workflow.Retry{MaxAttempts: 1}
	}
	return *r
}

func triedWords(r *workflow.Retry) string {
	rule := orOnce(r)
	if rule.MaxAttempts <= 1 {
		return "once"
	}
	return times(rule.MaxAttempts) + "; waits between two tries: " + waitWords(rule)
}

// waitWords say how long a failed step waits for its next try.
func waitWords(r workflow.Retry) string {
	first := lengthOr(r.Delay, "10s")
	if r.Backoff != "exponential" {
		return "always " + first
	}
	return first + " at first, then twice as long each time, at most " + lengthOr(r.MaxDelay, "10m")
}

func times(n int) string {
	if n <= 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

func lengthOr(text, standard string) string { return durationWords(cmp.Or(text, standard)) }
