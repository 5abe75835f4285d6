#!/usr/bin/env bash
# pgx prepares what it sends under a name that is a hash of the text. Through a pooler
# in transaction mode that knows no prepared statements, a program that is alone and
# sends one statement fails when it is started a second time. It matters for whoever copies
# the address of a pooler into DATABASE_URL.
. "$(dirname "$0")/lib.bash"
needs postgres postgresql
needs pgbouncer pgbouncer
database=$(port); postgres_on "$database"
pooler=$(port)
cat >pgbouncer.ini <<INI
[databases]
postgres = host=127.0.0.1 port=$database user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pooler
unix_socket_dir =
auth_type = any
pool_mode = transaction
INI
as=(); [ "$(id -u)" = 0 ] && { as=(setpriv --reuid=postgres --regid=postgres --clear-groups); chmod 644 pgbouncer.ini; }
"${as[@]}" "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" -q pgbouncer.ini >pgbouncer.log 2>&1 & started+=($!)
listening "$pooler"
module github.com/jackc/pgx/v5@v5.11.0
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func main() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close(ctx)
	var answer int
	err = conn.QueryRow(ctx, "SELECT $1::int + 1", 41).Scan(&answer)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		fmt.Println(refused.Code)
		return
	}
	fmt.Println(answer)
}
GO
go mod tidy >/dev/null 2>&1
go build -o program .
address="postgres://postgres@127.0.0.1:$pooler/postgres?sslmode=disable"
first=$(./program "$address"); second=$(./program "$address"); plain=$(./program "$address&default_query_exec_mode=exec")
echo "pgx v5.11.0, $(/usr/sbin/pgbouncer --version | head -n 1), $(/usr/lib/postgresql/*/bin/postgres --version | tail -n 1)"
echo "expected: names of prepared statements collide under load at most; one client after the other is safe"
holds "the first start reads $first, the second one fails with $second (a prepared statement of that name exists)" [ "$first/$second" = 42/42P05 ]
holds "with default_query_exec_mode=exec it reads $plain each time" [ "$plain" = 42 ]
