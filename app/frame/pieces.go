package frame

import "workflows/worker/engine/plan"

// PieceWords says what went on in a piece of a run's time, or what goes on in one that is open.
func PieceWords(p plan.Piece) string {
	switch p.Kind {
	case plan.Queueing:
		return Either(p.Open, "Waits for a worker", "Waited for a worker")
	case plan.Pausing:
		return Either(p.Open, "Waits to be tried again", "Waited to be tried again")
	case plan.Lasting:
		return Either(p.Open, "Waits for its time", "Waited for its time")
	case plan.Asking:
		return Either(p.Open, "Waits for a person", "Waited for a person")
	case plan.Calling:
		return Either(p.Open, "Waits for another workflow", "Waited for another workflow")
	case plan.Unclear:
		return Either(p.Open, "Worked, then waits for a decision", "Worked, then waited for a decision")
	case plan.Lost:
		return "Worked until its worker was lost"
	case plan.Looping:
		return Either(p.Open, "Goes through its items", "Went through its items")
	}
	switch {
	case p.Open:
		return "Works"
	case p.Failed:
		return "Worked, and failed"
	}
	return "Worked"
}
