// Package resend says what becomes of a message after a try to send it: how often and
// when it is tried again, and whether anybody knows that it has not arrived.
package resend

import (
	"errors"
	"slices"
	"time"

	"workflows/worker/workflow"
)

// pauses are how long to wait after each try that came to nothing; after the last one
// nobody tries any more.
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}

// refusals are the codes of answers by which a message has surely not been taken.
var refusals = []string{"mail_refused", "mail_unreachable", "chat_refused", "too_many_messages", "hook_refused"}

// Verdict is what a try came to.
type Verdict struct {
	Sent    bool
	Again   time.Duration // after which it is tried again; 0 is never
	Problem string        // in a sentence
	Unsure  bool          // it may have arrived all the same
}

// After judges a try by its error; tries counts it too. A *workflow.StepError that is
// permanent is not tried again.
func After(tries int, err error) Verdict {
	v := Verdict{}
	var failed *workflow.StepError
	switch {
	case err == nil:
		return Verdict{Sent: true}
	case errors.As(err, &failed):
		v.Problem = failed.Message
		if failed.Permanent {
			return v
		}
		v.Unsure = !slices.Contains(refusals, failed.Code)
		v.Again = failed.RetryAfter
	default:
		v.Problem, v.Unsure = "The other side did not answer in time.", true
	}
	if tries > len(pauses) {
		v.Again = 0
		return v
	}
	v.Again = max(v.Again, pauses[tries-1])
	return v
}
