package telling_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/told"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/steps/smtptest"
	"workflows/worker/telling"
	"workflows/worker/workflow"
)

const base = "https://workflows.example"

// lab is an engine and a messenger on one database, with a mail server.
type lab struct {
	*testing.T
	db      *gorm.DB
	e       *engine.Engine
	m       *telling.Messenger
	mail    *smtptest.Server
	options steps.Options
	flow    models.Workflow
}

func each(t *testing.T, notify string, test func(l *lab)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := &lab{T: t, db: db, mail: smtptest.Start(t)}
		log := slog.New(slog.DiscardHandler)
		keys, err := secrets.ParseKeys(secrets.NewKey("k1"))
		l.must(err)
		vault := &secrets.Store{DB: db, Keys: keys, Redactor: secrets.Knowing(nil), Log: log}
		l.options = steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Mail: l.mail.Mail}
		l.e = engine.New(engine.Options{DB: db, Queue: queuetest.Mini(t), Types: steps.All(l.options), Log: log, Secrets: vault})
		l.m = &telling.Messenger{DB: db, Secrets: vault, BaseURL: base, Log: log, Ways: telling.Ways{Mail: steps.Mailer(l.options), Chat: steps.Chatter(l.options), Hook: steps.Hooker(l.options)}}
		l.flow = l.publish(notify)
		test(l)
	})
}

// publish stores a workflow that fails or succeeds as it is told, by a stop or by a value
// that is missing.
func (l *lab) publish(notify string) models.Workflow {
	l.Helper()
	d, problems, err := workflow.Parse([]byte(`{"format":1,"name":"Backup","settings":{` + notify + `},
		"inputs":[{"name":"fine","type":"boolean"},{"name":"reason","type":"text"}],
		"steps":[{"id":"is_fine","type":"condition","config":{"match":"all","conditions":[{"value":"{{ input.fine }}","operator":"is_true"}]},
			"then":[],"else":[{"id":"give_up","name":"Copy the files","type":"stop","config":{"outcome":"failed","message":"The disk is full: {{ input.reason }}"}}]}]}`))
	l.must(err)
	if len(problems) > 0 {
		l.Fatal(problems)
	}
	now := models.Now()
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: d.Name, Definition: d.Marshal(), CreatedAt: now}
	w := models.Workflow{ID: v.WorkflowID, Name: "Backup\r\nBcc: x@y.zz", Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now}
	l.must(l.db.Create(&w).Error)
	l.must(l.db.Create(&v).Error)
	return w
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *lab) run(fine bool) models.Run {
	l.Helper()
	run, _, err := l.e.StartNow(l.Context(), engine.StartRequest{WorkflowID: l.flow.ID, Input: map[string]any{"fine": fine, "reason": "volume 7"}, Trigger: engine.Trigger{Type: engine.TriggerManual}})
	l.must(err)
	l.must(l.e.Execute(l.Context(), run.ID))
	modelstest.Eventually(l, "the run ends", func() bool {
		run, err = runs.Get(l.Context(), l.db, run.ID)
		return err == nil && run.FinishedAt != nil
	})
	return run
}

// round looks and sends as a worker does.
func (l *lab) round() {
	l.Helper()
	l.must(l.m.Look(l.Context()))
	l.must(l.m.Send(l.Context()))
}

// later lets time pass: all that has happened is longer ago.
func (l *lab) later(d time.Duration) {
	l.Helper()
	back := func(at *time.Time) *time.Time {
		if at == nil {
			return nil
		}
		before := at.Add(-d)
		return &before
	}
	var incidents []told.Incident
	l.must(l.db.Find(&incidents).Error)
	for _, i := range incidents {
		l.must(l.db.Model(&told.Incident{}).Where("id = ?", i.ID).Updates(map[string]any{"first_at": back(&i.FirstAt), "last_at": back(&i.LastAt), "look_at": back(i.LookAt), "over_at": back(i.OverAt)}).Error)
	}
	for _, m := range l.messages() {
		l.must(l.db.Model(&told.Message{}).Where("id = ?", m.ID).Updates(map[string]any{"created_at": back(&m.CreatedAt), "due_at": back(m.DueAt)}).Error)
	}
	var all []models.Run
	l.must(l.db.Select("id", "finished_at").Find(&all).Error)
	for _, run := range all {
		l.must(l.db.Model(&models.Run{}).Where("id = ?", run.ID).Update("finished_at", back(run.FinishedAt)).Error)
	}
}

