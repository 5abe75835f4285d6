package modelstest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver
)

// mariadb starts one MariaDB for this process.
var mariadb = sync.OnceValues(func() (string, error) {
	install, daemon := Find("mariadb-install-db"), Find("mariadbd")
	script := install + ` --no-defaults --datadir="$1/data" --auth-root-authentication-method=normal --skip-test-db >/dev/null &&
printf "CREATE DATABASE shop;\nCREATE USER test@'%%' IDENTIFIED BY 'secret word';\nGRANT ALL ON *.* TO test@'%%';\n" >"$1/init.sql" &&
exec ` + daemon + ` --no-defaults --datadir="$1/data" --port="$2" --socket="$1/socket" --bind-address=127.0.0.1 --init-file="$1/init.sql" --skip-name-resolve --innodb-flush-log-at-trx-commit=0`
	folder, port, err := Supervise("mariadb", script)
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	db, err := sql.Open("mysql", "test:secret word@tcp("+address+")/shop?timeout=1s")
	if err != nil {
		return "", err
	}
	defer db.Close()
	for deadline := time.Now().Add(time.Minute); ; {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := db.PingContext(ctx)
		cancel()
		if err == nil {
			return address, nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(folder, "log")) // #nosec G304 -- a folder that the tests made
			return "", fmt.Errorf("MariaDB did not start: %w\n%s", err, log)
		}
		time.Sleep(50 * time.Millisecond) // a server's start has no signal to wait for
	}
})

// MariaDB returns host and port of a MariaDB with the database shop and the user test, whose
// password is “secret word”. Where it is not installed the test is skipped, unless
// REQUIRE_SERVICES=1.
func MariaDB(t testing.TB) string {
	t.Helper()
	if Find("mariadbd") == "" {
		Missing(t, "MariaDB")
		t.Skip("MariaDB is not installed")
	}
	address, err := mariadb()
	if err != nil {
		t.Fatal(err)
	}
	return address
}
