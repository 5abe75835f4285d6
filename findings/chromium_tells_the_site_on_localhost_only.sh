#!/usr/bin/env bash
# Chromium sends Sec-Fetch-Site to http://localhost, and not to a name on plain http.
# A guard against forged requests that reads this header is tested on localhost by a
# branch that no visitor of an intranet name ever takes. It matters for our guard of
# forms, and for whoever tries a proxy set-up on their own machine.
. "$(dirname "$0")/lib.bash"
needs chromium chromium
web=$(port)
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<title>%q</title><p id=site>site=%q</p>", r.Host, r.Header.Get("Sec-Fetch-Site"))
	})
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
GO
go mod init finding >/dev/null 2>&1; go build -o server .
./server "$web" & started+=($!)
listening "$web"
seen_at() {
  timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/profile-$1" --host-resolver-rules="MAP workflows.test 127.0.0.1" \
    --dump-dom "http://$1:$web/page" 2>/dev/null | grep -o 'site=[^<]*'
}
local=$(seen_at localhost); name=$(seen_at workflows.test)
chromium --version
echo "expected: the same browser sends the same headers to both addresses of one server on plain http"
holds "to localhost it sends Sec-Fetch-Site: $local" [ "$local" = 'site="none"' ]
holds "to a name it sends none: $name" [ "$name" = 'site=""' ]
