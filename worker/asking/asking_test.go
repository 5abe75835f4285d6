package asking_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/asking"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/steps/smtptest"
	"workflows/worker/workflow"
)

const base = "https://workflows.example"

// lab is a database with a question to Anna, who has an account, and to an outsider.
type lab struct {
	*testing.T
	db   *gorm.DB
	e    *engine.Engine
	keys *secrets.Keys
	run  string
	m    *asking.Messenger
}

func each(t *testing.T, test func(l *lab)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := &lab{T: t, db: db}
		log := slog.New(slog.DiscardHandler)
		l.e = engine.New(engine.Options{DB: db, Queue: queuetest.Mini(t), Types: steps.All(steps.Options{}), Log: log, TellAsked: true})
		var err error
		l.keys, err = secrets.ParseKeys(secrets.NewKey("k1"))
		l.must(err)
		l.must(models.CreateUser(t.Context(), db, &models.User{ID: models.NewID(), Email: "anna@example.com", Name: "Anna", Role: "viewer", TimeZone: "Europe/Berlin", PasswordHash: "-", CreatedAt: models.Now()}))
		now := models.Now()
		v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: "Refunds\r\nBcc: x@y.z", CreatedAt: now, Definition: models.JSON(`{"format":1,"name":"Refunds","steps":[
			{"id":"ask","name":"Ask the boss","type":"approval","config":{"question":"Refund 250 €?\nIt is a lot.","assignees":"Anna@example.com, otto@shop.example, anna@example.com","expires_after":"3d"}}]}`)}
		w := models.Workflow{ID: v.WorkflowID, Name: "Refunds", Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now}
		l.must(db.Create(&w).Error)
		l.must(db.Create(&v).Error)
		run, _, err := l.e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
		l.must(err)
		l.must(l.e.Execute(t.Context(), run.ID))
		l.run = run.ID
		l.m = &asking.Messenger{DB: db, Keys: l.keys, BaseURL: base, Log: log}
		modelstest.Eventually(t, "the question is asked", func() bool { return len(l.mails()) == 2 })
		test(l)
	})
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *lab) question() models.Approval {
	l.Helper()
	found, _, err := runs.ListApprovals(l.Context(), l.db, runs.ApprovalFilter{RunID: l.run, Limit: 10}, models.Now())
	l.must(err)
	if len(found) == 0 {
		return models.Approval{}
	}
	return found[0]
}

// mails are by address: Anna's first.
func (l *lab) mails() []models.AskedMail {
	l.Helper()
	id := l.question().ID
	if id == "" {
		return nil
	}
	mails, err := models.AskedMails(l.Context(), l.db, id)
	l.must(err)
	return mails
}

// later lets the time pass until something is due again.
func (l *lab) later() {
	l.Helper()
	l.must(l.db.Exec("UPDATE asked_mails SET due_at = ? WHERE due_at IS NOT NULL", models.Now().Add(-time.Second)).Error)
}

// kestra#2104
func TestThoseWhoAreAskedGetOneEmailWithTheLinkEach(t *testing.T) {
	each(t, func(l *lab) {
		server := smtptest.Start(l.T)
		l.m.Send = steps.Mailer(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Mail: server.Mail})
		for range 3 {
			l.must(l.m.Round(l.Context()))
			l.later()
		}
		got := server.Messages()
		if len(got) != 2 {
			l.Fatalf("%d e-mails were sent instead of 2", len(got))
		}
		id := l.question().ID
		for address, link := range map[string]string{"anna@example.com": base + "/inbox/" + id, "otto@shop.example": asking.Link(l.keys, base, id)} {
			found := false
			for _, mail := range got {
				content := strings.NewReplacer("=\r\n", "", "=\n", "").Replace(mail.Content)
				found = found || len(mail.To) == 1 && mail.To[0] == address && strings.Contains(content, link) && strings.Contains(content, "It is a lot.") && strings.Contains(content, " (Europe/Berlin).") && !strings.Contains(mail.Content, "\nBcc:")
			}
			if !found {
				l.Errorf("%s got no e-mail with %s: %+v", address, link, got)
			}
		}
		for _, mail := range l.mails() {
			if mail.SentAt == nil || mail.DueAt != nil || mail.Unsure || mail.Problem != "" {
				l.Errorf("what is known of it: %+v", mail)
			}
		}
		if of, ours := asking.Linked(l.keys, strings.TrimPrefix(asking.Link(l.keys, "", id), "/approvals/")); of != id || !ours {
			l.Error("the link leads nowhere")
		}
	})
}

