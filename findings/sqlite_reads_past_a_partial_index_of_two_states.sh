#!/usr/bin/env bash
# An index over the rows WHERE status IN ('failed', 'cancelled') serves a search for
# status = 'failed' on PostgreSQL, which proves that the one implies the other. SQLite
# walks the table instead. It matters for lists of runs by state in the standalone
# program, whose time grows with all runs there are.
. "$(dirname "$0")/lib.bash"
needs postgres postgresql
database=$(port); postgres_on "$database"
module modernc.org/sqlite@v1.60.1 github.com/jackc/pgx/v5@v5.11.0
cat >main.go <<'GO'
package main

import (
	"database/sql"
	"fmt"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

func plan(driver, address, explain, fill string) string {
	db, err := sql.Open(driver, address)
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		"CREATE TABLE runs (id int PRIMARY KEY, status text NOT NULL)", fill,
		"CREATE INDEX runs_unhappy ON runs (id) WHERE status IN ('failed', 'cancelled')", "ANALYZE",
	} {
		if _, err := db.Exec(statement); err != nil {
			panic(err)
		}
	}
	rows, err := db.Query(explain + " SELECT id FROM runs WHERE status = 'failed' ORDER BY id DESC LIMIT 25")
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var lines []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		rows.Scan(cells...)
		lines = append(lines, fmt.Sprint(*cells[len(cells)-1].(*any)))
	}
	return strings.Join(lines, "; ")
}

func main() {
	sqlite := plan("sqlite", ":memory:", "EXPLAIN QUERY PLAN",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 50000) INSERT INTO runs SELECT i, CASE WHEN i % 5000 = 0 THEN 'failed' ELSE 'succeeded' END FROM n")
	postgres := plan("pgx", os.Args[1], "EXPLAIN",
		"INSERT INTO runs SELECT i, CASE WHEN i % 5000 = 0 THEN 'failed' ELSE 'succeeded' END FROM generate_series(1, 50000) i")
	fmt.Println("SQLite: " + sqlite)
	fmt.Println("PostgreSQL: " + postgres)
}
GO
go mod tidy >/dev/null 2>&1
go build -o program .; ./program "postgres://postgres@127.0.0.1:$database/postgres?sslmode=disable" >plans
echo "modernc.org/sqlite v1.60.1, $(/usr/lib/postgresql/*/bin/postgres --version | tail -n 1)"
echo "expected: both use the index of exactly those rows among which the wanted ones are"
holds "$(grep PostgreSQL plans)" grep -q 'PostgreSQL:.*runs_unhappy' plans
holds "$(grep SQLite plans)" bash -c '! grep -q "SQLite:.*runs_unhappy" plans'
