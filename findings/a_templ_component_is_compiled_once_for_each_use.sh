#!/usr/bin/env bash
# A templ component is a small function round a closure. Go's inliner copies it, closure
# and all, into each place of another package that shows it. Our views are built with
# -gcflags=workflows/views/...=-l for this reason: see the README.
. "$(dirname "$0")/lib.bash"
module github.com/a-h/templ@v0.3.977
mkdir parts views
printf 'package parts\n\ntempl Part(name string) {\n\t<p>{ name }</p>\n}\n' >parts/parts.templ
{
  printf 'package views\n\nimport "finding/parts"\n\n'
  for n in $(seq 20); do printf 'templ Page%d() {\n\t@parts.Part("a")\n\t@parts.Part("b")\n\t@parts.Part("c")\n}\n' "$n"; done
} >views/views.templ
go get -tool github.com/a-h/templ/cmd/templ@v0.3.977 >/dev/null 2>&1
go tool templ generate >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
copies() { # copies FLAG: how often the pages hold a body of Part of their own
  go build -gcflags="finding/...=$1" -o views.a ./views
  go tool nm views.a | grep -cE ' T .*\.Part\.(func)?[0-9]+$' || true
}
inlined=$(copies "") alone=$(copies "-l")
echo "templ v0.3.977, $(go version | cut -d' ' -f3)"
echo "expected: twenty pages that show one component three times each call its function"
holds "they hold $inlined bodies of it" [ "$inlined" = 60 ]
holds "and none where they are compiled without inlining" [ "$alone" = 0 ]
