package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
)

const simpleFlow = `{"format":1,"name":"A","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`

func badRequests() []badInput {
	deep := `{"name":"A","steps":[{"id":"a","type":"set_values","config":{"values":` + strings.Repeat(`{"a":`, 40) + `1` + strings.Repeat(`}`, 40) + `}}]}`
	return []badInput{
		{name: "empty", path: "/workflows", body: "", status: 400},
		{name: "null", path: "/workflows", body: "null", status: 400},
		{name: "a list", path: "/workflows", body: "[]", status: 400},
		{name: "a text", path: "/workflows", body: `"x"`, status: 400},
		{name: "cut off", path: "/workflows", body: `{"name": "A", "st`, status: 400},
		{name: "trailing text", path: "/workflows", body: simpleFlow + "x", status: 400},
		{name: "two objects", path: "/workflows", body: simpleFlow + simpleFlow, status: 400},
		{name: "duplicate key", path: "/workflows", body: `{"name":"A","name":"B","steps":[]}`, status: 400},
		{name: "not UTF-8", path: "/workflows", body: "{\"name\":\"caf\xe9\"}", status: 422},
		{name: "U+0000", path: "/workflows", body: `{"name":"A\u0000","steps":[]}`, status: 422, field: "name"},
		{name: "lone surrogate", path: "/workflows", body: `{"name":"A\ud800","steps":[]}`, status: 422},
		{name: "1e400000", path: "/workflows/{flow}/runs", body: `{"input":{"n":1e400000}}`, status: 422},
		{name: "unknown field", path: "/workflows", body: `{"name":"A","stepz":[]}`, status: 422, field: "stepz", says: []string{"steps"}},
		{name: "wrong type", path: "/workflows", body: `{"name":7,"steps":[]}`, status: 422, field: "name"},
		{name: "wrong case", path: "/workflows", body: `{"Name":"A","steps":[]}`, status: 422, field: "Name", says: []string{"name"}},
		{name: "over 1 MB", path: "/workflows", body: `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, status: 413},
		{name: "depth over 32", path: "/workflows", body: deep, status: 400},
		{name: "text", path: "/workflows", body: simpleFlow, headers: []string{"Content-Type", "text/plain"}, status: 415},
		{name: "a form", path: "/workflows", body: "name=A", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415},
		{name: "no content type", path: "/workflows", body: simpleFlow, headers: []string{"Content-Type", ""}, status: 415},
		{name: "unknown query parameter", method: "GET", path: "/runs?order=up", status: 422, field: "order"},
		{name: "limit 0", method: "GET", path: "/runs?limit=0", status: 422, field: "limit"},
		{name: "limit ten", method: "GET", path: "/runs?limit=ten", status: 422, field: "limit"},
		{name: "limit twice", method: "GET", path: "/runs?limit=5&limit=6", status: 422, field: "limit"},
		{name: "limit 101", method: "GET", path: "/workflows?limit=101", status: 422, field: "limit"},
		{name: "unknown sort", method: "GET", path: "/runs?sort=name", status: 422, field: "sort"},
		{name: "publish in words", path: "/workflows", body: `{"name":"A","steps":[],"publish":"yes"}`, status: 422, field: "publish"},
		{name: "unknown status", method: "GET", path: "/runs?status=done", status: 422, field: "status"},
		{name: "bad cursor", method: "GET", path: "/runs?cursor=abc", status: 422, field: "cursor"},
		{name: "U+0000 in a query", method: "GET", path: "/runs?q=%00", status: 422},
		{name: "unreadable query", method: "GET", path: "/runs?q=%zz", status: 400},
		{name: "malformed id", method: "GET", path: "/runs/7", status: 404},
		{name: "unknown id", method: "GET", path: "/workflows/{none}", status: 404},
		{name: "U+0000 for an id", method: "GET", path: "/workflows/%00", status: 404},
		{name: "unknown path", method: "GET", path: "/nothing", status: 404},
		{name: "wrong method", method: "DELETE", path: "/runs", status: 405},
		{name: "no token", as: "nobody", method: "GET", path: "/api/v1/runs", status: 401},
		{name: "bad token", method: "GET", path: "/runs", headers: []string{"Authorization", "Bearer " + strings.Repeat("x", 40)}, status: 401},
		{name: "no bearer", method: "GET", path: "/runs", headers: []string{"Authorization", "Basic YTpi"}, status: 401},
		{name: "a session instead of a token", as: "editor", method: "GET", path: "/api/v1/runs", status: 401},
		{name: "stale If-Match", method: "PUT", path: "/workflows/{flow}", body: simpleFlow, headers: []string{"If-Match", `"99"`}, status: 409},
		{name: "unreadable If-Match", method: "PUT", path: "/workflows/{flow}", body: simpleFlow, headers: []string{"If-Match", "1, 2"}, status: 409},
		{name: "too many runs", path: "/workflows/{narrow}/runs", body: "{}", status: 429},
		{name: "missing input", path: "/workflows/{flow}/runs", body: `{"input":{}}`, status: 422, field: "input.n"},
		{name: "input of the wrong type", path: "/workflows/{flow}/runs", body: `{"input":{"n":"many"}}`, status: 422, field: "input.n"},
		{name: "input that is not asked for", path: "/workflows/{flow}/runs", body: `{"input":{"n":1,"m":2}}`, status: 422, field: "input.m"},
		{name: "cancel of a final run", path: "/runs/{run}/cancel", status: 409},
		{name: "retry of a run that succeeded, from the failed step", path: "/runs/{run}/retry", body: `{"from":"failed_step"}`, status: 409},
		{name: "delete what others use", method: "DELETE", path: "/workflows/{flow}", status: 409, says: []string{"caller"}},
		{name: "delete a secret in use", method: "DELETE", path: "/secrets/HUB", status: 409, says: []string{"github"}},
		{name: "secret without a value", path: "/secrets", body: `{"name":"X","value":""}`, status: 422, field: "value"},
		{name: "secret with a bad name", path: "/secrets", body: `{"name":"x y","value":"abcdef"}`, status: 422, field: "name"},
	}
}

func badSchedules() []badInput {
	var rows []badInput
	for _, cron := range []string{
		"* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *", "TZ=UTC * * * * *", "CRON_TZ=UTC * * * * *", "TZ=0",
		"0 0 30 2 *", "@every 1s", "@every -5m", "@reboot", "1\t2\t*\t*\tx", "１ * * * *", "", "5-1 * * * *",
	} {
		quoted, _ := json.Marshal(cron)
		rows = append(rows, badInput{name: fmt.Sprintf("preview %q", cron), path: "/schedules/preview", body: `{"cron":` + string(quoted) + `}`, status: 422, field: "cron"})
		if cron != "" {
			rows = append(rows, draft(fmt.Sprintf("draft %q", cron), `"triggers":[{"id":"t","type":"schedule","time_zone":"UTC","cron":`+string(quoted)+`}],"steps":[]`, "triggers[0].cron"))
		}
	}
	for _, zone := range []string{"Mars/Base", "Local", "../etc/passwd", "europe/berlin\n"} {
		quoted, _ := json.Marshal(zone)
		rows = append(rows, badInput{name: fmt.Sprintf("zone %q", zone), path: "/schedules/preview", body: `{"cron":"* * * * *","time_zone":` + string(quoted) + `}`, status: 422, field: "time_zone"})
	}
	return append(rows,
		badInput{name: "every second", path: "/schedules/preview", body: `{"every":"1s"}`, status: 422, field: "every"},
		badInput{name: "every -5m", path: "/schedules/preview", body: `{"every":"-5m"}`, status: 422, field: "every"},
		badInput{name: "count 51", path: "/schedules/preview", body: `{"cron":"* * * * *","count":51}`, status: 422, field: "count"},
		badInput{name: "count in words", path: "/schedules/preview", body: `{"cron":"* * * * *","count":"5"}`, status: 422, field: "count"},
		badInput{name: "after never", path: "/schedules/preview", body: `{"cron":"* * * * *","after":"never"}`, status: 422, field: "after"},
		badInput{name: "unknown field", path: "/schedules/preview", body: `{"cron":"* * * * *","zone":"UTC"}`, status: 422, field: "zone"},
		badInput{name: "tomorrow", path: "/schedules/preview", body: `{"at":"tomorrow"}`, status: 422, field: "at"},
	)
}
