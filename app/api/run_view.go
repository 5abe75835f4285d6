package api

import (
	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// Run is a run in an answer, with everything.
type Run struct {
	RunRow
	Input  models.JSON `json:"input" doc:"The checked input."`
	Output models.JSON `json:"output" doc:"That of the last step that finished, or of a stop; null before the end."`
	Steps  []RunStep   `json:"steps" doc:"In the order of the definition; one entry for each attempt of a step. At most 1,000."`
	// StepsTruncated is absent where steps holds all.
	StepsTruncated bool `json:"steps_truncated,omitempty" doc:"There are more than 1,000 steps and attempts: GET /runs/{id}/steps lists every attempt."`
}

// RunRow is a run in a list.
type RunRow struct {
	ID           string      `json:"id" format:"uuid"`
	WorkflowID   string      `json:"workflow_id" format:"uuid"`
	WorkflowName string      `json:"workflow_name"`
	Version      int         `json:"version"`
	Status       string      `json:"status" enum:"queued,running,waiting,succeeded,failed,cancelled"`
	WaitingFor   *string     `json:"waiting_for" enum:"time,retry,approval,workflow,decision,worker" doc:"What a waiting run waits for."`
	Trigger      models.JSON `json:"trigger" schema:"RunTrigger"`
	Error        models.JSON `json:"error" schema:"Failure"`
	QueuedAt     Time        `json:"queued_at"`
	StartedAt    *Time       `json:"started_at"`
	FinishedAt   *Time       `json:"finished_at"`
	DueAt        *Time       `json:"due_at" doc:"When a waiting run goes on."`
	RetryOf      *string     `json:"retry_of" format:"uuid" doc:"The run that this one repeats."`
	ParentID     *string     `json:"parent_id" format:"uuid" doc:"The run of another workflow whose step started this one."`
	FailureID    *string     `json:"failure_id" format:"uuid" doc:"The group of those that failed for the same cause: GET /failures/{id}. A failed run has it about a second after its end."`
	Recoveries   int         `json:"recoveries" doc:"How often it was taken over because its worker was lost."`
}

// RunStep is one attempt of one step, or a step that has none.
type RunStep struct {
	StepID     string        `json:"step_id"`
	Name       string        `json:"name"`
	Type       string        `json:"type"`
	Iteration  *string       `json:"iteration" doc:"The item's place in its loops, counted from 0: 3, or 3.0 in a loop inside a loop; null outside of one."`
	Attempt    int           `json:"attempt" doc:"From 1; 0 for a step that was not begun."`
	Status     string        `json:"status" enum:"pending,running,waiting,succeeded,failed,cancelled,skipped"`
	Input      models.JSON   `json:"input" doc:"The step's settings with all references filled in."`
	Output     models.JSON   `json:"output"`
	Error      models.JSON   `json:"error" schema:"Failure"`
	ChildRunID *string       `json:"child_run_id" format:"uuid" doc:"The run that the step started."`
	Absent     []plan.Absent `json:"absent" doc:"What its config refers to and was not there, so that nothing was inserted, with the reason."`
	Note       *string       `json:"note" doc:"What a person decided about it, and who."`
	WakeAt     *Time         `json:"wake_at" doc:"Until when a waiting step waits."`
	StartedAt  *Time         `json:"started_at"`
	FinishedAt *Time         `json:"finished_at"`
}

// RunTrigger says what started a run.
type RunTrigger struct {
	Type       string      `json:"type"`
	By         string      `json:"by,omitempty" doc:"Who started it."`
	Via        string      `json:"via,omitempty" doc:"page, api or rule."`
	Tries      int         `json:"tries,omitempty" doc:"How often in a row a rule has run it again; absent where somebody or something else has started it."`
	TriggerID  string      `json:"trigger_id,omitempty"`
	ScheduleID string      `json:"schedule_id,omitempty"`
	PlannedAt  *Time       `json:"planned_at,omitempty" doc:"The planned time of a schedule."`
	Body       models.JSON `json:"body,omitempty"`
}

func runRow(run models.Run) RunRow {
	row := RunRow{
		ID: run.ID, WorkflowID: run.WorkflowID, WorkflowName: run.WorkflowName, Version: run.Version, Status: run.Status,
		Trigger: triggerOf(run.Trigger), Error: run.Error, QueuedAt: Time(run.QueuedAt), StartedAt: at(run.StartedAt), FinishedAt: at(run.FinishedAt), RetryOf: run.RetryOf,
		ParentID: run.ParentID, FailureID: run.FailureID, Recoveries: run.Recovered,
	}
	if run.Status == workflow.RunWaiting {
		row.WaitingFor, row.DueAt = &run.WaitingFor, at(run.DueAt)
	}
	return row
}

// triggerOf writes the stored trigger with the contract's form of times. What was
// sent stays the text that is stored: read and written again, a number would lose
// the digits that no float has room for.
func triggerOf(stored models.JSON) models.JSON {
	var trigger struct {
		engine.Trigger
		Body models.JSON `json:"body"`
	}
	if err := document.Decode(stored, &trigger); err != nil {
		return stored
	}
	written, err := models.ToJSON(RunTrigger{
		Type: trigger.Type, By: trigger.By, Via: trigger.Via, Tries: trigger.Tries, TriggerID: trigger.TriggerID, ScheduleID: trigger.ScheduleID,
		PlannedAt: at(trigger.PlannedAt), Body: trigger.Body,
	})
	if err != nil {
		return stored
	}
	return written
}

func runWhole(run models.Run, outline []plan.OutlineStep, more bool) Run {
	whole := Run{RunRow: runRow(run), Input: run.Input, Output: run.Output, Steps: []RunStep{}, StepsTruncated: more}
	for _, step := range outline {
		if len(step.Attempts) == 0 {
			whole.Steps = append(whole.Steps, RunStep{StepID: step.StepID, Name: step.Name, Type: step.Type, Iteration: text(step.Iteration), Status: step.Status, Absent: []plan.Absent{}})
		}
		for _, attempt := range step.Attempts {
			attempt.Name, attempt.Type = step.Name, step.Type
			whole.Steps = append(whole.Steps, runStep(attempt))
		}
	}
	return whole
}

func runStep(attempt plan.Attempt) RunStep {
	absent := attempt.Absent
	if absent == nil {
		absent = []plan.Absent{}
	}
	return RunStep{
		StepID: attempt.StepID, Name: attempt.Name, Type: attempt.Type, Iteration: text(attempt.Iteration), Attempt: attempt.Number, Status: attempt.Status,
		Input: attempt.Input, Output: attempt.Result(), Error: attempt.Error, Absent: absent, ChildRunID: attempt.ChildID, Note: text(attempt.Note),
		WakeAt: at(attempt.WakeAt), StartedAt: at(attempt.StartedAt), FinishedAt: at(attempt.FinishedAt),
	}
}

// text is null where there is none.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