// messages are the oldest first.
func (l *lab) messages() []told.Message {
	l.Helper()
	var found []told.Message
	l.must(l.db.Order("created_at, id").Find(&found).Error)
	return found
}

// got are the e-mails that have arrived, as a mail program shows them.
func (l *lab) got() []string {
	l.Helper()
	var all []string
	for _, sent := range l.mail.Messages() {
		read, err := mail.ReadMessage(strings.NewReader(sent.Content))
		l.must(err)
		subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
		l.must(err)
		text, err := io.ReadAll(quotedprintable.NewReader(read.Body))
		l.must(err)
		if bcc := read.Header.Get("Bcc"); bcc != "" {
			l.Errorf("a header was smuggled in: %s", bcc)
		}
		all = append(all, "To: "+read.Header.Get("To")+"\nMessage-ID: "+read.Header.Get("Message-ID")+"\n"+subject+"\n\n"+string(text))
	}
	return all
}

func (l *lab) wants(texts []string, number int, last ...string) {
	l.Helper()
	if len(texts) != number {
		l.Fatalf("%d messages instead of %d: %q", len(texts), number, texts)
	}
	for _, text := range last {
		if unwanted, not := strings.CutPrefix(text, "!"); strings.Contains(texts[number-1], unwanted) == not {
			l.Errorf("%q: %v, which is wrong, in\n%s", unwanted, not, texts[number-1])
		}
	}
}

// person has an account, and clocks.
func (l *lab) person(email, zone string) {
	l.Helper()
	l.must(models.CreateUser(l.Context(), l.db, &models.User{ID: models.NewID(), Email: email, Name: email, Role: "viewer", TimeZone: zone, PasswordHash: "-", CreatedAt: models.Now()}))
}

const toAnna = `"notify":[{"on":["failed","recovered"],"email":["Anna@example.com"]}]`

func TestMakerIsToldOnceByEmailThatARunFailedAndOnceThatItWorksAgain(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		l.person("otto@example.com", "Europe/Berlin")
		l.person("anna@example.com", "Asia/Tokyo")
		run := l.run(false)
		for range 3 {
			l.round()
		}
		l.wants(l.got(), 1, "To: <anna@example.com>", "“Copy the files” of “Backup Bcc: x@y.zz” failed on", "The disk is full: volume 7", " (Asia/Tokyo):", base+"/runs/"+run.ID+"#step\n", base+"/workflows/"+l.flow.ID, "When it works again you are told", "!\nBcc:", "!{{")
		if to := l.mail.Messages()[0].To; len(to) != 1 || to[0] != "anna@example.com" {
			l.Errorf("it went to %v", to)
		}
		worked := l.run(true)
		for range 3 {
			l.round()
		}
		l.wants(l.got(), 2, "works again", base+"/runs/"+worked.ID)
		l.run(true)
		l.later(2 * time.Hour)
		l.round()
		l.wants(l.got(), 2)
		for _, m := range l.messages() {
			if m.SentAt == nil || m.DueAt != nil || m.Unsure || m.Problem != "" {
				l.Errorf("what is known of it: %+v", m)
			}
		}
	})
}

