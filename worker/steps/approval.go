package steps

import (
	"context"
	"strings"
	"time"

	"workflows/worker/workflow"
)

const maxQuestion = 2000 // characters

type approvalConfig struct {
	Question     string        `json:"question" label:"Question" kind:"multiline" required:"true" ref:"true" example:"May we refund order {{ input.order_id }}?" missing:"Enter what a person is asked."`
	Assignees    any           `json:"assignees" label:"Who decides" kind:"people" ref:"true" example:"anna@example.com, otto@example.com" help:"E-mail addresses, separated by commas: they get an e-mail with a link. Left empty, everybody who may run workflows. Whoever has the link of the question may decide too."`
	ExpiresAfter time.Duration `json:"expires_after" label:"Ask for at most" ref:"true" example:"3d" help:"After that the decision is “expired”, and the run goes on. Left empty, it waits until somebody decides."`
}

// approval asks a person and waits for the answer.
func approval() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "approval",
		Title:     "Ask for approval",
		Summary:   "Asks a person and waits for the answer.",
		Said:      "approve confirm confirmation permission boss manager colleague person somebody someone question answer release sign okay",
		Icon:      "user-check",
		Chip:      "Ask",
		Begin:     beginQuestion,
		Immediate: true,
		Waits:     workflow.WaitApproval,
		Outputs: []workflow.Output{
			{Name: "decision", Type: "text", Help: "approved, rejected or expired.", Example: "approved"},
			{Name: "by", Type: "text", Help: "Who has decided.", Example: "Anna"},
			{Name: "comment", Type: "text", Help: "What they have added.", Example: "Go ahead."},
		},
		Check: checkApproval,
		Asks: func(config map[string]any) []string {
			if hasUnknown(config["assignees"]) {
				return nil
			}
			list, _ := addressList(config["assignees"]) // the check says what is wrong with it
			return list
		},
		Sentence: func(config map[string]any) string {
			if question := textAt(config, "question"); question != "" {
				return "Asks: " + short(question)
			}
			return "Asks nothing yet"
		},
	}, ask)
}

func checkApproval(config map[string]any) []workflow.Problem {
	return checkAddresses("assignees", config["assignees"])
}

func ask(_ context.Context, _ workflow.Call, config approvalConfig) (workflow.Outcome, error) {
	question := strings.TrimSpace(config.Question)
	switch {
	case question == "":
		return workflow.Outcome{}, permanent("invalid_config", "The question is empty once the data is inserted. Enter what a person is asked.")
	case len([]rune(question)) > maxQuestion:
		return workflow.Outcome{}, permanent("too_large", "The question is longer than 2,000 characters once the data is inserted. Shorten it.")
	}
	assignees, err := addressList(config.Assignees)
	if err != nil {
		return workflow.Outcome{}, err
	}
	return workflow.Outcome{Wait: &workflow.Approval{Question: question, Assignees: assignees, Expires: config.ExpiresAfter}}, nil
}
