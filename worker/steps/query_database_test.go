package steps

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"workflows/models/modelstest"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// asking is a database with a table orders, and its ways of writing.
type asking struct {
	*testing.T
	address string
	place   func(i int) string // of a value in a statement
}

// onDatabases runs the test on PostgreSQL and on MariaDB.
func onDatabases(t *testing.T, test func(a *asking)) {
	t.Run("postgres", func(t *testing.T) {
		_, address := modelstest.Postgres(t)
		test(&asking{T: t, address: address, place: func(i int) string { return fmt.Sprintf("$%d", i) }})
	})
	t.Run("mariadb", func(t *testing.T) {
		host := modelstest.MariaDB(t)
		test(&asking{T: t, address: "mariadb://test:secret%20word@" + host + "/shop", place: func(int) string { return "?" }})
	})
}

func (a *asking) config(statement string, change bool, params ...any) map[string]any {
	for i := range strings.Count(statement, "#") {
		statement = strings.Replace(statement, "#", a.place(i+1), 1)
	}
	return map[string]any{"connection_secret": a.address, "sql": statement, "params": params, "may_change": change}
}

func (a *asking) ask(statement string, change bool, params ...any) (map[string]any, error) {
	outcome, err := execute(a.T, loopback(), "query_database", a.config(statement, change, params...))
	if large, is := outcome.Output.(workflow.Large); is {
		outcome.Output, err = large.Make()
	}
	output, _ := outcome.Output.(map[string]any)
	return output, err
}

func (a *asking) must(statement string, params ...any) map[string]any {
	a.Helper()
	output, err := a.ask(statement, true, params...)
	if err != nil {
		a.Fatal(statement, err)
	}
	return output
}

func (a *asking) orders() {
	a.Helper()
	a.must("DROP TABLE IF EXISTS orders")
	a.must("CREATE TABLE orders (id BIGINT PRIMARY KEY, total NUMERIC(20,2), customer VARCHAR(100), day DATE, gone BOOLEAN)")
	if output := a.must("INSERT INTO orders VALUES (9007199254740993, 12345678901234567.10, 'Müller; DROP TABLE orders', '2026-11-28', FALSE), (2, NULL, 'Ada', NULL, TRUE)"); output["count"] != int64(2) || len(output["rows"].([]any)) != 0 {
		a.Errorf("the insert gives %v", output)
	}
}

func TestDatabasesAreAskedWithValuesBesideTheStatement(t *testing.T) {
	onDatabases(t, func(a *asking) {
		a.orders()
		output, err := a.ask("SELECT id, total, customer, day FROM orders WHERE customer = # OR id = # ORDER BY id", false, "Müller; DROP TABLE orders", valueOf(a.T, "2"))
		if err != nil {
			a.Fatal(err)
		}
		want := `{"columns":["id","total","customer","day"],"count":2,"rows":[{"customer":"Ada","day":null,"id":2,"total":null},{"customer":"Müller; DROP TABLE orders","day":"2026-11-28","id":9007199254740993,"total":12345678901234567.10}]}`
		if got := string(document.JSON(output)); got != want {
			a.Errorf("%s", got)
		}
		if output, err := a.ask("SELECT count(*) AS n FROM orders WHERE id = #", false, valueOf(a.T, "9007199254740993")); err != nil || string(document.JSON(output["rows"])) != `[{"n":1}]` {
			a.Errorf("%v %v", output, err)
		}
		if output, err := a.ask("SELECT id, id FROM orders WHERE id < 10", false); err != nil || string(document.JSON(output)) != `{"columns":["id","id_2"],"count":1,"rows":[{"id":2,"id_2":2}]}` {
			a.Errorf("%v %v", output, err)
		}
	})
}

