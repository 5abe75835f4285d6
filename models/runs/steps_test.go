package runs_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestTakeOversAreCountedForGood(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx := t.Context()
		_, stored := workflowWithRuns(t, db, "W", "queued")
		for range 2 {
			if claimed := claim(t, db, -time.Second, ids(stored)...); len(claimed) != 1 {
				t.Fatalf("%d claimed", len(claimed))
			}
			if lost, err := runs.Recover(ctx, db, models.Now(), 10); err != nil || len(lost) != 1 {
				t.Fatalf("%d taken over, %v", len(lost), err)
			}
		}
		claim(t, db, -time.Second, ids(stored)...)
		progress := runs.Advance{RunID: stored[0].ID, Attempt: 3, Status: "waiting", WaitingFor: "decision", Progress: true}
		if counted, err := runs.CommitOne(ctx, db, progress); err != nil || !counted {
			t.Fatal(counted, err)
		}
		listed, _, err := runs.List(ctx, db, runs.Filter{Status: []string{"waiting"}, WaitingFor: "decision", Limit: 10})
		if err != nil || len(listed) != 1 || listed[0].Recoveries != 0 || listed[0].Recovered != 2 {
			t.Fatalf("%+v %v", listed, err)
		}
		if others, _, err := runs.List(ctx, db, runs.Filter{WaitingFor: "retry", Limit: 10}); err != nil || len(others) != 0 {
			t.Fatalf("%d others, %v", len(others), err)
		}
		if n, err := runs.CountDecisions(ctx, db); err != nil || n != 1 {
			t.Fatalf("%d decisions, %v", n, err)
		}
	})
}

func TestStepMarksLeaveOutWhatIsLarge(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		_, stored := workflowWithRuns(t, db, "W", "waiting", "queued")
		row := models.StepRun{
			ID: models.NewID(), RunID: stored[0].ID, StepID: "call", Name: "Call", Type: "run_workflow", Iteration: "3", Attempt: 1, Status: "waiting",
			Input: models.JSON(`{"a":1}`), Output: models.JSON(`{"b":2}`), Error: models.JSON(`{"code":"x"}`), ChildID: &stored[1].ID, Note: "Ann did", StartedAt: &now,
		}
		if err := runs.InsertSteps(ctx, db, []models.StepRun{row}, nil); err != nil {
			t.Fatal(err)
		}
		marks, err := runs.StepMarks(ctx, db, stored[0].ID)
		if err != nil || len(marks) != 1 || marks[0].Input != nil || marks[0].Output != nil || string(marks[0].Error) != `{"code":"x"}` || marks[0].Note != "Ann did" || marks[0].Iteration != "3" {
			t.Fatalf("%+v %v", marks, err)
		}
		whole, err := runs.StepsByID(ctx, db, stored[0].ID, []string{row.ID})
		if err != nil || string(whole[row.ID].Output) != `{"b":2}` {
			t.Fatalf("%+v %v", whole, err)
		}
		starter, err := runs.StarterOf(ctx, db, stored[0].ID, stored[1].ID)
		if err != nil || starter.StepID != "call" {
			t.Fatalf("%+v %v", starter, err)
		}
		if _, err := runs.StarterOf(ctx, db, stored[0].ID, models.NewID()); err == nil {
			t.Fatal("a step has started a run that it did not")
		}
	})
}

func TestWhatStepsGaveLatelyIsOfTheNewestRunThatHasIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		id, stored := workflowWithRuns(t, db, "W", "succeeded", "failed", "running", "queued")
		_, other := workflowWithRuns(t, db, "Other", "succeeded")
		var rows []models.StepRun
		aside := map[string]string{}
		row := func(run models.Run, step, iteration, status, output, whole string) {
			r := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: step, Name: step, Type: "t", Iteration: iteration, Attempt: 1, Status: status, Output: models.JSON(output), StartedAt: &now}
			rows = append(rows, r)
			if whole != "" {
				aside[r.ID] = whole
			}
		}
		row(stored[0], "forgotten", "", "succeeded", `{"n":0}`, "") // beyond the newest three
		row(stored[1], "a", "", "succeeded", `{"n":1}`, "")
		row(stored[1], "b", "0", "succeeded", `{"n":2}`, "")
		row(stored[1], "large", "", "succeeded", `{"truncated":true}`, `{"whole":true}`)
		row(stored[1], "huge", "", "succeeded", `{"truncated":true}`, `"`+strings.Repeat("x", 1<<20)+`"`)
		row(stored[2], "a", "", "failed", `{"n":3}`, "")
		row(stored[2], "b", "0", "succeeded", `{"n":4}`, "")
		row(stored[2], "b", "17", "succeeded", `{"n":5}`, "")
		row(stored[2], "later", "17", "succeeded", `{"n":8}`, "") // for that item only
		row(stored[2], "gone", "", "succeeded", `{"n":6}`, "")
		row(other[0], "a", "", "succeeded", `{"n":7}`, "")
		for _, r := range rows {
			if err := runs.InsertSteps(ctx, db, []models.StepRun{r}, nil); err != nil {
				t.Fatal(err)
			}
			if whole := aside[r.ID]; whole != "" {
				if err := (models.Payload{StepRunID: r.ID, RunID: r.RunID, Data: models.JSON(whole)}).Leave(ctx, db); err != nil {
					t.Fatal(err)
				}
			}
		}
		given, err := runs.LastGiven(ctx, db, id, []string{"a", "b", "large", "huge", "forgotten", "never", "later"})
		if err != nil {
			t.Fatal(err)
		}
		for step, want := range map[string]string{"a": `{"n":1}`, "b": `{"n":4}`, "large": `{"whole":true}`, "later": `{"n":8}`} {
			if string(given[step].Output) != want || given[step].Tried || given[step].RunID == "" {
				t.Errorf("%s gave %+v, want %s", step, given[step], want)
			}
		}
		if huge := given["huge"]; len(huge.Cut) < 100_000 || huge.Output != nil {
			t.Errorf("of a very large output there are %d bytes", len(huge.Cut))
		}
		if len(given) != 5 {
			t.Errorf("all of %v", given)
		}
		for _, nobody := range []string{"", "no id", models.NewID()} {
			if given, err := runs.LastGiven(ctx, db, nobody, []string{"a"}); err != nil || len(given) != 0 {
				t.Errorf("%q: %v %v", nobody, given, err)
			}
		}
	})
}
