package models_test

import (
	"fmt"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestHowMuchIsStoredIsToldWithoutCountingAll(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		for _, name := range []string{"Large", "Small"} {
			w := models.Workflow{ID: models.NewID(), Name: name, Status: "active", Draft: models.JSON(`{}`), CreatedAt: now, UpdatedAt: now}
			if err := db.Create(&w).Error; err != nil {
				t.Fatal(err)
			}
		}
		store := func(n int) {
			t.Helper()
			id := "printf('%08x-0000-7000-8000-%012x', n / 1000, n)"
			if models.IsPostgres(db) {
				id = "CAST(lpad(to_hex(n / 1000), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS uuid)"
			}
			err := db.Exec(fmt.Sprintf(`WITH RECURSIVE numbers (n) AS (SELECT 1 + (SELECT count(*) FROM runs) UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
				INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, "trigger", queue, queued_at)
				SELECT %s, w.id, w.id, 1, w.name, 'succeeded', 'manual', '{}', 'default', CURRENT_TIMESTAMP
				FROM numbers JOIN workflows w ON w.name = CASE WHEN n %% 4 = 0 THEN 'Small' ELSE 'Large' END`, n, id)).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		sizes := func() models.Sizes {
			t.Helper()
			s, err := models.SizesOf(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			if s.Bytes < 100_000 || models.IsPostgres(db) != (len(s.Tables) > 0) {
				t.Errorf("%+v", s)
			}
			return s
		}
		if s := sizes(); s.Runs != 0 || !s.Counted || len(s.Workflows) != 0 || s.OldestAt != nil {
			t.Errorf("of nothing it says %+v", s)
		}
		store(400)
		if s := sizes(); s.Runs != 400 || !s.Counted || s.OldestAt == nil || len(s.Workflows) != 2 || s.Workflows[0].Name != "Large" || s.Workflows[0].Runs != 300 || s.Workflows[1].Runs != 100 {
			t.Errorf("of few runs it says %+v", s)
		}
		if err := db.Exec("UPDATE runs SET trigger_type = 'try' WHERE workflow_id = ?", sizes().Workflows[1].WorkflowID).Error; err != nil {
			t.Fatal(err)
		}
		if s := sizes(); s.Runs != 300 || s.Tries != 100 || len(s.Workflows) != 1 || s.Workflows[0].Runs != 300 {
			t.Errorf("of runs and tries it says %+v", s)
		}
		store(24_000)
		if models.IsPostgres(db) {
			if err := db.Exec("ANALYZE runs").Error; err != nil {
				t.Fatal(err)
			}
		}
		s := sizes()
		near := func(got, want int64) bool { return got > want*8/10 && got < want*12/10 }
		if s.Counted || !near(s.Runs, 24_000) || len(s.Workflows) != 2 || s.Workflows[0].Name != "Large" || !near(s.Workflows[0].Runs, 18_000) || !near(s.Workflows[1].Runs, 6000) {
			t.Errorf("of many runs it says %+v", s)
		}
		if models.IsPostgres(db) && s.Tables[0].Name != "runs" {
			t.Errorf("the largest table is %+v", s.Tables[0])
		}
	})
}
