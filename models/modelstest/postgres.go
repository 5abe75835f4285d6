package modelstest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"workflows/models"
)

// server starts one PostgreSQL for this process, with a migrated template. It tidies up
// behind nobody: no database lives that long.
var server = sync.OnceValues(func() (string, error) {
	base, err := StartPostgres("-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := createDatabase(ctx, base, "template", "template1"); err != nil {
		return "", err
	}
	db, err := models.Open(models.Source{URL: base + "template"})
	if err != nil {
		return "", err
	}
	defer models.Close(db)
	_, err = models.Migrate(ctx, db)
	return base, err
})

// StartPostgres starts a throw-away PostgreSQL that ends with this process, and
// returns its address up to the database's name ("postgres" exists). flags go to
// the server's command line. Where TEST_CLUSTER names a place for one, the first process
// makes the server's files there and all copy them, in a tenth of the time.
func StartPostgres(flags string) (string, error) {
	initdb, postgres := Find("initdb"), Find("postgres")
	if initdb == "" || postgres == "" {
		return "", fmt.Errorf("PostgreSQL is not installed")
	}
	initdb += ` -U test -A trust --no-sync -E UTF8 --locale=C -D`
	script := `if [ -z "$TEST_CLUSTER" ]; then ` + initdb + ` "$1/data"; else
flock "$TEST_CLUSTER.lock" sh -c '[ -d "$TEST_CLUSTER" ] || { rm -rf "$TEST_CLUSTER.new" && ` + initdb + ` "$TEST_CLUSTER.new" && mv "$TEST_CLUSTER.new" "$TEST_CLUSTER"; }' && cp -r "$TEST_CLUSTER" "$1/data"; fi >/dev/null && exec ` + postgres +
		` -D "$1/data" -p "$2" -k "$1" -c listen_addresses=127.0.0.1 -c max_connections=200 -c shared_buffers=128MB ` + flags
	folder, port, err := Supervise("postgres", script)
	if err != nil {
		return "", err
	}
	base := fmt.Sprintf("postgres://test@127.0.0.1:%d/", port)
	for deadline := time.Now().Add(time.Minute); ; {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := pgx.Connect(ctx, base+"postgres?sslmode=disable")
		if err == nil {
			_ = conn.Close(ctx)
			cancel()
			return base, nil
		}
		cancel()
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(folder, "log")) // #nosec G304 -- a folder that the tests made
			return "", fmt.Errorf("PostgreSQL did not start: %w\n%s", err, log)
		}
		time.Sleep(20 * time.Millisecond) // a server's start has no signal to wait for
	}
}

func createDatabase(ctx context.Context, base, name, template string) error {
	return overseen(ctx, base, func(conn *pgx.Conn) error {
		statement := fmt.Sprintf(`CREATE DATABASE %q TEMPLATE %q`, name, template)
		major, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), ".")
		if number, err := strconv.Atoi(major); err == nil && number >= 15 { // which would log each page, at three times the cost
			statement += " STRATEGY file_copy"
		}
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

func dropDatabase(base, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // in which others have their turn too
	defer cancel()
	_ = overseen(ctx, base, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, fmt.Sprintf(`DROP DATABASE %q WITH (FORCE)`, name))
		return err
	})
}

// overseer is the connection by which databases are made and dropped, one after the other:
// to open one for each took a third of the time that this takes.
var overseer struct {
	sync.Mutex
	conn *pgx.Conn
}

func overseen(ctx context.Context, base string, do func(conn *pgx.Conn) error) error {
	overseer.Lock()
	defer overseer.Unlock()
	if overseer.conn == nil || overseer.conn.IsClosed() {
		conn, err := pgx.Connect(ctx, base+"postgres?sslmode=disable")
		if err != nil {
			return fmt.Errorf("reach the test's PostgreSQL: %w", err)
		}
		overseer.conn = conn
	}
	return do(overseer.conn)
}
