package workflow

import (
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/filter"
	"workflows/worker/place"
)

// MaxReference is the longest reference that may stand between {{ and }}.
const MaxReference = 500

// maxWords bounds the words that change its value, in bytes.
const maxWords = 4000

// Reference is one {{ … }} of a text, taken apart: {{ steps.fetch.body.items[0] }}
// has the root "steps" and the path "fetch", "body", "items", "0".
type Reference struct {
	Root string
	Path []string
	// Changes are the words by which the value is changed on its way: | round 2.
	Changes []filter.Filter
	// Quoted is a text in the place of a reference, {{ "{{" }}, for what could not stand
	// by itself. There is no root then.
	Quoted string
	Text   string // as written, braces included
	// start and end are byte offsets into the text it was found in.
	start, end int
}

// References finds the references of a text. The error is a sentence for
// people: an empty reference, one that is not closed, one that cannot be read.
func References(text string) ([]Reference, error) {
	var found []Reference
	for at := 0; ; {
		open := strings.Index(text[at:], "{{")
		if open < 0 {
			return found, nil
		}
		start := at + open
		length := insideOf(text[start+2:])
		if length < 0 {
			return nil, sentence("Two braces are opened and not closed. Close them, or remove them.")
		}
		inside := text[start+2 : start+2+length]
		reference, err := parseReference(inside)
		if err != nil {
			return nil, err
		}
		at = start + 2 + length + 2
		reference.Text, reference.start, reference.end = text[start:at], start, at
		found = append(found, reference)
	}
}

// TheReference is the one that a text consists of, if it is one and nothing else.
func TheReference(text string) (Reference, bool) {
	if !hasReference(text) {
		return Reference{}, false
	}
	references, err := References(text)
	if err != nil || len(references) != 1 || references[0].Text != strings.TrimSpace(text) {
		return Reference{}, false
	}
	return references[0], true
}

// Used are the references of a text, with those in the arguments of the words that
// change them, that stand for data. One that cannot be read fails when it is resolved.
func Used(text string) []Reference {
	if !hasReference(text) {
		return nil
	}
	references, _ := References(text)
	var used []Reference
	for _, reference := range references {
		if reference.Root != "" {
			used = append(used, reference)
		}
		used = append(used, reference.arguments()...)
	}
	return used
}

// UsedIn lists the same of all texts in a value.
func UsedIn(value any) []Reference {
	var used []Reference
	switch value := value.(type) {
	case string:
		return Used(value)
	case []any:
		for _, item := range value {
			used = append(used, UsedIn(item)...)
		}
	case map[string]any:
		for _, item := range value {
			used = append(used, UsedIn(item)...)
		}
	}
	return used
}

// arguments are the references in the words that change a value.
func (r Reference) arguments() []Reference {
	var list []Reference
	for _, change := range r.Changes {
		for _, arg := range change.Args {
			if arg.Reference != "" {
				list = append(list, bare(arg.Reference))
			}
		}
	}
	return list
}

// Replaced is the text that the reference was found in with another in its place.
func (r Reference) Replaced(text, by string) string { return text[:r.start] + by + text[r.end:] }

// bare is a reference as it stands in an argument, without braces; filter.Parse has seen
// that it is one.
func bare(path string) Reference {
	parts, ok := splitPath(path)
	if !ok {
		parts = []string{path}
	}
	r := Reference{Root: parts[0], Path: parts[1:]}
	r.Text = r.String()
	return r
}

// insideOf is how long the inside of a reference is that begins at text[0]; -1 where it is
// not closed. Only quotes can hold braces that close nothing, and few have any.
func insideOf(text string) int {
	length := strings.Index(text, "}}")
	if length >= 0 && strings.IndexByte(text[:length], '"') < 0 {
		return length
	}
	return filter.End(text)
}

