package editor_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/told"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

func TestWhoMakesAWorkflowIsToldWhenItFails(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		eve := s.As(auth.Editor)
		made := eve.Post("/workflows", url.Values{"name": {"Backup"}}, 303).Location
		address := strings.TrimSuffix(made, "/edit")
		var user models.User
		s.Check(s.DB.Where("role = 'editor'").Take(&user).Error)
		_, d := s.Stored(address)
		if rules := d.Settings.Notify; len(rules) != 1 || strings.Join(rules[0].On, " ") != "failed recovered" || len(rules[0].Email) != 1 || rules[0].Email[0] != user.Email {
			t.Fatalf("%+v", d.Settings.Notify)
		}
		sitetest.Shows(t, eve.Get(address+"/edit", 200), "If it fails", "You are told when a run fails and when it works again.", "No e-mail can leave", "Ask an administrator to set one.", "!/settings/mail")
		admin := s.As(auth.Administrator)
		sitetest.Shows(t, admin.Get(address+"/edit", 200), "/settings/mail", "Set a mail server")
		sitetest.Shows(t, eve.Get(address+"/edit", 200), "Ask an administrator to set one: Ann.")
		sitetest.Shows(t, s.As(auth.Viewer).Get(address, 200), "Ann is told when a run fails and when it works again.")
		eve.Post("/settings/mail/first-told", nil, 403)
		told := func(choice url.Values) string {
			form := admin.Fill("/settings/mail", "/settings/mail/first-told", choice)
			for name, values := range choice {
				if len(values) == 0 {
					form.Del(name)
				}
			}
			admin.Post("/settings/mail/first-told", form, 303)
			_, d := s.Stored(strings.TrimSuffix(eve.Post("/workflows", url.Values{"name": {"Later"}}, 303).Location, "/edit"))
			return strings.Join(notify.Words(d.Settings.Notify, nil), " ")
		}
		for want, choice := range map[string]url.Values{
			user.Email + ", team@example.com and b@example.com are told when a run fails and when it works again.": {"first.maker": {"true"}, "first.email": {"team@example.com; b@example.com"}},
			"team@example.com is told when a run fails and when it works again.":                                   {"first.maker": {}, "first.email": {"team@example.com"}},
			"Nobody is told.": {"first.maker": {}, "first.email": {""}},
		} {
			if got := told(choice); got != want {
				t.Errorf("%v: %q", choice, got)
			}
		}
		sitetest.Shows(t, admin.Post("/settings/mail/first-told", url.Values{"first.email": {"a@@b.c"}}, 422).Body, "“a@@b.c” is not an e-mail address", `value="a@@b.c"`)
		sitetest.Shows(t, eve.Get(address+"/edit", 200), "You are told when a run fails and when it works again.")
	})
}