func TestEmailOfALostWorkerIsSentAgainAsTheSameAndSaysSo(t *testing.T) {
	each(t, func(l *lab) {
		var keys []string
		send := func(_ context.Context, to, _, _, key string) error {
			keys = append(keys, to+" "+key)
			return nil
		}
		taken := l.mails()[0]
		old := taken
		if mine, err := models.BeginAskedMail(l.Context(), l.db, &taken, models.Now().Add(time.Minute)); err != nil || !mine {
			l.Fatal(mine, err)
		}
		if mine, err := models.BeginAskedMail(l.Context(), l.db, &old, models.Now().Add(time.Minute)); err != nil || mine {
			l.Fatalf("two workers have it: %v, %v", mine, err)
		}
		l.m.Send = send
		l.must(l.m.Round(l.Context()))
		if len(keys) != 1 { // Otto's: Anna's is on its way
			l.Fatalf("sent: %v", keys)
		}
		l.later()
		l.must(l.m.Round(l.Context()))
		mail := l.mails()[0]
		if len(keys) != 2 || !strings.HasPrefix(keys[1], "anna@example.com asked ") || mail.SentAt == nil || !mail.Unsure || mail.Tries != 2 {
			l.Errorf("sent %v, known %+v", keys, mail)
		}
		taken.Problem = "late" // the lost worker comes back
		l.must(models.EndAskedMail(l.Context(), l.db, taken))
		if mail := l.mails()[0]; mail.SentAt == nil || mail.Problem != "" {
			l.Errorf("a late worker changed it: %+v", mail)
		}
	})
}

func TestEmailThatIsNotTakenIsTriedAgainAndThenGivenUpWithTheReason(t *testing.T) {
	each(t, func(l *lab) {
		tries := 0
		l.m.Send = func(_ context.Context, to, _, _, _ string) error {
			if to == "anna@example.com" {
				return &workflow.StepError{Code: "mail_sign_in", Permanent: true, Message: "The mail server did not let us sign in."}
			}
			tries++
			return errors.Join(&workflow.StepError{Code: "mail_refused", Message: "Try later."})
		}
		for range 20 {
			l.must(l.m.Round(l.Context()))
			l.later()
		}
		mails := l.mails()
		if mails[0].Tries != 1 || mails[0].DueAt != nil || mails[0].Problem != "The mail server did not let us sign in." || mails[0].Unsure {
			l.Errorf("what no try can mend: %+v", mails[0])
		}
		if tries != 6 || mails[1].DueAt != nil || mails[1].Problem != "Try later." || mails[1].SentAt != nil {
			l.Errorf("%d tries: %+v", tries, mails[1])
		}
	})
}

func TestNobodyIsToldOfAQuestionThatIsSettled(t *testing.T) {
	each(t, func(l *lab) {
		l.m.Send = func(context.Context, string, string, string, string) error {
			l.Error("an e-mail was sent")
			return nil
		}
		_, err := l.e.AnswerApproval(l.Context(), l.question().ID, engine.Answer{Decision: "approved", Who: engine.Decider{Name: "Anna", Administrator: true}})
		l.must(err)
		l.must(l.m.Round(l.Context()))
		for _, mail := range l.mails() {
			if mail.DueAt != nil || mail.SentAt != nil {
				l.Errorf("%+v", mail)
			}
		}
	})
}
