package queue

import (
	"context"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	// pollEvery is how often an idle pool looks although no bell rang: the bell
	// may be lost while the subscription is renewed.
	pollEvery = 2 * time.Second
	// maxFetch bounds how many jobs one round trip fetches.
	maxFetch = 64
)

// fetch is one gocraft/work fetcher that waits for a job, with the script call
// that it wanted to make.
type fetch struct {
	command command
	answer  chan answer // buffered: the feeder never waits for a fetcher
}

type answer struct {
	reply any
	err   error
}

// fetch stands in for the fetch script of an idle fetcher: it returns when there
// is a job or the pool stops, so gocraft/work never falls into its sleeps of up
// to five seconds, and holds no connection meanwhile.
func (p *pool) fetch(f *fetch) (any, error) {
	select {
	case p.fetches <- f:
	case <-p.fetchDone:
		return nil, nil
	}
	select {
	case a := <-f.answer:
		return a.reply, a.err
	case <-p.fetchDone:
	}
	select {
	case a := <-f.answer: // answered just before the end: the handler gives it back
		return a.reply, a.err
	default:
		return nil, nil
	}
}

// feed serves the waiting fetchers: it makes their script calls, as many in one
// round trip as there may be jobs, and looks again only when the bell rings or
// the poll is due. asked is that guess; 0 means that the lanes were empty.
func (p *pool) feed() {
	defer close(p.fetchDone)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var waiting []*fetch
	for asked := 1; ; {
		if len(waiting) == 0 || asked == 0 {
			select {
			case f := <-p.fetches:
				waiting = append(waiting, f)
			case <-p.bell.rung:
				asked = max(asked, p.bell.take())
			case <-poll.C:
				asked = max(asked, 1)
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
		waiting, asked = p.ask(waiting, asked)
	}
}

// ask makes up to asked script calls and answers the fetchers that got a job. It
// returns those who still wait, and how many to ask for next.
func (p *pool) ask(waiting []*fetch, asked int) ([]*fetch, int) {
	n := min(len(waiting), asked, maxFetch)
	commands := make([]command, n)
	for i, f := range waiting[:n] {
		commands[i] = f.command
	}
	replies, err := p.q.pipeline(context.Background(), commands...)
	if err != nil {
		p.health.down(err)
		p.pause()
		return waiting, 1
	}
	p.health.up()
	still, found := make([]*fetch, 0, len(waiting)), 0
	for i, f := range waiting[:n] {
		a, took := p.inspect(f, replies[i])
		if took {
			found++
		}
		if a == nil {
			still = append(still, f)
			continue
		}
		f.answer <- *a
	}
	still = append(still, waiting[n:]...)
	if found < n {
		return still, 0
	}
	return still, min(2*n, maxFetch)
}

// inspect decides what a fetcher is told: nil lets it wait on. took says that the
// lane may hold more.
func (p *pool) inspect(f *fetch, reply any) (a *answer, took bool) {
	switch reply := reply.(type) {
	case redis.Error:
		if strings.HasPrefix(string(reply), "NOSCRIPT") {
			return &answer{err: reply}, true // it comes again with the script's text
		}
		p.refused(reply)
		return nil, false
	case []any:
		payload, ok := part(reply, 0)
		if !ok {
			return nil, true // taken by somebody else between two commands of a broken script
		}
		if _, err := readHint(payload); err != nil {
			from, _ := part(reply, 1)
			held, _ := part(reply, 2)
			p.q.setAside(context.Background(), setAside{
				Aside: Aside{From: string(from), Reason: err.Error()}, Payload: payload, lane: p.q.keys.fetched(string(from)),
				pool: lastText(f.command.args), remove: cmd("LREM", string(held), 1, payload),
			})
			return nil, true
		}
		return &answer{reply: reply}, true
	}
	return nil, false
}

// refused handles the server's refusal of a script. A key of a wrong type is
// moved out of the way; anything else (out of memory, read-only) must pass.
func (p *pool) refused(refusal redis.Error) {
	if p.q.mendIfBroken(context.Background(), refusal) {
		p.bell.ring(1)
		return
	}
	p.health.complain("Redis refuses to hand out jobs", refusal)
	p.pause()
}

// pause waits a moment before Redis is tried again.
func (p *pool) pause() {
	timer := time.NewTimer(300 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.stopping:
	}
	p.bell.ring(1)
}

func part(reply []any, i int) ([]byte, bool) {
	if i >= len(reply) {
		return nil, false
	}
	data, ok := reply[i].([]byte)
	return data, ok
}

// lastText is the last argument of a fetch: the id of gocraft's pool.
func lastText(args []any) string {
	if len(args) == 0 {
		return ""
	}
	text, _ := args[len(args)-1].(string)
	return text
}
