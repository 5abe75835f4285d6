package editor

import (
	"slices"

	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/filter"
	"workflows/worker/workflow/offer"
)

// change is a value that may be changed by words, with what comes of each.
func (ch *choosing) change(number, reference string) *views.DataChange {
	known, stepID := ch.builder.known, ch.builder.stepID
	chosen, one := known.Chosen(stepID, ch.field, reference)
	if !one {
		return nil
	}
	page := &views.DataChange{Words: chosen.Words, Now: now(chosen), Use: ch.command(number, reference), Present: number + " " + reference}
	if word, asked := filter.Named(ch.sent.Get("data.word")); asked {
		page.Word = wordRow(word)
		given := ch.sent["argument."+word.Name]
		if given == nil {
			given = exampleArguments(word)
		}
		page.Arguments = argumentFields(word, given)
		typed, wrong := word.Typed(given)
		result := ""
		if wrong == nil {
			result, page.Error = changedBy(reference, typed)
		} else {
			page.Arguments[0].Error = wrong.Error()
		}
		if result != "" {
			page.Then = number + " " + result
			page.After, page.Error = ch.after(result)
		}
	}
	for _, group := range suitingGroups(chosen.Type) {
		for _, word := range filter.Words() {
			if word.Group == group {
				page.Choices = append(page.Choices, ch.choices(number, reference, chosen, word)...)
			}
		}
	}
	return page
}

// choices is a word for a value, unless it cannot change what that was.
func (ch *choosing) choices(number, reference string, chosen offer.Chosen, word filter.Word) []views.DataWord {
	example, err := filter.Parse(word.Example)
	if err != nil || len(example) != 1 {
		return nil
	}
	result, wrong := changedBy(reference, example[0])
	if wrong != "" {
		return nil
	}
	choice := views.DataWord{Title: word.Title}
	if chosen.Known {
		after, cannot := ch.after(result)
		if cannot != "" {
			return nil
		}
		choice.After = "becomes " + after
	}
	if len(word.Arguments) == 0 {
		choice.Then = number + " " + result
		return []views.DataWord{choice}
	}
	choice.Name, choice.Title = word.Name, word.Title+"…"
	if choice.After != "" {
		choice.After = "such as " + choice.After[len("becomes "):]
	}
	return []views.DataWord{choice}
}

// after is what a changed value comes to with what was seen, or why it comes to nothing.
func (ch *choosing) after(reference string) (after, cannot string) {
	value, known := ch.builder.known.Value(ch.builder.stepID, ch.field, reference)
	if !known {
		return "", "What comes of it is not known, or it cannot be changed so."
	}
	return offer.ShownShort(value), ""
}

// exampleArguments are those of a word's example as people type them.
func exampleArguments(word filter.Word) []string {
	example, err := filter.Parse(word.Example)
	if err != nil || len(example) != 1 {
		return nil
	}
	var given []string
	for _, arg := range example[0].Args {
		given = append(given, document.Text(arg.Value))
	}
	return given
}

// suitingGroups are the groups of words, those first that suit a value of a type.
func suitingGroups(kind string) []string {
	first := map[string]string{"text": "Texts", "email": "Texts", "number": "Numbers", "date": "Dates", "list": "Lists and objects", "object": "Lists and objects"}[kind]
	groups := slices.DeleteFunc(filter.Groups(), func(g string) bool { return g == first })
	if first == "" {
		return groups
	}
	return append([]string{first}, groups...)
}
