package standalone

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
)

func TestEmbeddedRedisRunsTheQueueAndLetsKeysExpire(t *testing.T) {
	address, stop, err := StartRedis(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if !strings.Contains(address, "@127.0.0.1:") {
		t.Errorf("it listens on %s", address)
	}
	q, err := queue.Open(queue.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	ctx, cancel := context.WithCancel(t.Context())
	handled, ended := make(chan string, 10), make(chan error, 1)
	go func() {
		ended <- pool.Run(ctx, q, pool.Options{Handle: func(_ context.Context, id string) error {
			handled <- id
			return nil
		}})
	}()
	if err := q.SetState(t.Context(), "short", 1, time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID()}); err != nil {
		t.Fatal(err)
	}
	if err := q.Later(t.Context(), time.Now().Add(time.Second), false, queue.Hint{RunID: models.NewID()}); err != nil {
		t.Fatal(err)
	}
	modelstest.Eventually(t, "both runs are handled", func() bool { return len(handled) == 2 })
	modelstest.Eventually(t, "the state expires", func() bool {
		names, err := q.States(t.Context(), "")
		return err == nil && len(names) == 0
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestEmbeddedRedisRefusesWhoeverHasNoPassword(t *testing.T) {
	address, stop, err := StartRedis(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	_, host, _ := strings.Cut(address, "@")
	conn, err := redis.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Do("PING"); err == nil {
		t.Error("it answered")
	}
}
