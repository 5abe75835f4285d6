package queue

import (
	"context"
	"fmt"
	"time"

	"workflows/worker/queue/wire"
)

// KeepAside is how many records of jobs that no worker can use are kept.
const KeepAside = 100

// Aside is the record of a job that no worker can use.
type Aside struct {
	At time.Time `json:"at"`
	// From is the key in which it was found.
	From   string `json:"from"`
	Reason string `json:"reason"`
	Bytes  int    `json:"bytes"`
	// Preview is the beginning of the job.
	Preview string `json:"payload"`
}

// ForgetAside forgets all records, and the jobs that gocraft/work has given up.
func (q *Queue) ForgetAside(ctx context.Context) error {
	if err := q.Exec(ctx, wire.Cmd("DEL", q.Keys.SetAside(), q.Keys.Dead())); err != nil {
		return fmt.Errorf("forget what was set aside: %w", err)
	}
	return nil
}
