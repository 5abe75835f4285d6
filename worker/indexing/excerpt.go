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
)

// Excerpt is a piece of a value of a run, around what somebody looks for; Found is empty
// where that stands in the name of the workflow or in what went wrong, which a list shows by
// itself.
type Excerpt struct {
	Where                string
	Before, Found, After string
}

// around is how many letters of an excerpt stand on either side, and at most between.
const around = 40

// ExcerptOf shows where a run has what was typed: the value that has most of it, the first
// of those.
func ExcerptOf(run runs.Content, typed string) Excerpt {
	sought := words.Search(typed)
	var best Excerpt
	most, left := 0, textKept
	in := func(where, document string) {
		for _, value := range values(document) {
			if left -= len(value); left < 0 {
				return
			}
			if excerpt, n := cutAround(value, sought); n > most {
				best, most = excerpt, n
				best.Where = where
			}
		}
	}
	in(InInput, string(run.Input))
	for name, value := range members(string(run.Trigger)) {
		if slices.Contains(startedWith, name) {
			in(InTrigger, value)
		}
	}
	in(InOutput, string(run.Output))
	for _, step := range run.Steps {
		in(InStep, string(step.Output))
	}
	return best
}

// cutAround cuts a value around the first phrase that it has, and counts those that it has.
func cutAround(value string, sought words.Sought) (excerpt Excerpt, n int) {
	has := make([]bool, len(sought))
	begin, end := -1, 0
	for at := 0; at < len(value); {
		length := strings.IndexAny(value[at:], " \t\r\n")
		if length < 0 {
			length = len(value) - at
		}
		field := words.Of(value[at : at+length])
		for i, phrase := range sought {
			if !has[i] && holds(field, phrase, i == len(sought)-1) {
				has[i] = true
				n++
				if begin < 0 {
					begin, end = at, at+length
				}
			}
		}
		at += length + 1
	}
	if n == 0 {
		return Excerpt{}, 0
	}
	return Excerpt{Before: lastOf(value[:begin]), Found: firstOf(value[begin:end]), After: firstOf(value[end:])}, n
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
