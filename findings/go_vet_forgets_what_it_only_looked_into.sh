#!/usr/bin/env bash
# go vet keeps what it has found, by package. Of a package that it looked into only because
# another one imports it, it keeps that there was nothing, and says so when asked of that
# package itself: a fault that was there all the time is told by an empty cache only, as on
# another machine. Whoever checks one package before all of them, as editors do, may be told
# that all is well; .ci/run asks with a flag that nothing else asks with.
. "$(dirname "$0")/lib.bash"
go mod init finding >/dev/null 2>&1
mkdir a b
cat >a/a.go <<'GO'
package a

import "finding/b"

func Greet() { b.Greet("Anna") }
GO
cat >b/b.go <<'GO'
package b

import "fmt"

func Greet(name string) { fmt.Printf("Hello %d\n", name) }
GO
faults() { # faults TOOL… : in how many places vet sees one, of all packages
  { go vet "$@" ./... 2>&1 || true; } | grep -c 'b.go' || true
}
export GOCACHE=$work/cache
go version
fresh=$(faults)
export GOCACHE=$work/other
go vet ./a >/dev/null 2>&1 || true
after=$(faults)
echo "expected: go vet ./... tells the fault in b, whatever was asked before"
holds "with an empty cache it tells $fresh, after go vet ./a it tells $after" [ "$fresh $after" = "1 0" ]
