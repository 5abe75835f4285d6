package plan

import (
	"time"

	"workflows/worker/workflow"
)

const (
	defaultDelay    = 10 * time.Second
	defaultMaxDelay = 10 * time.Minute
)

// RetryAt says when a step whose attempt has just failed is tried again, nil for
// never. attempts are its attempts, that one included.
func RetryAt(rule *workflow.Retry, attempts []*Attempt, cause *workflow.StepError, now time.Time) *time.Time {
	if rule == nil || cause.Permanent {
		return nil
	}
	failures := countFailures(attempts)
	if failures >= rule.MaxAttempts {
		return nil
	}
	at := now.Add(max(backoff(*rule, failures), cause.RetryAfter))
	return &at
}

// countFailures leaves out the attempts that failed through no fault of the step.
func countFailures(attempts []*Attempt) int {
	count := 0
	for _, a := range attempts {
		if a.Status != workflow.StepFailed {
			continue
		}
		switch workflow.ReadFailure(a.Error).Code {
		case workflow.CodeInterrupted, workflow.CodeWorkerLost, workflow.CodeUnknownOutcome:
		default:
			count++
		}
	}
	return count
}

// backoff is the wait after the n-th failure, n from 1: always the same, or
// doubled each time up to the rule's longest.
func backoff(rule workflow.Retry, n int) time.Duration {
	delay := DurationOr(rule.Delay, defaultDelay)
	if rule.Backoff != "exponential" {
		return delay
	}
	longest := DurationOr(rule.MaxDelay, defaultMaxDelay)
	for ; n > 1 && delay < longest; n-- {
		delay *= 2
	}
	return min(delay, longest)
}

// DurationOr reads a length of time of a definition, which may be left out.
func DurationOr(text string, otherwise time.Duration) time.Duration {
	if d, err := workflow.ParseDuration(text); err == nil {
		return d
	}
	return otherwise
}
