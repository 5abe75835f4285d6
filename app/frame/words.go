package frame

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"workflows/models"
	"workflows/views/ui"
)

// Number writes a count with its thousands apart; counting stops at the limit.
func Number(n int64) string {
	if n >= models.CountLimit {
		return "100,000+"
	}
	text := strconv.FormatInt(n, 10)
	var parts []string
	for len(text) > 3 {
		parts = append([]string{text[len(text)-3:]}, parts...)
		text = text[:len(text)-3]
	}
	return strings.Join(append([]string{text}, parts...), ",")
}

// Count writes how many of something there are: "1 run", "3 runs".
func Count(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%s %ss", Number(n), word)
}

// Message is what a form says about one of its fields.
func Message(field, text string) ui.FieldMessage {
	return ui.FieldMessage{FieldID: field, Message: text}
}

// Either is one of two words.
func Either(yes bool, word, otherwise string) string {
	if yes {
		return word
	}
	return otherwise
}

// TimeOf is the time, or the zero time for none.
func TimeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// WithQuestion makes a query a part of an address; an empty one adds nothing.
func WithQuestion(query string) string {
	if query == "" {
		return ""
	}
	return "?" + query
}

// BranchWords is what people read for a block of nested steps; "" for none.
func BranchWords(block string) string {
	switch block {
	case "then":
		return "If yes"
	case "else":
		return "If no"
	case "do":
		return "For each item"
	}
	return ""
}

// BranchOf names a branch by its step: “If yes” of “Is it large?”.
func BranchOf(block, step string) string {
	return "“" + BranchWords(block) + "” of “" + step + "”"
}

// ItemWords names the item inside of which a step ran: "item 4", or "item 4, in
// it item 1".
func ItemWords(iteration string) string {
	var words []string
	for _, part := range strings.Split(iteration, ".") {
		n, _ := strconv.Atoi(part) // places are written by the engine
		words = append(words, "item "+strconv.Itoa(n+1))
	}
	return strings.Join(words, ", in it ")
}
