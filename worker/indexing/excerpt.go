package indexing

import (
	"slices"
	"strings"
	"unicode/utf8"

	"workflows/models/runs"
	"workflows/models/words"
)

// Where a run has what somebody looks for.
const (
	InInput   = "input"
	InTrigger = "trigger"
	InOutput  = "output"
	InStep    = "step"
	InError   = "error" // of a step
)

// Excerpt is a piece of a value of a run, around what somebody looks for; Found is empty
// where that stands in the name of the workflow or in what went wrong, which a list shows by
// itself.
type Excerpt struct {
	Where                string
	Step                 string // its name, or its id where it has none
	Before, Found, After string
}

// around is how many letters of an excerpt stand on either side, and at most between.
const around = 40

// ExcerptOf shows where a run has what was typed: the value that has most of it, the first
// of those.
func ExcerptOf(run runs.Content, typed string) Excerpt {
	asked := words.Read(typed)
	var best Excerpt
	most, left := 0, textKept
	run.EachValue(func(v words.Value) bool {
		if left -= len(v.Text); left < 0 {
			return false
		}
		excerpt, n := cutAround(v.Text, asked.Sought)
		for _, field := range asked.Fields {
			if v.Meets(field) {
				if excerpt.Found == "" {
					excerpt, _ = cutAround(v.Text, words.Sought{field.Phrase})
				}
				n++
			}
		}
		if n > most && excerpt.Found != "" {
			if where, step := placeOf(run, v.Path); where != "" {
				best, most = excerpt, n
				best.Where, best.Step = where, step
			}
		}
		return true
	})
	return best
}

// placeOf says where the path of a value leads; "" for what went wrong with the run.
func placeOf(run runs.Content, path string) (where, step string) {
	root, rest, _ := strings.Cut(path, ".")
	if root != "steps" {
		return map[string]string{"input": InInput, "trigger": InTrigger, "output": InOutput}[root], ""
	}
	id, rest, _ := strings.Cut(rest, ".")
	where, step = InStep, id
	for _, of := range run.Steps {
		if of.StepID == id && of.Name != "" {
			step = of.Name
		}
		if of.StepID == id && len(of.Error) > 0 && strings.HasPrefix(rest, "error") {
			where = InError
		}
	}
	return where, step
}

// cutAround cuts a value around the first phrase that it has, and counts those that it has.
func cutAround(value string, sought words.Sought) (excerpt Excerpt, n int) {
	begin, end := -1, 0
	for i, phrase := range sought {
		from, to := whereHeld(value, phrase, i == len(sought)-1)
		if from < 0 {
			continue
		}
		n++
		if begin < 0 || from < begin {
			begin, end = from, to
		}
	}
	if n == 0 {
		return Excerpt{}, 0
	}
	return Excerpt{Before: lastOf(value[:begin]), Found: firstOf(value[begin:end]), After: firstOf(value[end:])}, n
}

// whereHeld is where a value has a phrase: the fields between spaces in which it stands; -1
// where it has not.
func whereHeld(value string, phrase []string, last bool) (from, to int) {
	var found []string
	var begins, ends []int // of the fields in which the words stand
	for at := 0; at < len(value); {
		length := strings.IndexAny(value[at:], " \t\r\n")
		if length < 0 {
			length = len(value) - at
		}
		for _, word := range words.Of(value[at : at+length]) {
			found, begins, ends = append(found, word), append(begins, at), append(ends, at+length)
			if n := len(found) - len(phrase); n >= 0 && holds(found[n:], phrase, last) {
				return begins[n], ends[len(ends)-1]
			}
		}
		at += length + 1
	}
	return -1, 0
}

// holds reports whether words have a phrase; the last word of the last one may be the
// beginning of theirs.
func holds(field, phrase []string, last bool) bool {
	n := len(phrase) - 1
	for ; len(field) > n; field = field[1:] {
		begins := last && words.Begins(phrase[n]) && strings.HasPrefix(field[n], phrase[n])
		if slices.Equal(field[:n], phrase[:n]) && (field[n] == phrase[n] || begins) {
			return true
		}
	}
	return false
}

// firstOf is a text, or its first letters where it is longer.
func firstOf(text string) string {
	n := 0
	for at := range text {
		if n++; n > around {
			return text[:at] + "…"
		}
	}
	return text
}

// lastOf is a text, or its last letters where it is longer.
func lastOf(text string) string {
	at := len(text)
	for n := 0; at > 0; n++ {
		if n == around {
			return "…" + text[at:]
		}
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return text
}
