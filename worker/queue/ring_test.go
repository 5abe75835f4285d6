package queue_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func hintsIn(lane string, n int) []queue.Hint {
	hints := make([]queue.Hint, n)
	for i := range hints {
		hints[i] = queue.Hint{RunID: models.NewID(), Lane: lane}
	}
	return hints
}

func TestLaneHoldsOnlySoManyHintsAndSaysWhichItRefused(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		hints := hintsIn(queue.BacklogLane, queue.LaneRoom+700)
		refused, err := q.Ring(t.Context(), hints...)
		if err != nil || !slices.Equal(refused, hints[queue.LaneRoom:]) {
			t.Fatalf("%d refused, %v", len(refused), err)
		}
		modelstest.Eventually(t, "it is known which lane is full", func() bool { // for a short time
			_, err := q.Ring(t.Context(), hintsIn(queue.BacklogLane, 1)...)
			return err == nil && q.Full(queue.BacklogLane) && !q.Full(queue.DefaultLane)
		})
		if more, err := q.Ring(t.Context(), hintsIn(queue.BacklogLane, 3)...); err != nil || len(more) != 3 {
			t.Errorf("%d refused by a full lane, %v", len(more), err)
		}
		resumed := hintsIn(queue.BacklogLane, 2)
		resumed[0].Ahead, resumed[1].Ahead = true, true
		if more, err := q.Ring(t.Context(), append(resumed, hintsIn(queue.HighLane, 1)...)...); err != nil || len(more) != 0 {
			t.Errorf("%d refused of those that go on and those for another lane, %v", len(more), err)
		}
		depths, err := q.Depths(t.Context())
		if err != nil || depths[queue.BacklogLane].Size != queue.LaneRoom+2 || depths[queue.BacklogLane].Room() != 0 || depths[queue.HighLane].Size != 1 {
			t.Errorf("%+v %v", depths, err)
		}
	})
}

func TestRunsThatGoOnStandAheadInTheirOrder(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		hints := hintsIn(queue.DefaultLane, 4)
		hints[2].Ahead, hints[3].Ahead = true, true
		if _, err := q.Ring(t.Context(), hints...); err != nil {
			t.Fatal(err)
		}
		order := executed(t, q, 1, 4)
		if want := []string{hints[2].RunID, hints[3].RunID, hints[0].RunID, hints[1].RunID}; !slices.Equal(order, want) {
			t.Errorf("in the order %v, want %v", order, want)
		}
	})
}

// executed runs a pool until so many hints were handled, and returns their order.
func executed(t *testing.T, q *queue.Queue, concurrency, n int) []string {
	t.Helper()
	var mu sync.Mutex
	var order []string
	w := startWorker(t, q, queue.PoolOptions{Concurrency: concurrency, Handle: func(_ context.Context, runID string) error {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, runID)
		return nil
	}})
	modelstest.Eventually(t, fmt.Sprintf("%d runs are handled", n), func() bool { return w.total() == n })
	w.stop()
	return order
}

func TestHighGoesFirstAndNoLaneStarves(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		const each = 150
		lane := map[string]string{}
		for _, name := range queue.Lanes() {
			hints := hintsIn(name, each)
			if _, err := q.Ring(t.Context(), hints...); err != nil {
				t.Fatal(err)
			}
			for _, hint := range hints {
				lane[hint.RunID] = name
			}
		}
		order := executed(t, q, 5, 4*each)
		early, ended := map[string]int{}, map[string]int{}
		for i, id := range order {
			if i < each {
				early[lane[id]]++
			}
			ended[lane[id]] = i
		}
		// Of 150 jobs while all lanes are full, 103, 34, 9 and 3 are to be expected.
		if early[queue.HighLane] < 70 || early[queue.DefaultLane] < 12 || early[queue.LowLane]+early[queue.BacklogLane] < 1 {
			t.Errorf("the first %d came from %v", each, early)
		}
		if ended[queue.HighLane] > ended[queue.DefaultLane] || ended[queue.DefaultLane] > max(ended[queue.LowLane], ended[queue.BacklogLane]) {
			t.Errorf("the lanes ended at %v", ended)
		}
	})
}

func TestDepthTellsHowFarALaneIsWorkedOff(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		before := time.Now().Add(-time.Hour).Truncate(time.Second)
		push := func(at time.Time) {
			queuetest.Do(t, q, "LPUSH", queue.Key(q, "jobs:default"), queue.Payload(queue.Hint{RunID: models.NewID()}, at))
		}
		depth := func() queue.Depth {
			depths, err := q.Depths(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return depths[queue.DefaultLane]
		}
		if d := depth(); time.Since(d.Oldest) > time.Minute || !d.Low() {
			t.Errorf("an empty lane: %+v", d)
		}
		push(before)
		push(before.Add(time.Minute))
		if _, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID(), Ahead: true}); err != nil {
			t.Fatal(err)
		}
		if d := depth(); !d.Oldest.Equal(before) || d.Size != 3 {
			t.Errorf("%+v", d)
		}
		queuetest.Do(t, q, "DEL", queue.Key(q, "jobs:default"))
		push(time.Now().Add(time.Hour)) // by a clock that is wrong
		if d := depth(); d.Oldest.After(time.Now()) {
			t.Errorf("from the future: %+v", d)
		}
		if err := q.SetPaused(t.Context(), queue.DefaultLane, true); err != nil {
			t.Fatal(err)
		}
		if d := depth(); d.Low() || d.Room() != 0 {
			t.Errorf("a paused lane wants hints: %+v", d)
		}
	})
}
