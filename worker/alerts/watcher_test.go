package alerts_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/alerts"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/schedule"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// start is a Monday; in Berlin it is 13:00.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// house is a catalog, a scheduler and a watcher on one database and one clock.
type house struct {
	*testing.T
	db        *gorm.DB
	now       time.Time
	catalog   *catalog.Catalog
	scheduler *schedule.Scheduler
	watcher   *alerts.Watcher
}

func each(t *testing.T, test func(h *house)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		h := &house{T: t, db: db, now: start, watcher: &alerts.Watcher{DB: db, Name: "w"}}
		clock := func() time.Time { return h.now }
		types := steps.All(steps.Options{})
		h.catalog = &catalog.Catalog{DB: db, Now: clock, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}}
		e := engine.New(engine.Options{DB: db, Queue: queuetest.Mini(t), Types: types, Now: clock})
		h.scheduler = &schedule.Scheduler{DB: db, Engine: e, Now: clock, Name: "test"}
		test(h)
	})
}

func (h *house) publish(settings workflow.Settings, triggers ...workflow.Trigger) models.Workflow {
	h.Helper()
	w, err := h.catalog.Create(h.Context(), workflow.Definition{
		Format: workflow.Format, Name: "Backup", Triggers: triggers, Settings: settings,
		Steps: []workflow.Step{{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"done": true}}}},
	}, true, "Ada")
	if err != nil {
		h.Fatal(err)
	}
	return w
}

func (h *house) round() {
	h.Helper()
	if err := h.watcher.Round(h.Context(), h.now); err != nil {
		h.Fatal(err)
	}
}

// until moves the clock in steps, with a round at each.
func (h *house) until(to time.Time, step time.Duration) {
	h.Helper()
	for h.now.Before(to) {
		h.now = h.now.Add(step)
		h.round()
	}
}

// run stores a run that began some time ago; finished says since when it has
// succeeded, or that it goes on.
func (h *house) run(w models.Workflow, began time.Time, finished *time.Time) models.Run {
	h.Helper()
	run := models.Run{
		ID: modelstest.IDAt(began), WorkflowID: w.ID, VersionID: *w.VersionID, Version: *w.Version, WorkflowName: w.Name, Status: workflow.RunRunning,
		TriggerType: "manual", Trigger: models.JSON(`{"type":"manual"}`), Input: models.JSON(`{}`), Queue: "default", QueuedAt: began, StartedAt: &began,
	}
	if finished != nil {
		run.Status, run.FinishedAt = workflow.RunSucceeded, finished
	}
	if err := h.db.Create(&run).Error; err != nil {
		h.Fatal(err)
	}
	return run
}

// said are the alerts, the newest first: kind, state, how often, message, end.
func (h *house) said() string {
	h.Helper()
	found, _, err := models.ListAlerts(h.Context(), h.db, models.AlertFilter{Limit: 100})
	if err != nil {
		h.Fatal(err)
	}
	var lines []string
	for _, a := range found {
		line := a.Kind + " " + a.State() + " " + strings.Repeat("*", int(a.Times)) + " " + a.Message
		if a.ClosedWhy != "" {
			line += " > " + a.ClosedWhy
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (h *house) want(text string) {
	h.Helper()
	if said := h.said(); said != text {
		h.Fatalf("at %s it says\n%s\ninstead of\n%s", h.now, said, text)
	}
}

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func weekdays(clock string) workflow.Settings {
	return workflow.Settings{MustSucceedBy: []workflow.Deadline{{Time: clock, Days: []int{1, 2, 3, 4, 5}, TimeZone: "Europe/Berlin"}}}
}

func TestADeadlineWithoutSuccessRaisesOneAlertAndASuccessEndsIt(t *testing.T) {
	each(t, func(h *house) {
		w := h.publish(weekdays("07:00"))
		done := at(23, 11, 0) // after the deadline of Monday, though before there was one
		h.run(w, done, &done)
		h.until(at(24, 7, 0), 10*time.Minute)
		h.want("")
		done = at(24, 8, 0)
		h.run(w, at(24, 7, 0), &done)
		h.until(at(25, 7, 0), 10*time.Minute)
		h.want("") // the run of 08:00
		h.until(at(26, 7, 0), 10*time.Minute)
		h.want("overdue open * No run had succeeded by Thu 26 Nov 2026 at 07:00 (Europe/Berlin).")
		h.until(at(27, 7, 0), 10*time.Minute)
		h.want("overdue open ** No run had succeeded by Fri 27 Nov 2026 at 07:00 (Europe/Berlin).")
		h.until(at(29, 7, 0), time.Hour)
		done = h.now.Add(-time.Minute)
		h.run(w, done, &done)
		h.round()
		h.want("overdue closed ** No run had succeeded by Fri 27 Nov 2026 at 07:00 (Europe/Berlin). > A run has succeeded since.")
	})
}

func TestDeadlinesThatPassedWhileNobodyWatchedAreJudgedOnceByManyWatchers(t *testing.T) {
	each(t, func(h *house) {
		w := h.publish(weekdays("07:00"))
		done := at(25, 5, 0)
		h.run(w, done, &done) // for Wednesday
		h.now = at(27, 12, 0)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				other := alerts.Watcher{DB: h.db, Name: models.NewID()}
				if err := other.Round(h.Context(), h.now); err != nil {
					h.Error(err)
				}
			})
		}
		group.Wait()
		h.round()
		h.want("overdue open ** No run had succeeded by Fri 27 Nov 2026 at 07:00 (Europe/Berlin).\n" +
			"overdue closed * No run had succeeded by Tue 24 Nov 2026 at 07:00 (Europe/Berlin). > A run succeeded in time for the next deadline.")
		h.now = at(23, 12, 0).AddDate(0, 2, 0) // two months away: a week of it is judged
		h.round()
		if found, err := models.OpenAlertsOf(h.Context(), h.db, models.AlertOverdue, "", 10); err != nil || len(found) != 1 || found[0].Times != 7 {
			h.Fatalf("%+v, %v", found, err)
		}
	})
}

