package steps

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"workflows/worker/workflow"
)

const (
	maxQuestion  = 2000 // characters
	maxAssignees = 50
)

type approvalConfig struct {
	Question     string        `json:"question" label:"Question" kind:"multiline" required:"true" ref:"true" example:"May we refund order {{ input.order_id }}?" missing:"Enter what a person is asked."`
	Assignees    any           `json:"assignees" label:"Who decides" ref:"true" example:"anna@example.com, otto@example.com" help:"E-mail addresses of people here, separated by commas. Left empty, everybody who may run workflows. Whoever has the link of the question may decide too."`
	ExpiresAfter time.Duration `json:"expires_after" label:"Ask for at most" ref:"true" example:"3d" help:"After that the decision is “expired”, and the run goes on. Left empty, it waits until somebody decides."`
}

// approval asks a person and waits for the answer.
func approval() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "approval",
		Title:     "Ask for approval",
		Summary:   "Asks a person and waits for the answer.",
		Icon:      "user-check",
		Immediate: true,
		Outputs: []workflow.Output{
			{Name: "decision", Type: "text", Help: "approved, rejected or expired.", Example: "approved"},
			{Name: "by", Type: "text", Help: "Who has decided.", Example: "Anna"},
			{Name: "comment", Type: "text", Help: "What they have added.", Example: "Go ahead."},
		},
		Check: checkApproval,
		Sentence: func(config map[string]any) string {
			if question := textAt(config, "question"); question != "" {
				return "Asks: " + short(question)
			}
			return "Asks nothing yet"
		},
	}, ask)
}

func checkApproval(config map[string]any) []workflow.Problem {
	var problems []workflow.Problem
	text, isText := config["assignees"].(string)
	if list, isList := config["assignees"].([]any); isList && !slices.ContainsFunc(list, isReference) {
		text, isText = plainAddresses(list), true
	}
	if isText && !strings.Contains(text, "{{") {
		if _, err := addresses(text); err != nil {
			problems = append(problems, workflow.Problem{Path: "assignees", Code: "invalid_value", Message: err.Message})
		}
	}
	return problems
}

func isReference(item any) bool {
	text, isText := item.(string)
	return !isText || strings.Contains(text, "{{")
}

func ask(_ context.Context, _ workflow.Call, config approvalConfig) (workflow.Outcome, error) {
	question := strings.TrimSpace(config.Question)
	switch {
	case question == "":
		return workflow.Outcome{}, permanent("invalid_config", "The question is empty once the data is inserted. Enter what a person is asked.")
	case len([]rune(question)) > maxQuestion:
		return workflow.Outcome{}, permanent("too_large", "The question is longer than 2,000 characters once the data is inserted. Shorten it.")
	}
	text, isText := config.Assignees.(string)
	if list, isList := config.Assignees.([]any); isList {
		text, isText = plainAddresses(list), true
	}
	if !isText && config.Assignees != nil {
		return workflow.Outcome{}, permanent("invalid_config", "Who decides must be e-mail addresses.")
	}
	assignees, err := addresses(text)
	if err != nil {
		return workflow.Outcome{}, err
	}
	return workflow.Outcome{Approval: &workflow.Approval{Question: question, Assignees: assignees, Expires: config.ExpiresAfter}}, nil
}

func plainAddresses(list []any) string {
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = plainText(item)
	}
	return strings.Join(parts, ",")
}

// addresses reads e-mail addresses that are separated by commas or lines.
func addresses(text string) ([]string, *workflow.StepError) {
	var list []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		part = strings.ToLower(strings.TrimSpace(part))
		if part == "" {
			continue
		}
		if parsed, err := mail.ParseAddress(part); err != nil || parsed.Address != part {
			return nil, permanent("invalid_config", "“"+short(part)+"” is not an e-mail address. Write them like anna@example.com, separated by commas.")
		}
		list = append(list, part)
	}
	if len(list) > maxAssignees {
		return nil, permanent("invalid_config", "There are more than 50 addresses. Choose fewer.")
	}
	return list, nil
}
