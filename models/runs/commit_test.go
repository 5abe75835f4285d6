package runs_test

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// A small server's last connection may be an idle one of ours.
func TestRunsAreCommittedWhereTheServerGivesNoFurtherConnection(t *testing.T) {
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("the embedded database has no connections")
	}
	owner, url := modelstest.Postgres(t)
	role := "r" + strings.ReplaceAll(models.NewID(), "-", "")
	for _, statement := range []string{"CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 1", "GRANT test TO " + role, "ALTER ROLE " + role + " SET role = test"} {
		if err := owner.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	db, err := models.Open(models.Source{URL: strings.Replace(url, "test@", role+"@", 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close(db)
	_, stored := workflowWithRuns(t, db, "A", "queued")
	claimed, _, err := runs.Commit(t.Context(), db, runs.Batch{Owner: "me", Claims: ids(stored), Now: models.Now(), Lease: time.Minute})
	if err != nil || len(claimed) != 1 {
		t.Errorf("claimed %d runs, %v", len(claimed), err)
	}
}
