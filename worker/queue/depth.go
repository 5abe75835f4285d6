package queue

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue/wire"
)

// fullFor is how long a lane that was full is taken to be full without asking.
const fullFor = 250 * time.Millisecond

// fullLanes remembers which lanes were full when a hint was last pushed, so that a
// flood of starts costs Redis nothing. Its zero value remembers none.
type fullLanes struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// remember remembers a lane's size and returns it.
func (f *fullLanes) remember(lane string, size int64, now time.Time) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.until == nil {
		f.until = map[string]time.Time{}
	}
	delete(f.until, lane)
	if size >= LaneRoom {
		f.until[lane] = now.Add(fullFor)
	}
	return size
}

func (f *fullLanes) is(lane string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return now.Before(f.until[lane])
}

// Full reports whether the lane was found full a moment ago, so that ringing for
// another run is not worth trying.
func (q *Queue) Full(lane string) bool { return q.full.is(lane, time.Now()) }

// Depth is how many hints a lane holds and how far it has been worked off.
type Depth struct {
	Size int64
	// Oldest is when the hint was pushed that is next; hints from before it have
	// been taken or are lost. In an empty lane it is the present; zero if unknown.
	Oldest time.Time
	Paused bool
}

// Free is how many hints may be pushed; none into a paused lane, whose workers
// lack no hints.
func (d Depth) Free() int {
	if d.Paused {
		return 0
	}
	return max(LaneRoom-int(d.Size), 0)
}

// Low reports whether the lane wants more hints if there are any.
func (d Depth) Low() bool { return !d.Paused && d.Size < LaneRoom/2 }

// firstOut is how many of the next hints are read to find one that tells its
// time: those that went ahead do not.
const firstOut = 8

// Depths reads all lanes in one round trip.
func (q *Queue) Depths(ctx context.Context) (map[string]Depth, error) {
	now := time.Now()
	var commands []wire.Command
	for _, lane := range Lanes() {
		key := q.Keys.Lane(lane)
		commands = append(commands, wire.Cmd("LLEN", key), wire.Cmd("LRANGE", key, -firstOut, -1), wire.Cmd("EXISTS", q.Keys.Paused(lane)))
	}
	replies, err := q.Pipeline(ctx, commands...)
	if err == nil {
		err = wire.NotServing(replies)
	}
	if err != nil {
		return nil, fmt.Errorf("read the depths of the queues: %w", wire.Unavailable(err))
	}
	depths := map[string]Depth{}
	for i, lane := range Lanes() {
		d := Depth{Size: q.full.remember(lane, wire.Number(replies[3*i]), now), Oldest: now, Paused: wire.Number(replies[3*i+2]) > 0}
		if d.Size > 0 {
			d.Oldest = oldest(replies[3*i+1], now)
		}
		depths[lane] = d
	}
	return depths, nil
}

// oldest is the time of the first hint out that has one, no later than now; zero
// if none has.
func oldest(reply any, now time.Time) time.Time {
	jobs, _ := redis.ByteSlices(reply, nil)
	for i := len(jobs) - 1; i >= 0; i-- {
		if at := PushedAt(jobs[i]); !at.IsZero() {
			return earlier(at, now)
		}
	}
	return time.Time{}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
