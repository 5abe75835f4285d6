#!/usr/bin/env bash
# enable_seqscan = off, by which statements are pinned to their indexes, does not forbid to read a table
# whole: it adds ten thousand million to the cost of that. Where no index serves, PostgreSQL takes the
# statement for one of its dearest and compiles it first (jit_above_cost), whatever it reads.
# models/open.go has each connection begin with jit = off.
. "$(dirname "$0")/lib.bash"
needs postgres postgresql
needs psql postgresql-client
port=$(port)
postgres_on "$port"
ask() { psql -h 127.0.0.1 -p "$port" -U postgres -qAt -v ON_ERROR_STOP=1 "$@"; }
ask -c "CREATE TABLE small AS SELECT n, n % 7 AS k FROM generate_series(1, 500) AS n" -c "ANALYZE small"
compiled() { # with these settings, how many functions for a count over 500 rows
  ask -c "$1" -c "EXPLAIN (ANALYZE, FORMAT JSON) SELECT k, count(*), sum(n) FROM small WHERE n > 3 GROUP BY k ORDER BY k" | sed -n 's/.*"Functions": \([0-9]*\).*/\1/p'
}
ask -c "SHOW server_version"
usual=$(compiled "SET enable_seqscan = on") off=$(compiled "SET enable_seqscan = off")
echo "expected: with or without enable_seqscan a table of 500 rows without an index is read in the same way"
differs() { [ -z "$usual" ] && [ "${off:-0}" -ge 3 ]; }
holds "usually ${usual:-no} functions are compiled for it, with enable_seqscan = off $off are" differs
