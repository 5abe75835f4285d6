package filter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"workflows/worker/document"
)

const (
	// MaxFilters is how many words may stand after one reference.
	MaxFilters = 20
	maxArgs    = 3
)

// Parse reads what stands after a reference: "default 0 | round 2". The error is a
// sentence for people.
func Parse(text string) ([]Filter, error) {
	p := parser{rest: text}
	var filters []Filter
	for {
		f, err := p.filter()
		if err != nil {
			return nil, err
		}
		filters = append(filters, f)
		if len(filters) > MaxFilters {
			return nil, sentence(fmt.Sprintf("At most %d words may stand after a reference. Use a step “Set values” in between.", MaxFilters))
		}
		if p.blanks(); p.rest == "" {
			return filters, nil
		}
		p.rest = p.rest[1:] // the “|” at which filter has stopped
	}
}

type parser struct{ rest string }

func (p *parser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// filter reads one word and its arguments, up to a “|” or the end.
func (p *parser) filter() (Filter, error) {
	p.blanks()
	name := p.bare()
	if name == "" {
		return Filter{}, sentence("A word that says how to change the value is missing after “|”, such as: | upper.")
	}
	w, known := lookup(name)
	if !known {
		return Filter{}, UnknownWord{sentence("There is no word “" + document.Shorten(name, 40) + "” to change a value with." + document.DidYouMean(name, Names()))}
	}
	f := Filter{Name: name}
	for p.blanks(); p.rest != "" && p.rest[0] != '|'; p.blanks() {
		arg, err := p.argument(w)
		if err != nil {
			return Filter{}, err
		}
		f.Args = append(f.Args, arg)
		if len(f.Args) > maxArgs {
			break
		}
	}
	return f, w.check(f.Args)
}

// bare is what stands up to the next blank or “|”; parts in brackets may hold both.
func (p *parser) bare() string {
	at := 0
	for at < len(p.rest) && !strings.ContainsRune(" \t\r\n|", rune(p.rest[at])) {
		at += quotedPart(p.rest[at:])
	}
	word := p.rest[:at]
	p.rest = p.rest[at:]
	return word
}

func (p *parser) argument(w Word) (Arg, error) {
	switch p.rest[0] {
	case '"':
		return p.text(w)
	case '\'':
		return Arg{}, sentence("Texts stand in double quotes: write \" instead of ' after “" + w.Name + "”.")
	}
	word := p.bare()
	if strings.ContainsAny(word, "“”„«»‘’") {
		return Arg{}, sentence("Texts stand in straight double quotes: write \" on both sides after “" + w.Name + "”.")
	}
	switch word {
	case "true":
		return Arg{Value: true}, nil
	case "false":
		return Arg{Value: false}, nil
	case "null":
		return Arg{}, nil
	}
	if c := word[0]; '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' {
		return number(w, word)
	}
	root := word[:strings.IndexAny(word+".", ".[")]
	if !slices.Contains(roots, root) || !isPath(word) {
		if strings.Contains(word, "{{") {
			return Arg{}, sentence("Braces are not needed again after “" + w.Name + "”. Remove those.")
		}
		return Arg{}, sentence("“" + document.Shorten(word, 40) + "” after “" + w.Name + "” cannot be read. Put a text in double quotes.")
	}
	return Arg{Reference: word}, nil
}

// isPath reports whether quotes and braces stand only where a path has them.
func isPath(word string) bool {
	for at := 0; at < len(word); at += quotedPart(word[at:]) {
		if strings.IndexByte("{}\"'", word[at]) >= 0 {
			return false
		}
	}
	return true
}

// roots are what a reference may begin with.
var roots = []string{"input", "trigger", "steps", "run", "item", "index", "now", "secrets"}

func number(w Word, word string) (Arg, error) {
	d, ok := decimalOf(word)
	if !ok {
		if strings.Contains(word, "{{") {
			return Arg{}, sentence("Braces are not needed again after “" + w.Name + "”. Remove those.")
		}
		return Arg{}, sentence("“" + document.Shorten(word, 40) + "” after “" + w.Name + "” is not a number that can be counted with. Write it like 12.5; put a text in double quotes.")
	}
	if json.Valid([]byte(word)) {
		return Arg{Value: json.Number(word)}, nil
	}
	n, ok := numberOf(d) // +5, 007, .5
	if !ok {
		if strings.Contains(word, "{{") {
			return Arg{}, sentence("Braces are not needed again after “" + w.Name + "”. Remove those.")
		}
		return Arg{}, sentence("“" + document.Shorten(word, 40) + "” after “" + w.Name + "” is too large.")
	}
	return Arg{Value: n}, nil
}

func (p *parser) text(w Word) (Arg, error) {
	end := textEnd(p.rest)
	if end < 0 {
		return Arg{}, sentence("A text after “" + w.Name + "” is not closed. Write \" at its end.")
	}
	var text string
	if document.Decode([]byte(p.rest[:end]), &text) != nil {
		return Arg{}, sentence("The text " + document.Shorten(p.rest[:end], 40) + " after “" + w.Name + "” cannot be read. Inside quotes, write \\\" for a quote, \\\\ for a backslash and \\n for a line break.")
	}
	p.rest = p.rest[end:]
	if p.rest != "" && !strings.ContainsRune(" \t\r\n|", rune(p.rest[0])) {
		return Arg{}, sentence("After the text " + document.Shorten(document.Text(text), 40) + " a blank is missing. Inside quotes, write \\\" for a quote.")
	}
	return Arg{Value: text}, nil
}
