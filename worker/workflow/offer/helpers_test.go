package offer

import (
	"context"
	"encoding/json"

	"workflows/worker/workflow"
)

func number(text string) json.Number { return json.Number(text) }

type callConfig struct {
	URL any `json:"url" label:"Address" ref:"true"`
}

type listConfig struct {
	List       any                  `json:"list" label:"List" ref:"true"`
	Conditions []workflow.Condition `json:"conditions" label:"Keep what is" each:"true"`
}

func step[C any](t workflow.StepType) workflow.StepType {
	return workflow.NewStepType(t, func(context.Context, workflow.Call, C) (workflow.Outcome, error) { return workflow.Outcome{}, nil })
}

func testTypes() workflow.Types {
	return workflow.Types{
		"call":   step[callConfig](workflow.StepType{Name: "call", Title: "Call", Outputs: []workflow.Output{{Name: "body", Type: "any"}, {Name: "status", Title: "answer code", Type: "number"}}}),
		"repeat": step[listConfig](workflow.StepType{Name: "repeat", Title: "Repeat", Blocks: []string{"do"}, Through: "list"}),
		"sift":   step[listConfig](workflow.StepType{Name: "sift", Title: "Sift", Through: "list", Outputs: []workflow.Output{{Name: "items", Type: "list", ItemsOf: "list"}}}),
	}
}

// resolved is what a step is given for a text.
func resolved(text string, scope workflow.Scope) (any, error) {
	config, err := testTypes()["call"].Resolve(map[string]any{"url": text}, scope)
	return config["url"], err
}
