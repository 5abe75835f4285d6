package differences

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// mostGave bounds what is told of one step's answer, and deepGave how far inside it is looked.
const (
	mostGave = 5
	deepGave = 3
)

// side is one of the two runs, with the attempts of its steps.
type side struct {
	run  models.Run
	rows []models.StepRun
}

// stepsOf are a run's steps in the order in which they began, with their attempts.
func (s side) stepsOf() (order []string, attempts map[string][]models.StepRun) {
	attempts = map[string][]models.StepRun{}
	for _, row := range s.rows {
		if attempts[row.StepID] == nil {
			order = append(order, row.StepID)
		}
		attempts[row.StepID] = append(attempts[row.StepID], row)
	}
	return order, attempts
}

// steps compares the steps that both runs have begun.
func (c *comparison) steps(was, is side) {
	order, now := is.stepsOf()
	_, before := was.stepsOf()
	var answers []func()
	for _, id := range order {
		old, new := before[id], now[id]
		if len(old) == 0 {
			continue
		}
		c.pace(was, is, old, new)
		answers = append(answers, func() { c.answer(old[len(old)-1], new[len(new)-1]) })
	}
	for _, answer := range answers { // behind all that is about time
		answer()
	}
	if len(was.rows) == maxSteps || len(is.rows) == maxSteps {
		c.note("Only the first %d attempts of steps were compared.", maxSteps)
	}
	for _, row := range is.rows {
		if row.Branch == plan.BlockDo || len(before[row.StepID]) > 0 && before[row.StepID][0].Branch == plan.BlockDo {
			c.note("Of “%s” only the whole is compared, not item by item.", row.Name)
			break
		}
	}
}

// pace compares how often a step was tried and how long it took.
func (c *comparison) pace(was, is side, old, new []models.StepRun) {
	name, id := "“"+new[0].Name+"”", new[0].StepID
	if len(old) != len(new) {
		c.say(Took, id, "%s was tried %s instead of %s.", name, times(len(new)), times(len(old)))
	}
	before, now := was.took(old), is.took(new)
	if !farApart(before, now) {
		return
	}
	verb := "took"
	if kind := c.naming.Types[new[0].Type]; kind.Waits != "" || new[0].ChildID != nil {
		verb = "waited"
	}
	c.say(Took, id, "%s %s %s instead of %s.", name, verb, length(now), length(before))
}

// took is from the beginning of a step's first attempt to the end of its last; negative where it
// has not ended, or was taken over from another run.
func (s side) took(attempts []models.StepRun) time.Duration {
	first, last := attempts[0].StartedAt, attempts[len(attempts)-1].FinishedAt
	if first == nil || last == nil || s.run.RetryOf != nil && first.Before(s.run.QueuedAt) {
		return -1
	}
	return max(last.Sub(*first), 0)
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return strconv.Itoa(n) + " times"
}

// answer compares what a step came to: how it ended, which way it chose, and of which kind its
// answer was. Values that only are others are not told: they mostly are.
func (c *comparison) answer(old, new models.StepRun) {
	name, id := "“"+new.Name+"”", new.StepID
	if old.Status != new.Status && workflow.Final(new.Status) {
		c.say(Gave, id, "%s %s; the other time it %s.", name, ended(new.Status), ended(old.Status))
	}
	if way, other := chosen(new), chosen(old); way != other && way != "" && other != "" {
		c.say(Gave, id, "%s came to “%s” instead of “%s”.", name, way, other)
		return // its answer says the same
	}
	if cut, large := plan.ReadCut(new.Output); large {
		c.note("What “%s” gave is too large to be compared: %s.", new.Name, size(cut.Bytes))
		return
	}
	if cut, large := plan.ReadCut(old.Output); large {
		c.note("What “%s” gave the other time is too large to be compared: %s.", new.Name, size(cut.Bytes))
		return
	}
	is, was := gave(new), gave(old)
	if is == nil || was == nil {
		return
	}
	k := kinds{c: c, id: id, of: "What " + name + " gave", outputs: c.naming.Types[new.Type].Outputs, left: mostGave}
	k.at(nil, was, is)
	if k.left < 0 {
		c.note("What “%s” gave differs in more than that.", new.Name)
	}
}

func ended(status string) string {
	switch status {
	case workflow.StepSucceeded:
		return "succeeded"
	case workflow.StepFailed:
		return "failed"
	case workflow.StepCancelled:
		return "was cancelled"
	}
	return "had not ended"
}

// chosen is the way that a condition chose.
func chosen(row models.StepRun) string {
	switch row.Branch {
	case "then":
		return "yes"
	case "else":
		return "no"
	}
	return ""
}

// gave is a step's answer; nil for none.
func gave(row models.StepRun) any {
	if row.Status != workflow.StepSucceeded && row.Status != workflow.StepFailed {
		return nil
	}
	value, err := document.Value(row.Output)
	if err != nil {
		return nil
	}
	return value
}

// kinds goes through two answers and tells where they are of another kind.
type kinds struct {
	c       *comparison
	id, of  string
	outputs []workflow.Output // of the step's type
	left    int
}

func (k *kinds) say(place []string, format string, args ...any) {
	if k.left--; k.left < 0 {
		return
	}
	what := k.of
	if len(place) > 0 {
		what += ", “" + path(place) + "”"
	}
	k.c.say(Gave, k.id, "%s: "+format+".", append([]any{what}, args...)...)
}

func (k *kinds) at(place []string, was, is any) {
	old, wereFields := was.(map[string]any)
	new, areFields := is.(map[string]any)
	if wereFields && areFields && len(place) < deepGave {
		k.fields(place, old, new)
		return
	}
	if before, now := kind(was), kind(is); before != now {
		k.say(k.called(place), "%s instead of %s", now, before)
		return
	}
	if len(place) == 1 && k.telling(place[0], is) && !same(was, is) {
		k.say(k.called(place), "%s instead of %s", quoted(is, written(is)), quoted(was, written(was)))
	}
}

func (k *kinds) fields(place []string, old, new map[string]any) {
	if len(place) == 1 && (place[0] == "headers" || place[0] == "cookies") {
		return // they are others each time
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(old)), maps.Keys(new))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		was, before := old[name]
		is, now := new[name]
		inside := append(slices.Clone(place), name)
		switch {
		case before && now:
			k.at(inside, was, is)
		case now:
			k.say(k.called(inside), "it was not there the other time")
		default:
			k.say(k.called(inside), "it is not there")
		}
	}
}

// called is a place with what people call the step's output.
func (k *kinds) called(place []string) []string {
	if len(place) == 0 {
		return nil
	}
	for _, output := range k.outputs {
		if output.Name == place[0] {
			return append([]string{output.Called()}, place[1:]...)
		}
	}
	return place
}

// telling reports whether the value itself of an output says how it went: an answer code, how many
// there were, a decision. Ids and texts of any length do not.
func (k *kinds) telling(name string, value any) bool {
	text, isText := value.(string)
	if isText && (len(text) > 40 || models.ValidID(text)) {
		return false
	}
	return slices.ContainsFunc(k.outputs, func(o workflow.Output) bool {
		switch o.Name {
		case "usage", "until", "message_id", "run_id", "comment":
			return false
		}
		return o.Name == name && (o.Type == "number" || o.Type == "boolean" || o.Type == "text" && isText)
	})
}
