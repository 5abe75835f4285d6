package standalone

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// StartRedis starts the embedded Redis on a free loopback port behind a password
// that nobody else knows, and returns its URL. It ends with ctx or with stop,
// which waits until it has.
//
// Nothing in it outlives the process, and nothing needs to: the runs are in the
// database, and the sweeper rings for them anew.
func StartRedis(ctx context.Context) (address string, stop func(), err error) {
	server := miniredis.NewMiniRedis()
	password := rand.Text()
	server.RequireAuth(password)
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return "", nil, fmt.Errorf("start the embedded Redis: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var clock sync.WaitGroup
	clock.Go(func() {
		defer server.Close()
		tick(ctx, server)
	})
	address = (&url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: server.Addr()}).String()
	return address, func() { cancel(); clock.Wait() }, nil
}

// tick moves the embedded server's time, which stands still otherwise: nothing
// would ever expire. A clock of its own would be set at every access, which with
// many keys is ruinously slow.
func tick(ctx context.Context, server *miniredis.Miniredis) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case now := <-ticker.C:
			server.FastForward(now.Sub(last))
			last = now
		case <-ctx.Done():
			return
		}
	}
}
