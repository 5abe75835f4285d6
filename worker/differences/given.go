package differences

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"workflows/models"
	"workflows/worker/document"
)

const (
	// mostGiven bounds how many differences of what a run was given are told, and deepest how far
	// inside.
	mostGiven = 40
	deepest   = 12
)

// given compares what the two runs were started with: their inputs, and what a webhook was sent.
func (c *comparison) given(before, run models.Run) {
	labels := map[string]string{}
	for _, input := range c.naming.Inputs {
		if input.Label != "" {
			labels[input.Name] = input.Label
		}
	}
	left := mostGiven
	c.documents("The input", before.Input, run.Input, &left, func(place []string) string {
		if len(place) == 0 {
			return "The input"
		}
		if label := labels[place[0]]; label != "" {
			place = append([]string{label}, place[1:]...)
		}
		return "“" + path(place) + "”"
	})
	was, is := sent(before.Trigger), sent(run.Trigger)
	if len(was.Body)+len(was.Query) == 0 || len(is.Body)+len(is.Query) == 0 {
		was, is = sentTo{}, sentTo{} // one was started otherwise, which is said already
	}
	c.documents("What was sent to the webhook", was.Body, is.Body, &left, func(place []string) string {
		if len(place) == 0 {
			return "What was sent to the webhook"
		}
		return "“" + path(place) + "” of what was sent"
	})
	c.documents("The part of the webhook’s address after the question mark", was.Query, is.Query, &left, func(place []string) string {
		return "“" + path(place) + "” of the webhook’s address" // it is always of fields
	})
	if left < 0 {
		c.note("%d more differences of what it was given are not listed.", -left)
	}
}

// sentTo is what came from outside.
type sentTo struct {
	Query models.JSON `json:"query"`
	Body  models.JSON `json:"body"`
}

func sent(trigger models.JSON) (s sentTo) {
	_ = document.Decode(trigger, &s) // what cannot be read is not compared
	return s
}

// documents compares two documents, field by field where they are not too large for that.
func (c *comparison) documents(name string, was, is models.JSON, left *int, called func(place []string) string) {
	if string(was) == string(is) {
		return
	}
	if len(was) > maxGiven || len(is) > maxGiven {
		c.note("%s is another one, and too large to be compared field by field: %s instead of %s.", name, size(len(is)), size(len(was)))
		return
	}
	old, errOld := document.Value(was)
	new, errNew := document.Value(is)
	if errOld != nil || errNew != nil {
		return
	}
	if _, fields := new.(map[string]any); fields && old == nil {
		old = map[string]any{}
	}
	if _, fields := old.(map[string]any); fields && new == nil {
		new = map[string]any{}
	}
	w := walk{c: c, left: left, called: called}
	w.at(nil, old, new)
}

// walk goes through two documents at once.
type walk struct {
	c      *comparison
	left   *int // of the differences that are told
	called func(place []string) string
}

func (w walk) at(place []string, was, is any) {
	switch old := was.(type) {
	case map[string]any:
		if new, both := is.(map[string]any); both && len(place) < deepest {
			w.fields(place, old, new)
			return
		}
	case []any:
		if new, both := is.([]any); both && len(place) < deepest && len(place) > 0 {
			w.items(place, old, new)
			return
		}
	}
	if same(was, is) {
		return
	}
	if *w.left--; *w.left < 0 {
		return
	}
	if len(place) == 0 && (was == nil || is == nil) { // nothing was sent
		w.c.only(Given, "", w.called(place), either(is != nil, "is new", "is gone"), either(is != nil, is, was), is != nil)
		return
	}
	w.c.value(Given, "", w.called(place), was, is)
}

func (w walk) fields(place []string, old, new map[string]any) {
	names := slices.AppendSeq(slices.Collect(maps.Keys(old)), maps.Keys(new))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		was, before := old[name]
		is, now := new[name]
		inside := append(slices.Clone(place), name)
		switch {
		case before && now:
			w.at(inside, was, is)
		case *w.left <= 0:
			*w.left--
		default:
			*w.left--
			w.c.only(Given, "", w.called(inside), either(now, "is new", "is gone"), either(now, is, was), now)
		}
	}
}

// items compares lists item by item where they are as long; else an item more at the beginning would
// make all others differ.
func (w walk) items(place []string, old, new []any) {
	if len(old) == len(new) {
		for i := range old {
			w.at(append(slices.Clone(place), strconv.Itoa(i+1)), old[i], new[i])
		}
		return
	}
	if *w.left--; *w.left >= 0 {
		w.c.say(Given, "", "%s: %s instead of %s.", w.called(place), items(len(new)), items(len(old)))
	}
}

func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return strconv.Itoa(n) + " items"
}

func same(a, b any) bool {
	x, isNumber := a.(json.Number)
	y, areNumbers := b.(json.Number)
	if isNumber && areNumbers && x != y {
		p, _ := document.Number(x, false)
		q, _ := document.Number(y, false)
		return p != nil && q != nil && p.Cmp(q) == 0
	}
	return string(document.JSON(a)) == string(document.JSON(b))
}

// path is where something stands, as people read it: “Order › rows › 3”.
func path(place []string) string {
	words := ""
	for i, part := range place {
		if i > 0 {
			words += " › "
		}
		words += document.Shorten(part, 60)
	}
	return words
}

func either[T any](yes bool, one, other T) T {
	if yes {
		return one
	}
	return other
}
