package workflow

// Beginning is what a new step may take its first settings from. They are guesses: the
// person who adds it sees them marked, and changes them.
type Beginning struct {
	Typed    string // where the step was added, such as an address; "" for none
	Workflow string // its name
	By       string // the e-mail address of who adds it
	// Chosen is what the step is to be about, nil where nobody has said.
	Chosen *Value
	// Above is what it may insert, as far as it is known: the item of a loop first, then
	// what the nearest step gave.
	Above []Value
	// Around is what has been decided where it stands in a branch; nil elsewhere.
	Around *Condition
}

// Value is something that a step may insert, with what it was lately.
type Value struct {
	Reference string // "{{ steps.shop.body.status }}"
	Name      string // "status"
	Type      string // text number boolean date email list
	Now       any
	Source    string // what all values have in common that come from one place
	Example   bool   // nobody has seen it: it is what the step's type gives for one
}

// Deed is what can be done with a value that a step gave, by a step of a type that takes
// it: "Decide by it".
type Deed struct {
	Word  string // as the editor's commands call it
	Label string
	// Of says what values it is for: "value" are single ones, "list" are lists, and "item"
	// are the single values of each item of a list.
	Of string
}

// Begins are the first settings of a new step of the type, and its name; nil and "" of a
// type that guesses nothing.
func (t StepType) Begins(b Beginning) (config map[string]any, name string) {
	if t.Begin == nil {
		return nil, ""
	}
	return t.Begin(b)
}

// Single reports whether the value is one that can be compared: no list, no object.
func (v Value) Single() bool {
	switch v.Now.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

// Operator is the one that is tried first with what a value is.
func (v Value) Operator() string {
	switch v.Type {
	case "number":
		return "greater_than"
	case "boolean":
		return "is_true"
	case "list":
		return "is_not_empty"
	}
	return "equals"
}
