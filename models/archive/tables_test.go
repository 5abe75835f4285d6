package archive

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models/modelstest"
)

// Whoever adds a table says here whether a backup has it.
func TestEveryTableIsCarriedOrLeftOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		there, err := db.Migrator().GetTables()
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range there {
			if slices.Contains(carried, table) == (leftOut[table] != "") && !strings.HasPrefix(table, "sqlite_") && !strings.HasPrefix(table, "run_words_") { // what SQLite keeps an index of words in
				t.Errorf("name the table %s in tables.go, as carried or as left out", table)
			}
		}
		for _, table := range carried {
			if !slices.Contains(there, table) {
				t.Errorf("there is no table %s", table)
			}
		}
	})
}

func TestBothDatabasesKeepTheSameInEachColumn(t *testing.T) {
	lite := modelstest.SQLite(t)
	postgres, _ := modelstest.Postgres(t)
	for _, table := range carried {
		var of [2][]column
		for i, db := range []*gorm.DB{lite, postgres} {
			err := db.Transaction(func(tx *gorm.DB) (err error) {
				of[i], err = columnsOf(t.Context(), tx.Statement.ConnPool.(*sql.Tx), i == 1, table)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(of[0]) == 0 || !slices.Equal(of[0], of[1]) {
			t.Errorf("%s: %v and %v", table, of[0], of[1])
		}
	}
}
