package wire_test

import (
	"sync"
	"testing"

	miniserver "github.com/alicebob/miniredis/v2/server"

	"workflows/worker/queue/queuetest"
)

// Each connection of before would fail one more call, and pages say for each that Redis
// is away.
func TestConnectionsOfBeforeAnOutageAreNotUsedAgain(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	const kept = 4
	var arrived, answered sync.WaitGroup
	arrived.Add(kept)
	server.Server().SetPreHook(func(*miniserver.Peer, string, ...string) bool {
		arrived.Done()
		arrived.Wait() // each on a connection of its own
		return false
	})
	for range kept {
		answered.Go(func() { _ = q.Ping(t.Context()) })
	}
	answered.Wait()
	server.Close()
	if q.Ping(t.Context()) == nil {
		t.Fatal("Redis is not away")
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := q.Ping(t.Context()); err != nil {
		t.Fatalf("Redis is back: %v", err)
	}
}
