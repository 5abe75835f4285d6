package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"workflows/models/modelstest"
	"workflows/worker/steps/smtptest"
)

// counted is a person whose clicks and fields are counted: a press is a click, a text that
// is typed or pasted and a choice from a list are a field each.
type counted struct {
	*browser
	scripts        bool
	clicks, fields int
}

func (p *counted) click(label string) {
	p.t.Helper()
	p.clicks++
	if p.scripts {
		p.follow(label)
		return
	}
	before := p.script("String(performance.timeOrigin)")
	p.press(label)
	p.until("a new page after “"+label+"”", "String(performance.timeOrigin) !== '"+before+"'")
}

func (p *counted) typed(name, text string) { p.t.Helper(); p.fields++; p.fill(name, text) }

func (p *counted) chosen(name, value string) { p.t.Helper(); p.fields++; p.choose(name, value) }

// pastes puts an address where a step is added, which adds it at once; without JavaScript
// it takes one press more.
func (p *counted) pastes(name, text string) {
	p.t.Helper()
	if !p.scripts {
		p.typed(name, text)
		p.click("Add")
		return
	}
	p.fields++
	p.script("window.__old = true")
	p.script(fmt.Sprintf(`(() => {
		const field = document.getElementsByName(%q)[0], data = new DataTransfer();
		data.setData("text/plain", %q);
		field.focus();
		field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
		return true })()`, name, text))
	p.until("the address has become a step", "!window.__old")
}

// inserts chooses a value from the list beside a field.
func (p *counted) inserts(field, label string) {
	p.t.Helper()
	p.clicks++
	p.do(chromedp.Click("#" + field + "-choose"))
	p.until("the dialog is open", "document.getElementById('data-dialog').open")
	p.shot("clicks-data")
	found := p.script(fmt.Sprintf(`(() => {
		const found = [...document.querySelectorAll("#data-dialog .datum")].find(e => e.textContent.includes(%q));
		found?.click();
		return !!found })()`, label))
	if found != "true" {
		p.t.Fatalf("nothing called %q can be inserted into %s", label, field)
	}
	p.until("the dialog is closed", "!document.getElementById('data-dialog').open") // nothing beside it takes keys before
}

// atMost fails above a number of clicks and fields.
func (p *counted) atMost(limit int) {
	p.t.Helper()
	p.t.Logf("%d clicks + %d fields = %d", p.clicks, p.fields, p.clicks+p.fields)
	if p.clicks+p.fields > limit {
		p.t.Errorf("it took %d clicks and %d fields; at most %d together", p.clicks, p.fields, limit)
	}
}

// office is an installation with a mail server, and a person who has signed in.
func office(t *testing.T, scripts bool) (*counted, *api, *smtptest.Server) {
	t.Helper()
	mail := smtptest.Start(t)
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "SMTP_URL="+mail.URL, "MAIL_FROM=workflows@example.com")
	b := open(t, s.base)
	b.account(s)
	if !scripts {
		b.withoutScripts()
	}
	b.visit("/workflows")
	return &counted{browser: b, scripts: scripts}, &api{t, s.base}, mail
}

// answers is a server of which each address answers one JSON.
func answers(t *testing.T, byPath map[string]any) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(byPath[r.URL.Path])
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// published is the definition that runs, by the address of the page that is open.
func (p *counted) published(a *api) (id string, definition object) {
	p.t.Helper()
	id = strings.TrimPrefix(p.script("location.pathname"), "/workflows/")
	return id, a.call("GET", "/workflows/"+id+"/versions/1", nil, 200)["definition"].(object)
}

