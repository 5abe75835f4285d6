package queue_test

import (
	"fmt"
	"testing"
	"time"

	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func TestStateIsPublishedUntilItExpires(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		type state struct{ Next string }
		for _, name := range []string{"scheduler:b", "scheduler:a", "other"} {
			if err := q.SetState(t.Context(), name, state{name}, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		read := func() string {
			states, err := q.States(t.Context(), "scheduler:")
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%s", states)
		}
		if said := read(); said != `[{"Next":"scheduler:a"} {"Next":"scheduler:b"}]` {
			t.Errorf("the states are %s", said)
		}
		queuetest.Do(t, q, "DEL", queuetest.Key(q, "state:scheduler:b"))
		if said := read(); said != `[{"Next":"scheduler:a"}]` {
			t.Errorf("once one has expired the states are %s", said)
		}
		if names, _ := queuetest.Do(t, q, "SMEMBERS", queuetest.Key(q, "states")).([]any); len(names) != 2 {
			t.Errorf("the names are %s", names)
		}
	})
}

// Workers that come and go write a new name each, and it may be that nobody ever asks.
func TestNamesOfStatesThatHaveExpiredAreForgottenByWhoeverWrites(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		for i := range 40 {
			queuetest.Do(t, q, "SADD", queuetest.Key(q, "states"), fmt.Sprint("scheduler:gone-", i))
		}
		for range 400 {
			if err := q.SetState(t.Context(), "scheduler:here", "x", time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		if names, _ := queuetest.Do(t, q, "SMEMBERS", queuetest.Key(q, "states")).([]any); len(names) != 1 {
			t.Errorf("%d names are left: %s", len(names), names)
		}
	})
}
