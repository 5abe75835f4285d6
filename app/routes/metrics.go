package routes

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/told"
	"workflows/worker/queue/board"
)

// numbers are the queue's, read when they are asked for.
type numbers struct {
	board *board.Board
	db    *gorm.DB

	mu    sync.Mutex
	ages  ages
	asked time.Time
}

const (
	// agesFor is how old the ages may be that are told: whoever asks more often asks
	// the database for nothing.
	agesFor = 5 * time.Second
	// agesTime bounds how long they are read.
	agesTime = 3 * time.Second
	// failingTold is of how many workflows it is told how often they failed.
	failingTold = 1000
)

// ages are what people have themselves woken for.
type ages struct {
	models.Ages
	messages    int64
	oldest      *time.Time // of the messages
	failing     []failures.FailedOf
	unreachable bool
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("workflows_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (n *numbers) Describe(chan<- *prometheus.Desc) {} // the lanes are known only when asked

// Collect implements prometheus.Collector. Numbers of a server that cannot be
// reached are left out rather than shown as zero.
func (n *numbers) Collect(out chan<- prometheus.Metric) {
	s := n.board.Snapshot(context.Background())
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	up := describe("up", "Whether a server that the system needs can be reached.", "server")
	gauge(up, yes(s.DatabaseError == ""), "database")
	gauge(up, yes(s.RedisError == ""), "redis")
	if s.DatabaseError == "" {
		runs := describe("runs", "Runs that are not final, by status.", "status")
		gauge(runs, float64(s.Queued), "queued")
		gauge(runs, float64(s.Running), "running")
		gauge(runs, float64(s.Waiting), "waiting")
		gauge(describe("schedules_late", "Schedules whose time has passed."), float64(s.LateSchedules))
		gauge(describe("standstill", "Whether nothing may start: for maintenance, or after a restore."), yes(s.Standstill.Holds()))
		alerts := describe("alerts", "Alerts that nobody has seen to, by kind.", "kind")
		for _, kind := range models.AlertKinds() {
			gauge(alerts, float64(s.Alerts[kind]), kind)
		}
		n.agesNow().tell(out)
	}
	if s.RedisError != "" {
		return
	}
	ended := describe("runs_ended_total", "Runs that have come to their end, by outcome, since Redis last forgot; cancelled ones do not count.", "outcome")
	out <- prometheus.MustNewConstMetric(ended, prometheus.CounterValue, float64(s.Succeeded), "succeeded")
	out <- prometheus.MustNewConstMetric(ended, prometheus.CounterValue, float64(s.Failed), "failed")
	for _, lane := range s.Lanes {
		gauge(describe("queue_size", "Hints that wait in the queue.", "queue"), float64(lane.Size), lane.Name)
		gauge(describe("queue_latency_seconds", "Age of the oldest hint.", "queue"), lane.Latency.Seconds(), lane.Name)
		gauge(describe("queue_paused", "Whether the queue is paused.", "queue"), yes(lane.Paused), lane.Name)
	}
	gauge(describe("queue_scheduled", "Hints for a later time."), float64(s.Scheduled))
	gauge(describe("queue_retrying", "Hints for the next try of a step."), float64(s.Retrying))
	gauge(describe("queue_dead", "Jobs in gocraft/work's list of the dead."), float64(s.Dead))
	gauge(describe("workers", "Worker processes with a fresh heartbeat."), float64(len(s.Workers)))
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// agesNow are the ages, at most five seconds old.
func (n *numbers) agesNow() ages {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.asked.IsZero() || time.Since(n.asked) >= agesFor {
		n.ages, n.asked = readAges(n.db), time.Now()
	}
	return n.ages
}

func readAges(db *gorm.DB) (a ages) {
	ctx, cancel := context.WithTimeout(context.Background(), agesTime)
	defer cancel()
	var err error
	if a.Ages, err = models.ReadAges(ctx, db, models.Now()); err == nil {
		a.messages, a.oldest, err = told.Unsent(ctx, db)
	}
	if err == nil {
		a.failing, err = failures.CountByWorkflow(ctx, db, failingTold)
	}
	a.unreachable = err != nil
	return a
}

// tell adds them; what is not known is left out rather than shown as zero.
func (a ages) tell(out chan<- prometheus.Metric) {
	if a.unreachable {
		return
	}
	gauge := func(name, help string, value float64) {
		out <- prometheus.MustNewConstMetric(describe(name, help), prometheus.GaugeValue, value)
	}
	gauge("run_oldest_ready_seconds", "For how long the run has waited that has waited longest for a worker alone; 0 where none does.", a.OldestReady.Seconds())
	gauge("schedule_longest_late_seconds", "By how much the schedule is late whose time has passed first; 0 where none has.", a.LongestLate.Seconds())
	gauge("messages_unsent", "Messages to people that have not been sent yet.", float64(a.messages))
	oldest := 0.0
	if a.oldest != nil {
		oldest = max(time.Since(*a.oldest).Seconds(), 0)
	}
	gauge("message_oldest_unsent_seconds", "Age of the oldest message that has not been sent yet; 0 where none waits.", oldest)
	failed := describe("workflow_runs_failed_total", "Runs of a workflow that have failed, about a second after their end, as far as their causes are kept.", "workflow_id", "workflow")
	for _, of := range a.failing {
		out <- prometheus.MustNewConstMetric(failed, prometheus.CounterValue, float64(of.Number), of.WorkflowID, of.WorkflowName)
	}
}
