package workflow

import (
	"maps"
	"slices"
	"strings"
	"time"

	"workflows/worker/document"
)

func (d *differ) steps() {
	before, newPlaces := positionsOf(d.old, nil), positionsOf(d.new, nil)
	Walk(d.new.Steps, func(_ string, step *Step, _ []*Step) bool {
		was, _, existed := FindStep(&d.old, step.ID)
		if !existed {
			d.say("Step “%s” is added.", StepTitle(*step, d.types))
			return true
		}
		d.step(*was, *step)
		if before[step.ID].list != newPlaces[step.ID].list && d.listMoved(before[step.ID], newPlaces[step.ID]) {
			d.say("Step “%s” moves to another place.", StepTitle(*step, d.types))
		}
		return true
	})
	Walk(d.old.Steps, func(_ string, step *Step, _ []*Step) bool {
		if _, stays := newPlaces[step.ID]; !stays {
			d.say("Step “%s” is removed.", StepTitle(*step, d.types))
		}
		return true
	})
	d.order()
}

// listMoved tells a step that was put into another list from one whose list
// only stands elsewhere because the step around it moved.
func (d *differ) listMoved(was, is position) bool {
	return ownerOf(d.old, was) != ownerOf(d.new, is)
}

func ownerOf(definition Definition, p position) string {
	dot := strings.LastIndexByte(p.list, '.')
	if dot < 0 {
		return p.list
	}
	owner := ""
	Walk(definition.Steps, func(path string, step *Step, _ []*Step) bool {
		if path == p.list[:dot] {
			owner = step.ID + p.list[dot:]
		}
		return owner == ""
	})
	return owner
}

// order says that steps which stay in their list run in another order there.
func (d *differ) order() {
	before, after := listsOf(d.old), listsOf(d.new)
	for _, list := range slices.Sorted(maps.Keys(after)) {
		if slices.Equal(kept(before[list], after[list]), kept(after[list], before[list])) {
			continue
		}
		owner, _, nested := strings.Cut(list, ".")
		if step, _, found := FindStep(&d.new, owner); nested && found {
			d.say("The steps in “%s” run in another order.", StepTitle(*step, d.types))
		} else {
			d.say("The steps run in another order.")
		}
	}
}

// listsOf names the lists of steps by their owner and block ("is_large.then"),
// the outermost "", with the ids that they hold.
func listsOf(d Definition) map[string][]string {
	lists := map[string][]string{}
	ids := func(steps []Step) []string {
		var list []string
		for _, step := range steps {
			list = append(list, step.ID)
		}
		return list
	}
	lists[""] = ids(d.Steps)
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		for _, block := range step.blocks() {
			lists[step.ID+"."+block.name] = ids(block.steps)
		}
		return true
	})
	return lists
}

// kept are those of the ids that the other list has too.
func kept(ids, other []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(other, id) })
}

func (d *differ) step(was, is Step) {
	title := StepTitle(is, d.types)
	if was.Name != is.Name && was.Name != "" && is.Name != "" {
		d.say("Step “%s” is now called “%s”.", was.Name, is.Name)
	}
	if was.Type != is.Type {
		d.say("Step “%s” is now of another kind: %s.", title, StepSentence(is, d.types))
		return
	}
	if was.Disabled != is.Disabled {
		d.say("Step “%s” is switched %s.", title, onOff(!is.Disabled))
	}
	d.config(title, was, is)
	d.retry(title, was.Retry, is.Retry)
	if was.Timeout != is.Timeout {
		d.say("Step “%s” may now take %s instead of %s.", title, durationOr(is.Timeout, "60s"), durationOr(was.Timeout, "60s"))
	}
	if (was.OnError == "continue") != (is.OnError == "continue") {
		if is.OnError == "continue" {
			d.say("When step “%s” fails, the run now goes on.", title)
		} else {
			d.say("When step “%s” fails, the run now fails.", title)
		}
	}
	if before, after := unknownWords(was.OnUnknown), unknownWords(is.OnUnknown); before != after {
		d.say("When it is not known whether step “%s” acted, %s now; before, %s.", title, after, before)
	}
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

func (d *differ) config(title string, was, is Step) {
	names := sortedKeys(is.Config)
	for _, name := range sortedKeys(was.Config) {
		if _, stays := is.Config[name]; !stays {
			names = append(names, name)
		}
	}
	for _, name := range names {
		before, after := was.Config[name], is.Config[name]
		if same(before, after) {
			continue
		}
		field, _ := d.types[is.Type].Field(name)
		label := field.Label
		if label == "" {
			label = name
		}
		ids := field.Kind.Entry.Choices == ChoicesWorkflows // which say nothing to people
		if short(before) && short(after) && !ids {
			d.say("Step “%s”: %s is now “%s” instead of “%s”.", title, label, shown(after), shown(before))
		} else {
			d.say("Step “%s”: %s changes.", title, label)
		}
	}
}

func short(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	return len(document.Text(value)) <= 80
}

func (d *differ) retry(title string, was, is *Retry) {
	before, after := attempts(was), attempts(is)
	if before != after {
		d.say("Step “%s” now tries %s instead of %s.", title, times(after), strings.TrimSuffix(times(before), " times"))
	}
	if was != nil && is != nil && (was.Backoff != is.Backoff || was.Delay != is.Delay || was.MaxDelay != is.MaxDelay) {
		d.say("Step “%s” now waits differently between its attempts.", title)
	}
}

func attempts(retry *Retry) int {
	if retry == nil {
		return 1
	}
	return retry.MaxAttempts
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return itoa(n) + " times"
}

func durationOr(text, standard string) string {
	if text == "" {
		text = standard
	}
	d, err := ParseDuration(text)
	if err != nil {
		return text
	}
	return DurationWords(d.Round(time.Millisecond))
}
