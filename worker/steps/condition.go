package steps

import (
	"context"
	"fmt"
	"strings"

	"workflows/worker/workflow"
)

type conditionConfig struct {
	Match      string               `json:"match" label:"Go on with “If yes” when" options:"all=All of these are true,any=At least one of these is true" default:"all"`
	Conditions []workflow.Condition `json:"conditions" label:"Conditions" kind:"conditions" required:"true" ref:"true" missing:"Add at least one condition."`
}

// condition goes on in one of two branches.
func condition() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "condition",
		Title:     "Decide",
		Summary:   "Goes on in one of two ways, depending on values.",
		Icon:      "split",
		Immediate: true,
		Blocks:    []string{"then", "else"},
		Outputs:   []workflow.Output{{Name: "result", Type: "boolean", Help: "Whether the conditions were true.", Example: true}},
		Sentence:  conditionSentence,
	}, decide)
}

func decide(_ context.Context, _ workflow.Call, config conditionConfig) (workflow.Outcome, error) {
	oneIsEnough := config.Match == "any"
	result := !oneIsEnough
	for i, condition := range config.Conditions {
		holds, err := condition.Holds()
		if err != nil {
			return workflow.Outcome{}, permanent("invalid_condition", fmt.Sprintf("Condition %d cannot be decided: %s", i+1, err))
		}
		if holds == oneIsEnough { // decides it; the rest is not looked at
			result = oneIsEnough
			break
		}
	}
	branch := "else"
	if result {
		branch = "then"
	}
	return workflow.Outcome{Output: map[string]any{"result": result}, Branch: branch}, nil
}

func conditionSentence(config map[string]any) string {
	list, _ := config["conditions"].([]any)
	var parts []string
	for _, item := range list {
		condition, ok := item.(map[string]any)
		if !ok {
			continue
		}
		parts = append(parts, workflow.Condition{Value: condition["value"], Operator: textAt(condition, "operator"), Other: condition["other"]}.Sentence())
	}
	joint := " and "
	if config["match"] == "any" {
		joint = " or "
	}
	switch {
	case len(parts) == 0:
		return "Decides nothing yet"
	case len(parts) > 3:
		return fmt.Sprintf("If %s%s%d more conditions", strings.Join(parts[:2], joint), joint, len(parts)-2)
	}
	return "If " + strings.Join(parts, joint)
}