func TestDeadlinesHeedTheirCalendarAndThePauseOfTheirWorkflow(t *testing.T) {
	each(t, func(h *house) {
		if _, err := h.catalog.CreateCalendar(h.Context(), "Office", catalog.CalendarDays{Weekend: []int{6, 0}, Days: []schedule.FreeDay{{Date: "2026-11-24"}}}); err != nil {
			h.Fatal(err)
		}
		w := h.publish(workflow.Settings{MustSucceedBy: []workflow.Deadline{{Time: "20:00", Calendar: "Office"}}})
		if err := h.catalog.DeleteCalendar(h.Context(), h.calendar()); err == nil {
			h.Fatal("a calendar that a deadline heeds was deleted")
		}
		done := at(23, 19, 0)
		h.run(w, done, &done)
		h.until(at(25, 12, 0), time.Hour)
		h.want("")
		if _, err := h.catalog.Pause(h.Context(), w.ID, catalog.Pause{By: "Bob"}); err != nil {
			h.Fatal(err)
		}
		h.until(at(26, 12, 0), time.Hour)
		h.want("")
		if _, err := h.catalog.Resume(h.Context(), w.ID, "Bob"); err != nil {
			h.Fatal(err)
		}
		h.until(at(29, 12, 0), time.Hour) // Thursday and Friday
		h.want("overdue open ** No run had succeeded by Fri 27 Nov 2026 at 20:00 (UTC).")
	})
}

func (h *house) calendar() string {
	all, err := models.ListCalendars(h.Context(), h.db)
	if err != nil || len(all) != 1 {
		h.Fatal(all, err)
	}
	return all[0].ID
}

func TestADeadlineThatCannotBeReadIsLeftAsItIsUntilAWorkerCan(t *testing.T) {
	each(t, func(h *house) {
		h.publish(weekdays("07:00"))
		var kept models.Deadline
		if err := h.db.Take(&kept).Error; err != nil {
			h.Fatal(err)
		}
		write := func(rule models.JSON) {
			if err := h.db.Model(&models.Deadline{}).Where("id = ?", kept.ID).Update("rule", rule).Error; err != nil {
				h.Fatal(err)
			}
		}
		write(models.JSON(strings.Replace(string(kept.Rule), "{", `{"least_runs": 3,`, 1)))
		h.until(at(25, 7, 0), 10*time.Minute)
		left := "A deadline is not watched, because this worker cannot read it. It is left as it is, and watched again once a worker can: update the workers, or set the deadline anew and publish again."
		if got := h.said(); !strings.HasPrefix(got, "unreadable open ") || !strings.HasSuffix(got, left) {
			h.Fatalf("got %s", got)
		}
		write(kept.Rule)
		h.until(at(25, 10, 0), 10*time.Minute)
		if got := h.said(); !strings.Contains(got, left+" > A worker could read the deadline.") || !strings.Contains(got, "overdue open ** No run had succeeded by Wed 25 Nov 2026") {
			h.Fatalf("the times that passed meanwhile are lost: %s", got)
		}
		h.until(at(26, 7, 0), 10*time.Minute)
		if got := h.said(); !strings.Contains(got, "overdue open *** No run had succeeded by Thu 26 Nov 2026") {
			h.Fatalf("got %s", got)
		}
	})
}

func TestPublishingKeepsDeadlinesThatAreTheSameAndEndsTheAlertsOfOthers(t *testing.T) {
	each(t, func(h *house) {
		w := h.publish(weekdays("07:00"))
		h.until(at(24, 7, 0), 10*time.Minute)
		h.want("overdue open * No run had succeeded by Tue 24 Nov 2026 at 07:00 (Europe/Berlin).")
		publish := func(settings workflow.Settings) {
			d, err := workflow.Load(w.Draft)
			if err != nil {
				h.Fatal(err)
			}
			d.Settings, d.Description = settings, h.now.String()
			if w, err = h.catalog.SaveDraft(h.Context(), w.ID, d, nil, "Ada"); err != nil {
				h.Fatal(err)
			}
			if w, err = h.catalog.Publish(h.Context(), w.ID, nil, "Ada"); err != nil {
				h.Fatal(err)
			}
		}
		publish(weekdays("07:00"))
		h.round()
		h.want("overdue open * No run had succeeded by Tue 24 Nov 2026 at 07:00 (Europe/Berlin).")
		publish(weekdays("07:30"))
		h.round()
		h.want("overdue closed * No run had succeeded by Tue 24 Nov 2026 at 07:00 (Europe/Berlin). > The deadline was changed or removed.")
	})
}

