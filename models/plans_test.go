package models_test

import (
	"testing"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestNoStatementIsCompiled(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	conn, err := models.ConnToCommit(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var ofAll, ofCommits string
	if err := db.Raw("SHOW jit").Scan(&ofAll).Error; err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRowContext(t.Context(), "SHOW jit").Scan(&ofCommits); err != nil || ofAll != "off" || ofCommits != "off" {
		t.Errorf("jit is %s, and %s where runs are committed, %v", ofAll, ofCommits, err)
	}
}
