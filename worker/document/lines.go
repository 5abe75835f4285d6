package document

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Place is a line of a file.
type Place struct {
	Line int    // from 1; 0 is unknown
	Text string // what stands in it, shortened; "" where it cannot be shown
}

// String is a place as a person at a terminal reads it.
func (p Place) String() string {
	if p.Text == "" {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// Lines knows in which lines of a YAML file the parts of one of its documents stand; the
// zero value knows none. JSON is YAML too.
type Lines struct {
	file   func() []map[string]int
	data   []byte
	number int
}

// linesIn are those of all documents of a file, which is read once more when it is asked
// first: mostly nothing is wrong, and what it is read into takes many times its size.
func linesIn(data []byte) func(number int) Lines {
	file := sync.OnceValue(func() []map[string]int {
		var documents []map[string]int
		_ = eachYAML(data, func(_ any, from *yaml.Node) { // it could be read just now
			lines := map[string]int{}
			noteLines(from, "", lines)
			documents = append(documents, lines)
		})
		return documents
	})
	return func(number int) Lines { return Lines{file, data, number} }
}

func noteLines(node *yaml.Node, path string, lines map[string]int) {
	switch node.Kind {
	case yaml.DocumentNode:
		noteLines(node.Content[0], path, lines)
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			at := Member(path, node.Content[i].Value)
			lines[at] = node.Content[i].Line
			noteLines(node.Content[i+1], at, lines)
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			lines[Item(path, i)] = item.Line
			noteLines(item, Item(path, i), lines)
		}
	}
}

// At is where what a path names stands, and for what is missing, what it is missing in.
func (l Lines) At(path string) Place {
	if l.file == nil {
		return Place{}
	}
	documents := l.file()
	for path != "" && l.number < len(documents) {
		if line := documents[l.number][path]; line > 0 {
			return PlaceOf(l.data, line)
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return Place{}
}

// maxQuoted is how much of a line is shown, in characters.
const maxQuoted = 80

// PlaceOf is a line of a file by its number.
func PlaceOf(data []byte, line int) Place {
	if !utf8.Valid(data) {
		return Place{Line: line}
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text) // as YAML counts
	at := 1
	for quoted := range strings.SplitSeq(text, "\n") {
		if at == line {
			return Place{line, Shorten(strings.TrimSpace(Line(quoted)), maxQuoted)}
		}
		at++
	}
	return Place{Line: line}
}
