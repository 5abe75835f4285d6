# Sourced by the findings: a temporary folder, free ports, ending what was started.
set -euo pipefail
work=$(mktemp -d)
started=()
ended() {
  local status=$?
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
  exit $status
}
trap ended EXIT
cd "$work"

needs() { # needs COMMAND DEBIAN-PACKAGE
  [ -n "$(command -v "$1" || ls /usr/lib/postgresql/*/bin/"$1" 2>/dev/null)" ] && return
  local as_root=; [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}
port() { # port of loopback that nobody listens on
  local n
  while n=$((20000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$n") 2>/dev/null; do :; done
  echo "$n"
}
listening() { # waits up to 10 s until somebody listens on the port
  for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.1; done
  echo "nothing listens on $1" >&2; return 1
}
module() { # module MODULE@VERSION …: a Go module that requires these
  go mod init finding >/dev/null 2>&1
  go get "$@" >/dev/null 2>&1
}
postgres_on() { # postgres_on PORT: a throw-away server, user postgres, no password
  local bin; bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)")
  mkdir "$work/pg"; local as=()
  if [ "$(id -u)" = 0 ]; then chmod 711 "$work"; chown postgres "$work/pg"; as=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
  "${as[@]}" "$bin/initdb" -D "$work/pg" -U postgres -A trust >/dev/null
  "${as[@]}" "$bin/postgres" -D "$work/pg" -p "$1" -k "" -c listen_addresses=127.0.0.1 -c fsync=off >"$work/pg.log" 2>&1 &
  started+=($!)
  listening "$1"
}
holds() { # holds "WHAT IS SEEN" COMMAND …
  local seen=$1; shift
  if "$@"; then echo "seen:     $seen"; else echo "CHANGED:  no longer so: $seen"; exit 1; fi
}
