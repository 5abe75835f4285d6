package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"workflows/models/modelstest"
)

// nasty is shown as text wherever a person can type.
const nasty = `<script>document.title="pwned"</script>`

// account signs the browser up through the one-time link.
func (b *browser) account(s *system) {
	b.t.Helper()
	b.visit(s.setupLink(b.t))
	b.fill("name", "Ann "+nasty)
	b.fill("email", "ann@example.com")
	b.fill("password", "correct horse battery")
	b.follow("Make my account")
	b.until("the person is signed in", fmt.Sprintf("location.href === %q", b.base+"/"))
}

// furnished fills an installation with one of everything that pages show, each
// text with a script in it, and returns the pages that show them.
func furnished(t *testing.T, a *api, target string) map[string]string {
	t.Helper()
	definition := orders(target)
	definition["publish"] = true
	definition["name"] = "Orders " + nasty
	definition["description"] = "Tells sales " + nasty
	definition["inputs"] = []object{
		{"name": "order_id", "type": "number", "label": "Order " + nasty, "help": nasty, "required": true},
		{"name": "note", "type": "text", "label": "Note"},
		{"name": "urgent", "type": "boolean", "label": "Urgent"},
		{"name": "day", "type": "date", "label": "Day"},
		{"name": "size", "type": "choice", "label": "Size", "options": []string{"small", nasty}},
		{"name": "extra", "type": "json", "label": "Extra"},
	}
	a.call("POST", "/secrets", object{"name": "SHOP_HOOK", "value": "first " + nasty}, 201)
	a.call("POST", "/secrets", object{"name": "SHOP_HOOK", "value": "second " + nasty}, 201)
	definition["triggers"] = []object{
		{"id": "shop", "type": "webhook", "filter": object{"conditions": []object{{"value": "{{ trigger.body.kind }}", "operator": "equals", "other": "order" + nasty}}}},
		{"id": "hub", "type": "webhook", "signature": "github", "secret": "SHOP_HOOK"},
		{"id": "ask", "type": "form"},
		{"id": "weekdays", "type": "schedule", "cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
		{"id": "often", "type": "schedule", "every": "15m", "time_zone": "UTC", "calendar": "Office", "jitter": "1m"},
	}
	for _, id := range []string{"night", "midnight", "early"} {
		definition["triggers"] = append(definition["triggers"].([]object), object{"id": id, "type": "schedule", "cron": "0 0 * * *", "time_zone": "UTC"})
	}
	definition["settings"] = object{"max_duration": "1s", "notify": []object{{"on": []string{"failed", "recovered", "slow"}, "email": []string{"ann@example.com", "otto@example.com"}, "quiet": "22:00-07:00", "time_zone": "Europe/Berlin"}, {"on": []string{"waiting"}, "webhook_url": "https://ops.example.com/told"}}, "must_succeed_by": []object{{"time": "07:00", "days": []int{1, 2, 3, 4, 5}, "time_zone": "Europe/Berlin"}}}
	calendar := a.call("POST", "/calendars", object{"name": "Office", "weekend": []int{0}, "days": []object{{"date": "2999-12-25", "name": "Christmas " + nasty}}}, 201)["id"].(string)
	a.call("PUT", "/calendars/"+calendar+"/subscription", object{"address": target + "/holidays.ics"}, 200)
	steps := definition["steps"].([]object)
	steps[0]["name"] = "Fetch " + nasty
	steps[0]["retry"] = object{"max_attempts": 3, "backoff": "exponential", "delay": "1s"}
	definition["steps"] = append(steps, object{"id": "rest", "type": "wait", "name": "Rest a while", "config": object{"for": "1h"}})
	made := a.call("POST", "/workflows", definition, 201)
	id := made["id"].(string)
	delivery := delivered(t, a, made)
	approval := asked(t, a)
	waiting := a.call("POST", "/workflows/"+id+"/runs", object{"input": object{"order_id": 1, "note": nasty}}, 202)["id"].(string)
	failing := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Fails", "triggers": []object{{"id": "minutes", "type": "schedule", "cron": "* * * * *", "time_zone": "Europe/Berlin"}}, "steps": []object{
		{"id": "refused", "type": "http_request", "name": "Call inside", "config": object{"method": "GET", "url": "http://localhost.localdomain.invalid/"}},
	}}, 201)["id"].(string)
	failed := a.call("POST", "/workflows/"+failing+"/runs", object{"input": object{}}, 202)["id"].(string)
	a.finished(failed)
	again := differing(t, a, target)
	modelstest.Eventually(t, "the run waits", func() bool {
		_, run := a.try("GET", "/runs/"+waiting, nil)
		return run["status"] == "waiting"
	})
	flow := a.call("POST", "/workflows", flowing(id), 201)["id"].(string)
	var failure string
	modelstest.Eventually(t, "the failed run is in a group", func() bool {
		_, run := a.try("GET", "/runs/"+failed, nil)
		failure, _ = run["failure_id"].(string)
		return failure != ""
	})
	draft := a.call("POST", "/workflows", object{"format": 1, "name": "Draft " + nasty, "steps": []object{}}, 201)["id"].(string)
	schedule := a.call("GET", "/schedules", nil, 200)["data"].([]any)[0].(object)["id"].(string)
	return map[string]string{
		"overview": "/", "workflows": "/workflows", "workflows-none": "/workflows?q=nothing-like-this", "new": "/workflows/new", "new-found": "/workflows/new?q=slack", "template": "/workflows/new/database_report",
		"workflow": "/workflows/" + id, "editor": "/workflows/" + id + "/edit", "editor-draft": "/workflows/" + draft + "/edit",
		"flow": "/workflows/" + flow, "editor-flow": "/workflows/" + flow + "/edit", "publish-flow": "/workflows/" + flow + "/publish",
		"step-each": "/workflows/" + flow + "/edit/steps/each", "step-inside": "/workflows/" + flow + "/edit/steps/post", "step-off": "/workflows/" + flow + "/edit/steps/later",
		"step-call": "/workflows/" + flow + "/edit/steps/call?check=1", "step-move": "/workflows/" + flow + "/edit/steps/post/move",
		"new-step-inside": "/workflows/" + flow + "/edit/new-step?at=each.do@1", "details-flow": "/workflows/" + flow + "/edit/details", "workflow-delete": "/workflows/" + flow + "/delete",
		"try-on": "/workflows/" + id + "/edit/try?part=fetch", "new-step": "/workflows/" + id + "/edit/new-step?at=@0", "step-http": "/workflows/" + id + "/edit/steps/fetch", "step-condition": "/workflows/" + id + "/edit/steps/is_large",
		"step-values": "/workflows/" + id + "/edit/steps/large", "step-wait": "/workflows/" + id + "/edit/steps/rest",
		"step-delete": "/workflows/" + id + "/edit/steps/fetch/delete", "trigger": "/workflows/" + id + "/edit/triggers/weekdays",
		"trigger-new": "/workflows/" + id + "/edit/new-trigger", "inputs": "/workflows/" + id + "/edit/inputs", "details": "/workflows/" + id + "/edit/details", "notify": "/workflows/" + id + "/edit/notify", "mail": "/settings/mail",
		"publish": "/workflows/" + id + "/publish", "publish-problems": "/workflows/" + draft + "/publish", "versions": "/workflows/" + id + "/versions", "compare": "/workflows/" + id + "/compare?from=1", "import": "/workflows/import",
		"run-form": "/workflows/" + id + "/run", "runs": "/runs", "runs-none": "/runs?status=cancelled", "run-waiting": "/runs/" + waiting, "run-failed": "/runs/" + failed,
		"run-differences": "/runs/" + again + "/differences", "run-differences-none": "/runs/" + failed + "/differences", "run-timeline": "/runs/" + waiting + "/timeline", "run-timeline-failed": "/runs/" + again + "/timeline",
		"run-retry": "/runs/" + failed + "/retry", "run-cancel": "/runs/" + waiting + "/cancel",
		"schedules": "/schedules", "schedule": "/schedules/" + schedule, "schedules-week": "/schedules/week", "schedules-hour": "/schedules/hour?at=2999-01-01T00", "schedules-ledger": "/schedules/ledger", "schedules-import": "/schedules/import", "schedules-spread": "/schedules/spread?of=0-1-UTC", "workflow-pause": "/workflows/" + id + "/pause",
		"failures": "/failures", "failures-none": "/failures?state=solved", "failure": "/failures/" + failure, "failure-rule": "/failures/" + failure + "/rule", "runs-failed-so": "/runs?failure_id=" + failure, "alerts": "/alerts?state=all", "calendars": "/schedules/calendars", "calendar": "/schedules/calendars/" + calendar, "trigger-rules": "/workflows/" + id + "/edit/triggers/often", "calendar-new": "/schedules/calendars/new", "schedule-why": "/schedules/" + schedule + "?at=2026-11-01T09:00", "schedule-pause": "/schedules/" + schedule + "/pause", "queue": "/queue", "settings": "/settings", "styleguide": "/styleguide",
		"queue-history": "/queue/history?span=week", "queue-later": "/queue/later?for=time", "queue-later-none": "/queue/later", "doctor": "/settings/doctor", "bulk": "/bulk", "bulk-ask": "/bulk/new?action=retry", "bulk-ask-cancel": "/bulk/new?action=cancel&workflow_id=" + id, "bulk-ask-none": "/bulk/new?action=cancel&status=succeeded",
		"audit": "/settings/audit", "maintenance": "/settings/maintenance", "people": "/settings/people", "inbox": "/inbox", "approval": "/inbox/" + approval,
		"webhook": "/workflows/" + id + "/webhooks/shop", "webhook-waiting": "/workflows/" + id + "/webhooks/hub", "webhook-edit": "/workflows/" + id + "/edit/webhooks/shop",
		"webhook-address": "/workflows/" + id + "/webhooks/shop/address", "form-address": "/workflows/" + id + "/forms/ask/address",
		"public-form": "/workflows/" + id + "/forms/ask", "public-form-new": "/workflows/" + id + "/edit/new-form",
		"form-outside": strings.TrimPrefix(made["triggers"].([]any)[2].(object)["url"].(string), a.base),
		"webhook-new":  "/workflows/" + id + "/edit/new-webhook", "delivery": "/deliveries/" + delivery, "secrets": "/settings/secrets", "secret-delete": "/settings/secrets/SHOP_HOOK/delete",
		"words": "/words?reference=%7B%7B+input.a+%7D%7D&word=replace&argument.replace=x", "api-docs": "/api/docs", "not-found": "/workflows/01a20a58-9c78-7127-93ab-475cd8500aaa",
	}
}

