package plan

import (
	"time"

	"workflows/worker/workflow"
)

// A Piece is a stretch of time in which an attempt worked or something was waited for.
type Piece struct {
	Kind string
	// Number is the attempt; a wait between two is the one's that failed.
	Number   int
	From, To time.Time
	// Open: it has not ended, and To is the time at which it was looked at.
	Open bool
	// Until is when an open wait ends at the latest; zero where no time ends it.
	Until time.Time
	// Failed is of work that came to nothing.
	Failed bool
}

// The kinds of pieces.
const (
	// Queueing is before a run's first step, and before an attempt for which a worker was wanted.
	Queueing = "queue"
	Working  = "work"
	// Pausing is between an attempt that failed and the time of the next one.
	Pausing = "pause"
	// Looping is a loop from its first item to its last.
	Looping = "loop"
	// Lasting, Asking and Calling are waits for a time, a person and another workflow.
	Lasting = "time"
	Asking  = "person"
	Calling = "run"
	// Unclear is an attempt of which nobody knew whether it had acted, until somebody decided;
	// when it stopped working is not kept.
	Unclear = "decision"
	// Lost is an attempt whose worker was lost; when that was is not kept, but when it was noticed.
	Lost = "lost"
)

// Length is how long it is.
func (p Piece) Length() time.Duration { return max(p.To.Sub(p.From), 0) }

// Pieces takes the time of a step apart, from its attempts at one spot, oldest first. It goes by
// what is stored alone. An attempt that waits was at work for a moment before, which is not kept
// apart: it counts as waiting.
func Pieces(attempts []Attempt, types workflow.Types, now time.Time) []Piece {
	var pieces []Piece
	for i, a := range attempts {
		if a.StartedAt == nil {
			continue
		}
		if i > 0 {
			pieces = append(pieces, gapBehind(attempts[i-1], *a.StartedAt)...)
		}
		pieces = append(pieces, doings(a, types[a.Type].Waits, now)...)
	}
	if n := len(attempts); n > 0 {
		pieces = append(pieces, toCome(attempts[n-1], now)...)
	}
	return pieces
}

// gapBehind is what lies between an attempt's end and the next one's beginning.
func gapBehind(a Attempt, next time.Time) (pieces []Piece) {
	if a.FinishedAt == nil {
		return nil
	}
	from := *a.FinishedAt
	if a.WakeAt != nil && a.WakeAt.After(from) {
		until := *a.WakeAt
		if next.Before(until) {
			until = next
		}
		pieces, from = append(pieces, Piece{Kind: Pausing, Number: a.Number, From: from, To: until}), until
	}
	if next.After(from) {
		pieces = append(pieces, Piece{Kind: Queueing, Number: a.Number + 1, From: from, To: next})
	}
	return pieces
}

// doings is what an attempt did.
func doings(a Attempt, waits string, now time.Time) []Piece {
	p := Piece{Kind: kindOf(a, waits), Number: a.Number, From: *a.StartedAt, To: now, Open: true, Failed: a.Status == workflow.StepFailed}
	if a.FinishedAt == nil {
		if a.Status == workflow.StepWaiting && a.WakeAt != nil {
			p.Until = *a.WakeAt
		}
		return []Piece{p}
	}
	p.To, p.Open = *a.FinishedAt, false
	if p.Kind != Lasting || a.WakeAt == nil || !a.WakeAt.Before(p.To) || a.WakeAt.Before(p.From) {
		return []Piece{p}
	}
	late := Piece{Kind: Queueing, Number: a.Number, From: *a.WakeAt, To: p.To} // its time had come, and no worker
	p.To = *a.WakeAt
	return []Piece{p, late}
}

func kindOf(a Attempt, waits string) string {
	code := workflow.ReadFailure(a.Error).Code
	switch {
	case a.Note != "" || code == workflow.CodeUnknownOutcome:
		return Unclear
	case code == workflow.CodeWorkerLost:
		return Lost
	case a.ChildID != nil:
		return Calling
	case a.Branch == BlockDo:
		return Looping
	case a.Status == workflow.StepWaiting:
		return ofWait(a.WaitsFor())
	case waits != "" && a.Status != workflow.StepRunning:
		return ofWait(waits)
	}
	return Working
}

func ofWait(word string) string {
	switch word {
	case workflow.WaitTime:
		return Lasting
	case workflow.WaitApproval:
		return Asking
	case workflow.WaitWorkflow:
		return Calling
	}
	return Unclear
}

// toCome is what has been going on since a last attempt that is followed by another one.
func toCome(a Attempt, now time.Time) []Piece {
	if a.Status != workflow.StepFailed || a.WakeAt == nil || a.FinishedAt == nil || !a.WakeAt.After(*a.FinishedAt) {
		return nil
	}
	if !now.After(*a.WakeAt) {
		return []Piece{{Kind: Pausing, Number: a.Number, From: *a.FinishedAt, To: now, Open: true, Until: *a.WakeAt}}
	}
	return []Piece{
		{Kind: Pausing, Number: a.Number, From: *a.FinishedAt, To: *a.WakeAt},
		{Kind: Queueing, Number: a.Number + 1, From: *a.WakeAt, To: now, Open: true},
	}
}