func TestManyFailuresOfOneCauseAreOneMessageAndThenOneAnHourWithTheNumber(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		l.person("otto@example.com", "Europe/Berlin") // who has set the installation up
		l.person("ben@example.com", "Asia/Tokyo")
		l.person("anna@example.com", "")
		l.run(false)
		l.round()
		const number = 60
		var group errgroup.Group
		group.SetLimit(12)
		for range number {
			run, _, err := l.e.StartNow(l.Context(), engine.StartRequest{WorkflowID: l.flow.ID, Input: map[string]any{"fine": false}, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			l.must(err)
			group.Go(func() error { return l.e.Execute(l.Context(), run.ID) })
		}
		l.must(group.Wait())
		modelstest.Eventually(l, "all have failed and are counted", func() bool {
			var incident told.Incident
			return l.db.Take(&incident).Error == nil && incident.Number == number+1
		})
		l.round()
		l.wants(l.got(), 1)
		l.later(59 * time.Minute)
		l.round()
		l.wants(l.got(), 1)
		l.later(time.Minute)
		l.round()
		l.round()
		l.wants(l.got(), 2, fmt.Sprintf("has failed %d times", number), fmt.Sprintf("It has happened %d times since the last message", number), " (Europe/Berlin).", base+"/runs?status=failed&workflow_id="+l.flow.ID)
		l.later(3 * time.Hour)
		l.round()
		l.wants(l.got(), 2) // it has not failed since
	})
}

func TestWorkflowThatFailsEveryOtherTimeTellsItOnceAnHour(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		for range 4 {
			l.run(false)
			l.round()
			l.run(true)
			l.round()
		}
		l.wants(l.got(), 2, "works again")
		l.later(time.Hour)
		l.round()
		l.wants(l.got(), 3, "It has happened 3 times since the last message", "It works again: a run has succeeded since.")
		l.run(true)
		l.later(time.Hour)
		l.round()
		l.wants(l.got(), 3)
	})
}

func TestWhoIsAwakeDoesNotWaitForTheQuietHoursOfOthers(t *testing.T) {
	now := time.Now().UTC()
	quiet := now.Add(-time.Hour).Format("15:04") + "-" + now.Add(4*time.Hour).Format("15:04")
	each(t, `"notify":[{"on":["failed"],"email":["asleep@example.com"],"quiet":"`+quiet+`","time_zone":"UTC"},{"on":["failed"],"email":["guard@example.com"]}]`, func(l *lab) {
		for night := range 3 {
			l.run(false)
			l.round()
			l.wants(l.got(), night+1, "To: <guard@example.com>")
			l.later(time.Hour)
		}
		l.m.Now = func() time.Time { return models.Now().Add(5 * time.Hour) }
		l.round()
		l.wants(l.got(), 4, "To: <asleep@example.com>", "has failed 3 times", "It has happened 3 times since")
	})
}

func TestAnyNumberOfWorkersTellOnce(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		for range 3 {
			l.run(false)
			var group errgroup.Group
			for range 6 {
				group.Go(func() error {
					if err := l.m.Look(l.Context()); err != nil {
						return err
					}
					return l.m.Send(l.Context())
				})
			}
			l.must(group.Wait())
			l.later(time.Hour)
		}
		l.wants(l.got(), 3)
	})
}

func TestMessageOfALostWorkerIsSentAgainAsTheSameAndSaysSo(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		l.run(false)
		l.must(l.m.Look(l.Context()))
		message := l.messages()[0]
		old := message
		mine, err := told.Begin(l.Context(), l.db, &message, models.Now().Add(time.Minute))
		if err != nil || !mine {
			l.Fatal(mine, err)
		}
		l.must(l.m.Ways.Mail(l.Context(), message.Recipient, message.Subject, message.Text, "told "+message.ID)) // and it dies
		if mine, err := told.Begin(l.Context(), l.db, &old, models.Now().Add(time.Minute)); err != nil || mine {
			l.Fatalf("two workers have it: %v, %v", mine, err)
		}
		l.round()
		l.wants(l.got(), 1) // it is on its way, as far as anybody knows
		l.later(time.Minute)
		l.round()
		mails := l.got()
		if len(mails) != 2 || mails[0] != mails[1] {
			l.Fatalf("%q", mails)
		}
		if m := l.messages()[0]; m.SentAt == nil || !m.Unsure || m.Tries != 2 {
			l.Errorf("%+v", m)
		}
		message.Problem = "late" // the lost worker comes back
		l.must(told.End(l.Context(), l.db, message))
		if m := l.messages()[0]; m.SentAt == nil || m.Problem != "" {
			l.Errorf("a late worker changed it: %+v", m)
		}
	})
}

