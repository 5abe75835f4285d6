package pool

import (
	"context"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue/wire"
)

// bell says that hints were announced since somebody listened.
type bell struct{ rung chan struct{} }

func newBell() *bell { return &bell{rung: make(chan struct{}, 1)} }

func (b *bell) ring() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

const (
	pingEvery = 15 * time.Second
	// listenTimeout finds out a subscription that is only half open.
	listenTimeout = 2*pingEvery + wire.RoundTrip
)

// listen keeps one subscription to the bell and the signals until ctx ends.
func (p *pool) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := p.subscribe(ctx); err != nil && ctx.Err() == nil {
			p.tryPipeline(wire.Cmd("PING")) // Redis may be back before it is noticed here that it was away
		}
		timer := time.NewTimer(500 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// subscribe listens until the connection breaks or ctx ends.
func (p *pool) subscribe(ctx context.Context) error {
	raw, err := p.q.Dial(ctx)
	if err != nil {
		return err
	}
	defer raw.Close()
	conn := redis.PubSubConn{Conn: raw}
	if err := conn.Subscribe(p.q.Keys.Bell(), p.q.Keys.Signal()); err != nil {
		return err
	}
	ended := make(chan struct{})
	pinging := make(chan struct{})
	go func() { defer close(pinging); keepAlive(ctx, conn, ended) }()
	defer func() { close(ended); <-pinging }()
	for {
		switch message := conn.ReceiveWithTimeout(listenTimeout).(type) {
		case redis.Message:
			p.heard(message)
		case redis.Subscription:
			p.unsure.Store(true)
			p.bell.ring() // whatever was missed before
		case error:
			return message
		}
	}
}

// keepAlive keeps the subscription alive and closes it when ctx ends: the receiver
// cannot be woken otherwise.
func keepAlive(ctx context.Context, conn redis.PubSubConn, ended <-chan struct{}) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if conn.Ping("") != nil {
				return
			}
		case <-ctx.Done():
			_ = conn.Close()
			return
		case <-ended:
			return
		}
	}
}

func (p *pool) heard(message redis.Message) {
	switch message.Channel {
	case p.q.Keys.Bell():
		p.bell.ring()
	case p.q.Keys.Signal():
		if id, _ := p.poolID.Load().(string); id == string(message.Data) {
			select {
			case p.asked <- struct{}{}:
			default: // it will look anyway
			}
			return
		}
		p.handlers.signal(string(message.Data))
	}
}
