package queue

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"
)

// bell counts how many hints were announced since somebody listened.
type bell struct {
	rung  chan struct{}
	count atomic.Int64
}

func newBell() *bell { return &bell{rung: make(chan struct{}, 1)} }

func (b *bell) ring(n int) {
	b.count.Add(int64(n))
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// take returns the count, at least one, and begins anew.
func (b *bell) take() int { return int(min(max(b.count.Swap(0), 1), maxFetch)) }

const (
	pingEvery = 15 * time.Second
	// listenTimeout finds out a subscription that is only half open.
	listenTimeout = 2*pingEvery + ioTimeout
)

// listen keeps one subscription to the bell and the signals until ctx ends.
func (p *pool) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := p.subscribe(ctx); err != nil && ctx.Err() == nil {
			p.health.down(err)
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
	raw, err := p.q.target.dial(ctx)
	if err != nil {
		return err
	}
	defer raw.Close()
	conn := redis.PubSubConn{Conn: raw}
	if err := conn.Subscribe(p.q.keys.bell(), p.q.keys.signal()); err != nil {
		return err
	}
	ended := make(chan struct{})
	pinging := make(chan struct{})
	go func() { defer close(pinging); ping(ctx, conn, ended) }()
	defer func() { close(ended); <-pinging }()
	for {
		switch message := conn.ReceiveWithTimeout(listenTimeout).(type) {
		case redis.Message:
			p.heard(message)
		case redis.Subscription:
			p.bell.ring(1) // whatever was missed before
		case error:
			return message
		}
	}
}

// ping keeps the subscription alive and closes it when ctx ends: the receiver
// cannot be woken otherwise.
func ping(ctx context.Context, conn redis.PubSubConn, ended <-chan struct{}) {
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
	case p.q.keys.bell():
		n, _ := strconv.Atoi(string(message.Data))
		p.bell.ring(max(n, 1))
	case p.q.keys.signal():
		p.running.signal(string(message.Data))
	}
}