// differing has a workflow run well once, and then fail with other data; it returns that run.
func differing(t *testing.T, a *api, target string) string {
	t.Helper()
	id := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Sometimes fails", "inputs": []object{{"name": "address", "type": "text", "label": "Where " + nasty}, {"name": "rows", "type": "json"}}, "steps": []object{
		{"id": "keep", "type": "set_values", "name": "Keep it", "config": object{"values": object{"address": "{{ input.address }}", "rows": "{{ input.rows }}"}}},
		{"id": "is_there", "type": "condition", "name": "Is there any?", "config": object{"match": "all", "conditions": []object{{"value": "{{ input.rows }}", "operator": "is_not_empty"}}}},
		{"id": "fetch", "type": "http_request", "name": "Ask the shop", "config": object{"method": "GET", "url": "{{ input.address }}"}, "retry": object{"max_attempts": 2, "delay": "1s"}},
	}}, 201)["id"].(string)
	run := ""
	for _, input := range []object{{"address": target + "/orders", "rows": []object{{"id": 1, "note": "short " + nasty}}}, {"address": "http://127.0.0.1:1/", "rows": []object{{"id": 2, "note": strings.Repeat("a long note ", 60)}}}} {
		run = a.call("POST", "/workflows/"+id+"/runs", object{"input": input}, 202)["id"].(string)
		a.finished(run)
	}
	return run
}

