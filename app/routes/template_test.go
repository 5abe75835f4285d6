package routes_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/alerts"
	"workflows/worker/asking"
	"workflows/worker/engine"
	"workflows/worker/steps"
	"workflows/worker/steps/smtptest"
	"workflows/worker/telling"
	"workflows/worker/templates"
)

// studio is a site with all around it that templates meet: a mail server, the servers of
// others, and what a worker does.
type studio struct {
	*site
	b      *browser
	e      *engine.Engine
	asker  *asking.Messenger
	teller *telling.Messenger
	mail   *smtptest.Server
	seen   int // of its messages
	url    string
	ahead  atomic.Int64 // of the worker's clock, in nanoseconds
	mu     sync.Mutex
	gives  map[string]string // by path; what is not there is a 404
	got    []string          // of what was sent, as METHOD PATH BODY
}

func newStudio(t *testing.T) *studio {
	r := &studio{mail: smtptest.Start(t), gives: map[string]string{"/hooks/team": "ok"}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	options := steps.Options{OutboundAllow: loopback(), Mail: r.mail.Mail}
	r.site = newSite(t, modelstest.SQLite(t), func(p *routes.Parts) {
		p.Settings.OutboundAllow, p.Settings.SMTPURL, p.Settings.MailFrom = options.OutboundAllow, r.mail.URL, "workflows@example.com"
	})
	quiet := slog.New(slog.DiscardHandler)
	r.b = r.signedIn(auth.Editor)
	r.e = engine.New(engine.Options{DB: r.db, Queue: r.q, Types: steps.All(options), Secrets: r.secrets, Log: quiet, TellAsked: true, Now: func() time.Time { return models.Now().Add(time.Duration(r.ahead.Load())) }})
	r.asker = &asking.Messenger{DB: r.db, Send: steps.Mailer(options), Keys: r.secrets.Keys, BaseURL: host, Log: quiet}
	r.teller = &telling.Messenger{DB: r.db, Ways: telling.Ways{Mail: steps.Mailer(options)}, Secrets: r.secrets, BaseURL: host, Log: quiet}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.e.Run(ctx) }() // wakes what has waited long enough
	t.Cleanup(func() { stop(); <-done })
	return r
}

func (r *studio) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if request.Method == http.MethodPost {
		r.got = append(r.got, request.URL.Path+" "+string(body))
	}
	answer, known := r.gives[request.URL.Path]
	if !known {
		w.WriteHeader(http.StatusNotFound)
	}
	_, _ = io.WriteString(w, answer)
}

// makes fills a template in as a person does, looks at what comes of it, and publishes.
func (r *studio) makes(id string, entered map[string]string) (flow string) {
	r.t.Helper()
	address := "/workflows/new/" + id
	form := sitetest.FormOf(r.t, r.b.get(address).body, address)
	for name, value := range entered {
		if _, asked := form["input."+name]; !asked {
			r.t.Errorf("it does not ask for %s", name)
		}
		form["input."+name] = []string{value}
	}
	made := r.b.post(address, form)
	if made.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("making it answered %d %s", made.StatusCode, made.text())
	}
	page := strings.TrimSuffix(made.Header.Get("Location"), "/edit")
	for _, shown := range []string{page, page + "/edit", page + "/publish"} {
		a := r.b.get(shown)
		if found := unspokenIn(a.page(r.t)); len(found) > 0 || strings.Contains(a.text(), "«") {
			r.t.Errorf("%s shows what is inside: %q", shown, found)
		}
	}
	flow = strings.TrimPrefix(page, "/workflows/")
	if a := r.api("POST", "/workflows/"+flow+"/publish", nil); a.StatusCode != http.StatusOK {
		r.t.Fatalf("publishing it answered %d %s", a.StatusCode, a.body)
	}
	definition := r.api("GET", "/workflows/"+flow, nil).decoded(r.t)["definition"].(object)
	if told, _ := definition["settings"].(object)["notify"].([]any); len(told) == 0 {
		r.t.Error("nobody is told when it fails")
	}
	triggers, _ := definition["triggers"].([]any)
	for _, trigger := range triggers {
		if trigger := trigger.(object); trigger["type"] == "schedule" && trigger["time_zone"] != "Europe/Berlin" {
			r.t.Errorf("it goes by the clocks of %v, not by those of who made it", trigger["time_zone"])
		}
	}
	return flow
}

