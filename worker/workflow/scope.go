package workflow

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/document"
	"workflows/worker/filter"
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
	// Called is what people call what a reference stands for; nil calls it as it is written.
	Called func(Reference) string

	words   *filter.Allowance    // what words that change values may take together
	inserts map[string]insertion // of a narrowed scope: all that it gives, but for secrets
	perItem bool                 // Item and Index are those of a step's own item
}

// TimeFormat is how times are written into data: RFC 3339 with microseconds.
const TimeFormat = "2006-01-02T15:04:05.000000Z07:00"

// Off is what a step gives that is switched off: whatever is looked for in it is
// empty.
type Off struct{}

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
	return nil, &StepError{Code: filter.Code, Message: "“" + s.called(reference) + "” cannot be filled in. " + err.Error(), Permanent: true}
}

func (s Scope) called(reference Reference) string {
	words := reference.String()
	if s.Called != nil {
		words = s.Called(reference)
	}
	return document.Shorten(words, 120)
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
			at, around := i, value // the result becomes nil
			return nil, func() string { return absence(reference, at, around) }, nil
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
	return nil, &StepError{Code: "unknown_secret", Permanent: true, Message: "There is no secret “" + document.Shorten(strings.Join(reference.Path, "."), 120) + "”. Make it under Settings, Secrets, then run this again."}
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

// Inside is the part of that name, or in that place, of a value that has one.
func Inside(value any, part string) (any, bool) { return child(value, part) }

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
	return []string{"type", "by", "via", "tries", "trigger_id", "schedule_id", "planned_at", "run_id", "step_id", "delivery_id", "headers", "query", "body", "acts", "tried_on"}
}
