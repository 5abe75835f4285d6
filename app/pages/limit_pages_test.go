package pages_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

const oneAtATime = `{"format": 1, "name": "Turn", "settings": {"max_running": 1, "on_limit": "?"}, "steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`

func TestRunsOverTheLimitSayWhatBecomesOfThem(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann := s.as(auth.Operator)
		second := func(onLimit string, status int) answer {
			w := s.define(strings.ReplaceAll(oneAtATime, "?", onLimit))
			s.start(w, `{}`)
			return ann.post("/workflows/"+w.ID+"/run", nil, status)
		}
		shows(t, ann.get(second("queue", http.StatusSeeOther).location, 200), "Waits for its turn: this workflow runs one at a time.")
		shows(t, ann.get(second("skip", http.StatusSeeOther).location, 200), "Skipped, because this workflow runs one at a time and one is not finished.")
		shows(t, second("reject", http.StatusTooManyRequests).body, "Not started, because this workflow runs one at a time", "Start it again when one has ended")
		s.board.Expire()
		shows(t, ann.get("/queue", 200), "1 for their workflow’s turn")
	})
}

func TestQueuePageShowsWhatWasSetAside(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		bob := s.as(auth.Viewer)
		shows(t, bob.get("/queue", 200), "Nothing is set aside", "high", "low", "backlog")
		record, err := json.Marshal(queue.Aside{At: time.Now(), From: s.queue.Namespace() + ":jobs:low", Reason: "unreadable: " + evil, Bytes: 8, Preview: "not json " + evil})
		s.check(err)
		queuetest.Do(t, s.queue, "LPUSH", s.queue.Namespace()+":set_aside", record)
		s.board.Expire()
		shows(t, bob.get("/queue", 200), ">jobs:low<", "unreadable", "not json ", "8 bytes", "!"+evil, "!Nothing is set aside")
	})
}
