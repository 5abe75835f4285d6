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
		RunPart:   decided,
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

// decided says of each condition, with its values filled in, whether it was true.
func decided(config map[string]any, _ any) *workflow.Part {
	part := workflow.Part{Title: "What was compared"}
	list, _ := config["conditions"].([]any)
	for _, item := range list {
		condition, ok := conditionOf(item)
		if !ok {
			continue
		}
		fact := workflow.Fact{Label: condition.Sentence(), Value: "no"}
		switch holds, err := condition.Holds(); {
		case err != nil:
			fact.Value = err.Error()
		case holds:
			fact.Value = "yes"
		}
		part.Facts = append(part.Facts, fact)
	}
	if len(part.Facts) == 0 {
		return nil
	}
	return &part
}

func conditionOf(item any) (workflow.Condition, bool) {
	parts, ok := item.(map[string]any)
	return workflow.Condition{Value: parts["value"], Operator: textAt(parts, "operator"), Other: parts["other"]}, ok
}

func conditionSentence(config map[string]any) string {
	list, _ := config["conditions"].([]any)
	var parts []string
	for _, item := range list {
		if condition, ok := conditionOf(item); ok {
			parts = append(parts, condition.Sentence())
		}
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
