package modelstest

import (
	"testing"

	"gorm.io/gorm"

	"workflows/models"
)

// RefuseAudit has the database refuse every further row of the audit log: what is
// done must not stand without one.
func RefuseAudit(t testing.TB, db *gorm.DB) {
	t.Helper()
	statement := "CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'no room'); END"
	if models.IsPostgres(db) {
		statement = "ALTER TABLE audit_events ADD CONSTRAINT refuse_audit CHECK (false) NOT VALID"
	}
	if err := db.Exec(statement).Error; err != nil {
		t.Fatal(err)
	}
}
