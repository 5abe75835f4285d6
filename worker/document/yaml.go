package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"workflows/worker/pattern"
)

// ReadYAML reads what "---" separates as values of JSON. Texts that look like
// times stay texts; names that stand twice and aliases are refused. What cannot be
// read is a *MalformedError.
func ReadYAML(data []byte) ([]any, error) {
	var values []any
	err := eachYAML(data, func(value any, _ *yaml.Node) { values = append(values, value) })
	return values, err
}

// eachYAML visits the values of a file with what they were read from.
func eachYAML(data []byte, visit func(value any, from *yaml.Node)) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return notYAML(err)
		}
		value, err := valueOf(&node, 0)
		if err != nil {
			return err
		}
		if value != nil { // else there is nothing between two separators
			visit(value, &node)
		}
	}
}

var lineOfYAML = pattern.Of(`^yaml: line (\d+): `)

// notYAML says where the library stopped, and not in its words: they may quote what it
// has read.
func notYAML(err error) error {
	if line := lineOfYAML().FindStringSubmatch(err.Error()); line != nil {
		return Malformed("This is not YAML: line %s cannot be read. Check its quotes, brackets and indentation.", line[1])
	}
	return Malformed("This is not YAML. Check its quotes, brackets and indentation.")
}

// valueOf is what a node stands for in JSON. Times stay the texts that they are.
func valueOf(node *yaml.Node, depth int) (any, error) {
	if depth > MaxDepth+1 {
		return nil, malformedAt(node.Line, "Line %d is nested more than %d levels deep.", MaxDepth)
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return valueOf(node.Content[0], depth)
	case yaml.MappingNode:
		return mappingOf(node, depth)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			value, err := valueOf(item, depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return list, nil
	case yaml.ScalarNode:
		return scalarOf(node)
	}
	// A few aliases of aliases stand for gigabytes; no definition needs one.
	return nil, malformedAt(node.Line, "Line %d: YAML aliases (*name) are not read. Write the value out.")
}

func mappingOf(node *yaml.Node, depth int) (any, error) {
	values := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return nil, malformedAt(key.Line, "Line %d: a name must be a plain text.")
		}
		if _, twice := values[key.Value]; twice {
			return nil, malformedAt(key.Line, "Line %d: “%s” stands here twice.", Shorten(key.Value, 60))
		}
		value, err := valueOf(node.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		values[key.Value] = value
	}
	return values, nil
}

// hugeNumber is what YAML says is a number, and the library a text where no float64 is as
// large.
var hugeNumber = pattern.Of(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

func scalarOf(node *yaml.Node) (any, error) {
	switch node.Tag {
	case "!!str", "!!timestamp", "!!merge": // a value merges nothing
		if node.Style == 0 && hugeNumber().MatchString(node.Value) {
			return nil, malformedAt(node.Line, "Line %d: %s is a number that is too large to be kept. If it is a text, write it in quotes.", Shorten(node.Value, 60))
		}
		return node.Value, nil
	case "!!null":
		return nil, nil
	case "!!int", "!!float":
		if json.Valid([]byte(node.Value)) {
			return json.Number(node.Value), nil
		}
	case "!!bool":
	default:
		return nil, malformedAt(node.Line, "Line %d: values marked %s are not read.", Shorten(node.Tag, 40))
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return nil, malformedAt(node.Line, "Line %d: “%s” cannot be read.", Shorten(node.Value, 60))
	}
	if _, err := json.Marshal(value); err != nil {
		return nil, malformedAt(node.Line, "Line %d: %s is no number that a workflow can hold.", Shorten(node.Value, 60))
	}
	return value, nil
}
