package workflow

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Fitting are the types that do what somebody says in a few words, the best first. It is
// clear which is meant where no other fits nearly as well.
func Fitting(types Types, said string) (fitting []StepType, clear bool) {
	fits := map[string]int{}
	for _, stepType := range types.List() {
		n := Fit(said, stepType.Title+" "+stepType.Chip+" "+stepType.Said, stepType.Summary)
		if n > 0 && (slices.Equal(wordsOf(said), wordsOf(stepType.Title)) || slices.Equal(wordsOf(said), wordsOf(stepType.Chip))) {
			n += 2 * fitsName
		}
		if n > 0 {
			fits[stepType.Name] = n
			fitting = append(fitting, stepType)
		}
	}
	slices.SortStableFunc(fitting, func(a, b StepType) int { return cmp.Compare(fits[b.Name], fits[a.Name]) })
	if len(fitting) == 0 {
		return nil, false
	}
	best := fits[fitting[0].Name]
	fitting = slices.DeleteFunc(fitting, func(stepType StepType) bool { return 2*fits[stepType.Name] < best })
	return fitting, best >= beginsName && (len(fitting) == 1 || 2*best >= 3*fits[fitting[1].Name])
}

// What a word is worth that something is called by, that begins such a word, and that is
// only told about it.
const fitsName, beginsName, fitsAbout = 6, 3, 2

// mostSaid bounds the words that are looked at.
const mostSaid = 20

// Fit says how well what somebody says fits what is called by some words, with others about
// it; 0 is not at all.
func Fit(said, called, about string) (fit int) {
	names, others, words := wordsOf(called), wordsOf(about), wordsOf(said)
	for _, word := range words[:min(len(words), mostSaid)] {
		switch {
		case slices.ContainsFunc(names, func(name string) bool { return sameWord(word, name) }):
			fit += fitsName
		case len(word) > 1 && slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, word) }):
			fit += beginsName
		case slices.Contains(others, word):
			fit += fitsAbout
		}
	}
	return fit
}

// sameWord takes endings such as that of a plural for the same.
func sameWord(said, name string) bool {
	return said == name || len(name) > 2 && strings.HasPrefix(said, name) && len(said)-len(name) <= 3
}

// wordsOf are the words of a text that say something: in small letters, without hyphens.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(text), "-", ""), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(word string) bool { return slices.Contains(smallWords, word) })
}

var smallWords = strings.Fields("a an the to of is are be it in on at by me my i we us our you your and or for with from that this as into please")

// asked are the types of inputs by words of what is asked.
var asked = []struct{ input, words string }{
	{"email", "email mail"},
	{"phone", "phone telephone mobile"},
	{"url", "website url link homepage"},
	{"number", "many much amount quantity price cost total age"},
	{"date", "date birthday day"},
	{"time", "time"},
	{"file", "file cv photo picture attachment document"},
	{"files", "files photos pictures attachments documents"},
	{"long_text", "message comment comments description describe why reason notes remarks"},
	{"boolean", "agree accept"},
}

// TypeAsked is the type of input that a question asks for by its words: a text where they say
// nothing, or several things, and where it asks what something is called.
func TypeAsked(question string) string {
	words := wordsOf(question)
	var found []string
	for _, a := range asked {
		if slices.ContainsFunc(strings.Fields(a.words), func(word string) bool { return slices.Contains(words, word) }) {
			found = append(found, a.input)
		}
	}
	named := slices.ContainsFunc(words, func(word string) bool {
		return slices.Contains([]string{"name", "number", "id", "code", "title", "subject", "zone"}, word)
	})
	switch {
	case strings.HasPrefix(strings.ToLower(strings.TrimSpace(question)), "number of "):
		return "number"
	case slices.Equal(found, []string{"date", "time"}):
		return "date_time"
	case len(found) != 1 || named && found[0] != "phone":
		return "text"
	}
	return found[0]
}
