package pool

import (
	"context"
	"slices"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

const (
	// pollEvery is how often an idle pool looks although no bell rang: the bell
	// may be lost while the subscription is renewed.
	pollEvery = 2 * time.Second
	// maxFetch bounds how many jobs one round trip fetches.
	maxFetch = 64
)

// fetch is one gocraft/work fetcher that waits for a job, with the script call
// that it would have made.
type fetch struct {
	command wire.Command
	answer  chan any // its script's reply; buffered: the feeder never waits for a fetcher
}

// awaitJob stands in for the fetch script of an idle fetcher: it returns when there
// is a job or the pool stops, so gocraft/work never falls into its sleeps of up
// to five seconds, and holds no connection meanwhile.
func (p *pool) awaitJob(f *fetch) (any, error) {
	select {
	case p.fetches <- f:
	case <-p.fetchDone:
		return nil, nil
	}
	select {
	case reply := <-f.answer:
		return reply, nil
	case <-p.fetchDone:
	}
	select {
	case reply := <-f.answer: // answered just before the end: the handler gives it back
		return reply, nil
	default:
		return nil, nil
	}
}

// feed serves the waiting fetchers, as many as there are in one round trip, and
// looks again only when the bell rings or the poll is due: empty says that the
// lanes were.
func (p *pool) feed() {
	defer close(p.fetchDone)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var waiting []*fetch
	for empty := false; ; {
		if len(waiting) == 0 || empty {
			select {
			case f := <-p.fetches:
				waiting = append(waiting, f)
			case <-p.bell.rung:
				empty = false
			case <-poll.C:
				empty = false
			case <-p.stopping:
				return
			}
			continue
		}
		select {
		case <-p.stopping:
			return
		case f := <-p.fetches:
			waiting = append(waiting, f)
			continue
		default:
		}
		waiting, empty = p.feedSome(waiting)
	}
}

// feedSome takes jobs for the fetchers. It returns those who still wait, and whether
// the lanes are empty now.
func (p *pool) feedSome(waiting []*fetch) (still []*fetch, empty bool) {
	if p.drained.Load() {
		return waiting, true
	}
	if p.script == nil {
		p.script = newScript(p.q, lastText(waiting[0].command.Args))
	}
	if p.unsure.Swap(false) && !p.reclaim() {
		p.unsure.Store(true)
		p.holdOff()
		return waiting, false
	}
	n := min(len(waiting), maxFetch)
	jobs, refusal, err := p.script.eval(context.Background(), waiting[:n])
	if err != nil {
		p.unsure.Store(true)
		p.holdOff()
		return waiting, false
	}
	if refusal != "" {
		p.handleRefusal(refusal)
		return waiting, true
	}
	answered := 0
	for _, job := range jobs {
		if p.usable(job) {
			p.hand.add(job.payload)
			waiting[answered].answer <- []any{job.payload, job.from, job.inProgress}
			answered++
		}
	}
	return slices.Clone(waiting[answered:]), len(jobs) < n
}

// usable sets aside what gocraft/work could not read.
func (p *pool) usable(job fetched) bool {
	_, err := queue.ReadHint(job.payload)
	if err == nil {
		return true
	}
	p.setAside(string(job.from), job.payload, err, wire.Cmd("LREM", string(job.inProgress), 1, job.payload))
	return false
}

// handleRefusal handles the server's refusal of a script. A key of a wrong type is
// moved out of the way; anything else (out of memory, read-only) must pass.
func (p *pool) handleRefusal(refusal redis.Error) {
	if p.mendIfBroken(refusal) {
		p.bell.ring()
		return
	}
	p.complainOf("Redis refuses to hand out jobs", refusal)
	p.holdOff()
}

// holdOff waits a moment before Redis is tried again.
func (p *pool) holdOff() {
	timer := time.NewTimer(300 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.stopping:
	}
	p.bell.ring()
}

// lastText is the last argument of a fetch: the id of gocraft's pool.
func lastText(args []any) string {
	if len(args) == 0 {
		return ""
	}
	text, _ := args[len(args)-1].(string)
	return text
}