// goes takes a run as far as it goes.
func (r *studio) goes(id string) models.Run {
	r.t.Helper()
	if err := r.e.Execute(r.t.Context(), id); err != nil {
		r.t.Fatal(err)
	}
	modelstest.Eventually(r.t, "the run is final or waits", func() bool { return r.run(id).Status != "running" })
	return r.run(id)
}

// starts runs it by hand, and says what became of it.
func (r *studio) starts(flow, status string, input object) models.Run {
	r.t.Helper()
	started := r.api("POST", "/workflows/"+flow+"/runs", object{"input": input})
	if started.StatusCode != http.StatusAccepted {
		r.t.Fatalf("starting it answered %d %s", started.StatusCode, started.body)
	}
	run := r.goes(started.decoded(r.t)["id"].(string))
	if run.Status != status {
		r.t.Errorf("the run has %s instead of %s: %s", run.Status, status, run.Error)
	}
	return run
}

// address is where programs or people start it.
func (r *studio) address(flow string) string {
	r.t.Helper()
	triggers := r.api("GET", "/workflows/"+flow, nil).decoded(r.t)["triggers"].([]any)
	return strings.TrimPrefix(triggers[0].(object)["url"].(string), host)
}

// fillsIn sends its public form as an outsider.
func (r *studio) fillsIn(flow string, answers map[string]string) models.Run {
	r.t.Helper()
	form := url.Values{"key": {models.NewID()}}
	for name, answer := range answers {
		form.Set("input."+name, answer)
	}
	if a := r.visitor().post(r.address(flow), form); a.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("sending the form answered %d %s", a.StatusCode, a.text())
	}
	return r.goes(r.newest(flow))
}

func (r *studio) newest(flow string) string {
	r.t.Helper()
	return r.api("GET", "/runs?workflow_id="+flow, nil).decoded(r.t)["data"].([]any)[0].(object)["id"].(string)
}

// calls sends its webhook something; "" where that starts no run.
func (r *studio) calls(flow, body string, headers ...string) (run string) {
	r.t.Helper()
	a := r.deliver(r.address(flow), body, headers...)
	if a.StatusCode != http.StatusAccepted {
		r.t.Fatalf("calling it answered %d %s", a.StatusCode, a.body)
	}
	run, _ = a.decoded(r.t)["run_id"].(string)
	return run
}

// decides answers the question that a run asks.
func (r *studio) decides(run models.Run, decision, comment string) {
	r.t.Helper()
	asked := r.api("GET", "/approvals?state=waiting&run_id="+run.ID, nil).decoded(r.t)["data"].([]any)
	if len(asked) != 1 {
		r.t.Fatalf("the run asks %v", asked)
	}
	if a := r.api("POST", "/approvals/"+asked[0].(object)["id"].(string)+"/decide", object{"decision": decision, "comment": comment}); a.StatusCode != http.StatusOK {
		r.t.Fatalf("deciding answered %d %s", a.StatusCode, a.body)
	}
}

// mails says what was mailed since it was last asked: whom, and texts that stand in it.
func (r *studio) mails(wanted ...[]string) {
	r.t.Helper()
	for _, do := range []func() error{
		func() error { return r.asker.Round(r.t.Context()) }, func() error { return r.teller.Look(r.t.Context()) }, func() error { return r.teller.Send(r.t.Context()) },
	} {
		if err := do(); err != nil {
			r.t.Fatal(err)
		}
	}
	all := r.mail.Messages()
	sent := all[r.seen:]
	r.seen = len(all)
	if len(sent) != len(wanted) {
		r.t.Errorf("%d e-mails were sent instead of %d: %+v", len(sent), len(wanted), sent)
		return
	}
	for i, message := range sent {
		decoded, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(message.Content)))
		content := message.Content + string(decoded)
		if message.To[0] != wanted[i][0] {
			r.t.Errorf("e-mail %d went to %s", i, message.To)
		}
		for _, text := range wanted[i][1:] {
			unwanted, not := strings.CutPrefix(text, "!")
			if strings.Contains(content, unwanted) == not {
				r.t.Errorf("e-mail %d holds %q: %v, which is wrong: %s", i, unwanted, not, content)
			}
		}
	}
}

// took is what others were sent at a path since it was last asked; of a chat the text.
func (r *studio) took(path string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var bodies []string
	for _, one := range r.got {
		body, here := strings.CutPrefix(one, path+" ")
		if !here {
			continue
		}
		var said struct{ Text string }
		if json.Unmarshal([]byte(body), &said) == nil && said.Text != "" {
			body = said.Text
		}
		bodies = append(bodies, body)
	}
	r.got = slices.DeleteFunc(r.got, func(one string) bool { return strings.HasPrefix(one, path+" ") })
	return bodies
}

