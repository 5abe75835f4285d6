package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workflows/worker/workflow"
)

type setValuesConfig struct {
	Values map[string]any `json:"values" label:"Values" kind:"values" required:"true" ref:"true" help:"Names and values that later steps can insert." missing:"Add at least one value."`
}

// setValues keeps values under names for later steps.
func setValues() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "set_values",
		Title:     "Set values",
		Summary:   "Gives names to values that later steps use.",
		Said:      "variable variables store constant calculate compute",
		Icon:      "braces",
		Immediate: true,
		OutputsOf: valuesOf,
		Sentence: func(config map[string]any) string {
			names := slices.Sorted(maps.Keys(valuesIn(config)))
			switch {
			case len(names) == 0:
				return "Sets no values yet"
			case len(names) > 3:
				return fmt.Sprintf("Sets %s and %d more", strings.Join(names[:3], ", "), len(names)-3)
			}
			return "Sets " + strings.Join(names, ", ")
		},
	}, func(_ context.Context, _ workflow.Call, config setValuesConfig) (workflow.Outcome, error) {
		return workflow.Outcome{Output: config.Values}, nil
	})
}

func valuesIn(config map[string]any) map[string]any {
	values, _ := config["values"].(map[string]any)
	return values
}

func valuesOf(config map[string]any) []workflow.Output {
	values := valuesIn(config)
	var outputs []workflow.Output
	for _, name := range slices.Sorted(maps.Keys(values)) {
		outputs = append(outputs, workflow.Output{Name: name, Type: typeOf(values[name]), Example: values[name], Certain: true})
	}
	return outputs
}

func typeOf(value any) string {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "{{") {
			return "any"
		}
		return "text"
	case bool:
		return "boolean"
	case map[string]any:
		return "object"
	case []any:
		return "list"
	case nil:
		return "any"
	}
	return "number"
}
