// Package changes says in words what differs between two definitions of a workflow: a
// draft and what is published, or any two versions. It is pure: it reads no clock and no
// database; what steps run is handed in by name.
//
// A difference that no sentence tells is a defect: the tests walk through every field of
// every step type, trigger, input and rule. Nothing that people read here holds a brace,
// an id or the technical name of a field.
package changes

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Change is one difference.
type Change struct {
	// Sentence says it; what is too long for one it only names.
	Sentence string
	// Of something long, Start + Was + End became Start + Is + End; else all are empty.
	Start, Was, Is, End string
}

// Naming is what steps, their fields and the workflows that they run are called.
type Naming struct {
	Types     workflow.Types
	Workflows map[string]string // names by id
}

// Between says what changes from one definition to another, in the order of the
// document, but for its name; nothing where the two mean the same.
func Between(old, new workflow.Definition, naming Naming) []Change {
	d := &differ{new: new, types: naming.NamedTypes()}
	d.old, d.called = followed(old, new, d.types)
	d.was, d.is = newSide(d.old, new, naming), newSide(new, new, naming)
	d.value("The description", d.was.plain(old.Description), d.is.plain(new.Description))
	d.inputs()
	d.triggers()
	d.steps()
	d.settings()
	if old.Name != new.Name { // last, since it often follows from what was done
		d.say("The workflow is now called “%s” instead of “%s”.", new.Name, old.Name)
	}
	return d.changes
}

// Sentences are the changes where there is room for one line each.
func Sentences(changes []Change) []string {
	sentences := make([]string, len(changes))
	for i, change := range changes {
		sentences[i] = change.Sentence
	}
	return sentences
}

type differ struct {
	old, new workflow.Definition // steps that are the same have the ids of new in both
	called   map[string]string   // what the steps of old were called, by those ids
	types    workflow.Types
	was, is  side
	changes  []Change
}

func (d *differ) say(format string, args ...any) {
	d.changes = append(d.changes, Change{Sentence: fmt.Sprintf(format, args...)})
}

// maxInSentence is how long what stands in a sentence is at most, in characters.
const maxInSentence = 100

func fitsSentence(words string) bool {
	return len([]rune(words)) <= maxInSentence && !strings.ContainsAny(words, "\n{}")
}

// value says that something has other words than before; "" is nothing.
func (d *differ) value(what, was, is string) {
	switch {
	case was == is:
	case fitsSentence(was) && fitsSentence(is):
		now, before := verbs(what)
		switch {
		case was == "":
			d.say("%s %s now %s; %s empty.", what, now, is, before)
		case is == "":
			d.say("%s %s empty now; %s %s.", what, now, before, was)
		default:
			d.say("%s %s now %s instead of %s.", what, now, is, was)
		}
	default:
		d.long(what, was, is)
	}
}

// verbs are those for one thing or for several: “Address is”, “Headers are”.
func verbs(what string) (now, before string) {
	if strings.HasSuffix(what, "s") && !strings.HasSuffix(what, "ss") && !strings.HasSuffix(what, "us") {
		return "are", "they were"
	}
	return "is", "it was"
}

// long keeps the whole of both, and names in the sentence what is different.
func (d *differ) long(what, was, is string) {
	change := differing(unquoted(was), unquoted(is))
	now, before := verbs(what)
	changes := map[string]string{"is": " changes", "are": " change"}[now]
	switch {
	case was == "":
		change.Sentence = fmt.Sprintf("%s %s filled in; %s empty.", what, now, before)
	case is == "":
		change.Sentence = fmt.Sprintf("%s %s empty now.", what, now)
	case change.Was == "" && fitsSentence(change.Is):
		change.Sentence = fmt.Sprintf("%s: “%s” is added.", what+changes, strings.TrimSpace(change.Is))
	case change.Is == "" && fitsSentence(change.Was):
		change.Sentence = fmt.Sprintf("%s: “%s” is gone.", what+changes, strings.TrimSpace(change.Was))
	case fitsSentence(change.Was) && fitsSentence(change.Is):
		change.Sentence = fmt.Sprintf("%s: “%s” is now “%s”.", what+changes, strings.TrimSpace(change.Was), strings.TrimSpace(change.Is))
	default:
		change.Sentence = what + changes + "."
	}
	d.changes = append(d.changes, change)
}

// unquoted is a text without the quotation marks in which it stands whole.
func unquoted(words string) string {
	if inside, quoted := strings.CutPrefix(words, "“"); quoted {
		if inside, whole := strings.CutSuffix(inside, "”"); whole {
			return inside
		}
	}
	return words
}

// differing finds what two texts begin and end with in common, in whole words.
func differing(was, is string) Change {
	start := 0
	for at := 0; at < len(was) && at < len(is) && was[at] == is[at]; {
		if at++; was[at-1] == ' ' || was[at-1] == '\n' {
			start = at
		}
	}
	end := 0
	for at := 1; at <= len(was)-start && at <= len(is)-start && was[len(was)-at] == is[len(is)-at]; at++ {
		if mark := was[len(was)-at]; mark == ' ' || mark == '\n' {
			end = at
		}
	}
	return Change{Start: was[:start], Was: was[start : len(was)-end], Is: is[start : len(is)-end], End: was[len(was)-end:]}
}

func same(a, b any) bool {
	return reflect.DeepEqual(a, b) || bytes.Equal(document.JSON(a), document.JSON(b))
}
