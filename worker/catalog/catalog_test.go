package catalog_test

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

func TestPublishingMakesAVersionThatNeverChanges(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), false, "Ada"))
		if w.Status != workflow.StatusDraft || w.Version != nil {
			t.Fatalf("a draft is %+v", w)
		}
		w = must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Ada"))
		if w.Status != workflow.StatusActive || *w.Version != 1 {
			t.Fatalf("published as %+v", w)
		}
		w = must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, definition("B"), nil, "Ada"))
		first := must[models.WorkflowVersion](t)(models.GetVersion(t.Context(), db, w.ID, 1))
		if first.Name != "A" || first.PublishedBy != "Ada" || *w.Version != 1 || w.Name != "B" {
			t.Fatalf("the version became %+v, the workflow %+v", first, w)
		}
		seen := w.DraftRevision - 1 // what the person has looked at
		var conflict *models.ConflictError
		if _, err := c.Publish(t.Context(), w.ID, &seen, "Bob"); !errors.As(err, &conflict) {
			t.Errorf("a draft that nobody has looked at was published: %v", err)
		}
		w = must[models.Workflow](t)(c.Publish(t.Context(), w.ID, &w.DraftRevision, "Bob"))
		if *w.Version != 2 {
			t.Fatalf("published as %+v", w)
		}
		again := must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Bob"))
		versions, next, err := models.ListVersions(t.Context(), db, w.ID, 0, 10)
		if *again.Version != 2 || len(versions) != 2 || versions[0].Number != 2 || next != 0 || err != nil {
			t.Fatalf("publishing the same again gave %d versions, %v", len(versions), err)
		}
	})
}

func TestRestoringAVersionMakesItTheDraftOnly(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), true, "Ada"))
		must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, definition("B"), nil, "Ada"))
		must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Ada"))
		w = must[models.Workflow](t)(c.Restore(t.Context(), w.ID, 1, nil, "Ada"))
		if w.Name != "A" || *w.Version != 2 || w.DraftRevision != 3 {
			t.Fatalf("restored to %+v", w)
		}
		if _, err := c.Restore(t.Context(), w.ID, 9, nil, "Ada"); !errors.Is(err, models.ErrNotFound) {
			t.Fatalf("restoring a version that is not there: %v", err)
		}
	})
}

func TestStaleRevisionChangesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), false, "Ada"))
		revision := w.DraftRevision
		must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, definition("B"), &revision, "Ada"))
		_, err := c.SaveDraft(t.Context(), w.ID, definition("C"), &revision, "Bob")
		if conflictCode(err) != "conflict" {
			t.Fatalf("saved on a stale revision: %v", err)
		}
		if w = must[models.Workflow](t)(models.GetWorkflow(t.Context(), db, w.ID)); w.Name != "B" || w.DraftRevision != 2 {
			t.Fatalf("the draft became %+v", w)
		}
	})
}

func TestOfTwoEditorsAtOnceOneWins(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), false, "Ada"))
		results := make([]error, 2)
		var group errgroup.Group
		for i, name := range []string{"B", "C"} {
			group.Go(func() error {
				revision := w.DraftRevision
				_, results[i] = c.SaveDraft(t.Context(), w.ID, definition(name), &revision, name)
				return nil
			})
		}
		_ = group.Wait()
		if (results[0] == nil) == (results[1] == nil) || conflictCode(errors.Join(results...)) != "conflict" {
			t.Fatalf("both got %v", results)
		}
	})
}