// delivered calls the first webhook of a workflow: once as it should be, once with
// what its filter leaves out, once with what cannot be read. It returns the id of
// a delivery.
func delivered(t *testing.T, a *api, made object) string {
	t.Helper()
	url := made["triggers"].([]any)[0].(object)["url"].(string)
	for _, body := range []string{`{"kind": "order` + nasty + `", "order_id": 5}`, `{"kind": "other"}`, `{"kind": `} {
		request, err := http.NewRequest("POST", url, strings.NewReader(strings.ReplaceAll(body, `"pwned"`, `\"pwned\"`)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Shop", nasty)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	accepted := a.call("GET", "/deliveries?outcome=accepted", nil, 200)["data"].([]any)
	return accepted[0].(object)["id"].(string)
}

// asked has a run ask a question, and returns its id.
func asked(t *testing.T, a *api) string {
	t.Helper()
	id := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Asks " + nasty, "steps": []object{
		{"id": "ask", "type": "approval", "name": "Ask " + nasty, "config": object{"question": "May we refund order 7? " + nasty, "assignees": "ann@example.com", "expires_after": "3d"}},
	}}, 201)["id"].(string)
	a.call("POST", "/workflows/"+id+"/runs", object{}, 202)
	var found []any
	modelstest.Eventually(t, "a question is asked", func() bool {
		_, list := a.try("GET", "/approvals", nil)
		found, _ = list["data"].([]any)
		return len(found) == 1
	})
	return found[0].(object)["id"].(string)
}

