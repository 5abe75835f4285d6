package modelstest

import (
	"strings"
	"testing"

	"gorm.io/gorm"
)

// Plans notes how PostgreSQL plans each question that db asks from now on and reads row by
// row, and what it removes, on the connection that does it.
func Plans(t testing.TB, db *gorm.DB) *[]string {
	t.Helper()
	plans := &[]string{}
	explain := func(asked *gorm.DB) {
		rows, err := asked.Statement.ConnPool.QueryContext(t.Context(), "EXPLAIN "+asked.Statement.SQL.String(), asked.Statement.Vars...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var plan strings.Builder
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(line + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		*plans = append(*plans, plan.String())
	}
	if err := db.Callback().Row().Before("gorm:row").Register("plans", explain); err != nil {
		t.Fatal(err)
	}
	removes := func(asked *gorm.DB) {
		if strings.HasPrefix(asked.Statement.SQL.String(), "DELETE") {
			explain(asked)
		}
	}
	if err := db.Callback().Raw().Before("gorm:raw").Register("plans", removes); err != nil {
		t.Fatal(err)
	}
	return plans
}
