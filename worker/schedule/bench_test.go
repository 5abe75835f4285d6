package schedule_test

import (
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// BenchmarkFire is what a planned time costs when two thousand schedules have it
// together: one operation is one schedule.
func BenchmarkFire(b *testing.B) {
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
