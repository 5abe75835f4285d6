package pool

import (
	"context"
	"maps"
	"sync"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue/wire"
)

// hand holds the jobs that the feeder has handed out and whose acknowledgements
// Redis does not have yet.
type hand struct {
	mu   sync.Mutex
	jobs map[string]int // how many there are that are written like this
}

func newHand() *hand { return &hand{jobs: map[string]int{}} }

func (h *hand) add(payload []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs[string(payload)]++
}

// remove lets go of the jobs that these acknowledgements were for.
func (h *hand) remove(acknowledged []wire.Command) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range acknowledged {
		if c.Name != "LREM" || len(c.Args) != 3 {
			continue
		}
		payload, _ := c.Args[2].([]byte)
		if h.jobs[string(payload)]--; h.jobs[string(payload)] <= 0 {
			delete(h.jobs, string(payload))
		}
	}
}

func (h *hand) copied() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.jobs)
}

// reclaim gives back to their lanes the jobs that are in progress here according to
// Redis, and in nobody's hand: the answer with them was lost on its way, or Redis came
// back with data of long ago. They would stay in progress until the worker ends, and
// their runs wait until the sweeper misses their hints. Only the feeder may do it,
// since nobody else knows that no answer is on its way. It reports whether Redis
// could be reached.
func (p *pool) reclaim() bool {
	inHand := p.hand.copied() // before Redis is asked: what is acknowledged meanwhile is not missed
	commands := make([]wire.Command, 0, len(p.script.inProgress))
	for _, list := range p.script.inProgress {
		commands = append(commands, wire.Cmd("LRANGE", list, 0, -1))
	}
	replies, err := p.q.Pipeline(context.Background(), commands...)
	if err != nil {
		return false
	}
	var back []wire.Command
	for i, reply := range replies {
		payloads, _ := redis.ByteSlices(reply, nil)
		for _, payload := range payloads { // the last one taken first, so that the first one stands ahead
			if inHand[string(payload)] > 0 {
				inHand[string(payload)]--
				continue
			}
			back = append(back, wire.Cmd("RPUSH", p.script.lists[i], payload), wire.Cmd("LREM", p.script.inProgress[i], 1, payload))
		}
	}
	_, err = p.q.Pipeline(context.Background(), back...)
	return err == nil
}
