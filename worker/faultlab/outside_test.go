//go:build faultlab

package faultlab

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"workflows/worker/steps/smtptest"
)

// The sender got no answer, sends the same delivery again, and has one run.
func TestWebKilledInAWebhook(t *testing.T) {
	l := newLab(t, wholly, options{web: func(*lab) []string { return []string{"FAILPOINTS=start.before_commit=kill@3"} }})
	if l == nil {
		return
	}
	l.worker()
	made := l.call("POST", "/workflows", object{
		"publish": true, "format": 1, "name": "Hooked", "triggers": []object{{"id": "shop", "type": "webhook"}},
		"steps": []object{l.target.post("order", ""), note("end")},
	}, 201)
	address, err := url.Parse(made["triggers"].([]any)[0].(object)["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	// Those that come while one is stored are stored together: it dies in the midst of them.
	const deliveries = 60
	taken := make(chan bool)
	for n := range deliveries {
		go func() {
			began := time.Now()
			for !l.delivered(address.Path, strconv.Itoa(n)) && time.Since(began) < 30*time.Second {
				pauseFor(50 * time.Millisecond)
			}
			taken <- time.Since(began) < 30*time.Second
		}()
	}
	died := 0
	for came := 0; came < deliveries; {
		select {
		case ok := <-taken:
			if came++; !ok {
				t.Error("a delivery is not taken")
			}
		case <-time.After(20 * time.Millisecond):
			if !l.web.alive() {
				died++
				l.web.start("FAILPOINTS=")
			}
		}
	}
	l.note("web was killed")
	l.check(expected{})
	if runs := len(l.texts(`SELECT id::text FROM runs`)); runs != deliveries || died != 1 || l.target.of("", "order") != deliveries {
		t.Errorf("%d deliveries have %d runs and %d calls; the web process died %d times", deliveries, runs, l.target.of("", "order"), died)
	}
	if lost := l.texts(`SELECT id::text FROM deliveries WHERE run_id IS NULL OR outcome <> 'accepted'`); len(lost) > 0 {
		t.Errorf("deliveries without a run: %v", lost)
	}
}

func (l *lab) delivered(path, delivery string) bool {
	request, err := http.NewRequest(http.MethodPost, l.base+path, strings.NewReader(`{"order": 1}`))
	if err != nil {
		l.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("webhook-id", delivery)
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode == http.StatusAccepted
}

// A question outlives every process; its answer counts once.
func TestEverythingKilledWhileAPersonIsAsked(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	first := l.worker()
	runs := l.startMany(l.publish("Asks", []object{
		l.target.get("before", ""), {"id": "ask", "type": "approval", "config": object{"question": "May we?"}}, l.target.post("after", ""),
	}), 5)
	asked := func() []any { return l.call("GET", "/approvals", nil, 200)["data"].([]any) }
	within(t, 20*time.Second, "five people are asked", func() bool { return len(asked()) == 5 })
	l.kill(first)
	l.kill(l.web)
	l.web.start()
	l.awaitWeb()
	second := l.worker("FAILPOINTS=engine.after_claim=kill@2")
	for _, question := range asked() {
		path := "/approvals/" + question.(object)["id"].(string) + "/decide"
		l.call("POST", path, object{"decision": "approved"}, 200)
		if status, _ := l.try("POST", path, object{"decision": "rejected"}); status != http.StatusConflict {
			t.Errorf("a second decision was answered with %d", status)
		}
	}
	l.died(second)
	l.worker()
	// The run that was claimed first may have been just before its call, or just after it.
	unknown := l.decideAll("repeat", 20*time.Second)
	if counts := l.awaitFinal(40*time.Second, runs...); counts["succeeded"] != 5 {
		t.Errorf("the runs ended as %v", counts)
	}
	l.check(expected{takeUp: 20 * time.Second})
	if calls := l.target.of("", "after"); calls < 5 || calls > 5+unknown || unknown > 1 {
		t.Errorf("5 approvals, of which %d were asked about again, led to %d calls", unknown, calls)
	}
}

// The mail server has the message, and nobody heard it say so.
func TestKilledInAnEmailAfterDATA(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	server := smtptest.Start(t)
	server.Answer = func(command string) string {
		if command == "." && len(server.Messages()) == 0 {
			return "never"
		}
		return ""
	}
	mail := []string{"SMTP_URL=" + server.URL, "MAIL_FROM=Lab <lab@example.com>"}
	first := l.worker(mail...)
	run := l.start(l.publish("Mails", []object{
		{"id": "tell", "type": "send_email", "config": object{"to": "anna@example.com", "subject": "Hello", "text": "Hello"}}, note("end"),
	}))
	within(t, 20*time.Second, "the mail server has the message", func() bool { return len(server.Messages()) == 1 })
	l.kill(first)
	l.worker(mail...)
	if !l.decide(run, object{"step_id": "tell", "action": "repeat"}) {
		t.Fatal("nobody was asked whether the message may go out again")
	}
	l.awaitFinal(20*time.Second, run)
	sent := server.Messages()
	if status, _ := l.status(run); status != "succeeded" || len(sent) != 2 {
		t.Fatalf("the run is %s after %d messages", status, len(sent))
	}
	if ids := messageIDs(sent); len(ids) != 1 {
		t.Errorf("the repeated message has another Message-ID: %v", ids)
	}
	l.check(expected{})
}

// messageIDs counts e-mails by their Message-ID, by which mail programs show one once.
func messageIDs(sent []smtptest.Message) map[string]int {
	ids := map[string]int{}
	for _, m := range sent {
		_, rest, _ := strings.Cut(m.Content, "Message-ID: ")
		id, _, _ := strings.Cut(rest, "\n")
		ids[id]++
	}
	return ids
}

// Whoever is to be told of a failure is told once, wherever the worker that does it dies
// between the run's end and the mail server's answer. Only where that answer was on its way
// the e-mail goes out again, under the same Message-ID: nobody can ask whether it was taken.
func TestKilledWhileSomebodyIsToldOfAFailure(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	server := smtptest.Start(t)
	mail := []string{"SMTP_URL=" + server.URL, "MAIL_FROM=Lab <lab@example.com>"}
	notify := object{"settings": object{"notify": []object{{"on": []string{"failed"}, "email": []string{"anna@example.com"}}}}}
	for n, point := range []string{"before_decision", "before_sending", "after_sending"} {
		victim := l.worker(append(mail, "FAILPOINTS=telling."+point+"=kill@1")...)
		l.start(l.publish("Fails "+point, []object{{"id": "give_up", "type": "stop", "config": object{"outcome": "failed", "message": "It is broken."}}}, notify))
		l.died(victim)
		if _, err := l.db.Exec(`UPDATE messages SET due_at = now() - interval '1 second' WHERE begun`); err != nil { // its minute is over
			t.Fatal(err)
		}
		next := l.worker(mail...)
		within(t, 20*time.Second, "everybody is told who was to be told when the worker died "+point, func() bool {
			return len(l.texts(`SELECT id::text FROM messages WHERE sent_at IS NOT NULL`)) == n+1
		})
		if ids := messageIDs(server.Messages()); len(ids) != n+1 {
			t.Errorf("killed %s: of %d failures somebody was told %d times: %v", point, n+1, len(ids), ids)
		}
		if point != "after_sending" {
			l.kill(next)
		}
	}
	if sent := server.Messages(); len(sent) != 4 {
		t.Errorf("three messages left as %d, and not the last one twice", len(sent))
	}
	if unsure := l.texts(`SELECT id::text FROM messages WHERE unsure`); len(unsure) != 2 {
		t.Errorf("of two the system cannot know; it says so of %d", len(unsure))
	}
	l.check(expected{takeUp: 20 * time.Second})
}