func TestNobodyIsToldOfTriesAndOfWhatAPersonHasAcknowledged(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		l.run(false)
		l.round()
		l.wants(l.got(), 1)
		l.later(time.Hour)
		d, err := workflow.Load(l.flow.Draft)
		l.must(err)
		try, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: l.flow.ID, Draft: d})
		l.must(err)
		l.must(l.e.Execute(l.Context(), try.ID))
		modelstest.Eventually(l, "the try fails", func() bool {
			run, err := runs.Get(l.Context(), l.db, try.ID)
			return err == nil && run.Status == workflow.RunFailed
		})
		l.round()
		l.wants(l.got(), 1)
		var incident told.Incident
		if l.must(l.db.Take(&incident).Error); incident.Number != 1 || incident.Settled != 0 {
			l.Errorf("the try counts: %+v", incident)
		}
		l.run(false)
		_, _, err = runs.AcknowledgeFailures(l.Context(), l.db, l.flow.ID, models.Now().Add(time.Second), models.Now(), "Anna")
		l.must(err)
		l.round()
		l.wants(l.got(), 1)
		l.run(false)
		l.round()
		l.wants(l.got(), 2, "has failed", "!times", "!twice")
	})
}

func TestWhoKnowsOfNoFailureIsNotToldThatItIsOver(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		l.run(false)
		_, _, err := runs.AcknowledgeFailures(l.Context(), l.db, l.flow.ID, models.Now().Add(time.Second), models.Now(), "Anna")
		l.must(err)
		l.run(true)
		l.round()
		l.round()
		l.wants(l.got(), 0)
	})
}

func TestWorkflowThatTellsNobodyStoresNothing(t *testing.T) {
	for name, notify := range map[string]string{"an empty list": `"notify":[]`, "no list": `"max_running":3`, "only good news": `"notify":[{"on":["recovered"],"email":["a@example.com"]}]`} {
		t.Run(name, func(t *testing.T) {
			each(t, notify, func(l *lab) {
				l.run(false)
				l.run(true)
				l.round()
				var incidents int64
				l.must(l.db.Model(&told.Incident{}).Count(&incidents).Error)
				if incidents != 0 || len(l.messages()) != 0 {
					l.Errorf("%d incidents, %+v", incidents, l.messages())
				}
			})
		})
	}
}

func TestMailServerThatIsAwayIsTriedAgainAndThenGivenUpWithTheReason(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		away := true
		l.mail.Answer = func(command string) string {
			if away && strings.HasPrefix(command, "MAIL") {
				return "421 closed for the night"
			}
			return ""
		}
		l.run(false)
		l.round()
		m := l.messages()[0]
		if m.DueAt == nil || m.SentAt != nil || m.Tries != 1 || !strings.Contains(m.Problem, "closed for the night") || m.Unsure {
			l.Fatalf("%+v", m)
		}
		stuck, err := told.StuckSince(l.Context(), l.db, models.Now().Add(-time.Hour))
		if l.must(err); stuck.Number != 1 || !strings.Contains(stuck.Problem, "closed for the night") {
			l.Errorf("%+v", stuck)
		}
		away = false
		l.later(time.Minute)
		l.round()
		l.wants(l.got(), 1, "has failed")
		away = true
		l.run(false)
		l.later(time.Hour)
		for range 12 {
			l.round()
			l.later(6 * time.Hour)
		}
		messages := l.messages()
		if m := messages[1]; len(messages) != 2 || m.Tries != 6 || m.DueAt != nil || m.SentAt != nil || m.Problem == "" {
			l.Errorf("%+v", messages)
		}
	})
}

func TestWithoutAMailServerTheMessageSaysSo(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		l.m.Ways.Mail = steps.Mailer(steps.Options{})
		l.run(false)
		l.round()
		if m := l.messages()[0]; m.DueAt != nil || m.SentAt != nil || !strings.Contains(m.Problem, "no mail server") {
			l.Errorf("%+v", m)
		}
	})
}

// caught is what a web server was called with.
type caught struct {
	mu      sync.Mutex
	headers []http.Header
	bodies  []string
	answer  int
}