// told checks what the chat was told since it was last asked.
func (r *studio) told(wanted ...string) {
	r.t.Helper()
	if told := r.took("/hooks/team"); !slices.Equal(told, wanted) {
		r.t.Errorf("the chat was told %q instead of %q", told, wanted)
	}
}

func (r *studio) give(path, answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gives[path] = answer
}

func feedOf(entries ...string) string {
	var feed strings.Builder
	feed.WriteString(`<rss version="2.0"><channel><title>Blog</title>`)
	for _, entry := range entries {
		feed.WriteString(`<item><guid isPermaLink="false">` + entry + `</guid><title>Entry ` + entry + `</title><link>https://blog.example.com/` + entry + `</link></item>`)
	}
	return feed.String() + `</channel></rss>`
}

// acts are what is done with each template, and what has to come of it.
func acts() map[string]func(r *studio) {
	const ops = "ops@example.com"
	return map[string]func(r *studio){
		"watch_website": func(r *studio) {
			r.give("/site", "<h1>Welcome to the Shop</h1>")
			flow := r.makes("watch_website", map[string]string{"address": r.url + "/site", "word": "the Shop", "who": ops})
			r.starts(flow, "succeeded", nil)
			r.mails()
			r.give("/site", "<h1>Hacked</h1>")
			r.starts(flow, "failed", nil)
			r.mails([]string{ops, "the Shop", "not on the page"})
			if run := r.starts(r.makes("watch_website", map[string]string{"address": r.url + "/gone", "word": "x", "who": ops}), "failed", nil); !strings.Contains(string(run.Error), "/gone does not answer as it should. ") {
				r.t.Errorf("the run says %s", run.Error)
			}
			r.mails([]string{ops, "does not answer as it should"})
		},
		"watch_addresses": func(r *studio) {
			r.give("/fine", "ok")
			flow := r.makes("watch_addresses", map[string]string{"addresses": r.url + "/fine\r\n" + r.url + "/broken\r\n", "chat": r.url + "/hooks/team"})
			r.starts(flow, "succeeded", nil)
			if told := r.took("/hooks/team"); len(told) != 1 || !strings.HasPrefix(told[0], "**An address does not answer well**\n"+r.url+"/broken\n") {
				r.t.Errorf("the chat was told %q", told)
			}
		},
		"watch_value": func(r *studio) {
			r.give("/weather", `{"main":{"temp":30}}`)
			flow := r.makes("watch_value", map[string]string{"address": r.url + "/weather", "value": "main.temp", "limit": "30", "who": ops})
			r.starts(flow, "succeeded", nil)
			r.mails()
			r.give("/weather", `{"main":{"temp":30.5}}`)
			r.starts(flow, "failed", nil)
			r.mails([]string{ops, "It is 30.5, and should be 30 at most."})
		},
		"page_changed": func(r *studio) {
			r.give("/terms", "We sell.")
			flow := r.makes("page_changed", map[string]string{"address": r.url + "/terms", "who": ops})
			for range 2 {
				r.starts(flow, "succeeded", nil)
			}
			r.mails()
			r.give("/terms", "We buy.")
			for range 2 {
				r.starts(flow, "succeeded", nil)
			}
			r.mails([]string{ops, "Subject: A page has changed", r.url + "/terms"})
		},
		"feed_to_chat": func(r *studio) {
			r.give("/feed.xml", feedOf("one"))
			flow := r.makes("feed_to_chat", map[string]string{"address": r.url + "/feed.xml", "chat": r.url + "/hooks/team"})
			r.starts(flow, "succeeded", nil)
			r.told()
			r.give("/feed.xml", feedOf("three", "two", "one"))
			for range 2 {
				r.starts(flow, "succeeded", nil)
			}
			r.told("**Entry three**\nBlog: https://blog.example.com/three", "**Entry two**\nBlog: https://blog.example.com/two")
		},
		"feed_digest": func(r *studio) {
			r.give("/news.xml", feedOf("two", "one"))
			flow := r.makes("feed_digest", map[string]string{"address": r.url + "/news.xml", "who": ops})
			for range 2 {
				r.starts(flow, "succeeded", nil)
			}
			r.mails([]string{ops, "Subject: Blog: 2 new this week", "Entry one", "https://blog.example.com/two"})
			r.give("/news.xml", feedOf("three", "two", "one"))
			r.starts(flow, "succeeded", nil)
			r.mails([]string{ops, "Blog: 1 new this week", "Entry three", "!Entry two"})
		},
		"large_orders": func(r *studio) {
			r.give("/orders", `{"orders":[{"id":"A-1","total":100},{"id":"A-2","total":150.5},{"id":"A-3","total":900}]}`)
			flow := r.makes("large_orders", map[string]string{"address": r.url + "/orders", "list": "orders", "who": ops})
			r.starts(flow, "succeeded", nil)
			r.mails([]string{ops, "Subject: Orders over 100: 2", "A-3", "150.5", "!A-1"})
			r.give("/few", `[{"id":"A-1","sum":{"net":7}}]`)
			r.starts(r.makes("large_orders", map[string]string{"address": r.url + "/few", "value": "sum.net", "limit": "7", "who": ops}), "succeeded", nil)
			r.mails()
		},
		"database_report": func(r *studio) {
			db, address := modelstest.Postgres(r.t)
			if err := db.Exec("CREATE TABLE shop (customer text, total numeric); INSERT INTO shop VALUES ('Ada', 12.50), ('Ben {{ run.id }}', 7)").Error; err != nil {
				r.t.Fatal(err)
			}
			flow := r.makes("database_report", map[string]string{"database": address, "statement": "SELECT total, customer FROM shop ORDER BY total", "who": ops, "time": "07:30"})
			r.starts(flow, "succeeded", nil)
			r.mails([]string{ops, "Subject: The table of today: 2 rows", "Ben {{ run.id }}", "12.50", "<th>total</th><th>customer</th>"})
			if next := r.api("GET", "/schedules", nil).body; !strings.Contains(next, "07:30") {
				r.t.Errorf("it runs at %s", next)
			}
		},
		"new_rows": func(r *studio) {
			db, address := modelstest.Postgres(r.t)
			exec := func(statement string) {
				r.t.Helper()
				if err := db.Exec(statement).Error; err != nil {
					r.t.Fatal(err)
				}
			}
			exec("CREATE TABLE customers (id bigint, name text); INSERT INTO customers VALUES (1, 'Ada')")
			flow := r.makes("new_rows", map[string]string{"database": address, "table": "customers", "column": "id", "who": ops})
			r.starts(flow, "succeeded", nil)
			r.mails()
			exec("INSERT INTO customers VALUES (2, 'Ben'), (3, 'Cy')")
			for range 2 {
				r.starts(flow, "succeeded", nil)
			}
			r.mails([]string{ops, "Subject: New in customers: 2", "Ben", "Cy", "!Ada"})
		},
		"copy_list": func(r *studio) {
			r.give("/contacts", `{"data":[{"id":1,"name":"Ada"},{"id":2,"name":"Ben"}]}`)
			r.give("/crm", "{}")
			flow := r.makes("copy_list", map[string]string{"source": r.url + "/contacts", "target": r.url + "/crm", "list": "data"})
			for range 2 {
				r.starts(flow, "succeeded", nil)
			}
			r.give("/contacts", `{"data":[{"id":1,"name":"Ada"},{"id":3,"name":"Cy"},{"id":2,"name":"Ben"}]}`)
			r.starts(flow, "succeeded", nil)
			taken := r.took("/crm")
			slices.Sort(taken[:min(2, len(taken))]) // five at a time
			if !slices.Equal(taken, []string{`{"id":1,"name":"Ada"}`, `{"id":2,"name":"Ben"}`, `{"id":3,"name":"Cy"}`}) {
				r.t.Errorf("it passed on %q", taken)
			}
			r.mails()
			if run := r.starts(r.makes("copy_list", map[string]string{"source": r.url + "/contacts", "target": r.url + "/full", "list": "data"}), "failed", nil); !strings.Contains(string(run.Error), "could not be passed on: 3 of 3.") {
				r.t.Errorf("the run says %s", run.Error)
			}
			r.took("/full")
			r.mails([]string{r.me(), "could not be passed on"})
		},
		"invoices_due": func(r *studio) {
			day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
			r.give("/invoices", `[{"id":"R-1","due":"`+day(30)+`"},{"id":"R-2","due":"`+day(3)+`"},{"id":"R-3","due":"`+day(-2)+`"},{"id":"R-4"}]`)
			flow := r.makes("invoices_due", map[string]string{"address": r.url + "/invoices", "who": ops})
			for range 2 {
				r.starts(flow, "succeeded", nil)
			}
			r.mails([]string{ops, "Subject: Invoices that are due: 2", "R-2", "R-3", "!R-1", "!R-4"})
		},
		"remind": func(r *studio) {
			if a := r.api("POST", "/calendars", object{"name": "Holidays", "days": []object{{"date": "2026-12-25", "name": "Christmas"}}}); a.StatusCode != http.StatusCreated {
				r.t.Fatalf("the calendar: %d %s", a.StatusCode, a.body)
			}
			flow := r.makes("remind", map[string]string{"text": "Enter your hours.", "who": ops, "time": "16:30", "calendar": "Holidays"})
			r.starts(flow, "succeeded", nil)
			r.mails([]string{ops, "Subject: Reminder", "Enter your hours."})
			trigger := r.api("GET", "/workflows/"+flow, nil).decoded(r.t)["definition"].(object)["triggers"].([]any)[0].(object)
			if trigger["calendar"] != "Holidays" || trigger["times"].([]any)[0] != "16:30" {
				r.t.Errorf("it starts by %v", trigger)
			}
		},
		"backup_finished": func(r *studio) {
			at := time.Now().Add(12 * time.Hour).Format("15:04") // so that it does not come while this runs
			flow := r.makes("backup_finished", map[string]string{"time": at, "who": ops})
			r.goes(r.calls(flow, "{}"))
			for n, wanted := range [][][]string{nil, {{ops, at}}} { // it has come today, and not tomorrow
				watcher := &alerts.Watcher{DB: r.db, Name: "w"}
				if err := watcher.Round(r.t.Context(), time.Now().Add(time.Duration(n+1)*24*time.Hour)); err != nil {
					r.t.Fatal(err)
				}
				r.mails(wanted...)
			}
		},
		"collect_and_approve": func(r *studio) {
			flow := r.makes("collect_and_approve", map[string]string{"title": "Ask for a day off", "who": "boss@example.com"})
			if form := r.visitor().get(r.address(flow)).text(); !strings.Contains(form, "Ask for a day off") || strings.Contains(form, "boss@") {
				r.t.Errorf("the form shows %s", form)
			}
			run := r.fillsIn(flow, map[string]string{"name": "Ada", "email": "ada@example.com", "request": "Friday off"})
			r.mails([]string{"boss@example.com", "Ada asks for", "Friday off"})
			r.decides(run, "approved", "Enjoy it.")
			r.goes(run.ID)
			r.mails([]string{"ada@example.com", "Subject: Your request is approved", "Friday off", "Enjoy it."})
			run = r.fillsIn(flow, map[string]string{"name": "Ben", "email": "ben@example.com", "request": "A boat"})
			r.mails([]string{"boss@example.com", "A boat"})
			r.decides(run, "rejected", "Too dear.")
			r.goes(run.ID)
			r.mails([]string{"ben@example.com", "not approved", "Too dear."})
		},
		"approve_call": func(r *studio) {
			r.give("/deploy", "{}")
			flow := r.makes("approve_call", map[string]string{"what": "The site is published.", "address": r.url + "/deploy", "who": "boss@example.com"})
			for decision, called := range map[string]int{"rejected": 0, "approved": 1} {
				run := r.starts(flow, "waiting", object{"reason": "New prices"})
				r.mails([]string{"boss@example.com", "The site is published.", "New prices"})
				r.decides(run, decision, "")
				if run = r.goes(run.ID); run.Status != "succeeded" {
					r.t.Errorf("the run has %s: %s", run.Status, run.Error)
				}
				if got := r.took("/deploy"); len(got) != called || called > 0 && !strings.Contains(got[0], `"reason":"New prices"`) {
					r.t.Errorf("%s: called with %q", decision, got)
				}
			}
		},
		"on_call": func(r *studio) {
			flow := r.makes("on_call", map[string]string{"first": "anna@example.com", "second": "ben@example.com", "minutes": "5"})
			run := r.goes(r.calls(flow, `{"message":"The shop is down"}`))
			r.mails([]string{"anna@example.com", "The shop is down", "Do you take care of it?"})
			r.decides(run, "approved", "")
			r.goes(run.ID)
			r.mails()
			run = r.goes(r.calls(flow, `{"message":"It is down again"}`))
			r.mails([]string{"anna@example.com", "It is down again"})
			if run = r.goes(run.ID); run.Status != "waiting" {
				r.t.Errorf("the first has no time to answer: %s", run.Status)
			}
			r.late(run.ID, 5*time.Minute)
			r.mails([]string{"ben@example.com", "It is down again", "anna@example.com does not take care of it"})
		},
		"contact_form": func(r *studio) {
			flow := r.makes("contact_form", map[string]string{"who": ops, "chat": r.url + "/hooks/team"})
			r.fillsIn(flow, map[string]string{"name": "Ada", "email": "ada@example.com", "message": "Do you sell boats?"})
			r.mails([]string{ops, "Subject: A message of Ada", "Reply-To: <ada@example.com>", "Do you sell boats?"})
			r.told("**A message of Ada**\nDo you sell boats?\nada@example.com")
		},
		"webhook_to_chat": func(r *studio) {
			flow := r.makes("webhook_to_chat", map[string]string{"title": "A payment", "part": "data.amount", "chat": r.url + "/hooks/team"})
			r.goes(r.calls(flow, `{"data":{"amount":12.5}}`))
			r.told("**A payment**\n12.5")
			all := r.makes("webhook_to_chat", map[string]string{"title": "A payment", "part": "", "chat": r.url + "/hooks/team"})
			r.goes(r.calls(all, `{"paid":true}`))
			r.told("**A payment**\n" + `{"paid":true}`)
		},
		"github_to_chat": func(r *studio) {
			flow := r.makes("github_to_chat", map[string]string{"secret": "made up by me", "chat": r.url + "/hooks/team"})
			sends := func(body string) string {
				mac := hmac.New(sha256.New, []byte("made up by me"))
				mac.Write([]byte(body))
				return r.calls(flow, body, "X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)), "X-GitHub-Event", "issues")
			}
			r.goes(sends(`{"action":"opened","issue":{"title":"It breaks","html_url":"https://github.com/a/b/issues/1"},"repository":{"full_name":"a/b"},"sender":{"login":"ada"}}`))
			r.told("**a/b: It breaks**\nada has opened it: https://github.com/a/b/issues/1")
			if run := sends(`{"action":"closed","issue":{"title":"It breaks"}}`); run != "" {
				r.t.Error("a closed issue starts a run")
			}
		},
		"summarise": func(r *studio) {
			r.give("/v1/chat/completions", `{"choices":[{"message":{"role":"assistant","content":"It is about boats."}}]}`)
			flow := r.makes("summarise", map[string]string{"address": r.url + "/v1", "model": "small", "key": "sk-1234567890", "who": ops})
			r.fillsIn(flow, map[string]string{"text": "Boats, and boats again."})
			if asked := r.took("/v1/chat/completions"); len(asked) != 1 || !strings.Contains(asked[0], "Boats, and boats again.") || !strings.Contains(asked[0], `"small"`) {
				r.t.Errorf("the model was asked %q", asked)
			}
			r.mails([]string{ops, "Subject: A summary", "It is about boats."})
		},
	}
}

// late lets the time pass within which somebody should have answered, and takes the run on.
func (r *studio) late(run string, after time.Duration) {
	r.t.Helper()
	r.ahead.Store(int64(after))
	defer r.ahead.Store(0)
	modelstest.Eventually(r.t, "the run goes on", func() bool { return r.goes(run).Status == "succeeded" })
}

// me is the address of who makes the workflows.
func (r *studio) me() string {
	r.t.Helper()
	var user models.User
	if err := r.db.Where("role = ?", auth.Editor).Take(&user).Error; err != nil {
		r.t.Fatal(err)
	}
	return user.Email
}

func TestEveryTemplateDoesWhatItSaysOnceItsValuesAreEntered(t *testing.T) {
	t.Parallel()
	r, all := newStudio(t), acts()
	for _, template := range templates.All() {
		t.Run(template.ID, func(t *testing.T) {
			r.t = t
			if all[template.ID] == nil {
				t.Fatal("no test runs it")
			}
			all[template.ID](r)
			r.told()
			r.mails()
		})
	}
	t.Run("and no page of them says what is inside", func(t *testing.T) {
		r.t, r.site.t = t, t
		reader := r.signedIn(auth.Administrator).walker(keeps)
		reader.at, reader.most, reader.reads = "", 6, true
		for _, page := range append(r.breaks(), "/", "/alerts?state=all", "/words") {
			reader.walk(page)
		}
		for _, page := range r.steps() {
			reader.open(page)
		}
	})
}
