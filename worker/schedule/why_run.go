package schedule

import (
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// ran explains a planned time that did start a run: late perhaps, or the run has
// not begun, or has failed.
func (c Case) ran(row models.PlannedRun) Explanation {
	answer := Explanation{Sentence: "It did run on " + c.Rule.clockStamp(row.PlannedAt), Well: true, Remedy: RemedyShowRun}
	if row.RunID != nil {
		answer.RunID = *row.RunID
	}
	if c.Run != nil && c.Run.Status == workflow.RunQueued {
		return c.notBegun(row, answer)
	}
	if late := time.Duration(row.LateMS) * time.Millisecond; late >= time.Minute {
		answer.Sentence += ", " + workflow.DurationWords(late.Round(time.Second)) + " late"
	}
	if c.Run != nil {
		words, well := c.outcome()
		answer.Sentence, answer.Well = answer.Sentence+words, well
	}
	answer.Sentence = strings.TrimSuffix(answer.Sentence, ".") + "."
	if waited := c.Run != nil && strings.HasPrefix(row.Reason, "It waits for"); row.Reason != "" && !waited {
		answer.Sentence += " " + row.Reason
	}
	return answer
}

// outcome is what became of the run, as the end of a sentence, and whether that is
// well.
func (c Case) outcome() (words string, well bool) {
	switch c.Run.Status {
	case workflow.RunRunning:
		return ", and is at work", true
	case workflow.RunWaiting:
		if c.Run.WaitingFor == workflow.WaitDecision {
			return ", and waits for a decision: it is not known whether a step has acted", false
		}
		return ", and has not ended: it waits", true
	case workflow.RunFailed:
		return ", but failed" + failureWords(*c.Run), false
	case workflow.RunCancelled:
		return ", but was cancelled" + failureWords(*c.Run), false
	}
	return "", true
}

func failureWords(run models.Run) string {
	var failure struct {
		Message string `json:"message"`
	}
	if err := document.Decode(run.Error, &failure); err != nil || failure.Message == "" {
		return ""
	}
	return ": " + failure.Message
}

// notBegun says what a run waits for that was started and that no worker has taken.
func (c Case) notBegun(row models.PlannedRun, answer Explanation) Explanation {
	answer.Well = false
	answer.Sentence = "Its run of " + c.Rule.clockStamp(row.PlannedAt) + " has not begun: "
	switch {
	case c.Standstill.Holds():
		answer.Sentence += c.Standstill.Cause()
	case c.Run.HeldBack:
		waits := waitsForItsTurn
		if row.Reason != "" { // for the one before
			waits = row.Reason
		}
		answer.Sentence += "i" + strings.TrimPrefix(waits, "I")
	case c.QueuePaused:
		answer.Sentence, answer.Remedy = answer.Sentence+"the queue “"+c.Run.Queue+"” is paused.", RemedyQueue
	case c.Workers == 0:
		answer.Sentence, answer.Remedy = answer.Sentence+"no worker is connected.", RemedyQueue
	default:
		answer.Sentence += "it starts as soon as a worker is free."
	}
	return answer
}