func TestDatabasesOnlyChangeWhereThatIsSaid(t *testing.T) {
	onDatabases(t, func(a *asking) {
		a.orders()
		for _, statement := range []string{"DELETE FROM orders", "UPDATE orders SET total = 0", "INSERT INTO orders (id) VALUES (5)", "DROP TABLE orders", "CREATE TABLE more (id INT)", "TRUNCATE TABLE orders"} {
			_, err := a.ask(statement, false)
			assertFails(a.T, err, "read_only", true)
		}
		for _, statement := range []string{"COMMIT; DELETE FROM orders", "SELECT 1; DELETE FROM orders"} {
			_, err := a.ask(statement, false)
			assertFails(a.T, err, "query_failed", true)
		}
		if output, err := a.ask("SELECT count(*) AS n FROM orders", false); err != nil || string(document.JSON(output["rows"])) != `[{"n":2}]` {
			a.Errorf("%v %v", output, err)
		}
		if output := a.must("DELETE FROM orders WHERE id = #", valueOf(a.T, "2")); output["count"] != int64(1) {
			a.Errorf("%v", output)
		}
		if output, err := a.ask("SELECT count(*) AS n FROM orders", false); err != nil || string(document.JSON(output["rows"])) != `[{"n":1}]` {
			a.Errorf("%v %v", output, err)
		}
	})
}

