package catalog_test

import (
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func TestPublishMovesTheNextTime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, clock := newCatalog(db)
		interval := workflow.Trigger{ID: "often", Type: "schedule", Every: "1h"}
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A", cron("daily", "0 9 * * *"), interval), true, "Ada"))
		first := nextTimes(t, db, w.ID)
		if !first["daily"].NextFireAt.Equal(at(24, 9, 0)) || !first["often"].NextFireAt.Equal(at(23, 13, 0)) {
			t.Fatalf("planned %v", first)
		}
		clock.now = at(23, 12, 30)
		interval.Missed = "all"
		must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, definition("A", cron("daily", "0 8 * * *"), interval, cron("new", "0 20 * * *")), nil, "Ada"))
		must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Ada"))
		second := nextTimes(t, db, w.ID)
		if !second["daily"].NextFireAt.Equal(at(24, 8, 0)) || !second["new"].NextFireAt.Equal(at(23, 20, 0)) {
			t.Fatalf("planned %v", second)
		}
		if often := second["often"]; !often.NextFireAt.Equal(at(23, 13, 0)) || !often.AnchorAt.Equal(start) || schedule.TriggerOf(often).Missed != "all" {
			t.Fatalf("an interval that did not change moved: %+v", often)
		}
		if second["daily"].ID != first["daily"].ID {
			t.Fatal("an edited schedule lost its ledger")
		}
	})
}

func TestRemovedTriggerRestsAndComesBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		with, without := definition("A", cron("daily", "0 9 * * *")), definition("A")
		w := must[models.Workflow](t)(c.Create(t.Context(), with, true, "Ada"))
		for _, step := range []struct {
			d      workflow.Definition
			status string
		}{{without, models.ScheduleRemoved}, {with, models.ScheduleActive}} {
			must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, step.d, nil, "Ada"))
			must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Ada"))
			s := nextTimes(t, db, w.ID)["daily"]
			if s.Status != step.status || (s.NextFireAt == nil) != (step.status == models.ScheduleRemoved) {
				t.Fatalf("is %+v, want %s", s, step.status)
			}
		}
	})
}

func TestResumingNeverRunsThePast(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, clock := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A", cron("hourly", "0 * * * *")), true, "Ada"))
		for range 10 { // pausing and resuming twice changes nothing more
			for range 2 {
				w = must[models.Workflow](t)(c.Pause(t.Context(), w.ID, catalog.Pause{Reason: "Holi\u202edays", By: "Ada"}))
				if s := nextTimes(t, db, w.ID)["hourly"]; w.Status != workflow.StatusPaused || w.PausedReason != "Holidays" || s.Status != models.SchedulePaused || s.NextAt != nil {
					t.Fatalf("paused as %+v with %+v", w, s)
				}
			}
			clock.now = clock.now.Add(5*time.Hour + 30*time.Minute)
			for range 2 {
				w = must[models.Workflow](t)(c.Resume(t.Context(), w.ID, "Ada"))
			}
			want := clock.now.Truncate(time.Hour).Add(time.Hour)
			if s := nextTimes(t, db, w.ID)["hourly"]; w.Status != workflow.StatusActive || w.PausedReason != "" || !s.NextFireAt.Equal(want) {
				t.Fatalf("resumed as %+v with %+v, want %s", w, s, want)
			}
		}
	})
}

func TestPublishingWhilePausedStaysPaused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A", cron("daily", "0 9 * * *")), true, "Ada"))
		must[models.Workflow](t)(c.Pause(t.Context(), w.ID, catalog.Pause{By: "Ada"}))
		must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, definition("B", cron("daily", "0 8 * * *"), cron("new", "0 7 * * *")), nil, "Ada"))
		w = must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Ada"))
		for _, s := range nextTimes(t, db, w.ID) {
			if w.Status != workflow.StatusPaused || s.Status != models.SchedulePaused || s.NextAt != nil {
				t.Fatalf("published as %+v with %+v", w, s)
			}
		}
		must[models.Workflow](t)(c.Resume(t.Context(), w.ID, "Ada"))
		if s := nextTimes(t, db, w.ID)["daily"]; !s.NextFireAt.Equal(at(24, 8, 0)) {
			t.Fatalf("resumed with %+v", s)
		}
	})
}

func TestDraftCannotBePausedAndPausesEndInTheFuture(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), false, "Ada"))
		if _, err := c.Pause(t.Context(), w.ID, catalog.Pause{}); conflictCode(err) != "not_published" {
			t.Errorf("paused a draft: %v", err)
		}
		if _, err := c.Resume(t.Context(), w.ID, "Ada"); conflictCode(err) != "not_published" {
			t.Errorf("resumed a draft: %v", err)
		}
		must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Ada"))
		past := start.Add(-time.Minute)
		var invalid *models.InvalidError
		if _, err := c.Pause(t.Context(), w.ID, catalog.Pause{Until: &past}); !errors.As(err, &invalid) || invalid.Fields[0].Path != "until" {
			t.Errorf("paused until the past: %v", err)
		}
	})
}
