package models_test

import (
	"errors"
	"testing"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestAServerThatTakesNoWritesIsUnavailable(t *testing.T) {
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("the embedded database takes writes")
	}
	_, url := modelstest.Postgres(t)
	db, err := models.Open(models.Source{URL: url + "&default_transaction_read_only=on"})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close(db)
	run := models.Run{ID: models.NewID(), WorkflowID: models.NewID(), VersionID: models.NewID(), Trigger: models.JSON(`{}`)}
	if err := runs.Insert(t.Context(), db, &run); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("a write that was refused is %v", err)
	}
}