func (c *caught) serve(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.headers, c.bodies = append(c.headers, r.Header), append(c.bodies, string(body))
		if c.answer != 0 {
			w.WriteHeader(c.answer)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestChatIsToldAtTheAddressInItsSecret(t *testing.T) {
	each(t, `"notify":[{"on":["failed"],"chat_secret":"TEAM"},{"on":["failed"],"chat_secret":"GONE"}]`, func(l *lab) {
		chat := &caught{}
		_, err := l.m.Secrets.Put(l.Context(), "TEAM", chat.serve(l.T)+"/canary-path", "Anna")
		l.must(err)
		l.run(false)
		l.round()
		l.wants(chat.bodies, 1, "has failed", "The disk is full: volume 7")
		for _, m := range l.messages() {
			if strings.Contains(m.Recipient+m.Text+m.Problem, "canary") {
				l.Errorf("the chat's address is shown: %+v", m)
			}
			if m.Recipient == "GONE" && !strings.Contains(m.Problem, "There is no secret GONE") {
				l.Errorf("%+v", m)
			}
		}
	})
}

// The signature is reckoned here as standardwebhooks.com describes it.
func TestWebhookOfOnesOwnIsCalledSignedWithTheFactsAsJSON(t *testing.T) {
	each(t, "", func(l *lab) {
		hook := &caught{answer: http.StatusServiceUnavailable}
		l.flow = l.publish(`"notify":[{"on":["failed","recovered"],"webhook_url":"` + hook.serve(l.T) + `/told","webhook_secret":"SIGN"}]`)
		key := []byte("twenty-four bytes of key")
		_, err := l.m.Secrets.Put(l.Context(), "SIGN", "whsec_"+base64.StdEncoding.EncodeToString(key), "Anna")
		l.must(err)
		run := l.run(false)
		l.round()
		hook.answer = 0
		l.later(time.Minute)
		l.round()
		l.wants(hook.bodies, 2)
		if hook.bodies[0] != hook.bodies[1] || hook.headers[0].Get("Webhook-Id") != hook.headers[1].Get("Webhook-Id") {
			l.Errorf("the second try is another message: %q", hook.bodies)
		}
		h := hook.headers[1]
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(h.Get("Webhook-Id") + "." + h.Get("Webhook-Timestamp") + "." + hook.bodies[1]))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); h.Get("Webhook-Signature") != want || h.Get("Content-Type") != "application/json" {
			l.Errorf("%v instead of %s", h, want)
		}
		var sent struct {
			Type string
			Data struct {
				Count   int
				Message string
				RunURL  string `json:"run_url"`
			}
		}
		l.must(json.Unmarshal([]byte(hook.bodies[1]), &sent))
		if sent.Type != "workflow.failed" || sent.Data.Count != 1 || sent.Data.RunURL != base+"/runs/"+run.ID || !strings.Contains(sent.Data.Message, "volume 7") {
			l.Errorf("%s", hook.bodies[1])
		}
		l.run(true)
		l.round()
		l.wants(hook.bodies, 3, `"workflow.recovered"`, `"works_again":true`)
	})
}

func TestEachAlertOfAKindThatIsAskedForIsToldOnce(t *testing.T) {
	each(t, `"notify":[{"on":["overdue","missed","late","slow","recovered"],"email":["anna@example.com"]}]`, func(l *lab) {
		at := models.Now()
		raise := func(kind string, mark func(*models.Alert)) {
			a := models.Alert{Kind: kind, Subject: models.NewID(), WorkflowID: l.flow.ID, OpenedAt: at, HappenedAt: at, Message: "It is " + kind + ", as one can see."}
			if mark != nil {
				mark(&a)
			}
			l.must(models.OpenAlerts(l.Context(), l.db, a))
		}
		for _, kind := range []string{models.AlertMissed, models.AlertLate, models.AlertSlow, models.AlertOverdue} {
			raise(kind, nil)
		}
		raise(models.AlertUnreadable, nil) // is asked for by nobody
		l.round()
		l.round()
		l.wants(l.got(), 4)
		all := strings.Join(l.got(), "\n")
		for _, text := range []string{"did not run when it was planned", "no worker has taken it up", "takes longer than it should", "has not succeeded in time", "It is overdue, as one can see."} {
			if !strings.Contains(all, text) {
				l.Errorf("nothing says %q in %s", text, all)
			}
		}
		l.run(true)
		l.round()
		l.wants(l.got(), 5, "works again") // after the deadline
	})
}

