package workflow

import (
	"fmt"

	"workflows/worker/document"
)

// Parse decodes a definition strictly; see document.Read. A missing format means
// the present one. Parse does not say whether the definition makes sense: a
// Checker does.
func Parse(data []byte) (Definition, []Problem, error) {
	var d Definition
	if len(data) > MaxBytes {
		return d, nil, document.Malformed("The definition is larger than 1 MB.")
	}
	problems, err := document.Read(data, &d)
	if err != nil {
		return d, nil, err
	}
	d.fill()
	problems = append(problems, d.checkFormat()...)
	return d, append(problems, d.CheckNames()...), nil
}

// Load decodes a definition that was checked before it was stored.
func Load(data []byte) (Definition, error) {
	var d Definition
	if err := document.Decode(data, &d); err != nil {
		return d, fmt.Errorf("decode stored definition: %w", err)
	}
	d.fill()
	return d, nil
}

func (d *Definition) fill() {
	if d.Format == 0 {
		d.Format = Format
	}
	if d.Steps == nil {
		d.Steps = []Step{}
	}
}

// Marshal writes the definition as compact JSON in a stable order: fields as
// documented, the keys of configs sorted.
func (d Definition) Marshal() []byte {
	d.fill()
	return document.JSON(d)
}

func (d Definition) checkFormat() []Problem {
	if d.Format == Format {
		return nil
	}
	return []Problem{{Path: "format", Code: "unsupported_format", Message: fmt.Sprintf("This program reads format %d. Export the workflow again, or update the program.", Format)}}
}
