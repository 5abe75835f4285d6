package pages_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

const oneAtATime = `{"format": 1, "name": "Turn", "settings": {"max_running": 1, "on_limit": "?"}, "steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`

func TestRunsOverTheLimitSayWhatBecomesOfThem(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		second := func(onLimit string, status int) sitetest.Answer {
			w := define(s, strings.ReplaceAll(oneAtATime, "?", onLimit))
			s.Start(w, `{}`)
			return ann.Post("/workflows/"+w.ID+"/run", nil, status)
		}
		sitetest.Shows(t, ann.Get(second("queue", http.StatusSeeOther).Location, 200), "Waits for its turn: this workflow runs one at a time.")
		sitetest.Shows(t, ann.Get(second("skip", http.StatusSeeOther).Location, 200), "Skipped, because this workflow runs one at a time and one is not finished.")
		sitetest.Shows(t, second("reject", http.StatusTooManyRequests).Body, "Not started, because this workflow runs one at a time", "Start it again when one has ended")
		s.Board.Invalidate()
		sitetest.Shows(t, ann.Get("/queue", 200), "1 for their workflow’s turn", "Who waits to start", "Turn", "1 of them because of its own limit", "/bulk/new?action=cancel&amp;status=queued&amp;workflow_id=")
		sitetest.Shows(t, s.As(auth.Viewer).Get("/queue", 200), "Who waits to start", "!/bulk/new")
	})
}

func TestQueuePageShowsWhatWasSetAside(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob := s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get("/queue", 200), "Nothing is set aside", "high", "low", "backlog")
		record, err := json.Marshal(queue.Aside{At: time.Now(), From: s.Queue.Namespace() + ":jobs:low", Reason: "unreadable: " + sitetest.Evil, Bytes: 8, Preview: "not json " + sitetest.Evil})
		s.Check(err)
		queuetest.Do(t, s.Queue, "LPUSH", s.Queue.Namespace()+":set_aside", record)
		s.Board.Invalidate()
		sitetest.Shows(t, bob.Get("/queue", 200), ">jobs:low<", "unreadable", "not json ", "8 bytes", "!"+sitetest.Evil, "!Nothing is set aside")
	})
}