func TestWhoIsToldIsChosenByNameTypedOrSwitchedOff(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, eve := s.Keep(`{"format":1,"name":"Backup","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`), s.As(auth.Editor)
		s.As(auth.Viewer)
		s.Check(s.DB.Create(&models.Secret{ID: models.NewID(), Name: "TEAM_CHAT", Sealed: "-", CreatedAt: models.Now(), UpdatedAt: models.Now()}).Error)
		var viewer models.User
		s.Check(s.DB.Where("role = 'viewer'").Take(&viewer).Error)
		page := address + "/edit/notify"
		sitetest.Shows(t, eve.Get(address+"/edit", 200), "Nobody is told.", "go:/edit/notify")
		sitetest.Shows(t, eve.Get(page, 200), viewer.Email, "TEAM_CHAT", "when it works again", `value="Europe/Berlin"`)

		sitetest.Shows(t, eve.Submit(page, url.Values{"notify.tell": {"on"}}, 422).Body, "Say who is told")
		wrong := url.Values{"notify.tell": {"on"}, "notify.others": {"a@@b.c"}, "notify.quiet_from": {"22"}, "notify.quiet_until": {"07:00"}, "notify.webhook": {"ftp://x"}, "notify.time_zone": {"Berlin"}}
		sitetest.Shows(t, eve.Submit(page, wrong, 422).Body, "“a@@b.c” is not an e-mail address", `value="a@@b.c"`, "not quiet hours", "not a web address", `value="ftp://x"`)

		eve.Submit(page, url.Values{"notify.tell": {"on"}, "notify.people": {viewer.Email}, "notify.others": {"team@example.com; TEAM@example.com, otto@example.com"}, "notify.chat": {"TEAM_CHAT"}, "notify.on": {"failed", "waiting"}, "notify.quiet_from": {"22:00"}, "notify.quiet_until": {"07:00"}, "notify.time_zone": {"Europe/Berlin"}}, 303)
		_, d := s.Stored(address)
		want := notify.Rule{On: []string{"failed", "waiting"}, Email: []string{viewer.Email, "team@example.com", "otto@example.com"}, ChatSecret: "TEAM_CHAT", Quiet: "22:00-07:00", TimeZone: "Europe/Berlin"}
		if got := d.Settings.Notify; len(got) != 1 || strings.Join(notify.Words(got, nil), "") != strings.Join(notify.Words([]notify.Rule{want}, nil), "") {
			t.Fatalf("%+v", got)
		}
		sitetest.Shows(t, eve.Get(address+"/edit", 200), "Ann, team@example.com, otto@example.com and the chat TEAM_CHAT are told when a run fails and when a run waits for a person, but not from 22:00 to 07:00 (Europe/Berlin).")
		before, _ := s.Stored(address)
		eve.Submit(page, nil, 303)
		eve.Submit(address+"/edit/details", nil, 303)
		if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
			t.Errorf("saving it unchanged made %s of %s", after.Draft, before.Draft)
		}
		form := eve.Fill(page, page, nil)
		form.Del("notify.tell")
		eve.Post(page, form, 303)
		if _, d := s.Stored(address); d.Settings.Notify == nil || len(d.Settings.Notify) != 0 {
			t.Errorf("switched off: %+v", d.Settings.Notify)
		}
		s.As(auth.Viewer).Post(page, form, 403)
	})
}

func TestEntriesThatTheFormDoesNotShowStayUnlessTheyAreTakenAway(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const list = `[{"on":["waiting"],"email":["boss@example.com"]},{"on":["recovered","failed"],"email":["Otto@Example.com"],"webhook_url":"https://ops.example.com/told"},{"on":["failed"],"chat_secret":"GONE"}]`
		address, eve := s.Keep(`{"format":1,"name":"Backup","settings":{"notify":`+list+`},"steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`), s.As(auth.Editor)
		page := address + "/edit/notify"
		sitetest.Shows(t, eve.Get(page, 200), "boss@example.com is told when a run waits for a person.", "The chat GONE is told when a run fails.", `value="Otto@Example.com"`, "https://ops.example.com/told")
		before, _ := s.Stored(address)
		eve.Submit(page, nil, 303)
		if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
			t.Errorf("saving it unchanged made %s of %s", after.Draft, before.Draft)
		}
		// the secret that does not exist keeps it from being published, and its problem leads here
		sitetest.Shows(t, eve.Get(address+"/edit", 200), "There is no secret “GONE”", "go:/edit/notify?check=1#")
		sitetest.Shows(t, eve.Get(page+"?check=1", 200), "There is no secret “GONE”")
		form := eve.Fill(page, page, nil)
		form.Del("notify.keep")
		eve.Post(page, form, 303)
		if _, d := s.Stored(address); len(d.Settings.Notify) != 1 || d.Settings.Notify[0].WebhookURL == "" {
			t.Errorf("%+v", d.Settings.Notify)
		}
	})
}

func TestWorkflowsPageSaysWhoWasToldLastAndWhatCameOfIt(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		d, _, err := workflow.Parse([]byte(`{"format":1,"name":"Backup","settings":{"notify":[{"on":["failed"],"email":["otto@example.com"]}]},"steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`))
		s.Check(err)
		w := s.Publish(d)
		bob := s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get("/workflows/"+w.ID, 200), "otto@example.com is told when a run fails.", "!Last message")
		now := models.Now()
		s.Check(told.Insert(t.Context(), s.DB, told.Message{ID: models.NewID(), WorkflowID: &w.ID, Event: "failed", Channel: told.Email, Recipient: "otto@example.com", Subject: "It has failed", Text: "It.", CreatedAt: now, Problem: "The mail server is closed. " + sitetest.Evil}))
		sitetest.Shows(t, bob.Get("/workflows/"+w.ID, 200), "Last message: to otto@example.com", "It could not be sent.", "The mail server is closed.", "!"+sitetest.Evil)
	})
}
