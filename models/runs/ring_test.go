package runs_test

import (
	"context"
	"fmt"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// queueMany stores queued runs of a workflow in the backlog.
func queueMany(t *testing.T, db *gorm.DB, workflowID string, n int, change func(*models.Run)) {
	t.Helper()
	stored := make([]models.Run, n)
	for i := range stored {
		stored[i] = models.Run{
			ID: models.NewID(), WorkflowID: workflowID, VersionID: models.NewID(), WorkflowName: "W", Status: "queued",
			TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "backlog", QueuedAt: models.Now(),
		}
		if change != nil {
			change(&stored[i])
		}
	}
	if err := db.CreateInBatches(stored, 500).Error; err != nil {
		t.Fatal(err)
	}
}

func TestRunsThatWereNeverRungAreSharedOutByWorkflow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		var workflows []string
		for range 3 {
			id, _ := workflowWithRuns(t, db, "W", "succeeded")
			workflows = append(workflows, id)
			queueMany(t, db, id, 20, nil)
		}
		queueMany(t, db, workflows[0], 5, func(run *models.Run) { run.HeldBack = true })
		lanes, err := runs.UnheardLanes(ctx, db, []string{"default", "backlog"}, now)
		if err != nil || len(lanes) != 1 || !lanes[0].Unrung || lanes[0].Silent || lanes[0].Queue != "backlog" {
			t.Fatal(lanes, err)
		}
		found, err := runs.UnrungWorkflows(ctx, db, "backlog", "", 2)
		if err != nil || fmt.Sprint(found) != fmt.Sprint(workflows[:2]) {
			t.Fatal(found, err)
		}
		if found, err = runs.UnrungWorkflows(ctx, db, "backlog", found[1], 2); err != nil || fmt.Sprint(found) != fmt.Sprint(workflows[2:]) {
			t.Fatal(found, err)
		}
		rung, err := runs.RingUnrung(ctx, db, now, "backlog", workflows[:1], 15)
		if err != nil || len(rung) != 15 || rung[0].Begun {
			t.Fatal(rung, err)
		}
		if err := runs.Unring(ctx, db, []string{rung[0].ID}); err != nil {
			t.Fatal(err)
		}
		if rung, err = runs.RingUnrung(ctx, db, now, "backlog", workflows[:1], 15); err != nil || len(rung) != 6 {
			t.Fatal(rung, err)
		}
	})
}

func TestPlacesAreGivenInOrderAndCounted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		id, stored := workflowWithRuns(t, db, "W", "queued", "running", "waiting", "succeeded", "queued", "queued")
		other, _ := workflowWithRuns(t, db, "O", "running")
		if err := db.Model(&models.Run{}).Where("id IN ?", ids(stored[4:])).Update("held_back", true).Error; err != nil {
			t.Fatal(err)
		}
		count := func(want int) {
			t.Helper()
			if n, err := runs.CountPlaces(ctx, db, id, 10); err != nil || n != want {
				t.Fatal(n, err)
			}
		}
		count(3)
		if found, err := runs.HeldBackWorkflows(ctx, db, "", 10); err != nil || fmt.Sprint(found) != fmt.Sprint([]string{id}) {
			t.Fatal(found, err)
		}
		if held, err := runs.AnyHeldBack(ctx, db, other); err != nil || held {
			t.Fatal(held, err)
		}
		admitted, err := runs.Admit(ctx, db, id, "", now, 1)
		if err != nil || len(admitted) != 1 || admitted[0].ID != stored[4].ID || admitted[0].Queue != "default" {
			t.Fatal(admitted, err)
		}
		count(4)
		if admitted, err = runs.Admit(ctx, db, id, "backlog", now, 5); err != nil || len(admitted) != 1 || admitted[0].Queue != "backlog" {
			t.Fatal(admitted, err)
		}
		if numbers, err := models.CountQueue(ctx, db, now); err != nil || numbers.HeldBack != 0 || numbers.Queued != 3 || numbers.Running != 2 || numbers.RunningIn["default"] != 2 {
			t.Fatal(numbers, err)
		}
	})
}

// What is asked at every start and every second goes by an index, also when most
// of a large table is queued and the planner knows it.
func TestBacklogOfOneWorkflowCostsOthersNothing(t *testing.T) {
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("the plans are those of PostgreSQL")
	}
	db, _ := modelstest.Postgres(t)
	large, _ := workflowWithRuns(t, db, "Large", "succeeded")
	small, _ := workflowWithRuns(t, db, "Small", "succeeded")
	queueMany(t, db, large, 20_000, nil)
	queueMany(t, db, large, 5000, func(run *models.Run) { run.HeldBack = true })
	if err := db.Exec("ANALYZE runs").Error; err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(context.Context, *gorm.DB) error{
		"start": func(ctx context.Context, db *gorm.DB) error {
			_, err := runs.WorkflowsToStart(ctx, db, []string{small}, 100)
			return err
		},
		"places": func(ctx context.Context, db *gorm.DB) error {
			_, err := runs.CountPlaces(ctx, db, small, 10)
			return err
		},
		"waiting": func(ctx context.Context, db *gorm.DB) error { _, err := runs.AnyHeldBack(ctx, db, small); return err },
		"lanes": func(ctx context.Context, db *gorm.DB) error {
			_, err := runs.UnheardLanes(ctx, db, []string{"high", "default", "low", "backlog"}, models.Now())
			return err
		},
		"workflows": func(ctx context.Context, db *gorm.DB) error {
			_, err := runs.UnrungWorkflows(ctx, db, "backlog", "", 50)
			return err
		},
	} {
		err := db.Connection(func(conn *gorm.DB) error { // which counts what it reads
			before := rowsRead(t, conn)
			err := ask(t.Context(), conn)
			if read := rowsRead(t, conn) - before; read > 300 {
				t.Errorf("%s read %d rows", name, read)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rowsRead is how many rows of runs were read, whether they were wanted or not.
func rowsRead(t *testing.T, db *gorm.DB) int64 {
	t.Helper()
	var n int64
	err := db.Exec("SELECT pg_stat_force_next_flush()").Error
	if err == nil {
		err = db.Raw("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'runs'").Scan(&n).Error
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}
