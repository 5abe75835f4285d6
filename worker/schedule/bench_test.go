package schedule_test

import (
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// What a planned time costs when two thousand schedules have it together, made ready
// before it or not.
func BenchmarkFire(b *testing.B) {
	b.Run("as usual", func(b *testing.B) { benchmarkFire(b, func(*house) {}) })
	b.Run("made ready", func(b *testing.B) {
		benchmarkFire(b, func(h *house) {
			if err := h.scheduler.Foresee(b.Context(), h.clock.now().Add(time.Minute)); err != nil {
				b.Fatal(err)
			}
		})
	})
}

func benchmarkFire(b *testing.B, before func(h *house)) {
	db, _ := modelstest.Postgres(b)
	h := newHouse(b, db)
	const schedules = 2000
	for range schedules {
		h.publish(workflow.Trigger{Cron: "* * * * *", Overlap: schedule.OverlapAllow})
	}
	if err := db.Exec("ANALYZE").Error; err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		if err := db.Exec("DELETE FROM runs").Error; err != nil {
			b.Fatal(err)
		}
		before(h)
		h.clock.move(time.Minute)
		b.StartTimer()
		h.tick()
	}
	var rows int64
	db.Model(&models.PlannedRun{}).Count(&rows)
	if rows != int64(b.N*schedules) {
		b.Fatalf("%d planned times in %d rounds", rows, b.N)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*schedules), "µs/schedule")
}
