package alerts

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/duty"
	"workflows/worker/outage"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

const (
	// every is the time between two rounds.
	every = 15 * time.Second
	// lateAfter is how long a schedule may stay untaken; a watcher that is new waits
	// as long, since after an outage all of them are late for a moment.
	lateAfter = time.Minute
	// atOnce bounds what one round takes of each kind.
	atOnce = 100
	// roundTime bounds one round.
	roundTime = 30 * time.Second

	dutyWatch = "watch"
)

// Watcher raises and closes alerts. Any number may watch the same database: one of
// them does it at a time, and two at once would do no harm.
type Watcher struct {
	DB   *gorm.DB
	Log  *slog.Logger
	Name string           // who watches: unique among the processes
	Now  func() time.Time // the database's clock when nil
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller

	duty  duty.Duty
	since time.Time // when this one took the duty
	// again is when deadlines that could not be read are looked at again.
	again map[string]time.Time
}

// Run watches until ctx ends.
func (w *Watcher) Run(ctx context.Context) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	w.duty = duty.Duty{DB: w.DB, Name: dutyWatch, Holder: w.Name, Length: 3 * every}
	defer w.leave(ctx)
	watching := outage.NewChore(w.log(), "nothing is watched", "all is watched again", w.Database)
	for {
		began := time.Now()
		if err := w.turn(ctx); ctx.Err() == nil {
			watching.Note(began, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (w *Watcher) leave(ctx context.Context) {
	if err := w.duty.Leave(ctx); err != nil { // it runs out by itself
		w.log().Debug("the watcher's duty could not be handed over", "error", err)
	}
}

// turn does a round if the duty is this one's.
func (w *Watcher) turn(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	mine, err := w.duty.Mine(ctx)
	if err != nil || !mine {
		w.since = time.Time{}
		return err
	}
	now, err := w.now(ctx)
	if err != nil {
		return err
	}
	return w.Round(ctx, now)
}

// Round looks at everything once.
func (w *Watcher) Round(ctx context.Context, now time.Time) error {
	if w.since.IsZero() {
		w.since = now
	}
	if err := w.deadlines(ctx, now); err != nil {
		return err
	}
	if err := w.succeeded(ctx, now); err != nil {
		return err
	}
	if err := w.slow(ctx, now); err != nil {
		return err
	}
	if err := w.away(ctx, now); err != nil {
		return err
	}
	if now.Sub(w.since) >= lateAfter {
		if err := w.late(ctx, now); err != nil {
			return err
		}
	}
	return models.CloseEnded(ctx, w.DB, now)
}

func (w *Watcher) late(ctx context.Context, now time.Time) error {
	found, err := models.UntakenSchedules(ctx, w.DB, now.Add(-lateAfter), atOnce)
	if err != nil {
		return err
	}
	var raised []models.Alert
	for _, s := range found {
		if schedule.UnreadableRule(s) {
			continue // an alert of its own says so
		}
		rule, _ := schedule.Parse(schedule.TriggerOf(s)) // one that cannot be read has its times in UTC
		raised = append(raised, models.Alert{
			Kind: models.AlertLate, Subject: s.ID, WorkflowID: s.WorkflowID, ScheduleID: &s.ID, OpenedAt: now, HappenedAt: *s.NextFireAt,
			Message: "It should have started on " + rule.Stamp(*s.NextFireAt) + ", and no worker has taken it up.",
		})
	}
	return models.OpenAlerts(ctx, w.DB, raised...)
}

func (w *Watcher) slow(ctx context.Context, now time.Time) error {
	found, err := models.SlowRuns(ctx, w.DB, now, atOnce)
	if err != nil {
		return err
	}
	var raised []models.Alert
	for _, run := range found {
		most := time.Duration(run.MaxDurationMS) * time.Millisecond
		raised = append(raised, models.Alert{
			Kind: models.AlertSlow, Subject: run.ID, WorkflowID: run.WorkflowID, RunID: &run.ID, OpenedAt: now, HappenedAt: run.StartedAt,
			Message: "A run takes longer than the " + workflow.DurationWords(most) + " that it should take at most. It goes on.",
		})
	}
	return models.OpenAlerts(ctx, w.DB, raised...)
}

// away raises an alert for each workflow that heeds a calendar whose address fails for days.
func (w *Watcher) away(ctx context.Context, now time.Time) error {
	found, err := models.AwayCalendars(ctx, w.DB, atOnce)
	if err != nil {
		return err
	}
	var raised []models.Alert
	for _, c := range found {
		raised = append(raised, models.Alert{
			Kind: models.AlertCalendar, Subject: c.CalendarID + "/" + c.WorkflowID, WorkflowID: c.WorkflowID, OpenedAt: now, HappenedAt: c.FailingSince,
			Message: "Nothing has come for the calendar “" + c.Name + "” from " + c.Host + "/… since " + c.FailingSince.UTC().Format("2 January 2006") + "; it has the days that it had. " + c.Problem,
		})
	}
	return models.OpenAlerts(ctx, w.DB, raised...)
}

func (w *Watcher) now(ctx context.Context) (time.Time, error) {
	if w.Now != nil {
		return w.Now(), nil
	}
	return models.DatabaseNow(ctx, w.DB)
}

func (w *Watcher) log() *slog.Logger {
	if w.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return w.Log
}
