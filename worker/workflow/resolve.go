package workflow

import (
	"errors"
	"slices"
	"time"

	"workflows/worker/filter"
	"workflows/worker/place"
)

// maxInserted bounds what the references of one config may insert together, so
// that a few texts cannot multiply a large answer.
const maxInserted = 16 << 20

// maxPerItem bounds the same for all items together of a step that fills in some
// of its fields for each of them.
const maxPerItem = 4 * maxInserted

// maxWorked bounds what the words that change the inserted values of one config may take
// together; maxWorkedPerItem, those of all items of a step.
const (
	maxWorked        = 250 * time.Millisecond
	maxWorkedPerItem = 4 * time.Second
)

// Resolve replaces every reference inside the config of a step of this type, but
// for the fields that the step fills in itself for each of its items. A text that
// is one reference and nothing else becomes the value with its type kept; otherwise
// the value is written into the text, as the field's kind says. What is not there is
// null. What is inserted is never read again. The config itself is not changed. Errors
// are *StepError, with the code missing_value where nothing may not stand.
func (t StepType) Resolve(config map[string]any, scope Scope) (map[string]any, error) {
	return newResolver(scope, maxInserted).fields(t.Fields, config)
}

func (r *resolver) fields(fields []Field, config map[string]any) (map[string]any, error) {
	resolved := make(map[string]any, len(config))
	for name, value := range config {
		field := fieldNamed(fields, name)
		parts, isObject := value.(map[string]any)
		text, isText := value.(string)
		var err error
		switch {
		case field == nil:
			resolved[name], err = r.resolve(value)
		case field.Each:
			resolved[name] = value
		case field.Kind.Parts && isObject:
			resolved[name], err = r.fields(field.Fields, parts)
		case field.Kind.Secret:
			resolved[name], err = r.scope.secretNamed(value)
		case isText:
			resolved[name], err = r.fieldText(field, config, text)
		default:
			resolved[name], err = r.resolve(value)
		}
		if err != nil {
			return nil, err
		}
	}
	return resolved, nil
}

// fieldText fills in the text of a field as its kind says. Nothing may not come of it
// where something is required.
func (r *resolver) fieldText(field *Field, beside map[string]any, text string) (filled any, err error) {
	if field.Kind.Insert == nil {
		filled, err = r.resolveText(text)
	} else if pieces, broken := r.pieces(text); broken != nil {
		err = broken
	} else {
		filled, err = field.Kind.Insert(beside, pieces)
	}
	if err == nil && field.Required && field.Default == "" && (filled == nil || filled == "") {
		if references, _ := References(text); len(references) > 0 {
			err = place.Missing(references[0].Text, "“"+field.Label+"”")
		}
	}
	if err == nil {
		return filled, nil
	}
	if misfit := new(place.Error); errors.As(err, &misfit) {
		err = &StepError{Code: misfit.Code, Message: Replaced(misfit.Message, r.scope.called), Permanent: true}
	}
	return filled, err
}

// PerItem returns what a step of this type fills its fields in with, see
// Call.PerItem; nil when none of them is filled in per item. No secret can be
// inserted.
func (t StepType) PerItem(scope Scope) func(value, item any, index int) (any, error) {
	if !FillsEach(t.Fields) {
		return nil
	}
	scope.Secrets, scope.perItem = nil, true
	r := newResolver(scope, maxPerItem)
	r.scope.words = filter.NewAllowance(maxWorkedPerItem)
	return func(value, item any, index int) (any, error) {
		r.scope.Item, r.scope.Index = item, index
		return r.resolve(value)
	}
}

// FillsEach reports whether a step fills some of its fields in itself, once for each item.
func FillsEach(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.Each || FillsEach(f.Fields) })
}

type resolver struct {
	scope Scope
	most  int // bytes that may be inserted
	left  int // of them
}

func newResolver(scope Scope, most int) *resolver {
	scope.words = filter.NewAllowance(maxWorked)
	return &resolver{scope: scope, most: most, left: most}
}

func (r *resolver) resolve(value any) (any, error) {
	switch v := value.(type) {
	case string:
		return r.resolveText(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			resolved, err := r.resolve(item)
			if err != nil {
				return nil, err
			}
			list[i] = resolved
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, item := range v {
			resolved, err := r.resolve(item)
			if err != nil {
				return nil, err
			}
			object[name] = resolved
		}
		return object, nil
	}
	return value, nil
}

func (r *resolver) resolveText(text string) (any, error) {
	if !hasReference(text) {
		return text, nil
	}
	references, err := readReferences(text)
	if err != nil {
		return nil, err
	}
	if only := references[0]; only.Text == text {
		return r.value(only)
	}
	pieces, err := r.piecesOf(text, references)
	if err != nil {
		return nil, err
	}
	return place.Joined(pieces), nil
}

// pieces takes a text apart into what was typed and the values that are inserted.
func (r *resolver) pieces(text string) ([]place.Piece, error) {
	references, err := readReferences(text)
	if err != nil {
		return nil, err
	}
	return r.piecesOf(text, references)
}

func (r *resolver) piecesOf(text string, references []Reference) (list []place.Piece, err error) {
	list = pieces(text, references, func(i int) (value any) {
		if err == nil {
			value, err = r.value(references[i])
		}
		return value
	})
	return list, err
}

func readReferences(text string) ([]Reference, error) {
	references, err := References(text)
	if err != nil {
		return nil, &StepError{Code: "invalid_reference", Message: err.Error(), Permanent: true}
	}
	return references, nil
}

func (r *resolver) value(reference Reference) (any, error) {
	value, err := r.scope.value(reference)
	if err != nil {
		return nil, err
	}
	if r.left -= sizeOf(value, r.left); r.left <= 0 {
		return nil, &StepError{Code: "too_large", Permanent: true, Message: "The data that this step inserts is larger than " + itoa(r.most>>20) + " MB. Insert only the parts that it needs."}
	}
	return value, nil
}

// sizeOf estimates the bytes of a value as JSON; it stops counting at the limit.
func sizeOf(value any, limit int) int {
	size := 8
	switch v := value.(type) {
	case string:
		size += len(v)
	case []any:
		for _, item := range v {
			if size += sizeOf(item, limit-size); size >= limit {
				return limit
			}
		}
	case map[string]any:
		for name, item := range v {
			if size += len(name) + sizeOf(item, limit-size); size >= limit {
				return limit
			}
		}
	}
	return min(size, max(limit, 0))
}
