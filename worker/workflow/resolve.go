package workflow

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/document"
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

// Scope is the data that references of one step may insert.
type Scope struct {
	Input, Trigger, Run map[string]any
	Steps               map[string]any // id → output of the finished step, also as a *document.Lazy, or Off
	Item, Index         any            // inside a for_each
	Now                 time.Time      // when the step began; {{ now }}
	Secrets             map[string]string
	// Absent is told which references stand for nothing that was there; what is not there
	// is null. Why says the reason, or "" where that may not surprise; it takes time where
	// much is there. May be nil.
	Absent func(reference string, why func() string)

	words   *filter.Allowance    // what words that change values may take together
	inserts map[string]insertion // of a narrowed scope: all that it gives, but for secrets
	perItem bool                 // Item and Index are those of a step's own item
}

// TimeFormat is how times are written into data: RFC 3339 with microseconds.
const TimeFormat = "2006-01-02T15:04:05.000000Z07:00"

// Off is what a step gives that is switched off: whatever is looked for in it is
// empty.
type Off struct{}

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
		field, _ := fieldNamed(fields, name)
		parts, isObject := value.(map[string]any)
		text, isText := value.(string)
		var err error
		switch {
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
func (r *resolver) fieldText(field Field, beside map[string]any, text string) (filled any, err error) {
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
	if misfit := new(place.Error); errors.As(err, &misfit) {
		err = &StepError{Code: misfit.Code, Message: misfit.Message, Permanent: true}
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

func (r *resolver) piecesOf(text string, references []Reference) (_ []place.Piece, err error) {
	values := make([]any, len(references))
	for i, reference := range references {
		if values[i], err = r.value(reference); err != nil {
			return nil, err
		}
	}
	return pieces(text, references, func(i int) any { return values[i] }), nil
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

// value is what a reference gives: the value that it stands for, changed by its words.
func (s Scope) value(reference Reference) (any, error) {
	if reference.Root == "" {
		return s.changed(reference, reference.Quoted)
	}
	own := s.perItem && reference.ofItem()
	if own && !itemRoot(reference) { // what it changes is the same for all items
		value, err := s.value(reference.unchanged())
		if err != nil {
			return nil, err
		}
		return s.changed(reference, value)
	}
	if s.inserts != nil && reference.Root != "secrets" && !own {
		if given, kept := s.inserts[reference.Text]; kept {
			return given.value, given.err
		}
	}
	value, absent, err := s.lookup(reference)
	if err != nil {
		return nil, err
	}
	if absent != nil && s.Absent != nil && !defaulted(reference) {
		s.Absent(reference.Text, absent)
	}
	return s.changed(reference, value)
}

// ofItem reports whether what a reference gives, or the words that change it, depend on
// the item.
func (r Reference) ofItem() bool {
	return itemRoot(r) || slices.ContainsFunc(r.arguments(), itemRoot)
}

func itemRoot(r Reference) bool { return r.Root == "item" || r.Root == "index" }

// unchanged is the reference without the words that change its value.
func (r Reference) unchanged() Reference {
	plain := Reference{Root: r.Root, Path: r.Path}
	plain.Text = plain.String()
	return plain
}

// defaulted reports whether a reference says itself what it gives where nothing is there.
func defaulted(reference Reference) bool {
	return len(reference.Changes) > 0 && reference.Changes[0].Name == "default"
}

// changed is a value after the words of a reference.
func (s Scope) changed(reference Reference, value any) (any, error) {
	if len(reference.Changes) == 0 {
		return value, nil
	}
	changed, err := s.words.Change(value, reference.Changes, func(path string) (any, error) { return s.value(bare(path)) })
	if err == nil || errors.As(err, new(*StepError)) {
		return changed, err
	}
	return nil, &StepError{Code: filter.Code, Message: "“" + document.Shorten(reference.Text, 120) + "” cannot be filled in. " + err.Error(), Permanent: true}
}

// lookup is the value that a reference stands for, as it is. What is not there is null;
// absent then says why.
func (s Scope) lookup(reference Reference) (value any, absent func() string, err error) {
	switch reference.Root {
	case "input":
		value = s.Input
	case "trigger":
		value = s.Trigger
	case "run":
		value = s.Run
	case "steps":
		value = s.Steps
	case "item":
		value = s.Item
	case "index":
		value = s.Index
	case "now":
		value = s.Now.UTC().Format(TimeFormat)
	case "secrets":
		value, err = s.secret(reference)
		return value, nil, err
	}
	for i, part := range reference.Path {
		next, ok := child(value, part)
		if !ok {
			around := value // the result becomes nil
			return nil, func() string { return absence(reference, i, around) }, nil
		}
		value = next
	}
	switch v := value.(type) {
	case Off:
		return nil, nil, nil
	case *document.Lazy:
		if value, err = v.Value(); err != nil {
			return nil, nil, &StepError{Code: CodeInternal, Permanent: true, Message: "The data of earlier steps cannot be read. Start a new run."}
		}
	}
	return value, nil, nil
}

func (s Scope) secret(reference Reference) (any, error) {
	if len(reference.Path) == 1 {
		if value, exists := s.Secrets[reference.Path[0]]; exists {
			return value, nil
		}
	}
	return nil, &StepError{Code: "unknown_secret", Permanent: true, Message: "The secret of “" + document.Shorten(reference.Text, 120) + "” does not exist. Make it under Settings, Secrets, then run this again."}
}

// secretNamed is the value of a secret whose name a field holds; one that is empty
// names none.
func (s Scope) secretNamed(field any) (any, error) {
	name, _ := field.(string)
	if name == "" {
		return field, nil
	}
	value, exists := s.Secrets[name]
	if !exists {
		return nil, &StepError{Code: "unknown_secret", Permanent: true, Message: "There is no secret “" + document.Shorten(name, 120) + "”. Make it under Settings, Secrets, then run this again."}
	}
	return value, nil
}

func child(value any, part string) (any, bool) {
	switch v := value.(type) {
	case Off:
		return v, true
	case *document.Lazy:
		if part, found := v.Part(part); found {
			return part, true
		}
		return nil, false
	case map[string]any:
		next, ok := v[part]
		return next, ok
	case []any:
		i, err := strconv.Atoi(part)
		if err != nil || !isIndex(part) || i >= len(v) {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}

// absence says in words why the part at i of a path was not found in value; "" where
// that is nothing special: a run that no webhook has started was sent nothing, and a step
// that has not failed has no error.
func absence(reference Reference, i int, value any) string {
	part := document.Shorten(reference.Path[i], 60)
	switch {
	case reference.Root == "trigger" && i == 0 && slices.Contains(TriggerParts(), part):
		return ""
	case reference.Root == "steps" && i == 0:
		return "The step “" + part + "” has not run."
	case reference.Root == "steps" && reference.Path[1] == "error":
		return ""
	case reference.Root == "input" && i == 0:
		return "The workflow has no input “" + part + "”."
	}
	if lazy, is := value.(*document.Lazy); is {
		value = lazy.Outline()
	}
	where := strings.TrimSuffix(strings.TrimPrefix(Reference{Root: reference.Root, Path: reference.Path[:i]}.String(), "{{ "), " }}")
	switch v := value.(type) {
	case nil:
		return "“" + where + "” is empty, so it has no “" + part + "”."
	case []any:
		if isIndex(part) {
			return "“" + where + "” is a list with " + plural(len(v), "entry") + "; [" + part + "] is beyond its end (the first is [0])."
		}
		return "“" + where + "” is a list: choose an entry first, such as [0]."
	case map[string]any:
		return "“" + where + "” has no “" + part + "”." + document.DidYouMean(part, sortedKeys(v))
	}
	return "“" + where + "” is a single value and has no “" + part + "”."
}

// TriggerParts are what {{ trigger }} may hold. They exist for every kind of start, and
// are empty where that does not fill them.
func TriggerParts() []string {
	return []string{"type", "by", "via", "trigger_id", "schedule_id", "planned_at", "run_id", "step_id", "delivery_id", "headers", "query", "body"}
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