func TestAnAddressIsWatchedAndTheTeamToldInTenClicksAndFields(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scripts bool
		limit   int
	}{"with JavaScript": {true, 10}, "without": {false, 11}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := answers(t, map[string]any{"/status": object{"status": "down", "checked_at": "2026-11-24T10:00:00Z", "details": object{"database": "ok"}}})
			p, a, mail := office(t, c.scripts)

			p.click("New workflow")
			p.click("Every working day at 09:00")
			p.pastes("add:@0", shop+"/status")
			p.click("Try")
			p.sees("down")
			p.shot("clicks-tried")
			p.click("Decide by it: status")
			p.chosen("config.conditions.operator", "not_equals")
			p.typed("config.conditions.other", "ok")
			p.shot("clicks-decide")
			p.click("E-mail")
			p.shot("clicks-mail")
			if c.scripts {
				p.more("#config-to", "team@example.com") // over the guess
			} else {
				p.typed("config.to", "team@example.com")
			}
			p.click("Publish")
			p.sees("Version 1 is published. It runs next")
			p.atMost(c.limit)

			id, definition := p.published(a)
			host, _ := url.Parse(shop)
			trigger := definition["triggers"].([]any)[0].(object)
			if definition["name"] != host.Host || trigger["cron"] != "0 9 * * 1-5" {
				t.Errorf("the workflow %v starts by %v", definition["name"], trigger)
			}
			if run := a.finished(a.call("POST", "/workflows/"+id+"/runs", object{}, 202)["id"].(string)); run["status"] != "succeeded" {
				t.Errorf("it came to %v", run)
			}
			sent := mail.Messages()
			if len(sent) != 1 || sent[0].To[0] != "team@example.com" || !strings.Contains(sent[0].Content, "Subject: "+host.Host+": status is down") {
				t.Errorf("sent: %v", sent)
			}
		})
	}
}

func TestOrdersBecomeAnEmailEachInTwelveClicksAndFields(t *testing.T) {
	t.Parallel()
	var orders []object
	for i := range 30 {
		orders = append(orders, object{"id": 1000 + i, "total": 5 * (i + 1), "customer": object{"name": fmt.Sprintf("Customer %d", i), "email": fmt.Sprintf("customer%d@example.com", i)}})
	}
	shop := answers(t, map[string]any{"/orders": object{"orders": orders}})
	p, a, mail := office(t, true)

	p.click("New workflow")
	p.pastes("add:@0", shop+"/orders")
	p.click("Try")
	p.sees("30 entries")
	p.click("For each…: orders")
	p.click("Only those where…: total")
	p.typed("config.conditions.other", "100")
	p.click("E-mail")
	p.shot("clicks-loop-mail")
	p.typed("config.subject", "Your order")
	p.typed("config.text", "Thank you, ")
	p.until("nobody is told how it read before", `!document.querySelector("#config-text").closest(".field").querySelector(".reads")`)
	p.inserts("config-text", "customer › name of the item")
	p.click("Publish")
	p.sees("Version 1 is published")
	p.atMost(12)

	id, _ := p.published(a)
	if run := a.finished(a.call("POST", "/workflows/"+id+"/runs", object{}, 202)["id"].(string)); run["status"] != "succeeded" {
		t.Errorf("it came to %v", run)
	}
	modelstest.Eventually(t, "ten are sent", func() bool { return len(mail.Messages()) == 10 })
	for _, message := range mail.Messages() {
		number := strings.TrimSuffix(strings.TrimPrefix(message.To[0], "customer"), "@example.com")
		if !strings.Contains(message.Content, "Subject: Your order") || !strings.Contains(message.Content, "Thank you, Customer "+number) {
			t.Errorf("to %s: %s", message.To, message.Content)
		}
	}
}

// more types on where the caret is.
func (p *counted) more(selector, text string) {
	p.t.Helper()
	p.fields++
	p.do(chromedp.WaitVisible(selector), chromedp.SendKeys(selector, text))
}

// opens presses what stays on the page.
func (p *counted) opens(label string) {
	p.t.Helper()
	p.clicks++
	p.press(label)
}

