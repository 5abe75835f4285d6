package differences

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/engine"
)

const (
	// inSentence is how long a value in a sentence is at most, shown how much of a longer one
	// stands below it; in characters.
	inSentence = 80
	shown      = 400
)

// comparison gathers what differs.
type comparison struct {
	Found
	naming Naming
}

func (c *comparison) say(about, stepID, format string, args ...any) {
	c.List = append(c.List, Difference{About: about, StepID: stepID, Sentence: fmt.Sprintf(format, args...)})
}

func (c *comparison) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// value says that something is another value than it was: in the sentence, or where that is too
// long, before and now below it.
func (c *comparison) value(about, stepID, what string, was, is any) {
	before, now := written(was), written(is)
	if fits(before) && fits(now) {
		c.say(about, stepID, "%s: %s instead of %s.", what, quoted(is, now), quoted(was, before))
		return
	}
	c.List = append(c.List, Difference{About: about, StepID: stepID, Sentence: what + " is another one.", Was: cut(before), Is: cut(now)})
}

// only says that something is there in one of the two alone.
func (c *comparison) only(about, stepID, what, sentence string, value any, isNow bool) {
	text := written(value)
	d := Difference{About: about, StepID: stepID, Sentence: what + " " + sentence + "."}
	switch {
	case fits(text):
		d.Sentence = what + " " + sentence + ": " + quoted(value, text) + "."
	case isNow:
		d.Is = cut(text)
	default:
		d.Was = cut(text)
	}
	c.List = append(c.List, d)
}

func written(value any) string {
	if value == nil {
		return "nothing"
	}
	return document.Text(value)
}

func fits(text string) bool {
	return len(text) <= 4*inSentence && len([]rune(text)) <= inSentence && !strings.ContainsAny(text, "\n{}[]")
}

// quoted is a value as it stands in a sentence.
func quoted(value any, text string) string {
	switch v := value.(type) {
	case string:
		if v == "" {
			return "an empty text"
		}
		return "“" + text + "”"
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	return text
}

// cut is as much of a text as is shown, with how much it is in all.
func cut(text string) string {
	short := document.Shorten(text, shown)
	if short == text {
		return text
	}
	return short + " (" + size(len(text)) + " in all)"
}

// size writes a number of bytes for people.
func size(bytes int) string {
	switch {
	case bytes < 1000:
		return strconv.Itoa(bytes) + " bytes"
	case bytes < 999_500:
		return strconv.Itoa((bytes+500)/1000) + " kB"
	}
	return strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64) + " MB"
}

// length writes a length of time for people.
func length(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(float64(d.Milliseconds()/100)/10, 'f', -1, 64) + " s"
	case d < 2*time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d.Round(24*time.Hour)/(24*time.Hour))) + " days"
}

func startedBy(run models.Run) string {
	switch run.TriggerType {
	case engine.TriggerManual:
		var trigger engine.Trigger
		if document.Decode(run.Trigger, &trigger) == nil && trigger.Via == "api" {
			return "a program"
		}
		return "hand"
	case engine.TriggerSchedule:
		return "a schedule"
	case engine.TriggerWebhook:
		return "a webhook"
	case engine.TriggerForm:
		return "a public form"
	case engine.TriggerWorkflow:
		return "another workflow"
	case engine.TriggerRetry:
		return "running another run again"
	case engine.TriggerTry:
		return "a try of the draft"
	}
	return run.TriggerType
}

// kind is what sort of value something is, in words.
func kind(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case string:
		if strings.TrimSpace(v) == "" {
			return "an empty text"
		}
		return "a text"
	case json.Number:
		return "a number"
	case bool:
		return "yes or no"
	case []any:
		if len(v) == 0 {
			return "an empty list"
		}
		return "a list"
	case map[string]any:
		if len(v) == 0 {
			return "empty"
		}
		return "several fields"
	}
	return "something else"
}
