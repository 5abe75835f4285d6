package steps

import (
	"context"

	"workflows/worker/workflow"
)

type runWorkflowConfig struct {
	Workflow string         `json:"workflow" label:"Workflow" kind:"workflow" required:"true" help:"Its published version runs." missing:"Choose the workflow to run."`
	Input    map[string]any `json:"input" label:"What it is given" kind:"inputs" ref:"true" help:"A value for each input that the other workflow asks for."`
	Wait     bool           `json:"wait" label:"Wait until it has finished" default:"true" help:"Then later steps can insert what it came to, and this step fails if it fails. Without it, the run goes on at once."`
}

// runWorkflow starts another workflow, and waits for its end if wanted.
func runWorkflow() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "run_workflow",
		Title:     "Run another workflow",
		Summary:   "Starts another workflow and uses what it comes to.",
		Said:      "start other subworkflow",
		Icon:      "workflow",
		Immediate: true,
		Outputs: []workflow.Output{
			{Name: "run_id", Type: "text", Help: "The id of the other run.", Example: "01930000-0000-7000-8000-000000000000"},
			{Name: "output", Type: "any", Help: "What the other run came to; empty when this step does not wait for it.", Example: map[string]any{"status": 200}},
		},
		Calls: calledWorkflow,
		Sentence: func(config map[string]any) string {
			called := calledWorkflow(config)
			switch {
			case called == "":
				return "Runs no workflow yet"
			case config["wait"] == false:
				return "Starts " + called + " and goes on at once"
			}
			return "Runs " + called + " and waits for its end"
		},
	}, startChild)
}

func calledWorkflow(config map[string]any) string { return textAt(config, "workflow") }

func startChild(_ context.Context, _ workflow.Call, config runWorkflowConfig) (workflow.Outcome, error) {
	if config.Workflow == "" {
		return workflow.Outcome{}, permanent("invalid_config", "There is no workflow to run. Choose one.")
	}
	return workflow.Outcome{Wait: &workflow.Child{Workflow: config.Workflow, Input: config.Input, Wait: config.Wait}}, nil
}
