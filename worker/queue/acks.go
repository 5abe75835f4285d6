package queue

import (
	"time"

	"workflows/worker/failpoint"
)

// ack hands a done job's commands to the acknowledger.
func (p *pool) ack(commands []command) {
	failpoint.Hit("queue.before_ack")
	select {
	case p.acks <- commands:
	case <-p.ackDone:
	}
}

// acknowledge tells Redis which jobs are done, as many in one round trip as came
// up during the last one. While Redis is away they are kept: an acknowledgement
// that is lost would leave its job in progress until the worker ends.
func (p *pool) acknowledge() {
	defer close(p.ackDone)
	retry := time.NewTicker(time.Second)
	defer retry.Stop()
	var kept []command
	for {
		if len(kept) == 0 {
			select {
			case kept = <-p.acks:
			case <-p.lastAcks:
				p.acknowledged(p.gather(nil))
				return
			}
		}
		kept = p.gather(kept)
		if p.hopeless() || p.acknowledged(kept) {
			kept = nil
			continue
		}
		select {
		case <-retry.C:
		case <-p.lastAcks:
			return
		}
	}
}

// gather adds what else is there, up to a bound.
func (p *pool) gather(kept []command) []command {
	for len(kept) < 3*batch {
		select {
		case more := <-p.acks:
			kept = append(kept, more...)
		default:
			return kept
		}
	}
	return kept
}

func (p *pool) acknowledged(commands []command) bool {
	return len(commands) == 0 || p.attempt(commands...) != nil
}
