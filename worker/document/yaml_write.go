package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"workflows/worker/pattern"
)

// WriteYAML writes what marshals to JSON, with the fields of structs in their order, so
// that every reader of YAML reads the same, whether of version 1.1 or 1.2 and however
// loosely it takes words and numbers.
func WriteYAML(value any) ([]byte, error) {
	tree, err := readTree(JSON(value))
	if err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(nodeOf(tree)); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return text.Bytes(), nil
}

func nodeOf(n node) *yaml.Node {
	switch n.kind {
	case 's':
		return textNode(n.text)
	case 'n':
		return numberNode(n.text)
	case 'b':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(n.flag)}
	case 'a':
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range n.items {
			list.Content = append(list.Content, nodeOf(item))
		}
		return list
	case 'o':
		object := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, m := range n.members {
			object.Content = append(object.Content, textNode(m.name), nodeOf(m.value))
		}
		return object
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

// yamlNumber is what a reader of YAML 1.1 takes for a number; it wants a point and a
// sign where there is an exponent.
var yamlNumber = pattern.Of(`^-?[0-9]+(\.[0-9]+([eE][-+][0-9]+)?)?$`)

func numberNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: text}
	if strings.ContainsAny(text, ".eE") || len(text) > 18 {
		n.Tag = "!!float"
	}
	if !yamlNumber().MatchString(text) {
		n.Style = yaml.TaggedStyle // !!float 1e3
	} else if n.Tag == "!!float" && !strings.ContainsAny(text, ".eE") {
		n.Tag = "" // a long whole number is what each reader makes of it
	}
	return n
}

func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	switch {
	case strings.Contains(text, "\n") && isBlock(text):
		n.Style = yaml.LiteralStyle
	case !isPlain(text):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// isBlock reports whether a text of several lines reads the same as an indented block
// everywhere.
func isBlock(text string) bool {
	body := strings.TrimSuffix(text, "\n")
	if body == "" || strings.HasPrefix(body, " ") || strings.HasPrefix(body, "\n") || strings.HasSuffix(body, "\n") {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if strings.HasSuffix(line, " ") || !isOrdinary(line) {
			return false
		}
	}
	return true
}

// isOrdinary reports whether a line has no character that some reader takes for a line's
// end, for none, or for space at the wrong place.
func isOrdinary(line string) bool {
	for _, r := range line {
		if r != ' ' && (r == '\ufeff' || unicode.IsSpace(r) || !unicode.IsPrint(r)) {
			return false
		}
	}
	return utf8.ValidString(line)
}

// yamlWords are read as true, false, nothing or a number by some reader or other, in
// whatever letters.
var yamlWords = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nil", "nan", "inf", "infinity"}

// yamlNumbers are texts that some reader takes for a number, a time of day or a date:
// 1_000, 1,000, 0o7, 0x1f, 18:30, 2026-11-28.
var yamlNumbers = pattern.Of(`^([-+]?[0-9][0-9_,.:]*([eE][-+]?[0-9_]*)?|[-+]?0[xXoObB][0-9a-fA-F_]*|[0-9]{4}-[0-9]{1,2}-[0-9].*)$`)

// isPlain reports whether a text may stand without quotes as far as its meaning goes;
// the writer quotes it all the same where it would be cut or end somewhere else.
func isPlain(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case !unicode.IsLetter(first) && !unicode.IsDigit(first) && first != '/' && first != '_' && first != '$':
		return false
	case !isOrdinary(text), strings.HasSuffix(text, " "):
		return false
	}
	return !slices.Contains(yamlWords, strings.ToLower(text)) && !yamlNumbers().MatchString(text)
}