// T3: an address for another program, a call of it, and what it sends in a step; the call
// itself is made in a terminal.
func TestAWebhookIsCalledAndWhatItWasSentUsedInTenClicksAndFields(t *testing.T) {
	t.Parallel()
	p, _, mail := office(t, true)
	var address string
	call := func() int {
		answer, err := http.Post(address, "application/json", strings.NewReader(`{"customer":{"name":"Ada","email":"ada@example.com"},"total":20}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}

	p.click("New workflow")
	p.click("A webhook")
	p.click("Address and calls")
	address = p.script(`document.getElementById("webhook-url").textContent`)
	p.clicks++ // copies the call
	p.shot("clicks-webhook")
	if status := call(); status != http.StatusConflict {
		t.Errorf("before it is published a call is answered %d", status)
	}
	p.until("the call is shown", `document.querySelector("#deliveries tbody a")`)
	p.clicks++ // on it
	p.do(chromedp.Click("#deliveries tbody a"))
	p.until("the delivery is open", `location.pathname.startsWith("/deliveries/")`)
	p.shot("clicks-delivery")
	p.click("Use it in a step")
	p.sees("has what was sent")
	p.click("E-mail")
	p.shot("clicks-webhook-mail")
	p.more("#config-text", "\nDear ")
	p.inserts("config-text", "customer › name")
	p.click("Publish")
	p.sees("Version 1 is published")
	p.atMost(10)

	if status := call(); status != http.StatusAccepted {
		t.Errorf("a call is answered %d", status)
	}
	modelstest.Eventually(t, "the e-mail is sent", func() bool { return len(mail.Messages()) == 1 })
	if sent := mail.Messages()[0]; sent.To[0] != "ada@example.com" || !strings.Contains(sent.Content, "Dear Ada") || !strings.Contains(sent.Content, "20") {
		t.Errorf("sent: %+v", sent)
	}
}

func TestAFormAnApprovalAndACallTakeTwentyClicksAndFields(t *testing.T) {
	t.Parallel()
	called := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		called <- r.Method + " " + r.Form.Get("name") + " " + r.Form.Get("mail") + " " + r.Form.Get("guests")
	}))
	t.Cleanup(server.Close)
	p, a, _ := office(t, true)

	p.click("New workflow")
	p.click("A form")
	p.click("Questions")
	p.more("#inputs-list", "Name, E-mail, How many")
	p.click("Done")
	p.do(chromedp.SendKeys("[data-compose]", "ask my boss"))
	p.until("what fits is offered", `!document.querySelector(".composer .chips").innerText.includes("E-mail")`)
	p.click("Ask")
	p.until("the first field has the focus", `document.activeElement.id === "config-question"`)
	p.more("#config-question", "May they come in?") // over the guess
	p.click("Decide")
	p.pastes("add:decide.then@0", server.URL+"/guests")
	p.opens("Send data")
	p.chosen("config.body_type", "form") // so it sends, and does not read
	p.until("the call sends", `document.querySelector("#config-method").value === "POST"`)
	p.typed("config.body.name", "name")
	p.inserts("config-body-fields-0-value", "Name")
	p.more("#config-body-fields-1-name", "mail")
	p.inserts("config-body-fields-1-value", "E-mail")
	p.clicks++
	p.do(chromedp.Click(`button[data-add-to="config-body-fields-rows"]`))
	p.more("#config-body-fields-n0-name", "guests")
	p.inserts("config-body-fields-n0-value", "How many")
	p.shot("clicks-call")
	p.click("Publish")
	p.sees("Version 1 is published")
	p.atMost(20)

	id, definition := p.published(a)
	if trigger := definition["triggers"].([]any)[0].(object); trigger["type"] != "form" {
		t.Errorf("it starts by %v", trigger)
	}
	a.call("POST", "/workflows/"+id+"/runs", object{"input": object{"name": "Ben", "e_mail": "ben@example.com", "how_many": 3}}, 202)
	var asked []any
	modelstest.Eventually(t, "somebody is asked", func() bool {
		_, list := a.try("GET", "/approvals", nil)
		asked, _ = list["data"].([]any)
		return len(asked) == 1
	})
	question := asked[0].(object)
	if question["question"] != "May they come in?" {
		t.Errorf("asked: %v", question)
	}
	a.call("POST", "/approvals/"+question["id"].(string)+"/decide", object{"decision": "approved"}, 200)
	select {
	case got := <-called:
		if got != "POST Ben ben@example.com 3" {
			t.Errorf("the call was %q", got)
		}
	case <-time.After(30 * time.Second):
		t.Error("nothing was called")
	}
}
