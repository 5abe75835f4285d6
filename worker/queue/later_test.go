package queue_test

import (
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func TestARunHasOneLaterTimeWhichCanBeForgotten(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		hint := queue.Hint{RunID: models.NewID(), Lane: queue.DefaultLane}
		for i, retry := range []bool{false, true, true, false} {
			if err := q.Later(t.Context(), time.Now().Add(time.Duration(i+1)*time.Hour), retry, hint); err != nil {
				t.Fatal(err)
			}
		}
		size := func(key string) any { return queuetest.Do(t, q, "ZCARD", queuetest.Key(q, key)) }
		if size("scheduled") != int64(1) || size("retry") != int64(0) {
			t.Fatalf("%d scheduled, %d retrying", size("scheduled"), size("retry"))
		}
		if err := q.Forget(t.Context(), hint); err != nil {
			t.Fatal(err)
		}
		if size("scheduled") != int64(0) {
			t.Fatal("it is scheduled after all")
		}
	})
}
