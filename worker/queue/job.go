package queue

import (
	"encoding/json"
	"time"
)

// maxPayload bounds a job that is worth reading; ours are 150 bytes.
const maxPayload = 64 << 10

// job is gocraft/work's job as it stands in Redis, field for field: whoever rings
// need not carry gocraft/work itself. worker/queue/pool proves that both read and
// write the same.
type job struct {
	Name       string         `json:"name,omitempty"`
	ID         string         `json:"id"`
	EnqueuedAt int64          `json:"t"` // seconds since 1970
	Args       map[string]any `json:"args"`
	Unique     bool           `json:"unique,omitempty"`

	Fails    int64  `json:"fails,omitempty"`
	LastErr  string `json:"err,omitempty"`
	FailedAt int64  `json:"failed_at,omitempty"`
}

// PushedAt is when a job was pushed, in whole seconds; zero if unknown.
func PushedAt(data []byte) time.Time {
	var j job
	if len(data) > maxPayload || json.Unmarshal(data, &j) != nil || j.EnqueuedAt <= 0 {
		return time.Time{}
	}
	return time.Unix(j.EnqueuedAt, 0)
}
