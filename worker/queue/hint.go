package queue

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gocraft/work"

	"workflows/models"
)

// The lanes. A workflow's priority chooses one of the first three; of a workflow
// that has many runs queued already, further ones go into the backlog, so that
// the runs of others do not stand behind them.
const (
	HighLane    = "high"
	DefaultLane = "default"
	LowLane     = "low"
	BacklogLane = "backlog"
)

// Lanes are the queues that workers listen to.
func Lanes() []string { return []string{HighLane, DefaultLane, LowLane, BacklogLane} }

// weight is how likely a worker that becomes free looks into a lane first: three
// times out of four into the high one before the default one, and so on. None of
// them is ever left out.
func weight(lane string) uint {
	switch lane {
	case HighLane:
		return 60
	case LowLane:
		return 5
	case BacklogLane:
		return 2
	}
	return 20
}

// maxPayload bounds a job that is worth reading; ours are 150 bytes.
const maxPayload = 64 << 10

// Hint says "look at this run". Losing one, doubling it or delaying it does no
// harm: the database knows which runs there are.
type Hint struct {
	RunID, Lane string
	// Ahead puts it before all others of its lane: the run has begun already.
	Ahead bool
}

// lane is where the hint goes. One that this build does not know would never be
// listened to.
func (h Hint) lane() string {
	if slices.Contains(Lanes(), h.Lane) {
		return h.Lane
	}
	return DefaultLane
}

// payload is the hint as a gocraft/work job. The job's id is the run's, so the
// same hint at the same second is the same member. A hint for later carries no
// time: it can then be found again and removed. Nor does one that goes ahead: the
// times in a lane tell how far it has been worked off.
func (h Hint) payload(at time.Time) []byte {
	job := work.Job{Name: h.lane(), ID: h.RunID, Args: map[string]any{"run_id": h.RunID}}
	if !at.IsZero() && !h.Ahead {
		job.EnqueuedAt = at.Unix()
	}
	data, err := json.Marshal(job)
	if err != nil { // texts and one number always marshal
		panic(err)
	}
	return data
}

// readHint reads a job as gocraft/work will. Its error is the reason why the job
// must not reach it: a job that gocraft/work cannot read would cost it a fetch
// and stay in progress for ever.
func readHint(payload []byte) (Hint, error) {
	if len(payload) > maxPayload {
		return Hint{}, fmt.Errorf("larger than %d kB", maxPayload>>10)
	}
	var job work.Job
	if err := json.Unmarshal(payload, &job); err != nil {
		return Hint{}, fmt.Errorf("unreadable: %w", err)
	}
	if !slices.Contains(Lanes(), job.Name) {
		return Hint{}, fmt.Errorf("unknown name %.100q", job.Name)
	}
	id, ok := job.Args["run_id"].(string)
	if !ok || !models.ValidID(id) {
		return Hint{}, fmt.Errorf("no valid run_id")
	}
	return Hint{RunID: id, Lane: job.Name}, nil
}