func TestWhatADatabaseSaysIsBounded(t *testing.T) {
	onDatabases(t, func(a *asking) {
		numbers, long := "SELECT g FROM generate_series(1, %d) AS g", "SELECT repeat('x', %d) AS x"
		if a.place(1) == "?" {
			numbers = "SELECT seq FROM seq_1_to_%d"
		}
		if output, err := a.ask(fmt.Sprintf(numbers, 10_000), false); err != nil || output["count"] != int64(10_000) {
			a.Errorf("%v", err)
		}
		for name, statement := range map[string]string{"rows": fmt.Sprintf(numbers, 10_001), "a text": fmt.Sprintf(long, 6<<20), "a huge text": fmt.Sprintf(long, 200<<20)} {
			_, err := a.ask(statement, false)
			if name == "a huge text" && a.place(1) == "?" {
				continue // MariaDB gives NULL by itself
			}
			assertFails(a.T, err, "too_large", true)
		}
		asked := 0
		_, err := All(loopback())["query_database"].Execute(a.Context(), workflow.Call{Config: a.config(fmt.Sprintf(long, 100_000), false), Room: func(_ context.Context, bytes int) error {
			asked = bytes
			return nil
		}})
		if err != nil || asked < 100_000 {
			a.Errorf("asked for %d bytes, %v", asked, err)
		}
		sleep := map[bool]string{true: "SELECT sleep(200)", false: "SELECT pg_sleep(200)"}[a.place(1) == "?"]
		ctx, cancel := context.WithTimeout(a.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := executeIn(ctx, loopback(), "query_database", a.config(sleep, false)); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > time.Minute {
			a.Errorf("the statement was waited for, %v: %v", time.Since(began), err)
		}
	})
}

func TestDatabasesAreSpokenOfWithoutTheirAddress(t *testing.T) {
	onDatabases(t, func(a *asking) {
		parsed, err := url.Parse(a.address)
		if err != nil {
			a.Fatal(err)
		}
		for name, c := range map[string]struct {
			change  func(u *url.URL)
			code    string
			options Options
			sql     string
		}{
			"nobody there":  {func(u *url.URL) { u.Host = "127.0.0.1:1" }, "connection_refused", loopback(), "SELECT 1"},
			"private":       {func(*url.URL) {}, "blocked_address", Options{}, "SELECT 1"},
			"no such host":  {func(u *url.URL) { u.Host = "canary.invalid" }, "host_not_found", loopback(), "SELECT 1"},
			"no such name":  {func(u *url.URL) { u.Path = "/canary" }, "database_refused", loopback(), "SELECT 1"},
			"broken":        {func(*url.URL) {}, "query_failed", loopback(), "SELEC 1"},
			"no such table": {func(*url.URL) {}, "query_failed", loopback(), "SELECT * FROM nothing_like_this"},
			"no value":      {func(*url.URL) {}, "wrong_values", loopback(), "SELECT " + a.place(1)},
		} {
			to := *parsed
			c.change(&to)
			_, err := execute(a.T, c.options, "query_database", map[string]any{"connection_secret": to.String(), "sql": c.sql})
			var failed *workflow.StepError
			if !errors.As(err, &failed) || failed.Code != c.code && !(name == "no value" && a.place(1) == "?" && failed.Code == "query_failed") {
				a.Errorf("%s: %v", name, err)
				continue
			}
			for _, part := range []string{"127.0.0.1", "canary", "secret word", parsed.Host} {
				if strings.Contains(failed.Message, part) {
					a.Errorf("%s says %s", name, failed.Message)
				}
			}
		}
	})
	host := modelstest.MariaDB(t)
	_, err := execute(t, loopback(), "query_database", map[string]any{"connection_secret": "mysql://test:wrong@" + host + "/shop", "sql": "SELECT 1"})
	assertFails(t, err, "database_refused", true)
}

func TestTypesOfPostgreSQLBecomeValues(t *testing.T) {
	_, address := modelstest.Postgres(t)
	outcome, err := execute(t, loopback(), "query_database", map[string]any{"connection_secret": address, "params": []any{valueOf(t, `[1, 9007199254740993]`), valueOf(t, `{"a": [1]}`), true, nil}, "sql": `SELECT
		true AS yes, 1.10::numeric AS n, 'NaN'::float8 AS nan, '{"a": 9007199254740993}'::jsonb AS j, '\x00ff'::bytea AS b, '2026-11-28 11:00:00+01'::timestamptz AS at, '2026-11-28 11:00:00'::timestamp AS wall,
		ARRAY['a', 'b "c"', NULL] AS list, $1::bigint[] AS numbers, $2::jsonb AS object, $3::boolean AS flag, $4::text AS none, ARRAY[true, NULL] AS flags, ARRAY['{"b": 1}'::jsonb] AS objects`})
	want := `{"columns":["yes","n","nan","j","b","at","wall","list","numbers","object","flag","none","flags","objects"],"count":1,"rows":[{"at":"2026-11-28T10:00:00Z","b":"AP8=","flag":true,"flags":[true,null],"j":{"a":9007199254740993},"list":["a","b \"c\"",null],"n":1.10,"nan":"NaN","none":null,"numbers":[1,9007199254740993],"object":{"a":[1]},"objects":[{"b":1}],"wall":"2026-11-28 11:00:00","yes":true}]}`
	if got := string(document.JSON(outcome.Output)); err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
}

func TestACopyThatNobodyReceivesIsRefused(t *testing.T) {
	_, address := modelstest.Postgres(t)
	_, err := execute(t, loopback(), "query_database", map[string]any{"connection_secret": address, "sql": "COPY (SELECT 1) TO STDOUT"})
	assertFails(t, err, "query_failed", true)
}

func TestStatementsHoldNoReferences(t *testing.T) {
	config := func(sql string, params any) map[string]any {
		return map[string]any{"connection_secret": "SHOP", "sql": sql, "params": params}
	}
	if !hasProblem(problemsOf(Options{}, "query_database", config("SELECT {{ input.x }}", nil)), "sql", "reference_not_allowed") {
		t.Error("a reference in the statement passed")
	}
	for params, ok := range map[string]bool{`["{{ input.x }}", 1]`: false, `[{{ input.x }}]`: false, "{{ input.x }}": true, `[1, "a"]`: true, "x": false} {
		if problems := problemsOf(Options{}, "query_database", config("SELECT $1", params)); hasProblem(problems, "params", "not_a_list") == ok {
			t.Errorf("%s: %+v", params, problems)
		}
	}
	tidied := All(Options{})["query_database"].Tidied(config("SELECT $1", `["{{ input.x }}", 1]`))
	if problems := problemsOf(Options{}, "query_database", tidied); len(problems) > 0 || len(tidied["params"].([]any)) != 2 {
		t.Errorf("%v %+v", tidied, problems)
	}
	for address, want := range map[string]string{
		"": "no address", "postgres://u:a#b@h/x": "# as %23", "mysql://u:50%@h/x": "% as %25", "db.example.com": "no address", "https://db.example.com/x": "another kind", "postgres://u@h/": "the name of a database", "postgres://u@a,b/x": "one server",
		"postgres://u@h/x?sslrootcert=/etc/passwd": "not known", "mysql://u@h/x?allowAllFiles=true": "not known", "postgres:///x?host=/var/run": "no address", "mysql://u@h/x?tls=custom": "not known",
	} {
		_, err := execute(t, loopback(), "query_database", map[string]any{"connection_secret": address, "sql": "SELECT 1"})
		if failed := assertFails(t, err, "invalid_connection", true); !strings.Contains(failed.Message, want) {
			t.Errorf("%s: %s", address, failed.Message)
		}
	}
	kind := All(Options{})["query_database"]
	if kind.Effects(config("DELETE", nil)) || !kind.Effects(map[string]any{"may_change": true}) {
		t.Error("only what may change something has effects")
	}
}
