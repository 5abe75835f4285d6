package notify

import (
	"slices"
	"strings"
)

// When says in words when people are told of an event: "when a run fails".
func When(event string) string {
	switch event {
	case Failed:
		return "when a run fails"
	case Recovered:
		return "when it works again"
	case Overdue:
		return "when no run has succeeded by its deadline"
	case Missed:
		return "when a planned time did not run"
	case Late:
		return "when no worker takes up a planned time"
	case Slow:
		return "when a run takes too long"
	case Waiting:
		return "when a run waits for a person"
	}
	return "of “" + event + "”"
}

// You is what whoever reads the words is called in them.
const You = "you"

// Words say who is told of what. names are what addresses are called, such as a
// person's name, or You; the others are shown as they are.
func Words(rules []Rule, names map[string]string) []string {
	if len(rules) == 0 {
		return []string{"Nobody is told."}
	}
	var words []string
	for _, rule := range rules {
		words = append(words, rule.words(names))
	}
	return words
}

func (r Rule) words(names map[string]string) string {
	who := r.Recipients(names)
	verb := " is told "
	if len(who) > 1 || slices.Contains(who, You) {
		verb = " are told "
	}
	var when []string
	for _, event := range Events() {
		if slices.Contains(r.On, event) {
			when = append(when, When(event))
		}
	}
	sentence := And(who) + verb + And(when)
	if strings.HasPrefix(sentence, "the ") || strings.HasPrefix(sentence, You+" ") || strings.HasPrefix(sentence, You+",") {
		sentence = strings.ToUpper(sentence[:1]) + sentence[1:]
	}
	if from, until, found := strings.Cut(r.Quiet, "-"); found {
		sentence += ", but not from " + from + " to " + until
		if r.TimeZone != "" {
			sentence += " (" + r.TimeZone + ")"
		}
	}
	return sentence + "."
}

// Recipients are those who are told, in words.
func (r Rule) Recipients(names map[string]string) []string {
	var who []string
	for _, address := range r.Email {
		if name := names[strings.ToLower(address)]; name != "" {
			address = name
		}
		who = append(who, address)
	}
	if r.ChatSecret != "" {
		who = append(who, "the chat "+r.ChatSecret)
	}
	if r.WebhookURL != "" {
		who = append(who, r.WebhookURL)
	}
	return who
}

// And joins words as people do: a, b and c.
func And(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
