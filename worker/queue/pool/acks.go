package pool

import (
	"time"

	"workflows/worker/failpoint"
	"workflows/worker/queue/wire"
)

// maxAcks bounds how many commands one round trip of acknowledgements carries, so
// that none blocks Redis for long.
const maxAcks = 1500

// ack hands a done job's commands to the acknowledger.
func (p *pool) ack(commands []wire.Command) {
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
	var kept []wire.Command
	for {
		if len(kept) == 0 {
			select {
			case kept = <-p.acks:
			case <-p.lastAcks:
				p.acknowledged(p.gatherAcks(nil))
				return
			}
		}
		kept = p.gatherAcks(kept)
		if p.pointless() || p.acknowledged(kept) {
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

// gatherAcks adds what else is there, up to a bound.
func (p *pool) gatherAcks(kept []wire.Command) []wire.Command {
	for len(kept) < maxAcks {
		select {
		case more := <-p.acks:
			kept = append(kept, more...)
		default:
			return kept
		}
	}
	return kept
}

func (p *pool) acknowledged(commands []wire.Command) bool {
	if len(commands) == 0 {
		return true
	}
	if p.tryPipeline(commands...) == nil {
		return false
	}
	p.hand.remove(commands)
	return true
}
