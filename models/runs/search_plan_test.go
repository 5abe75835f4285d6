package runs_test

import (
	"strings"
	"testing"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// A planner that hopes to meet some of the runs that have a word soon reads all of them,
// the newest first, for a word that few have or that only old ones have.
func TestWordsAreAskedBeforeRuns(t *testing.T) {
	t.Parallel()
	db, _ := modelstest.Postgres(t)
	manyRuns(t, db, 2400, models.Now())
	for _, statement := range []string{
		`INSERT INTO run_texts SELECT gen_random_uuid(), ('''=manual'' common formerly w' || n || 'x')::tsvector, true FROM generate_series(1, 30000) AS n`,
		"ANALYZE",
	} {
		if err := db.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	plans := modelstest.Plans(t, db)
	for word, want := range map[string]string{"w1x": "run_texts_words", "formerly": "", "zzz": "run_texts_words", "w2": "run_texts_words"} {
		*plans = nil
		search(t, db, runs.Filter{Search: word, TriggerType: "schedule"})
		if len(*plans) != 1 {
			t.Fatal(word, *plans)
		}
		if plan := (*plans)[0]; !strings.Contains(plan, "Index Scan using runs_pkey on runs") || strings.Contains(plan, "Seq Scan on runs") || strings.Contains(plan, "Merge") || !strings.Contains(plan, want) {
			t.Errorf("%s is planned so:\n%s", word, plan)
		}
	}
}
