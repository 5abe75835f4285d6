package workflow

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workflows/worker/document"
)

// Types are the step types that this build offers, by name.
type Types map[string]StepType

// List returns the types in the order in which the UI offers them.
func (t Types) List() []StepType {
	return slices.SortedFunc(maps.Values(t), func(a, b StepType) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name))
	})
}

// Tidied is a config that came from a form in the shape in which it is checked and
// stored. What was typed stays as it is, to be shown again.
func (t StepType) Tidied(config map[string]any) map[string]any {
	if t.Tidy == nil || config == nil {
		return config
	}
	tidied := maps.Clone(config)
	t.Tidy(tidied)
	return tidied
}

func (t Types) names() []string {
	names := make([]string, 0, len(t))
	for _, stepType := range t.List() {
		names = append(names, stepType.Name)
	}
	return names
}

// NewStepType completes a step type from its config struct C: the form's fields
// come from C's tags (see fieldsOf), and execute gets the resolved config as a C
// with the defaults filled in.
func NewStepType[C any](t StepType, execute func(ctx context.Context, call Call, config C) (Outcome, error)) StepType {
	t.Fields = fieldsOf[C](t.Kinds...)
	fields := t.Fields
	t.Execute = func(ctx context.Context, call Call) (Outcome, error) {
		config, err := configOf[C](fields, call.Config)
		if err != nil {
			return Outcome{}, err
		}
		return execute(ctx, call, config)
	}
	t.MayAct = t.Effects != nil
	if t.Effects == nil {
		t.Effects = func(map[string]any) bool { return false }
	}
	if t.Check == nil {
		t.Check = func(map[string]any) []Problem { return nil }
	}
	if t.Sentence == nil {
		t.Sentence = func(map[string]any) string { return t.Summary }
	}
	return t
}

// WithTry adds to a type made by NewStepType how it is tried, see StepType.Try.
func WithTry[C any](t StepType, try func(call Call, config C) (Part, error)) StepType {
	fields := t.Fields
	t.Try = func(call Call) (Part, error) {
		config, err := configOf[C](fields, call.Config)
		if err != nil {
			return Part{}, err
		}
		return try(call, config)
	}
	return t
}

// configOf is a resolved config as a step type's config struct.
func configOf[C any](fields []Field, resolved map[string]any) (config C, err error) {
	if problems := document.Bind(withDefaults(fields, resolved), &config, ParseDuration); len(problems) > 0 {
		err = &StepError{Code: "invalid_config", Permanent: true, Message: fmt.Sprintf("“%s” cannot be used: %s", labelAt(fields, problems[0].Path), problems[0].Message)}
	}
	return config, err
}

// labelAt is what a form calls the field at a path.
func labelAt(fields []Field, path string) string {
	name := path[:strings.IndexAny(path+".", ".[")]
	if field := fieldNamed(fields, name); field != nil && field.Label != "" {
		return field.Label
	}
	return PlainName(name)
}

// Gives returns what a step with this config puts out.
func (t StepType) Gives(config map[string]any) []Output {
	if t.OutputsOf != nil {
		return t.OutputsOf(config)
	}
	return t.Outputs
}

// Field returns the field of that name.
func (t StepType) Field(name string) (Field, bool) { return partOf(t.Fields, name) }

// fieldNamed is the field of that name, or nil. Fields are large: for each attempt they
// are looked at where they are.
func fieldNamed(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

func withDefaults(fields []Field, config map[string]any) map[string]any {
	filled := maps.Clone(config)
	if filled == nil {
		filled = map[string]any{}
	}
	for i := range fields {
		field := &fields[i]
		if field.Kind.Parts {
			if part, ok := filled[field.Name].(map[string]any); ok {
				filled[field.Name] = withDefaults(field.Fields, part)
			}
			continue
		}
		if value := filled[field.Name]; field.Default != "" && (value == nil || value == "") {
			filled[field.Name] = field.Default
		}
	}
	return filled
}

// StepTitle is the step's name, or what its type is called.
func StepTitle(s Step, types Types) string {
	if s.Name != "" {
		return s.Name
	}
	if t, ok := types[s.Type]; ok {
		return t.Title
	}
	return PlainName(s.ID)
}

// StepSentence describes in a few words what the step is set to do.
func StepSentence(s Step, types Types) string {
	t, ok := types[s.Type]
	if !ok || t.Sentence == nil {
		return "A step that this version does not know"
	}
	return t.Sentence(s.Config)
}
