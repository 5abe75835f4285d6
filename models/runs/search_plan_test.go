package runs_test

import (
	"fmt"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// A statement that is asked often is planned once for all words, as if half a percent of the
// runs had them. Then the planner hopes to meet some soon among the newest, or to narrow
// down by ids what few words do better; both read a row for each run that there is.
func TestWordsAreAskedBeforeRuns(t *testing.T) {
	t.Parallel()
	db, _ := modelstest.Postgres(t)
	manyRuns(t, db, 2400, models.Now())
	for _, statement := range []string{
		`INSERT INTO run_texts SELECT gen_random_uuid(), ('''=manual'' common w' || n || 'x')::tsvector, true FROM generate_series(1, 30000) AS n`,
		"ANALYZE",
	} {
		if err := db.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	var asked string
	var with []string
	note := func(tx *gorm.DB) {
		asked, with = tx.Statement.SQL.String(), nil
		for _, value := range tx.Statement.Vars {
			with = append(with, "'"+strings.ReplaceAll(fmt.Sprint(value), "'", "''")+"'")
		}
	}
	if err := db.Callback().Row().Before("gorm:row").Register("note", note); err != nil {
		t.Fatal(err)
	}
	search(t, db, runs.Filter{Search: "w1"})
	if err := db.Callback().Row().Remove("note"); err != nil || !strings.Contains(asked, "run_texts") {
		t.Fatal(err, asked)
	}
	err := db.Connection(func(own *gorm.DB) error {
		for _, statement := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE asked AS " + asked} {
			if err := own.Exec(statement).Error; err != nil {
				return err
			}
		}
		var plan []string
		if err := own.Raw("EXPLAIN EXECUTE asked (" + strings.Join(with, ", ") + ")").Scan(&plan).Error; err != nil {
			return err
		}
		all := strings.Join(plan, "\n")
		if !strings.Contains(all, "Bitmap Index Scan on run_texts_words") || strings.Contains(all, "run_texts_pkey") || !strings.Contains(all, "Index Scan using runs_pkey on runs") || strings.Contains(all, "Merge") {
			t.Errorf("it is planned so:\n%s", all)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
