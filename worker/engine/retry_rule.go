package engine

import (
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

const (
	defaultTimeout  = time.Minute
	defaultDelay    = 10 * time.Second
	defaultMaxDelay = 10 * time.Minute
)

// retryAt says when a step whose attempt has just failed is tried again, nil for
// never. rows are its attempts, that one included.
func retryAt(rule *workflow.Retry, rows []*models.StepRun, cause *workflow.StepError, now time.Time) *time.Time {
	if rule == nil || cause.Permanent {
		return nil
	}
	failures := countFailures(rows)
	if failures >= rule.MaxAttempts {
		return nil
	}
	at := now.Add(max(backoff(*rule, failures), cause.RetryAfter))
	return &at
}

// countFailures leaves out the attempts that failed through no fault of the step.
func countFailures(rows []*models.StepRun) int {
	count := 0
	for _, row := range rows {
		code := readFailure(row.Error).Code
		if row.Status == workflow.StepFailed && code != codeInterrupted && code != codeWorkerLost && code != codeUnknownOutcome {
			count++
		}
	}
	return count
}

// backoff is the wait after the n-th failure, n from 1: always the same, or
// doubled each time up to the rule's longest.
func backoff(rule workflow.Retry, n int) time.Duration {
	delay := durationOr(rule.Delay, defaultDelay)
	if rule.Backoff != "exponential" {
		return delay
	}
	longest := durationOr(rule.MaxDelay, defaultMaxDelay)
	for ; n > 1 && delay < longest; n-- {
		delay *= 2
	}
	return min(delay, longest)
}

func durationOr(text string, otherwise time.Duration) time.Duration {
	if d, err := workflow.ParseDuration(text); err == nil {
		return d
	}
	return otherwise
}
