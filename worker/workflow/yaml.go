package workflow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is the size of a file of definitions, in bytes.
const maxFile = 20 << 20

// Document is a definition as it stands in a file: what POST /workflows takes.
type Document struct {
	Definition
	Publish bool `json:"publish,omitempty"`
}

// YAML writes the document with its fields in the documented order.
func (d Document) YAML() ([]byte, error) {
	d.fill()
	var node yaml.Node
	if err := yaml.Unmarshal(encode(d), &node); err != nil { // JSON is YAML
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

// ParseYAML reads the documents of a file, which "---" separates, as strictly as
// Parse reads JSON. The problems are those of the documents, in their order.
func ParseYAML(data []byte) ([]Document, [][]Problem, error) {
	if len(data) > maxFile {
		return nil, nil, malformed("The file is larger than 20 MB.")
	}
	var documents []Document
	var problems [][]Problem
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return documents, problems, nil
		}
		if err != nil {
			return nil, nil, malformed("This is not YAML: %s.", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		value, err := valueOf(&node, 0)
		if err != nil {
			return nil, nil, err
		}
		if value == nil {
			continue // nothing between two separators
		}
		document, wrong, err := documentOf(value)
		if err != nil {
			return nil, nil, err
		}
		documents, problems = append(documents, document), append(problems, wrong)
	}
}

func documentOf(value any) (Document, []Problem, error) {
	var d Document
	if _, named := value.(map[string]any); !named {
		return d, nil, malformed("A workflow begins with names and values, such as “name: Large orders”.")
	}
	data, err := json.Marshal(value)
	if err != nil {
		return d, nil, fmt.Errorf("read YAML: %w", err)
	}
	if len(data) > MaxBytes {
		return d, nil, malformed("A definition in the file is larger than 1 MB.")
	}
	problems, err := DecodeStrict(data, &d)
	if err != nil {
		return d, nil, err
	}
	d.fill()
	problems = append(problems, d.checkFormat()...)
	return d, append(problems, d.checkNames()...), nil
}

// valueOf is what a node stands for in JSON. Times stay the texts that they are.
func valueOf(node *yaml.Node, depth int) (any, error) {
	if depth > MaxDepth+1 {
		return nil, malformed("Line %d is nested more than %d levels deep.", node.Line, MaxDepth)
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
	return nil, malformed("Line %d: YAML aliases (*name) are not read. Write the value out.", node.Line)
}

func mappingOf(node *yaml.Node, depth int) (any, error) {
	values := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return nil, malformed("Line %d: a name must be a plain text.", key.Line)
		}
		if _, twice := values[key.Value]; twice {
			return nil, malformed("Line %d: “%s” stands here twice.", key.Line, shorten(key.Value, 60))
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
		return nil, malformed("Line %d: values marked %s are not read.", node.Line, shorten(node.Tag, 40))
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return nil, malformed("Line %d: “%s” cannot be read.", node.Line, shorten(node.Value, 60))
	}
	if _, err := json.Marshal(value); err != nil {
		return nil, malformed("Line %d: %s is no number that a workflow can hold.", node.Line, shorten(node.Value, 60))
	}
	return value, nil
}