func TestAnAcknowledgedAlertIsQuietUntilItHappensAgain(t *testing.T) {
	each(t, func(h *house) {
		h.publish(weekdays("07:00"))
		h.until(at(24, 7, 0), 10*time.Minute)
		open, err := models.OpenAlertsOf(h.Context(), h.db, models.AlertOverdue, "", 10)
		if err != nil || len(open) != 1 {
			h.Fatal(open, err)
		}
		for _, by := range []string{"Ada", "Bob"} { // twice is once
			if seen, err := models.AcknowledgeAlert(h.Context(), h.db, open[0].ID, by, h.now); err != nil || seen.AcknowledgedBy != "Ada" {
				h.Fatal(seen, err)
			}
		}
		h.until(at(24, 9, 0), 10*time.Minute)
		h.want("overdue acknowledged * No run had succeeded by Tue 24 Nov 2026 at 07:00 (Europe/Berlin).")
		h.until(at(25, 9, 0), 10*time.Minute)
		h.want("overdue open ** No run had succeeded by Wed 25 Nov 2026 at 07:00 (Europe/Berlin).")
	})
}

func TestARunThatTakesTooLongRaisesAnAlertUntilItEnds(t *testing.T) {
	each(t, func(h *house) {
		w := h.publish(workflow.Settings{MaxDuration: "30m"})
		run := h.run(w, start, nil)
		h.until(start.Add(30*time.Minute), time.Minute)
		h.want("")
		h.until(start.Add(40*time.Minute), time.Minute)
		h.want("slow open * A run takes longer than the 30 minutes that it should take at most. It goes on.")
		if err := h.db.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"status": workflow.RunFailed, "finished_at": h.now}).Error; err != nil {
			h.Fatal(err)
		}
		h.until(h.now.Add(time.Minute), time.Minute)
		h.want("slow closed * A run takes longer than the 30 minutes that it should take at most. It goes on. > The run has ended: failed.")
	})
}

func TestVerySlowWorkflowsDoNotFloodTheAlerts(t *testing.T) {
	each(t, func(h *house) {
		w := h.publish(workflow.Settings{MaxDuration: "30m"})
		for range 400 {
			h.run(w, start, nil)
		}
		h.until(start.Add(40*time.Minute), time.Minute)
		if counts, err := models.CountAlerts(h.Context(), h.db); err != nil || counts[models.AlertSlow] < 50 || counts[models.AlertSlow] > 100+50 {
			h.Fatalf("%v alerts, %v", counts, err)
		}
	})
}

func TestAScheduleThatNobodyTakesUpRaisesAnAlert(t *testing.T) {
	each(t, func(h *house) {
		h.publish(workflow.Settings{}, workflow.Trigger{ID: "t", Type: "schedule", Cron: "30 * * * *", TimeZone: "Europe/Berlin", Missed: schedule.MissedSkip})
		h.until(start.Add(31*time.Minute), time.Minute)
		h.want("")
		h.until(start.Add(32*time.Minute), time.Minute)
		h.want("late open * It should have started on Mon 23 Nov 2026 at 13:30 (Europe/Berlin), and no worker has taken it up.")
		if err := h.scheduler.Tick(h.Context()); err != nil {
			h.Fatal(err)
		}
		h.round()
		const late = "late closed * It should have started on Mon 23 Nov 2026 at 13:30 (Europe/Berlin), and no worker has taken it up. > A worker has taken it up; the ledger says what became of the time."
		const missed = " * The time of Mon 23 Nov 2026 at 13:30 (Europe/Berlin) was missed. No worker was there to start it. Its rule for missed times leaves it out."
		h.want("missed open" + missed + "\n" + late)
		h.now = start.Add(90 * time.Minute)
		if err := h.scheduler.Tick(h.Context()); err != nil {
			h.Fatal(err)
		}
		h.round()
		h.want("missed closed" + missed + " > A later time has run.\n" + late)
	})
}

func TestAWatcherThatIsNewWaitsForTheSchedulersToCatchUp(t *testing.T) {
	each(t, func(h *house) {
		h.publish(workflow.Settings{}, workflow.Trigger{ID: "t", Type: "schedule", Cron: "30 * * * *"})
		h.now = start.Add(3 * time.Hour)
		h.round()
		h.until(h.now.Add(50*time.Second), 10*time.Second)
		h.want("")
		h.until(h.now.Add(10*time.Second), 10*time.Second)
		h.want("late open * It should have started on Mon 23 Nov 2026 at 12:30 (UTC), and no worker has taken it up.")
	})
}
