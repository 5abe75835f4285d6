package workflow

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"workflows/worker/document"
	"workflows/worker/place"
)

// Kind is what all fields of one kind have in common: how a value is checked, how
// it is described to programs, how a person enters it and sees it again. All that
// depends on a field's kind stands in its entry; the checker, the API's document
// and the forms do what the entry says, whatever its name.
//
// A new kind is one file and its line in kinds, or an entry that the only step
// type with such fields brings along in StepType.Kinds.
type Kind struct {
	Name string
	// Check says what is wrong with a value that is there and is no reference.
	Check func(path string, field Field, value any) []Problem
	// Schema describes a value in JSON Schema; nil is a text.
	Schema func(field Field) map[string]any
	// Parts has the field filled in part by part: an object with Field.Fields. Check,
	// Schema, Entry and Rows then say nothing.
	Parts bool
	// Secret has the value name a secret: the step is given what that says, its record
	// and a try a mark.
	Secret bool
	// Rows has it filled in by any number of rows; nil is one control, as Entry says.
	Rows  *Rows
	Entry Entry
	// Says has the entry looked at while it is typed: what is wrong is said below it, or else
	// how it reads, and this of what is right. beside is the config that it is part of.
	Says func(beside map[string]any) string
	// Insert makes a value of a text that is taken apart into what was typed and the
	// values that are inserted, with the stored config that the field is part of; its
	// errors are those of worker/place. nil writes values into the text as they are,
	// and keeps the type of one that stands alone.
	Insert func(beside map[string]any, pieces []place.Piece) (any, error)
}

// Entry is how one control of a form is filled in.
type Entry struct {
	// Control is the component that shows it: "" is a line of text; multiline, json,
	// number, choice, or checkbox, where a text in the place of yes or no is shown
	// as one.
	Control string
	Width   string // short or medium; "" is full
	Lines   int    // of a control with several
	Mono    bool
	// Choices names what is on offer where that is not for the field to say.
	Choices Choices
	// Read makes a value of what was typed, which is not empty; nil takes the text
	// without the space around it.
	Read func(text string) any
	// Show writes a value that is not a text; nil writes it in one line.
	Show func(value any) string
	// Words writes a text that is stored as people say it, of which Read makes the same
	// again; nil leaves it as it is.
	Words func(text string) string
}

// Choices is where a control or its rows take what they offer from.
type Choices string

// What only the installation knows: the names of its secrets, its workflows, what the
// chosen workflow asks for, and its people, beside whom any others may be typed.
const (
	ChoicesPeople    Choices = "people"
	ChoicesSecrets   Choices = "secrets"
	ChoicesWorkflows Choices = "workflows"
	ChoicesAsked     Choices = "asked"
)

// Rows is how a field with any number of equal rows is filled in.
type Rows struct {
	// If has only some values filled in so, and the others as Entry says: while another field
	// has one of the values, such as "body_type=form". It is one of the fields that ShowIf is
	// about. Or are the rows while it has another one.
	If string
	Or *Rows
	// OrTyped leaves it to whoever fills the field in whether it is typed instead.
	OrTyped bool
	// Label is what they are called where that is not the field's label.
	Label string
	// Fits reports whether a value is no more than rows can hold; nil is any.
	Fits func(value any) bool
	// Single has each value be a single one, and no list or object.
	Single bool
	// Blank is how many empty rows there are for a start; 0 is one.
	Blank int
	// Component shows a row: pairs (name, value), values (name, kind, value) or
	// conditions (value, operator, other; of a group's first row the kind is all or any,
	// of its last row end).
	Component string
	// Named rows are found by their name when something is wrong with one, others by
	// their number.
	Named bool
	// Kinds are what the middle of a row with three parts offers, and Hint what stands
	// in an empty value; nil and "" are the kinds of values.
	Kinds []Option
	Hint  string
	// Parts names the part of a row that holds a member of its value, where they are
	// called differently.
	Parts map[string]string
	// Choices names the rows that are there for a start.
	Choices Choices
	// Of writes a stored value as rows.
	Of func(value any) []Row
	// Read makes a value of rows as they were sent, nil of none, and returns the
	// rows that count with what is wrong with them. A row that was not changed keeps
	// what was stored.
	Read func(rows []Row, was any) (any, []Row)
}

// Row is one row as a form holds it; what a component has not is empty.
type Row struct {
	Name, Kind, Value, Operator, Other string
	NameProblem, ValueProblem          string
}

// kinds are the kinds of fields that any step type may have; they are made once, for some
// hundred fields.
var kinds = sync.OnceValue(func() []Kind {
	return []Kind{
		textKind(), multilineKind(), jsonKind(), numberKind(), booleanKind(), choiceKind(), durationKind(), timeKind(),
		addressKind(), recipientsKind(), peopleKind(), secretKind(), workflowKind(), pairsKind(), valuesKind(), inputsKind(), conditionsKind(), groupKind(),
	}
})

// kindNamed finds a kind among those of a step type and those for all. A name that
// nobody has is a defect of the program.
func kindNamed(name string, own []Kind) Kind {
	for _, list := range [][]Kind{own, kinds()} {
		if i := slices.IndexFunc(list, func(kind Kind) bool { return kind.Name == name }); i >= 0 {
			return list[i]
		}
	}
	panic("there is no kind of field named " + name)
}

// kindOf is the name of the kind of a field whose tags name none.
func kindOf(t reflect.Type, field Field) string {
	switch {
	case len(field.Options) > 0:
		return "choice"
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t == reflect.TypeFor[[]Condition]():
		return "conditions"
	case structOf(t).Kind() == reflect.Struct:
		return "group"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Map:
		return "pairs"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Float64:
		return "number"
	}
	return "text"
}

func groupKind() Kind { return Kind{Name: "group", Parts: true} }

// wrongType is the problem of a value that is not what its field wants.
func wrongType(path string, field Field, want string, value any) []Problem {
	return []Problem{{Path: path, Code: "wrong_type", Message: fmt.Sprintf("“%s” must be %s, not %s.", field.Label, want, document.Kind(value))}}
}

// only describes a value of one JSON type.
func only(jsonType string) func(Field) map[string]any {
	return func(Field) map[string]any { return map[string]any{"type": jsonType} }
}

// addressKind is the address of a call.
func addressKind() Kind {
	return Kind{Name: "address", Check: checkText, Insert: func(_ map[string]any, pieces []place.Piece) (any, error) {
		if len(pieces) == 0 {
			return "", nil
		}
		return place.Address(pieces)
	}}
}

// recipientsKind is e-mail addresses, with commas between them or as a list.
func recipientsKind() Kind {
	return Kind{Name: "recipients", Check: checkText, Entry: Entry{Choices: ChoicesPeople}, Insert: func(_ map[string]any, pieces []place.Piece) (any, error) { return place.Recipients(pieces) }}
}

// peopleKind is e-mail addresses of people who are asked, written in the same way.
func peopleKind() Kind {
	return Kind{Name: "people", Check: checkText, Entry: Entry{Choices: ChoicesPeople}}
}
