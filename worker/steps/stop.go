package steps

import (
	"context"

	"workflows/worker/workflow"
)

type stopConfig struct {
	Outcome string `json:"outcome" label:"End the run as" options:"succeeded=Succeeded,failed=Failed" default:"succeeded"`
	Message string `json:"message" label:"Message" ref:"true" help:"Shown with the run: why it ended here." example:"Nothing to do today"`
}

// stop ends the run at once.
func stop() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "stop",
		Title:     "Stop",
		Summary:   "Ends the run here, as succeeded or failed.",
		Said:      "end finish quit abort cancel exit fail",
		Icon:      "octagon-x",
		Immediate: true,
		Outputs: []workflow.Output{
			{Name: "outcome", Type: "text", Help: "succeeded or failed", Example: "succeeded"},
			{Name: "message", Type: "text", Help: "The message, with data inserted.", Example: "Nothing to do today"},
		},
		Sentence: func(config map[string]any) string {
			sentence := "Ends the run as succeeded"
			if config["outcome"] == workflow.RunFailed {
				sentence = "Ends the run as failed"
			}
			if message := textAt(config, "message"); message != "" {
				sentence += ": “" + message + "”"
			}
			return sentence
		},
	}, func(_ context.Context, _ workflow.Call, config stopConfig) (workflow.Outcome, error) {
		if config.Outcome != workflow.RunSucceeded && config.Outcome != workflow.RunFailed {
			return workflow.Outcome{}, permanent("invalid_config", "A run can end as succeeded or failed only.")
		}
		return workflow.Outcome{
			Output:  map[string]any{"outcome": config.Outcome, "message": config.Message},
			Stop:    config.Outcome,
			Message: config.Message,
		}, nil
	})
}
