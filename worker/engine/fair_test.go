package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/workflow"
)

// startMany stores n runs in one transaction and announces them, as those of schedules are.
func (l *lab) startMany(w models.Workflow, n int) []models.Run {
	l.Helper()
	requests := slices.Repeat([]engine.StartRequest{{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}}}, n)
	var started []models.Run
	l.must(models.Tx(l.Context(), l.db, func(tx *gorm.DB) error {
		starting, err := l.e.Starting(l.Context(), tx, []string{w.ID})
		if err != nil {
			return err
		}
		prepared, err := starting.Runs(l.Context(), requests)
		if err != nil {
			return err
		}
		started = nil
		for _, p := range prepared {
			l.must(p.Err)
			started = append(started, p.Run)
		}
		return runs.InsertMany(l.Context(), tx, started)
	}))
	l.e.Announce(l.Context(), started...)
	return started
}

// lane is the key of a lane.
func (l *lab) lane(name string) string { return l.q.Namespace() + ":jobs:" + name }

func (l *lab) depth(lane string) int {
	l.Helper()
	depths, err := l.q.Depths(l.Context())
	l.must(err)
	return int(depths[lane].Size)
}

func TestPriorityChoosesTheLane(t *testing.T) {
	each(t, func(l *lab) {
		for priority, lane := range map[string]string{"high": "high", "normal": "default", "": "default", "low": "low"} {
			run := l.run(`{"name": "P", "settings": {"priority": "` + priority + `"}, "steps": [{"id": "n", "type": "note"}]}`)
			equal(l, priority, run.Queue, lane)
		}
	})
}

// One workflow with 5,000 queued runs, and a worker with five places: a run of
// another workflow begins among the next few dozen.
func TestSmallWorkflowDoesNotWaitBehindALargeOne(t *testing.T) {
	alone(t, func(l *lab) {
		large := l.publish(`{"name": "Large", "steps": [{"id": "large", "type": "note"}]}`)
		small := l.publish(`{"name": "Small", "steps": [{"id": "small", "type": "note"}]}`)
		l.startMany(large, 5000)
		run := l.start(small, nil)
		l.worker(5, 0)
		l.ended(run.ID)
		if before := slices.Index(l.lit.called(), "small"); before < 0 || before > 500 { // of 5000; some thirty, as the lanes take turns by chance
			l.Errorf("%d runs began before it", before)
		}
	})
}

func TestLaneHasRoomForSomeAndTheRestFollowWithASharePerWorkflow(t *testing.T) {
	alone(t, func(l *lab) {
		large := l.publish(`{"name": "Large", "steps": [{"id": "large", "type": "note"}]}`)
		other := l.publish(`{"name": "Other", "steps": [{"id": "other", "type": "note"}]}`)
		queuetest.Fill(l, l.q, queue.BacklogLane, queue.LaneRoom-500)
		l.startMany(large, 500+510)
		rest := l.startMany(other, 60)
		equal(l, "hints", []int{l.depth(queue.BacklogLane), l.depth(queue.DefaultLane)}, []int{queue.LaneRoom, 20})
		var unrung int64
		l.must(l.db.Model(&models.Run{}).Where("rung_at IS NULL").Count(&unrung).Error)
		equal(l, "never rung", unrung, 500+50)

		queuetest.Do(l, l.q, "LTRIM", l.lane("backlog"), -100, -1) // all but 100 are worked off
		l.sweeperUntil("the rest is rung", func() bool {
			var left int64
			l.must(l.db.Model(&models.Run{}).Where("rung_at IS NULL").Count(&left).Error)
			return left == 0
		})
		if rung := l.get(rest[len(rest)-1].ID).RungAt; rung == nil {
			l.Error("the other workflow has no share")
		}
	})
}

