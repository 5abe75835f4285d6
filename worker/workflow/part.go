package workflow

import (
	"slices"

	"workflows/worker/document"
)

// Part is what a page shows of a step that only its type can tell.
type Part struct {
	Title string
	Facts []Fact
	Text  string // shown as it stands, over several lines
	Table *Table // below the text; nil is none
}

// Table is the beginning of one, and how many rows follow.
type Table struct {
	Columns []string
	Rows    [][]string
	More    int
}

// Fact is one line of a part.
type Fact struct{ Label, Value string }

// Would tells what a step would do with a config whose references are filled in, for
// people: as its type tells it, or else its settings in the order of its form. Nothing is
// done.
func (t StepType) Would(config map[string]any) Part {
	if t.Try != nil {
		if part, err := t.Try(Call{Config: config}); err == nil {
			return part
		}
	}
	part := Part{Title: "What it would do"}
	part.tell(t.Fields, config)
	return part
}

func (p *Part) tell(fields []Field, config map[string]any) {
	for _, field := range fields {
		value := config[field.Name]
		parts, isObject := value.(map[string]any)
		switch {
		case value == nil, value == "", !field.Shown(config, fields):
		case field.Kind.Parts && isObject:
			p.tell(field.Fields, parts)
		default:
			p.Facts = append(p.Facts, Fact{Label: field.Label, Value: field.words(value)})
		}
	}
}

// words is a value as its form calls it.
func (f Field) words(value any) string {
	text := document.Text(value)
	if value == true {
		return "Yes"
	}
	if value == false {
		return "No"
	}
	if i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Value == text }); i >= 0 {
		return f.Options[i].Label
	}
	return text
}