func TestDraftMayBeIncompleteAndAPublishedVersionMayNot(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		empty := definition("A")
		empty.Steps = []workflow.Step{}
		w := must[models.Workflow](t)(c.Create(t.Context(), empty, false, "Ada"))
		_, err := c.Publish(t.Context(), w.ID, nil, "Ada")
		var invalid *models.InvalidError
		if !errors.As(err, &invalid) || invalid.Code != "invalid_definition" || len(invalid.Fields) == 0 {
			t.Fatalf("published without steps: %v", err)
		}
		if w = must[models.Workflow](t)(models.GetWorkflow(t.Context(), db, w.ID)); w.Status != workflow.StatusDraft {
			t.Fatalf("became %s", w.Status)
		}
		if _, err := c.Create(t.Context(), empty, true, "Ada"); !errors.As(err, &invalid) {
			t.Fatalf("created and published without steps: %v", err)
		}
		if found, _, _ := models.ListWorkflows(t.Context(), db, models.WorkflowFilter{Limit: 10}); len(found) != 1 {
			t.Fatalf("%d workflows are stored", len(found))
		}
	})
}

func TestWrongDraftsAreRefusedExceptByTheEditor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), false, "Ada"))
		for name, wrong := range map[string]workflow.Definition{
			"cron":         definition("A", cron("t", "0 0 30 2 *")),
			"webhook":      definition("A", workflow.Trigger{ID: "t", Type: "webhook", Signature: "sha1"}),
			"duplicate id": definition("A", cron("note", "0 0 * * *")),
		} {
			var invalid *models.InvalidError
			if _, err := c.SaveDraft(t.Context(), w.ID, wrong, nil, "Ada"); !errors.As(err, &invalid) {
				t.Errorf("%s: saved: %v", name, err)
			}
			if _, err := c.SaveDraftLoosely(t.Context(), w.ID, wrong, nil, "Ada"); err != nil {
				t.Errorf("%s: the editor could not keep it: %v", name, err)
			}
			if _, err := c.Publish(t.Context(), w.ID, nil, "Ada"); !errors.As(err, &invalid) {
				t.Errorf("%s: published: %v", name, err)
			}
		}
	})
}

func TestWorkflowWithUnfinishedRunsIsNotDeleted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		e := engine.New(engine.Options{DB: db, Queue: queuetest.Mini(t), Types: steps.All(steps.Options{})})
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A", cron("daily", "0 0 * * *")), true, "Ada"))
		run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Delete(t.Context(), w.ID); conflictCode(err) != "in_use" {
			t.Fatalf("deleted with a queued run: %v", err)
		}
		if _, err := e.Cancel(t.Context(), run.ID, "Ada"); err != nil {
			t.Fatal(err)
		}
		if err := c.Delete(t.Context(), w.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := runs.Get(t.Context(), db, run.ID); !errors.Is(err, models.ErrNotFound) {
			t.Fatalf("the run is still there: %v", err)
		}
		if err := c.Delete(t.Context(), w.ID); !errors.Is(err, models.ErrNotFound) {
			t.Fatalf("deleted twice: %v", err)
		}
	})
}

func TestUnknownAndMalformedIdsAreNotFound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		for _, id := range []string{models.NewID(), "x", "", "' OR 1=1"} {
			for name, do := range map[string]func() error{
				"get":       func() error { _, err := models.GetWorkflow(t.Context(), db, id); return err },
				"save":      func() error { _, err := c.SaveDraft(t.Context(), id, definition("A"), nil, ""); return err },
				"publish":   func() error { _, err := c.Publish(t.Context(), id, nil, ""); return err },
				"pause":     func() error { _, err := c.Pause(t.Context(), id, catalog.Pause{}); return err },
				"resume":    func() error { _, err := c.Resume(t.Context(), id, ""); return err },
				"restore":   func() error { _, err := c.Restore(t.Context(), id, 1, nil, ""); return err },
				"duplicate": func() error { _, err := c.Duplicate(t.Context(), id, ""); return err },
				"delete":    func() error { return c.Delete(t.Context(), id) },
			} {
				if err := do(); !errors.Is(err, models.ErrNotFound) {
					t.Errorf("%s %q: %v", name, id, err)
				}
			}
		}
	})
}

func TestDuplicateIsADraftOfItsOwn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A", cron("daily", "0 0 * * *")), true, "Ada"))
		twin := must[models.Workflow](t)(c.Duplicate(t.Context(), w.ID, "Ada"))
		if twin.ID == w.ID || twin.Name != "Copy of A" || twin.Status != workflow.StatusDraft || len(nextTimes(t, db, twin.ID)) != 0 {
			t.Fatalf("duplicated as %+v", twin)
		}
	})
}

