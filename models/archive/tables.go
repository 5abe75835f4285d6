package archive

import (
	"context"
	"fmt"
	"strings"
)

// carried are the tables in a backup, each behind those that it refers to.
var carried = []string{
	"workflows", "workflow_versions", "draft_changes", "schedules", "planned_runs", "calendars", "subscriptions", "deadlines", "alerts", "incidents", "messages", "users", "failures", "failure_rules",
	"webhooks", "deliveries", "runs", "step_runs", "payloads", "approvals", "asked_mails", "remembered_items",
	"workflow_tags", "favourites", "secrets", "kept_tokens", "queues", "api_tokens", "settings", "audit_events",
}

// versions is the table of the migrations.
const versions = "goose_db_version"

// leftOut are the tables that a backup does without, and why.
var leftOut = map[string]string{
	versions:          "the header has the schema's version",
	"sessions":        "who was signed in then may not be by now",
	"invitations":     "they work once, and may have been used since",
	"duties":          "they are those of processes that are gone",
	"bulks":           "what was being done with many runs then has been done since, or somebody has stopped it",
	"rule_runs":       "what failed before the backup has been seen to since",
	"bulk_runs":       "they are those of bulks",
	"drained_workers": "they are processes that are gone",
	"queue_minutes":   "it is what another installation's queues were like",
	"run_texts":       "a worker makes them again of the runs",
	"run_words":       "they are those of run_texts",
	"run_links":       "what was taken back since must not show its run again, and who was sent one can be sent another",
}

// What a value of a column is, in any database.
const (
	textKind    = "text" // also JSON and ids
	integerKind = "integer"
	booleanKind = "boolean"
	timeKind    = "time"
	bytesKind   = "bytes"
)

// kinds are the types that the migrations use on either database.
var kinds = map[string]string{
	"text": textKind, "json": textKind, "uuid": textKind,
	"integer": integerKind, "bigint": integerKind,
	"boolean":                  booleanKind,
	"timestamp with time zone": timeKind, "datetime": timeKind,
	"bytea": bytesKind, "blob": bytesKind,
}

type column struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// columnsOf reads the columns of a table; none where there is no such table.
func columnsOf(ctx context.Context, tx querier, postgres bool, table string) ([]column, error) {
	statement := `SELECT name, lower(type) FROM pragma_table_info(?) ORDER BY name`
	if postgres {
		statement = `SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
			WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attname`
	}
	rows, err := tx.QueryContext(ctx, statement, table)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", table, err)
	}
	defer rows.Close()
	var found []column
	for rows.Next() {
		var c column
		var native string
		if err := rows.Scan(&c.Name, &native); err != nil {
			return nil, fmt.Errorf("read the columns of %s: %w", table, err)
		}
		if c.Kind = kinds[native]; c.Kind == "" {
			return nil, fmt.Errorf("the column %s of %s has a type that no backup knows: %s", c.Name, table, native)
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// selection is the statement that reads a table's rows.
func selection(postgres bool, table string, columns []column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		// On SQLite the bare column: of what is none, the driver makes times where a text
		// looks like one.
		if parts[i] = quoted(c.Name); postgres && c.Kind == textKind {
			parts[i] = "CAST(" + parts[i] + " AS text)"
		}
	}
	return "SELECT " + strings.Join(parts, ", ") + " FROM " + quoted(table)
}

// quoted is a name of ours in SQL: some are words of it.
func quoted(name string) string { return `"` + name + `"` }
