package steps

import (
	"context"
	"time"

	"workflows/worker/workflow"
)

// maxWait bounds a wait until a time, as ParseDuration bounds one for a time.
const maxWait = 366 * 24 * time.Hour

type waitConfig struct {
	For   time.Duration `json:"for" label:"Wait for" ref:"true" example:"15m" help:"A number and its unit: seconds, minutes, hours or days."`
	Until string        `json:"until" label:"Or wait until" kind:"time" ref:"true" example:"2026-12-24T18:00:00Z" help:"A date, or a date and time with its time zone."`
}

// wait suspends the run; nothing holds a worker meanwhile.
func wait() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "wait",
		Title:     "Wait",
		Summary:   "Pauses the run for a while, or until a time.",
		Said:      "pause sleep delay second minute hour day week until later tomorrow",
		Icon:      "hourglass",
		Chip:      "Wait",
		Begin:     beginWait,
		Immediate: true,
		Waits:     workflow.WaitTime,
		Outputs:   []workflow.Output{{Name: "until", Type: "time", Help: "When the wait ended.", Example: "2026-12-24T18:00:00Z"}},
		Check:     checkWait,
		Sentence:  waitSentence,
	}, suspend)
}

func checkWait(config map[string]any) []workflow.Problem {
	hasFor, hasUntil := given(config["for"]), given(config["until"])
	switch {
	case hasFor && hasUntil:
		return []workflow.Problem{{Path: "until", Code: "not_applicable", Message: "Enter either how long to wait or until when, not both."}}
	case !hasFor && !hasUntil:
		return []workflow.Problem{{Path: "for", Code: "required", Message: "Enter how long to wait, or until when.", Incomplete: true}}
	}
	return nil
}

func given(value any) bool { return value != nil && value != "" }

func waitSentence(config map[string]any) string {
	if text := textAt(config, "for"); text != "" {
		if d, err := workflow.ParseDuration(text); err == nil {
			text = workflow.DurationWords(d)
		}
		return "Waits for " + text
	}
	if until := textAt(config, "until"); until != "" {
		return "Waits until " + until
	}
	return "Does not wait yet"
}

func suspend(_ context.Context, call workflow.Call, config waitConfig) (workflow.Outcome, error) {
	if config.For > 0 {
		return waitUntil(call.Now.Add(config.For)), nil
	}
	if config.Until == "" {
		return workflow.Outcome{}, permanent("invalid_config", "There is no time to wait for. Enter how long to wait, or until when.")
	}
	until, err := workflow.ParseTime(config.Until)
	if err != nil {
		return workflow.Outcome{}, permanent("invalid_config", err.Error())
	}
	if until.Sub(call.Now) > maxWait {
		return workflow.Outcome{}, permanent("invalid_config", "The time to wait until is more than 366 days away. Choose an earlier one.")
	}
	outcome := waitUntil(until)
	if !until.After(call.Now) {
		outcome.Wait = nil // it has passed: go on at once
	}
	return outcome, nil
}

func waitUntil(until time.Time) workflow.Outcome {
	until = until.UTC().Truncate(time.Microsecond)
	return workflow.Outcome{Output: map[string]any{"until": until.Format("2006-01-02T15:04:05.000000Z")}, Wait: workflow.Until{Time: until}}
}
