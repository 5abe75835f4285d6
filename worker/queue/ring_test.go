package queue_test

import (
	"slices"
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
		const room = 200
		queuetest.Fill(t, q, queue.BacklogLane, queue.LaneRoom-room)
		hints := hintsIn(queue.BacklogLane, room+700)
		refused, err := q.Ring(t.Context(), hints...)
		if err != nil || !slices.Equal(refused, hints[room:]) {
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
		if err != nil || depths[queue.BacklogLane].Size != queue.LaneRoom+2 || depths[queue.BacklogLane].Free() != 0 || depths[queue.HighLane].Size != 1 {
			t.Errorf("%+v %v", depths, err)
		}
	})
}

func TestWhatDoesNotFitIsNotPushedToBeTakenBack(t *testing.T) {
	t.Parallel()
	q, server := queuetest.MiniServer(t)
	queuetest.Fill(t, q, queue.BacklogLane, queue.LaneRoom-100)
	hints, before := hintsIn(queue.BacklogLane, 400), server.CommandCount()
	refused, err := q.Ring(t.Context(), hints...)
	if err != nil || !slices.Equal(refused, hints[100:]) {
		t.Errorf("%d refused, %v", len(refused), err)
	}
	if commands := server.CommandCount() - before; commands > 10 {
		t.Errorf("%d commands for three hundred hints too many", commands)
	}
}

func TestDepthTellsHowFarALaneIsWorkedOff(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		before := time.Now().Add(-time.Hour).Truncate(time.Second)
		push := func(at time.Time) {
			queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default"), queue.Hint{RunID: models.NewID()}.Payload(at))
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
		queuetest.Do(t, q, "DEL", queuetest.Key(q, "jobs:default"))
		push(time.Now().Add(time.Hour)) // by a clock that is wrong
		if d := depth(); d.Oldest.After(time.Now()) {
			t.Errorf("from the future: %+v", d)
		}
		if err := q.SetPaused(t.Context(), queue.DefaultLane, true); err != nil {
			t.Fatal(err)
		}
		if d := depth(); d.Low() || d.Free() != 0 {
			t.Errorf("a paused lane wants hints: %+v", d)
		}
	})
}
