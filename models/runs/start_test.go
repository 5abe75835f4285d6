package runs_test

import (
	"strings"
	"testing"

	"workflows/models/modelstest"
	"workflows/models/runs"
)

// While hardly any run is queued, the planner takes each index of queued runs for small:
// of thousands of starts at once each would then read all runs that were queued so far.
func TestReadyRunsOfAWorkflowAreCountedByTheirOwnIndex(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	id, _ := workflowWithRuns(t, db, "W", "succeeded")
	for _, statement := range []string{
		`INSERT INTO workflows (id, name, status, draft, draft_revision, created_at, updated_at) SELECT gen_random_uuid(), 'Others', 'active', '{}', 1, now(), now() FROM generate_series(1, 1000)`,
		`INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, "trigger", queue, rung_at, queued_at)
			SELECT gen_random_uuid(), id, id, 1, name, 'succeeded', 'schedule', '{}', 'default', now(), now() FROM workflows, generate_series(1, 2)`,
		"ANALYZE",
	} {
		if err := db.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	plans := modelstest.Plans(t, db)
	if _, err := runs.WorkflowsToStart(t.Context(), db, []string{id}, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := runs.CountPlaces(t.Context(), db, id, 5); err != nil {
		t.Fatal(err)
	}
	for _, plan := range *plans {
		if strings.Contains(plan, "runs_queued") || !strings.Contains(plan, "using runs_ready") {
			t.Errorf("it is planned so:\n%s", plan)
		}
	}
	if len(*plans) != 2 {
		t.Errorf("%d statements", len(*plans))
	}
}
