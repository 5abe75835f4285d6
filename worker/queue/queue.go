package queue

import (
	"time"

	"workflows/worker/queue/wire"
)

// Silence is how long a worker may be unheard before it counts as gone; it beats
// every five seconds.
const Silence = 15 * time.Second

// Options say where Redis is.
type Options = wire.Options

// Queue is the doorbell of one installation. It is safe for use by many goroutines.
type Queue struct {
	*wire.Wire
	full fullLanes
}

// Open prepares the way to Redis and asks it for nothing; an address that cannot
// be read is the only error.
func Open(options Options) (*Queue, error) {
	way, err := wire.Open(options)
	if err != nil {
		return nil, err
	}
	return &Queue{Wire: way}, nil
}
