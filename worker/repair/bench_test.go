package repair

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models/bulk"
	"workflows/models/modelstest"
	"workflows/worker/engine"
)

// What it takes to run a thousand runs again, a hundred in a transaction, and to cancel and
// delete what has come of it.
func BenchmarkAThousandRuns(b *testing.B) {
	postgres, _ := modelstest.Postgres(b)
	for kind, db := range map[string]*gorm.DB{"sqlite": modelstest.SQLite(b), "postgres": postgres} {
		for name, r := range map[string]bulk.Request{
			"again":                      {Action: bulk.Retry},
			"again from the failed step": {Action: bulk.Retry, RetryFrom: engine.FromFailedStep},
		} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					l := newLab(b, db)
					w := l.publish(twoSteps)
					for range 1000 {
						l.failed(w)
					}
					r.PerSecond, r.Runs = bulk.MostRate, ofWorkflow(w)
					asked := l.ask(r)
					b.StartTimer()
					began := time.Now()
					done := l.finish(asked.ID)
					b.ReportMetric(float64(time.Since(began).Microseconds())/1e6, "ms/again")
					if done.Done != 1000 {
						b.Fatalf("%+v", done)
					}
					for action, status := range map[string]string{bulk.Cancel: "queued", bulk.Delete: "failed"} {
						r := bulk.Request{Action: action, PerSecond: bulk.MostRate, Runs: ofWorkflow(w)}
						r.Runs.Status, r.Runs.TriggerType = []string{status}, map[string]string{"queued": engine.TriggerRetry, "failed": engine.TriggerManual}[status]
						asked := l.create(r)
						began := time.Now()
						if done := l.finish(asked.ID); done.Done != 1000 {
							b.Fatalf("%+v", done)
						}
						b.ReportMetric(float64(time.Since(began).Microseconds())/1e6, "ms/"+action)
					}
				}
			})
		}
	}
}
