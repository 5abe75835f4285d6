package steps

import (
	"context"
	"strings"

	"workflows/worker/workflow"
)

type shoutConfig struct {
	Text string `json:"text" label:"What to shout" required:"true" ref:"true" help:"It is said in capitals."`
}

// shout says something loudly.
func shout() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "shout",
		Title:     "Shout",
		Summary:   "Says something loudly.",
		Icon:      "bell",
		Immediate: true,
		Outputs:   []workflow.Output{{Name: "shouted", Type: "text", Help: "The text in capitals.", Example: "HELLO"}},
		Sentence:  func(config map[string]any) string { return "Shouts " + textAt(config, "text") },
	}, func(_ context.Context, _ workflow.Call, config shoutConfig) (workflow.Outcome, error) {
		return workflow.Outcome{Output: map[string]any{"shouted": strings.ToUpper(config.Text)}}, nil
	})
}