func TestAllRunsGoOnSoonAfterRedisForgotEverything(t *testing.T) {
	alone(t, func(l *lab) {
		w := l.publish(`{"name": "Flush", "steps": [{"id": "n", "type": "note"}]}`)
		l.startMany(w, 400)
		l.worker(4, 0)
		modelstest.Eventually(l, "it has begun", func() bool { return len(l.lit.called()) > 20 })
		l.flush()
		began := time.Now()
		modelstest.Eventually(l, "all 400 were executed", func() bool { return len(l.lit.called()) >= 400 })
		l.Logf("all in %s", time.Since(began))
		open, _, err := runs.List(l.Context(), l.db, runs.Filter{Status: []string{"queued", "running", "waiting"}, Limit: 100})
		l.must(err)
		for _, run := range open {
			l.ended(run.ID)
		}
		equal(l, "each once", len(l.lit.called()), 400)
	})
}

func TestWaitingHintsAreNotDoubled(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "Wait", "steps": [{"id": "n", "type": "note"}]}`)
		l.startMany(w, 8)
		l.must(l.db.Exec("UPDATE runs SET rung_at = ?", models.Now().Add(-time.Minute)).Error)
		queuetest.Do(l, l.q, "DEL", l.lane("default"))
		old := time.Now().Add(-time.Minute)
		for range 8 { // as they were pushed a minute ago
			queuetest.Do(l, l.q, "LPUSH", l.lane("default"), fmt.Sprintf(`{"name":"default","t":%d,"args":{"run_id":%q}}`, old.Unix(), models.NewID()))
		}
		stop := l.sweeper()
		lost := l.run(`{"name": "Low", "settings": {"priority": "low"}, "steps": [{"id": "n", "type": "note"}]}`)
		l.must(l.db.Exec("UPDATE runs SET rung_at = ? WHERE id = ?", old, lost.ID).Error)
		queuetest.Do(l, l.q, "DEL", l.lane("low"))
		modelstest.Eventually(l, "the lost one is rung again", func() bool { return l.depth(queue.LowLane) == 1 })
		stop()
		equal(l, "hints", l.depth(queue.DefaultLane), 8)
	})
}

func TestOneProcessSweepsAndAnotherTakesOverWhenItLeaves(t *testing.T) {
	each(t, func(l *lab) {
		first := l.sweeper()
		if models.IsPostgres(l.db) {
			modelstest.Eventually(l, "the first has the duty", func() bool { return !l.takesDuty() })
		}
		second := l.sweeper()
		defer second()
		first()
		run := l.run(`{"name": "Lost", "steps": [{"id": "a", "type": "note"}]}`)
		l.perish(run.ID)
		equal(l, "recoveries", l.until(run.ID, workflow.RunQueued).Recoveries, 1)
	})
}

// takesDuty reports whether the sweeper's duty was free; it is given back at once.
func (l *lab) takesDuty() bool {
	l.Helper()
	taken, err := models.TakeDuty(l.Context(), l.db, "sweep", "test", time.Minute)
	l.must(err)
	l.must(models.LeaveDuty(l.Context(), l.db, "sweep", "test"))
	return taken
}

func TestShortWaitsEndInTimeThoughAnotherProcessSweeps(t *testing.T) {
	each(t, func(l *lab) {
		defer l.sweeper()()
		if models.IsPostgres(l.db) {
			modelstest.Eventually(l, "another process has the duty", func() bool { return !l.takesDuty() })
		}
		l.worker(1, 0)
		// At the other's pace, once a second, they end late whatever is tried. On a busy machine
		// any of them may, and not all.
		quickest := time.Hour
		for range 8 {
			run := l.ended(l.run(`{"name": "Short", "steps": [{"id": "f", "type": "fail", "retry": {"max_attempts": 6, "delay": "400ms"}}]}`).ID)
			equal(l, "status", run.Status, workflow.RunSucceeded)
			if quickest = min(quickest, run.FinishedAt.Sub(*run.StartedAt)); quickest < 1700*time.Millisecond {
				return
			}
		}
		l.Errorf("two waits of 400 ms took %s or more", quickest)
	})
}
