package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"workflows/models"
)

// Hint says "look at this run". Losing one, doubling it or delaying it does no
// harm: the database knows which runs there are.
type Hint struct {
	RunID, Lane string
	// Ahead puts it before all others of its lane: the run has begun already.
	Ahead bool
}

// knownLane is where the hint goes. One that this build does not know would never be
// listened to.
func (h Hint) knownLane() string {
	if slices.Contains(Lanes(), h.Lane) {
		return h.Lane
	}
	return DefaultLane
}

// Payload is the hint as a job. The job's id is the run's, so the same hint at the
// same second is the same member. A hint for later carries no time: it can then be
// found again and removed. Nor does one that goes ahead: the times in a lane tell
// how far it has been worked off.
func (h Hint) Payload(at time.Time) []byte {
	j := job{Name: h.knownLane(), ID: h.RunID, Args: map[string]any{"run_id": h.RunID}}
	if !at.IsZero() && !h.Ahead {
		j.EnqueuedAt = at.Unix()
	}
	data, err := json.Marshal(j)
	if err != nil { // texts and one number always marshal
		panic(err)
	}
	return data
}

// ReadHint reads a job as gocraft/work will. Its error is the reason why the job
// must not reach it: a job that gocraft/work cannot read would cost it a fetch
// and stay in progress for ever.
func ReadHint(payload []byte) (Hint, error) {
	if len(payload) > maxPayload {
		return Hint{}, fmt.Errorf("larger than %d kB", maxPayload>>10)
	}
	var j job
	if err := json.Unmarshal(payload, &j); err != nil {
		return Hint{}, errors.New("unreadable: it is not written as a job is") // not what the library says: it quotes
	}
	if !slices.Contains(Lanes(), j.Name) {
		return Hint{}, fmt.Errorf("unknown name %.100q", j.Name)
	}
	id, ok := j.Args["run_id"].(string)
	if !ok || !models.ValidID(id) {
		return Hint{}, fmt.Errorf("no valid run_id")
	}
	return Hint{RunID: id, Lane: j.Name}, nil
}
