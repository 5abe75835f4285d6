package pool

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// asidePreview is how many bytes of a job stand in its record.
const asidePreview = 1 << 10

// setAside records a job that no worker can use, and removes it by the given
// command from where it is. When Redis fails in between, the job is met again and
// set aside then.
func (p *pool) setAside(from string, payload []byte, why error, remove wire.Command) {
	record, err := json.Marshal(queue.Aside{
		At: time.Now().UTC(), From: from, Reason: why.Error(), Bytes: len(payload),
		Preview: strings.ToValidUTF8(string(payload[:min(len(payload), asidePreview)]), "\uFFFD"),
	})
	if err != nil { // texts, a number and a time always marshal
		panic(err)
	}
	list := p.q.Keys.SetAside()
	p.log.Warn("a queue job was set aside", "from", from, "reason", why.Error(), "bytes", len(payload))
	if _, err := p.q.Pipeline(context.Background(), remove, wire.Cmd("LPUSH", list, record), wire.Cmd("LTRIM", list, 0, queue.KeepAside-1)); err != nil {
		p.unsure.Store(true)
		p.log.Warn("a queue job could not be recorded", "from", from, "error", err)
	}
}

// setAsideDue looks through what is due in a sorted set of later jobs and sets
// aside what gocraft/work's script cannot read.
func (p *pool) setAsideDue(set string) {
	replies, err := p.q.Pipeline(context.Background(), wire.Cmd("ZRANGEBYSCORE", set, "-inf", time.Now().Unix(), "LIMIT", 0, queue.KeepAside))
	if err != nil {
		return
	}
	members, _ := redis.ByteSlices(replies[0], nil)
	for _, member := range members {
		if _, err := queue.ReadHint(member); err != nil {
			p.setAside(set, member, err, wire.Cmd("ZREM", set, member))
		}
	}
}