func TestAlertThatAPersonHasSeenOrThatIsOverIsNotTold(t *testing.T) {
	each(t, `"notify":[{"on":["overdue","missed","late","slow"],"email":["anna@example.com"]}]`, func(l *lab) {
		at := models.Now()
		raise := func(kind string) {
			l.must(models.OpenAlerts(l.Context(), l.db, models.Alert{Kind: kind, Subject: models.NewID(), WorkflowID: l.flow.ID, OpenedAt: at, HappenedAt: at, Message: "It."}))
		}
		raise(models.AlertLate)
		l.must(l.db.Exec("UPDATE alerts SET closed_at = ?", at).Error)
		raise(models.AlertMissed)
		l.must(l.db.Exec("UPDATE alerts SET acknowledged_at = ? WHERE closed_at IS NULL", at).Error)
		l.round()
		l.wants(l.got(), 0)
	})
}

func TestThoseWhoWantToKnowAreToldThatARunWaitsForAPerson(t *testing.T) {
	each(t, `"notify":[]`, func(l *lab) {
		d, problems, err := workflow.Parse([]byte(`{"format":1,"name":"Refunds","settings":{"notify":[{"on":["waiting"],"email":["anna@example.com"]}]},
			"steps":[{"id":"ask","name":"Ask the boss","type":"approval","config":{"question":"Refund 250 €?"}}]}`))
		if l.must(err); len(problems) > 0 {
			l.Fatal(problems)
		}
		now := models.Now()
		v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: d.Name, Definition: d.Marshal(), CreatedAt: now}
		l.flow = models.Workflow{ID: v.WorkflowID, Name: d.Name, Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now}
		l.must(l.db.Create(&l.flow).Error)
		l.must(l.db.Create(&v).Error)
		run, _, err := l.e.StartNow(l.Context(), engine.StartRequest{WorkflowID: l.flow.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
		l.must(err)
		l.must(l.e.Execute(l.Context(), run.ID))
		l.round()
		l.round()
		l.wants(l.got(), 1, "“Ask the boss” of “Refunds” waits for somebody", base+"/runs/"+run.ID+"#step\n", "!Refund 250")
		found, _, err := runs.ListApprovals(l.Context(), l.db, runs.ApprovalFilter{RunID: run.ID, Limit: 1}, models.Now())
		l.must(err)
		if len(found) != 1 {
			l.Fatal(found)
		}
		_, err = l.e.AnswerApproval(l.Context(), found[0].ID, engine.Answer{Decision: "approved", Who: engine.Decider{Name: "Anna", Administrator: true}})
		l.must(err)
		l.later(2 * time.Hour)
		l.round()
		l.wants(l.got(), 1)
	})
}

func TestTestGoesOnceToWhoAskedAndSaysWhatCameOfIt(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		l.mail.Answer = func(command string) string {
			if strings.HasPrefix(command, "RCPT TO:<otto@") {
				return "550 no such person"
			}
			return ""
		}
		l.must(telling.SendTest(l.Context(), l.db, base, "anna@example.com", "Anna\r\nK", models.Now()))
		l.must(telling.SendTest(l.Context(), l.db, base, "otto@example.com", "Anna", models.Now()))
		l.round()
		l.later(time.Hour)
		l.round()
		l.wants(l.got(), 1, "the test that Anna K has asked for", base)
		for _, m := range l.messages() {
			if m.DueAt != nil || m.Tries != 1 || m.Recipient == "otto@example.com" && !strings.Contains(m.Problem, "no such person") {
				l.Errorf("%+v", m)
			}
		}
	})
}

func TestMessengerEndsWithItsContext(t *testing.T) {
	each(t, toAnna, func(l *lab) {
		ctx, cancel := context.WithCancel(l.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.m.Run(ctx) }()
		l.run(false)
		modelstest.Eventually(l, "the e-mail arrives", func() bool { return len(l.got()) == 1 })
		cancel()
		l.must(<-ended)
	})
}
