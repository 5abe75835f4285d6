package queue

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	keepAside    = 100     // the newest records that are kept
	asidePreview = 1 << 10 // bytes of the payload in a record
	showAside    = 20      // the newest of them that the pages show
)

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

// setAside is such a job, with what takes it away.
type setAside struct {
	Aside
	Payload []byte  `json:"-"`
	remove  command // takes the job from where it is
}

// setAside removes the job, records it and logs it. When Redis fails in between,
// the job is met again and set aside then.
func (q *Queue) setAside(ctx context.Context, aside setAside) {
	aside.At, aside.Bytes = time.Now().UTC(), len(aside.Payload)
	aside.Preview = strings.ToValidUTF8(string(aside.Payload[:min(len(aside.Payload), asidePreview)]), "\uFFFD")
	record, err := json.Marshal(aside.Aside)
	if err != nil { // texts, a number and a time always marshal
		panic(err)
	}
	commands := []command{
		aside.remove,
		cmd("LPUSH", q.keys.setAside(), record),
		cmd("LTRIM", q.keys.setAside(), 0, keepAside-1),
	}
	q.log.Warn("a queue job was set aside", "from", aside.From, "reason", aside.Reason, "bytes", aside.Bytes)
	if _, err := q.pipeline(ctx, commands...); err != nil {
		q.log.Warn("a queue job could not be recorded", "from", aside.From, "error", err)
	}
}

// setAsideDue looks through what is due in a sorted set of later jobs and sets
// aside what gocraft/work's script cannot read.
func (q *Queue) setAsideDue(ctx context.Context, key string) {
	replies, err := q.pipeline(ctx, cmd("ZRANGEBYSCORE", key, "-inf", time.Now().Unix(), "LIMIT", 0, keepAside))
	if err != nil {
		return
	}
	members, _ := redis.ByteSlices(replies[0], nil)
	for _, member := range members {
		if _, err := readHint(member); err != nil {
			q.setAside(ctx, setAside{Aside: Aside{From: key, Reason: err.Error()}, Payload: member, remove: cmd("ZREM", key, member)})
		}
	}
}

// readAsides reads the records that the pages show, newest first.
func readAsides(reply any) []Aside {
	records, _ := redis.ByteSlices(reply, nil)
	var asides []Aside
	for _, record := range records {
		var aside Aside
		if json.Unmarshal(record, &aside) == nil {
			asides = append(asides, aside)
		}
	}
	return asides
}
