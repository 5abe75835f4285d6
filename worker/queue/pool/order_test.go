package pool_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func hintsIn(lane string, n int) []queue.Hint {
	hints := make([]queue.Hint, n)
	for i := range hints {
		hints[i] = queue.Hint{RunID: models.NewID(), Lane: lane}
	}
	return hints
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
	w := startWorker(t, q, pool.Options{Concurrency: concurrency, Handle: func(_ context.Context, runID string) error {
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