func parseReference(inside string) (Reference, error) {
	path, words, changed := inside, "", false
	if strings.IndexByte(inside, '|') >= 0 {
		path, words, changed = filter.Cut(inside)
	}
	path = strings.TrimSpace(path)
	var r Reference
	switch {
	case path == "":
		return r, sentence("Nothing stands between two pairs of braces. Choose what to insert under “Insert data”, or remove them.")
	case len([]rune(path)) > MaxReference:
		return r, sentence("What stands between the braces is longer than %d characters.", MaxReference)
	case len(words) > maxWords:
		return r, sentence("The words that change what is inserted are longer than %d characters. Change it in several steps, with “Set values”.", maxWords)
	case path[0] == '"':
		quoted := ""
		if document.Decode([]byte(path), &quoted) != nil {
			return r, sentence("The text %s cannot be read. Inside quotes, write \\\" for a quote and \\\\ for a backslash.", document.Shorten(path, 60))
		}
		r.Quoted = quoted
	case strings.Contains(path, "{{"):
		return r, sentence("Two braces are opened and not closed. Close them, or remove them.")
	default:
		parts, ok := splitPath(path)
		if !ok {
			return r, sentence("“%s”, between braces, cannot be read. Choose what to insert under “Insert data”.", document.Shorten(path, 60))
		}
		r.Root, r.Path = parts[0], parts[1:]
	}
	if !changed {
		return r, nil
	}
	var err error
	r.Changes, err = filter.Parse(words)
	for _, argument := range r.arguments() {
		if _, ok := splitPath(strings.TrimSuffix(strings.TrimPrefix(argument.Text, "{{ "), " }}")); !ok {
			err = sentence("“%s”, between braces, cannot be read. Choose what to insert under “Insert data”.", document.Shorten(argument.Root, 60))
		}
	}
	return r, err
}

// splitPath reads a.b[0]["c d"] into its parts.
func splitPath(text string) ([]string, bool) {
	parts := make([]string, 0, 4) // as many as most have
	for rest := text; rest != ""; {
		var part string
		ok := true
		switch {
		case rest[0] == '[' && len(parts) > 0:
			part, rest, ok = bracketPart(rest)
		default:
			if len(parts) > 0 {
				rest, ok = strings.CutPrefix(rest, ".")
			}
			end := strings.IndexAny(rest, ".[]{}\"' \t\r\n")
			if end < 0 {
				end = len(rest)
			}
			part, rest = rest[:end], rest[end:]
		}
		if !ok || part == "" {
			return nil, false
		}
		parts = append(parts, part)
	}
	return parts, len(parts) > 0
}

func bracketPart(text string) (part, rest string, ok bool) {
	if quoted, found := strings.CutPrefix(text, `["`); found {
		return strings.Cut(quoted, `"]`)
	}
	part, rest, ok = strings.Cut(text[1:], "]")
	return part, rest, ok && isIndex(part)
}

func isIndex(part string) bool {
	return part != "" && len(part) < 10 && strings.Trim(part, "0123456789") == ""
}

// String writes the reference in its usual form, braces included.
func (r Reference) String() string {
	var b strings.Builder
	b.WriteString("{{ " + r.path())
	if len(r.Changes) > 0 {
		b.WriteString(" | " + filter.Join(r.Changes))
	}
	return b.String() + " }}"
}

func (r Reference) path() string {
	if r.Root == "" {
		return string(document.JSON(r.Quoted))
	}
	var b strings.Builder
	b.WriteString(r.Root)
	for _, part := range r.Path {
		switch {
		case isIndex(part):
			b.WriteString("[" + part + "]")
		case strings.ContainsAny(part, ".[]{}\"'| \t\r\n"):
			b.WriteString(`["` + part + `"]`)
		default:
			b.WriteString("." + part)
		}
	}
	return b.String()
}

// StandIn takes a text apart with one value in the place of all references, to check
// what was typed before they are known. A text whose references cannot be read was typed
// as a whole.
func StandIn(text string, value any) []place.Piece {
	references, err := References(text)
	if err != nil {
		references = nil
	}
	return pieces(text, references, func(int) any { return value })
}

// pieces takes a text apart into what was typed and what stands for its references.
func pieces(text string, references []Reference, value func(i int) any) []place.Piece {
	list := make([]place.Piece, 0, 2*len(references)+1)
	at := 0
	for i, reference := range references {
		if reference.start > at {
			list = append(list, place.Piece{Typed: text[at:reference.start]})
		}
		list = append(list, place.Piece{Name: reference.Text, Value: value(i)})
		at = reference.end
	}
	if at < len(text) {
		list = append(list, place.Piece{Typed: text[at:]})
	}
	return list
}

// hasReference reports whether a text may hold references.
func hasReference(text string) bool { return strings.Contains(text, "{{") }

// walkTexts visits every text inside a config value in a stable order.
func walkTexts(value any, path string, visit func(path, text string)) {
	switch v := value.(type) {
	case string:
		visit(path, v)
	case []any:
		for i, item := range v {
			walkTexts(item, document.Item(path, i), visit)
		}
	case map[string]any:
		for _, name := range sortedKeys(v) {
			walkTexts(v[name], document.Member(path, name), visit)
		}
	}
}

func sortedKeys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
