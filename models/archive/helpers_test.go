package archive_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/archive"
	"workflows/models/modelstest"
	"workflows/models/sqlite"
)

// tables are those that hold something of an installation, each behind those that it
// refers to.
var tables = []string{
	"workflows", "workflow_versions", "draft_changes", "schedules", "planned_runs", "calendars", "subscriptions", "deadlines", "alerts", "incidents", "messages", "users", "failures", "failure_rules",
	"webhooks", "deliveries", "runs", "step_runs", "payloads", "approvals", "asked_mails", "remembered_items",
	"workflow_tags", "favourites", "secrets", "kept_tokens", "queues", "api_tokens", "settings", "audit_events",
}

// fill puts rows into every table: texts that are hard to carry, times to the
// microsecond, the largest numbers, nothing where nothing may stand.
func fill(t testing.TB, db *gorm.DB, rows int) {
	t.Helper()
	fillEach(t, db, func(string) int { return rows })
}

// fillEach puts as many rows into each table as its name gives.
func fillEach(t testing.TB, db *gorm.DB, rows func(table string) int) {
	t.Helper()
	err := db.Transaction(func(tx *gorm.DB) error {
		fillIn(t, tx, rows)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fillIn(t testing.TB, db *gorm.DB, rows func(table string) int) {
	t.Helper()
	for _, table := range tables {
		types, err := db.Migrator().ColumnTypes(table)
		if err != nil || len(types) == 0 {
			t.Fatal(table, err)
		}
		var all []map[string]any
		for row := range rows(table) {
			values := map[string]any{}
			for _, c := range types {
				nullable, _ := c.Nullable()
				if key, _ := c.PrimaryKey(); nullable && row%2 == 1 && !key {
					values[c.Name()] = nil
					continue
				}
				values[c.Name()] = sample(c.Name(), strings.ToLower(c.DatabaseTypeName()), row)
			}
			all = append(all, values)
		}
		if err := db.Table(table).CreateInBatches(all, 100).Error; err != nil {
			t.Fatal(table, err)
		}
	}
}

func sample(name, kind string, row int) any {
	switch {
	case name == "id" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_of"):
		return fmt.Sprintf("01890000-0000-7000-8000-%012d", row)
	case strings.HasPrefix(kind, "bool"):
		return row%3 == 0
	case strings.HasPrefix(kind, "timestamp"), kind == "datetime":
		return time.Date(1970+row, 3, 29, 1, 59, 59, 999_999_000-1000*row, time.UTC)
	case kind == "bytea", kind == "blob":
		return []byte{0, 255, '\\', byte(row)}
	case kind == "int8", kind == "bigint":
		return int64(9_007_199_254_740_993) + int64(row)
	case strings.HasPrefix(kind, "int"):
		return 2_147_483_647 - row
	case name == "value" || name == "reason" || name == "comment": // that look like something else
		return []string{"2026-11-29 10:00:00", "2026-11-29T10:00:00Z", "1", "true", "null", ""}[row%6]
	case name == "sealed" && row == 0: // one longer than what is read and written at a time
		return `"` + strings.Repeat("ä€😀 <>&", 15_000) + `"`
	}
	// A text that is a document too, whose spaces, order and numbers may not change.
	return fmt.Sprintf("{\"b\" : 12345678901234567890.50,  \"a\": \"%d ü € 😀 <b> & \\\\ \\n \\u2028 '%s'\"}", row, name)
}

// lines are the rows of a backup as they stand in it, sorted, without the header and the
// end.
func lines(t testing.TB, backup []byte) []string {
	t.Helper()
	packed, err := gzip.NewReader(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	table := ""
	for in := bufio.NewReader(packed); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		if strings.HasPrefix(line, `{"table"`) {
			table = line
		}
		all = append(all, table+line)
	}
	all = all[1 : len(all)-1]
	slices.Sort(all)
	return all
}

func write(t testing.TB, db *gorm.DB) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := archive.Write(t.Context(), db, &out, archive.Options{MadeBy: "a test"}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// restore reads a backup and puts it into the database.
func restore(t testing.TB, db *gorm.DB, backup []byte) error {
	t.Helper()
	read, err := archive.Read(t.Context(), bytes.NewReader(backup))
	if err != nil {
		return err
	}
	return archive.Restore(t.Context(), db, bytes.NewReader(backup), read)
}

// both makes an empty database of each kind that there is.
func both(t *testing.T) map[string]*gorm.DB {
	t.Helper()
	all := map[string]*gorm.DB{"sqlite": modelstest.SQLite(t)}
	if modelstest.Find("postgres") != "" {
		all["postgres"], _ = modelstest.Postgres(t)
	}
	return all
}

// unmigrated is an embedded database without a table.
func unmigrated(t *testing.T) *gorm.DB {
	t.Helper()
	db, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = models.Close(db) })
	return db
}

func rowsIn(t testing.TB, db *gorm.DB) int64 {
	t.Helper()
	var sum int64
	for _, table := range tables {
		var n int64
		if err := db.Table(table).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}