// alertRaised waits for the alert of a run that takes too long; the watcher looks
// every 15 seconds.
func alertRaised(t *testing.T, a *api) {
	t.Helper()
	modelstest.Within(t, 40*time.Second, "an alert is raised", func() bool {
		_, alerts := a.try("GET", "/alerts?kind=slow", nil)
		return len(alerts["data"].([]any)) > 0
	})
}

// flowing is a draft with a loop in a loop, a switched-off step and one that runs
// the workflow called.
func flowing(called string) object {
	return object{
		"format": 1, "name": "Hand over " + nasty, "settings": object{"max_running": 3, "on_limit": "skip", "priority": "low"},
		"inputs": []object{{"name": "orders", "type": "json", "label": "Orders " + nasty}},
		"steps": []object{
			{"id": "each", "type": "for_each", "name": "For each order " + nasty, "config": object{"list": "{{ input.orders }}", "max_parallel": 5, "on_item_error": "continue"}, "do": []object{
				{"id": "post", "type": "http_request", "name": "Hand it over " + nasty, "config": object{"method": "POST", "url": "https://example.com/orders/{{ item.id }}"}, "on_unknown": "repeat"},
				{"id": "rows", "type": "for_each", "name": "For each of its rows", "config": object{"list": "{{ item.rows }}"}, "do": []object{
					{"id": "note", "type": "set_values", "name": "Note it", "config": object{"values": object{"row": "{{ item }}", "at": "{{ index }}"}}},
				}},
				{"id": "later", "type": "wait", "name": "Wait " + nasty, "disabled": true, "config": object{"for": "1h"}},
			}},
			{"id": "call", "type": "run_workflow", "name": "Tell sales " + nasty, "config": object{"workflow": called, "input": object{"note": "{{ steps.each.count }}"}}},
		},
	}
}

