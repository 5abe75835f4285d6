//go:build faultlab

package faultlab

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"workflows/worker/steps/smtptest"
)

// A night: the other side is away while three hundred schedules run. Each workflow's people get one
// message and one that it works again, there is one reason for each, and one request runs all again;
// also where the mail server was away with it, and where workers die of each step of that.
func TestTheOtherSideIsAwayForANight(t *testing.T) {
	for name, night := range map[string]struct{ mailAway, killed bool }{"": {}, "without mail": {mailAway: true}, "with workers that die": {killed: true}} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, wholly, options{})
			if l == nil {
				return
			}
			l.sleepThrough(night.mailAway, night.killed)
		})
	}
}

func (l *lab) sleepThrough(mailAway, killed bool) {
	const workflows, each = 6, 50
	var away, noMail atomic.Bool
	l.target.Config.Handler = awayWhile(&away, l.target.Config.Handler)
	server := smtptest.Start(l.t)
	server.Answer = func(command string) string {
		if noMail.Load() && strings.HasPrefix(command, "MAIL") {
			return "451 away"
		}
		return ""
	}
	mail := []string{"SMTP_URL=" + server.URL, "MAIL_FROM=Lab <lab@example.com>"}
	triggers := make([]object, each)
	for i := range triggers {
		triggers[i] = object{"id": fmt.Sprintf("minute_%d", i), "type": "schedule", "cron": "* * * * *", "time_zone": "UTC", "overlap": "allow"}
	}
	notify := object{"notify": []object{{"on": []string{"failed", "recovered"}, "email": []string{"anna@example.com"}}}}
	untilSecond(5)
	var ids []string
	for n := range workflows {
		ids = append(ids, l.publish(fmt.Sprintf("Night %d", n), []object{l.target.get("fetch", ""), note("end")}, object{"triggers": triggers, "settings": notify}))
	}
	start := func(points ...string) *process { return l.worker(append(mail, points...)...) }
	worker := start()
	within(l.t, 90*time.Second, "all is well in the evening", func() bool { return l.ended("succeeded") >= workflows*each })
	away.Store(true)
	noMail.Store(mailAway)
	if killed {
		l.kill(worker)
		untilSecond(50) // the minute turns soon
		for _, point := range []string{"schedule.after_ledger", "telling.before_decision", "telling.before_sending"} {
			l.died(start("FAILPOINTS=" + point + "=kill@1"))
		}
		worker = start()
	}
	within(l.t, 4*time.Minute, "two minutes of them fail", func() bool { return l.ended("failed") >= 2*workflows*each })
	away.Store(false)
	for _, id := range ids { // so that what is run again is what tells that it works
		l.call("POST", "/workflows/"+id+"/pause", nil, http.StatusOK)
	}
	within(l.t, time.Minute, "what had begun ends", func() bool { return l.open() == 0 })
	noMail.Store(false)
	if _, err := l.db.Exec(`UPDATE messages SET due_at = now() WHERE sent_at IS NULL AND due_at > now()`); err != nil { // they are tried again by then
		l.t.Fatal(err)
	}
	failed := l.ended("failed")
	within(l.t, time.Minute, "each workflow's people are told once", func() bool { return l.sent("failed") == workflows })
	within(l.t, time.Minute, "there is one reason for each workflow", func() bool {
		return len(l.texts(`SELECT id::text FROM failures`)) == workflows && l.grouped() == failed
	})
	for _, id := range ids {
		l.call("POST", "/workflows/"+id+"/resume", nil, http.StatusOK)
	}
	asked := l.call("POST", "/bulk", object{"action": "retry", "filter": object{"status": []string{"failed"}}, "per_second": 100}, http.StatusAccepted)["id"].(string)
	if killed {
		l.kill(worker)
		for _, point := range []string{"repair.before_note", "repair.before_commit", "repair.before_ring"} {
			l.died(start("FAILPOINTS=" + point + "=kill@1"))
		}
		start()
	}
	var last object
	within(l.t, time.Minute, "all are run again", func() bool {
		last = l.call("GET", "/bulk/"+asked, nil, http.StatusOK)
		return last["state"] == "finished"
	})
	if int(last["done"].(float64)) != failed || int(last["total"].(float64)) != failed {
		l.t.Errorf("of %d failed runs it says %v", failed, last)
	}
	within(l.t, time.Minute, "each is run again once, and goes well", func() bool {
		return len(l.texts(`SELECT retry_of::text FROM runs WHERE retry_of IS NOT NULL AND status = 'succeeded' GROUP BY retry_of HAVING count(*) = 1`)) == failed
	})
	within(l.t, time.Minute, "each workflow's people are told that it works again", func() bool { return l.sent("recovered") == workflows })
	for _, id := range ids {
		l.call("POST", "/workflows/"+id+"/pause", nil, http.StatusOK)
	}
	if ids := messageIDs(server.Messages()); len(ids) != 2*workflows {
		l.t.Errorf("of %d nights people were told by %d messages: %v", workflows, len(ids), ids)
	}
	l.note("%d schedules, %d failed runs, %d reasons, %d messages", workflows*each, failed, workflows, 2*workflows)
	l.check(expected{takeUp: 20 * time.Second})
}

// awayWhile answers as a server does that is away.
func awayWhile(away *atomic.Bool, otherwise http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			http.Error(w, "Away for a moment.", http.StatusServiceUnavailable)
			return
		}
		otherwise.ServeHTTP(w, r)
	})
}

// ended counts the runs that have ended so.
func (l *lab) ended(status string) (n int) {
	_ = l.db.QueryRow(`SELECT count(*) FROM runs WHERE status = $1`, status).Scan(&n)
	return n
}

// grouped counts the failed runs whose reason is known.
func (l *lab) grouped() (n int) {
	_ = l.db.QueryRow(`SELECT count(*) FROM runs WHERE status = 'failed' AND failure_id IS NOT NULL`).Scan(&n)
	return n
}

// sent counts the messages of this kind that have left.
func (l *lab) sent(event string) (n int) {
	_ = l.db.QueryRow(`SELECT count(*) FROM messages WHERE event = $1 AND sent_at IS NOT NULL`, event).Scan(&n)
	return n
}
