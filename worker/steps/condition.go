package steps

import (
	"context"
	"fmt"

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
		Said:      "if when whether unless compare check over under more less than equals branch otherwise else",
		Icon:      "split",
		Chip:      "Decide",
		Deed:      &workflow.Deed{Word: "decide", Label: "Decide by it", Of: "value"},
		Begin:     beginDecision,
		Immediate: true,
		Blocks:    []string{"then", "else"},
		Outputs:   []workflow.Output{{Name: "result", Type: "boolean", Help: "Whether the conditions were true.", Example: true}},
		Sentence:  conditionSentence,
		RunPart:   decided,
	}, decide)
}

func decide(_ context.Context, _ workflow.Call, config conditionConfig) (workflow.Outcome, error) {
	result, number, err := workflow.Judge{Holds: workflow.Condition.Holds}.Decide(config.Match, config.Conditions)
	if err != nil {
		return workflow.Outcome{}, permanent("invalid_condition", fmt.Sprintf("Condition %d cannot be decided: %s", number, err))
	}
	branch := "else"
	if result {
		branch = "then"
	}
	return workflow.Outcome{Output: map[string]any{"result": result}, Branch: branch}, nil
}

// decided says of each condition, with its values filled in, whether it was true.
func decided(config map[string]any, _ any) *workflow.Part {
	facts := compared(workflow.ConditionsOf(config["conditions"]), "")
	if len(facts) == 0 {
		return nil
	}
	return &workflow.Part{Title: "What was compared", Facts: facts}
}

// compared puts the conditions of a group after it, each with the mark of how deep it
// stands.
func compared(conditions []workflow.Condition, mark string) []workflow.Fact {
	var facts []workflow.Fact
	for _, condition := range conditions {
		label := condition.Sentence()
		switch {
		case condition.Grouped() && condition.Match == "any":
			label = "At least one of:"
		case condition.Grouped():
			label = "All of:"
		}
		fact := workflow.Fact{Label: mark + label, Value: "no"}
		switch holds, err := condition.Holds(); {
		case err != nil:
			fact.Value = err.Error()
		case holds:
			fact.Value = "yes"
		}
		facts = append(facts, fact)
		facts = append(facts, compared(condition.Conditions, mark+"– ")...)
	}
	return facts
}

func conditionSentence(config map[string]any) string {
	conditions := workflow.ConditionsOf(config["conditions"])
	if len(conditions) == 0 {
		return "Decides nothing yet"
	}
	match, _ := config["match"].(string)
	return "If " + workflow.SentenceOf(match, conditions)
}
