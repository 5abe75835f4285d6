package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// WriteYAML writes what marshals to JSON, with the fields of structs in their order.
func WriteYAML(value any) ([]byte, error) {
	var node yaml.Node
	if err := yaml.Unmarshal(JSON(value), &node); err != nil { // JSON is YAML
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	plainly(&node)
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(&node); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return text.Bytes(), nil
}

// plainly takes the marks of JSON off: the writer quotes what needs it.
func plainly(node *yaml.Node) {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!str" && !strings.ContainsAny(node.Value, "\t\u2028\u2029") {
		node.Style = 0
	}
	for _, child := range node.Content {
		plainly(child)
	}
}

// ReadYAML reads what "---" separates as values of JSON. Texts that look like
// times stay texts; names that stand twice and aliases are refused. What cannot be
// read is a *MalformedError.
func ReadYAML(data []byte) ([]any, error) {
	var values []any
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, notYAML(err)
		}
		value, err := valueOf(&node, 0)
		if err != nil {
			return nil, err
		}
		if value != nil { // else there is nothing between two separators
			values = append(values, value)
		}
	}
}

var lineOfYAML = regexp.MustCompile(`^yaml: line (\d+): `)

// notYAML says where the library stopped, and not in its words: they may quote what it
// has read.
func notYAML(err error) error {
	if line := lineOfYAML.FindStringSubmatch(err.Error()); line != nil {
		return Malformed("This is not YAML: line %s cannot be read. Check its quotes, brackets and indentation.", line[1])
	}
	return Malformed("This is not YAML. Check its quotes, brackets and indentation.")
}

// valueOf is what a node stands for in JSON. Times stay the texts that they are.
func valueOf(node *yaml.Node, depth int) (any, error) {
	if depth > MaxDepth+1 {
		return nil, Malformed("Line %d is nested more than %d levels deep.", node.Line, MaxDepth)
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
	return nil, Malformed("Line %d: YAML aliases (*name) are not read. Write the value out.", node.Line)
}

func mappingOf(node *yaml.Node, depth int) (any, error) {
	values := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return nil, Malformed("Line %d: a name must be a plain text.", key.Line)
		}
		if _, twice := values[key.Value]; twice {
			return nil, Malformed("Line %d: “%s” stands here twice.", key.Line, Shorten(key.Value, 60))
		}
		value, err := valueOf(node.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		values[key.Value] = value
	}
	return values, nil
}

func scalarOf(node *yaml.Node) (any, error) {
	switch node.Tag {
	case "!!str", "!!timestamp":
		return node.Value, nil
	case "!!null":
		return nil, nil
	case "!!int", "!!float":
		if json.Valid([]byte(node.Value)) {
			return json.Number(node.Value), nil
		}
	case "!!bool":
	default:
		return nil, Malformed("Line %d: values marked %s are not read.", node.Line, Shorten(node.Tag, 40))
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return nil, Malformed("Line %d: “%s” cannot be read.", node.Line, Shorten(node.Value, 60))
	}
	if _, err := json.Marshal(value); err != nil {
		return nil, Malformed("Line %d: %s is no number that a workflow can hold.", node.Line, Shorten(node.Value, 60))
	}
	return value, nil
}