func TestSearchTakesPercentAndUnderscoreAsThemselves(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		for _, name := range []string{"100% sure", "1000 sure", "snake_case", "snakeXcase", `back\slash`} {
			must[models.Workflow](t)(c.Create(t.Context(), definition(name), false, "Ada"))
		}
		for search, want := range map[string]int{"0%": 1, "E_C": 1, `K\S`: 1, "SURE": 2, "": 5, "nothing": 0} {
			found, _, err := models.ListWorkflows(t.Context(), db, models.WorkflowFilter{Search: search, Limit: 100})
			if err != nil || len(found) != want {
				t.Errorf("%q finds %d, %v", search, len(found), err)
			}
		}
	})
}

func TestListsGoThroughAllPages(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		for range 5 {
			must[models.Workflow](t)(c.Create(t.Context(), definition("A", cron("daily", "0 0 * * *")), true, "Ada"))
		}
		seen, before := 0, ""
		for range 4 {
			page, next, err := models.ListWorkflows(t.Context(), db, models.WorkflowFilter{Status: workflow.StatusActive, Before: before, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			seen += len(page)
			if before = next; next == "" {
				break
			}
		}
		found, next, err := schedules.List(t.Context(), db, schedules.Filter{Limit: 3})
		if seen != 5 || len(found) != 3 || next == "" || err != nil {
			t.Fatalf("saw %d workflows and %d schedules, %v", seen, len(found), err)
		}
		fire, err := schedules.NextFireTimes(t.Context(), db, []string{found[0].WorkflowID})
		if want := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC); err != nil || !fire[found[0].WorkflowID].Equal(want) {
			t.Fatalf("next is %v, %v", fire, err)
		}
	})
}

func TestThePublishedVersionSaysHowLongRunsAreKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		d := definition("A")
		d.Settings.Keep = &workflow.Keep{Days: new(3650)}
		w := must[models.Workflow](t)(c.Create(t.Context(), d, true, "Ann"))
		stored := make([]models.Run, 5)
		for i := range stored {
			at := models.Now().AddDate(0, 0, i-100).Add(time.Hour)
			stored[i] = models.Run{ID: modelstest.IDAt(at), WorkflowID: w.ID, VersionID: *w.VersionID, Version: 1, WorkflowName: "A", Status: "failed", TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: at, FinishedAt: &at}
		}
		if err := db.Create(&stored).Error; err != nil {
			t.Fatal(err)
		}
		removed := func(as string, want int64) {
			t.Helper()
			own, _, err := runs.ClearKept(t.Context(), db, models.Now(), 30, "", 100)
			others, _, err2 := runs.Clear(t.Context(), db, models.Now().AddDate(0, 0, -30), "", 100)
			if err := errors.Join(err, err2); err != nil || own+others != want {
				t.Fatalf("as %s, %d and %d runs were removed, want %d; %v", as, own, others, want, err)
			}
		}
		publish := func(keep *workflow.Keep) {
			t.Helper()
			d.Settings.Keep = keep
			must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, d, nil, "Ann"))
			must[models.Workflow](t)(c.Publish(t.Context(), w.ID, nil, "Ann"))
		}
		removed("all are kept for ten years", 0)
		d.Settings.Keep = &workflow.Keep{FailedDays: new(99)}
		must[models.Workflow](t)(c.SaveDraft(t.Context(), w.ID, d, nil, "Ann"))
		removed("a draft counts for nothing", 0)
		publish(&workflow.Keep{Days: new(1), FailedDays: new(99)})
		removed("failed ones are kept for 99 days", 1)
		publish(&workflow.Keep{Days: new(1), Last: 3})
		removed("the last three stay", 1)
		publish(nil)
		removed("it says nothing any more", 2)
	})
}