// words changes what stands in a step's address by a word, chosen in a dialog.
func (b *browser) words(step string) {
	b.t.Helper()
	b.visit(step)
	typed := b.script("document.getElementById('config-url').value")
	b.do(chromedp.Click("#config-url-choose"))
	b.until("the dialog is open", "document.getElementById('data-dialog').open")
	b.press("Change how it is written")
	b.until("words are offered", "document.body.innerText.includes('Round…')")
	b.until("the focus is at what is changed", "document.activeElement.matches('#data-form .data-present')")
	b.press("Round…")
	b.until("what the word needs is asked for", "document.getElementById('words-round-0')?.value === '2'")
	b.clean("data-dialog-word")
	b.press("Change it so")
	b.until("it is called as it is changed", "document.querySelector('#data-form strong').innerText.endsWith(', rounded')")
	b.press("Make it a text")
	b.until("it is called as it is changed", "document.querySelector('#data-form strong').innerText.endsWith(', as a text')")
	b.follow("Use it so")
	want := strings.Replace(typed, " }}", " | round 2 | text }}", 1)
	b.until("the field holds the words", fmt.Sprintf("document.getElementById('config-url').value === %q", want))
}

// crontab pastes one, reads what it means and takes it over.
func (b *browser) crontab() {
	b.t.Helper()
	b.visit("/schedules/import")
	b.script(fmt.Sprintf("document.getElementById('crontab').value = %q", "0 5 * * 1 /usr/bin/backup "+nasty+"\n@reboot agent\n"))
	b.follow("Show what it means")
	b.until("the lines are explained", "document.body.innerText.includes('Every Monday at 05:00')")
	b.clean("schedules-import-shown")
	b.follow("Make 1 schedule")
	b.until("the report is shown", "document.body.innerText.includes('Add its steps')")
	b.clean("schedules-import-report")
}

// invited makes a link for somebody and looks at where it leads.
func (b *browser) invited(s *system) {
	b.t.Helper()
	b.visit("/settings/people")
	b.fill("email", "otto@example.com")
	b.follow("Make the link")
	b.until("the link is shown", "document.getElementById('made-link')")
	b.clean("people-invited")
	link := strings.TrimPrefix(b.script("document.getElementById('made-link').textContent"), s.base)
	b.follow("Ann ")
	b.until("the person is shown", "document.body.innerText.includes('Sign out everywhere')")
	b.clean("person")
	b.visit(link)
	b.clean("invitation")
	b.visit("/invitations/void")
	b.clean("invitation-over")
}

func TestEveryPageIsAccessibleSafeAndFits(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	b.visit("/login")
	b.clean("login")
	b.visit(s.setupLink(t))
	b.clean("setup")
	b.account(s)
	b.clean("overview-empty")
	for _, name := range []string{"workflows", "runs", "failures", "schedules", "queue"} {
		b.visit("/" + name)
		b.clean(name + "-empty")
	}
	target, _ := shop(t)
	a := &api{t, s.base}
	pages := furnished(t, a, target.URL)
	alertRaised(t, a)
	maps.Copy(pages, moved(t, s, a))
	maps.Copy(pages, flowed(t, s, a))
	for name, path := range pages {
		b.visit(path)
		b.clean(name)
		if title := b.script("document.title"); title == "pwned" {
			t.Errorf("%s: the script in a text was executed", path)
		}
		if text := b.script("document.querySelector('main').innerText"); len(strings.TrimSpace(text)) < 20 {
			t.Errorf("%s shows nothing: %q", path, text)
		}
	}
	b.decide(pages["run-decision"])
	b.unfolds(a, pages["run-parent"], pages["run-child"])
	b.crontab()
	b.calendars()
	b.acknowledges(pages["schedule-moved"], pages["alerts-moved"])
	b.words(pages["step-http"])
	b.invited(s)
	b.visit(pages["approval"])
	b.visit(strings.TrimPrefix(b.script("document.getElementById('approval-link').textContent"), s.base))
	b.clean("approval-outside")
	b.visit("/schedules/ledger?outcome=ran")
	b.until("a planned time is in the ledger", "document.querySelector('[id^=planned-]') || void setTimeout(() => location.reload(), 1000)")
	b.clean("schedules-ledger-filled")
	b.follow("Every minute")
	b.until("the strip shows it", "document.querySelector('.strip-cell')")
	b.clean("schedule-strip")
}
