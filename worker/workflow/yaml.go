package workflow

import (
	"workflows/worker/document"
)

// maxFile is the size of a file of definitions, in bytes.
const maxFile = 20 << 20

// Document is a definition as it stands in a file: what POST /workflows takes.
type Document struct {
	Definition
	Publish bool `json:"publish,omitempty"`
	// Remarks are sentences about what the author of a file may not have meant.
	Remarks []string `json:"-"`
	// Lines are those of the file.
	Lines document.Lines `json:"-"`
}

// YAML writes the document with its fields in the documented order.
func (d Document) YAML() ([]byte, error) {
	d.fill()
	return document.WriteYAML(d)
}

// ParseYAML reads the documents of a file, which "---" separates, as strictly as
// Parse reads JSON. The problems are those of the documents, in their order.
func ParseYAML(data []byte) ([]Document, [][]Problem, error) {
	if len(data) > maxFile {
		return nil, nil, document.Malformed("The file is larger than 20 MB.")
	}
	values, err := document.ReadYAMLWithRemarks(data)
	if err != nil {
		return nil, nil, err
	}
	documents, problems := make([]Document, len(values)), make([][]Problem, len(values))
	for i, value := range values {
		if documents[i], problems[i], err = documentOf(value.Value); err != nil {
			return nil, nil, err
		}
		documents[i].Remarks, documents[i].Lines = value.Remarks, value.Lines
	}
	return documents, problems, nil
}

func documentOf(value any) (Document, []Problem, error) {
	var d Document
	if _, named := value.(map[string]any); !named {
		return d, nil, document.Malformed("A workflow begins with names and values, such as “name: Large orders”.")
	}
	data := document.JSON(value)
	if len(data) > MaxBytes {
		return d, nil, document.Malformed("A definition in the file is larger than 1 MB.")
	}
	problems, err := document.Read(data, &d)
	if err != nil {
		return d, nil, err
	}
	d.fill()
	problems = append(problems, d.checkFormat()...)
	return d, append(problems, d.CheckNames()...), nil
}
