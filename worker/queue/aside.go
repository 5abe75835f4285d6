package queue

import "time"

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
