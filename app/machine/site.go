// Package machine is the pages behind the queue's: what the queues were like for longer than an
// hour, and what the doctor finds.
package machine

import (
	"sync"
	"time"

	"workflows/app/doctor"
	"workflows/app/frame"
	"workflows/worker/environment"
)

// Site is what these pages are made from.
type Site struct {
	frame.Frame
	Settings environment.Settings

	examining sync.Mutex
	found     []doctor.Finding
	foundAt   time.Time
}
