package pool_test

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestADrainedWorkerTakesNothingAndEndsWhatItHas(t *testing.T) {
	modelstest.InTurn(t, func(t *testing.T, db *gorm.DB) {
		queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
			log := new(logBuffer)
			goOn, took := make(chan struct{}), make(chan error, 1)
			first := ring(t, q)
			w := startWorker(t, q, pool.Options{DB: db, Log: log.logger(), Handle: func(ctx context.Context, runID string) error {
				if runID != first {
					return nil
				}
				<-goOn
				took <- ctx.Err()
				return nil
			}})
			awaitIdle(t, q)
			modelstest.Eventually(t, "the first run is taken", func() bool { return w.count(first) == 1 })
			id := stats(t, q).Workers[0].ID
			if err := machine.Drain(t.Context(), db, machine.DrainedWorker{WorkerID: id, DrainedAt: models.Now(), DrainedBy: "Ada"}); err != nil {
				t.Fatal(err)
			}
			if err := q.Signal(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			modelstest.Eventually(t, "it is drained", func() bool { return log.count("this worker is drained") == 1 })
			late := ring(t, q)
			close(goOn)
			within(t, 10*time.Second, "the first run goes on", closedBy(took, t))
			other := startWorker(t, q, pool.Options{DB: db})
			modelstest.Eventually(t, "another worker takes the second", func() bool { return other.count(late) == 1 })
			other.stop()
			third := ring(t, q)
			if n := stats(t, q); laneOf(n, queue.DefaultLane).Size != 1 || w.count(third)+w.count(late) != 0 {
				t.Errorf("%+v wait, it took %d", n.Lanes, w.total())
			}
			if err := machine.Release(t.Context(), db, id); err != nil {
				t.Fatal(err)
			}
			// Nobody tells it: it looks by itself.
			modelstest.Eventually(t, "it takes runs again", func() bool { return w.count(third) == 1 })
		})
	})
}

// closedBy is closed when a context has been reported that had not ended.
func closedBy(reported <-chan error, t *testing.T) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := <-reported; err != nil {
			t.Error("its context had ended:", err)
		}
	}()
	return done
}
