package routes_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/environment"
	"workflows/worker/mailserver"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/steps/smtptest"
	"workflows/worker/telling"
)

func TestMailPageSaysWhatIsMissingWhereNoServerIsSet(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		for _, role := range []auth.Role{auth.Viewer, auth.Operator, auth.Editor} {
			s.As(role).Get("/settings/mail", 403)
			s.As(role).Post("/settings/mail", url.Values{"host": {"mail.example.com"}}, 403)
			s.As(role).Post("/settings/mail/test", nil, 403)
		}
		admin := s.As(auth.Administrator)
		sitetest.Shows(t, admin.Get("/settings/mail", 200), "No mail server is set", `value="587"`, "None can be kept here, since SECRET_KEYS is not set.", "!/settings/mail/test")
		sitetest.Shows(t, admin.Get("/settings", 200), "/settings/mail")
		admin.Post("/settings/mail/test", nil, 409)
		typed := url.Values{"host": {"mail.example.com"}, "user": {"robot"}, "password": {"c4nary-password"}, "from": {"w@example.com"}}
		sitetest.Shows(t, admin.Submit("/settings/mail", typed, 422).Body, "SECRET_KEYS is not set", `value="robot"`, "!c4nary")
	})
}

// one is how an administrator fills in the page.
func one(changes url.Values) url.Values {
	form := url.Values{"host": {"mail.example.com"}, "port": {"587"}, "encryption": {"starttls"}, "user": {"robot"}, "password": {"c4nary-password"}, "from": {"Workflows <workflows@example.com>"}}
	for name, values := range changes {
		form[name] = values
	}
	return form
}

func TestMailServerIsEnteredOnThePageAndItsPasswordIsNeverRead(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		admin := s.signedIn(auth.Administrator)
		source := &mailserver.Source{DB: s.db, Secrets: s.secrets}
		if set, err := source.Set(t.Context()); err != nil || set {
			t.Fatalf("before, one is set: %v, %v", set, err)
		}
		if a := admin.post("/settings/mail", one(nil)); a.StatusCode != 303 {
			t.Fatalf("it answered %d %s", a.StatusCode, a.text())
		}
		m, err := source.Server(t.Context())
		if err != nil || m.Dial() != "mail.example.com:587" || m.User != "robot" || m.Password != "c4nary-password" || m.Protection != "starttls" || m.From != "Workflows <workflows@example.com>" {
			t.Fatalf("%+v, %v", m, err)
		}
		page := admin.get("/settings/mail")
		for _, words := range []string{`value="mail.example.com"`, `value="robot"`, "Leave this empty to keep it", "Save and send me a test"} {
			if !strings.Contains(page.body, words) {
				t.Errorf("the page does not show %q:\n%s", words, page.text())
			}
		}
		// the password stays, for this server and user only
		if a := admin.post("/settings/mail", one(url.Values{"password": {""}, "from": {"w@example.com"}})); a.StatusCode != 303 {
			t.Errorf("without a new password: %d %s", a.StatusCode, a.text())
		}
		if m, err := source.Server(t.Context()); err != nil || m.Password != "c4nary-password" || m.From != "w@example.com" {
			t.Errorf("%+v, %v", m, err)
		}
		for entry, value := range map[string]string{"host": "mail.elsewhere.example", "port": "25", "user": "mallory"} {
			if a := admin.post("/settings/mail", one(url.Values{"password": {""}, entry: {value}})); a.StatusCode != 422 || !strings.Contains(a.body, "belongs to another server or user") {
				t.Errorf("another %s takes the password along: %d", entry, a.StatusCode)
			}
		}
		// encrypted again with a newer key, and given up with a lost one
		newer, err := secrets.ParseKeys(secrets.NewKey("k2") + "," + s.keys)
		if err != nil {
			t.Fatal(err)
		}
		later := &secrets.Store{DB: s.db, Keys: newer, Redactor: &secrets.Redactor{}, Log: slog.New(slog.DiscardHandler)}
		if n, err := later.Rotate(t.Context()); err != nil || n != 1 {
			t.Errorf("encrypted again: %d, %v", n, err)
		}
		if m, err := (&mailserver.Source{DB: s.db, Secrets: later}).Server(t.Context()); err != nil || m.Password != "c4nary-password" {
			t.Errorf("then it is %+v, %v", m, err)
		}
		learning := &secrets.Store{DB: s.db, Keys: later.Keys, Redactor: &secrets.Redactor{}, Log: later.Log}
		if err := learning.Learn(t.Context()); err != nil || strings.Contains(learning.Redactor.Text("AUTH c4nary-password"), "c4nary") {
			t.Errorf("another process does not hide it: %v", err)
		}
		if page := admin.get("/settings/mail"); !strings.Contains(page.body, "cannot be read with these SECRET_KEYS") {
			t.Errorf("with the older key alone the page says %s", page.text())
		}
		if gone, err := s.secrets.Forget(t.Context()); err != nil || len(gone) != 1 || gone[0] != "the mail server’s password" {
			t.Errorf("forgotten: %v, %v", gone, err)
		}
		if a := admin.post("/settings/mail", one(url.Values{"password": {""}})); a.StatusCode != 422 {
			t.Errorf("without a password that can be read: %d", a.StatusCode)
		}
		if a := admin.post("/settings/mail", url.Values{"remove": {"true"}}); a.StatusCode != 303 {
			t.Errorf("taking it away: %d", a.StatusCode)
		}
		if set, err := source.Set(t.Context()); err != nil || set {
			t.Errorf("taken away, one is set: %v, %v", set, err)
		}
		if left, err := models.GetSetting(t.Context(), s.db, models.SettingMailPassword); err != nil || left != "" {
			t.Errorf("its password is left: %v", err)
		}
		if event := s.record("mail_server.changed"); strings.Contains(string(event.Before)+string(event.After), "c4nary") || !strings.Contains(string(event.Before), "mail.example.com") {
			t.Errorf("it is recorded as %s %s", event.Before, event.After)
		}
		if strings.Contains(s.log.String(), "c4nary") || strings.Contains(page.body, "c4nary") {
			t.Error("the password is shown")
		}
	})
}

func TestEachWrongEntryOfTheMailServerIsAnsweredInASentence(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	admin := s.signedIn(auth.Administrator)
	for _, c := range []struct{ entry, value, words string }{
		{"host", "", "Enter the name of the mail server"},
		{"host", "smtp://mail.example.com:587", "Write only the name of the server"},
		{"host", "mail.example.com:587", "Write only the name"},
		{"host", "user@mail.example.com", "Write only the name"},
		{"host", "mail example.com", "Write only the name"},
		{"host", "127.0.0.1", "in a private network"},
		{"host", "::1", "in a private network"},
		{"host", strings.Repeat("a.", 200) + "com", "Write only the name"},
		{"port", "", "number from 1 to 65535"},
		{"port", "0", "number from 1 to 65535"},
		{"port", "65536", "number from 1 to 65535"},
		{"port", "smtp", "number from 1 to 65535"},
		{"encryption", "ssl", "Choose the encryption of the connection"},
		{"user", "ro\r\nbot", "in one line"},
		{"user", "", "Enter the user name that goes with the password"},
		{"password", "", "Enter the password of this user"},
		{"password", strings.Repeat("x", 321), "longer than 320 characters"},
		{"from", "", "Enter the e-mail address"},
		{"from", "workflows", "Enter the e-mail address"},
		{"from", "a@example.com\r\nBcc: b@example.com", "Enter the e-mail address"},
	} {
		a := admin.post("/settings/mail", one(url.Values{c.entry: {c.value}}))
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.words) || strings.Contains(a.body, "c4nary") {
			t.Errorf("%s %q: %d, it does not say %q:\n%s", c.entry, c.value, a.StatusCode, c.words, a.text())
		}
	}
	if m, err := mailserver.Read(t.Context(), s.db); err != nil || m.Host != "" || m.HasPassword() {
		t.Errorf("something is stored: %+v, %v", m, err)
	}
	if a := admin.post("/settings/mail", one(url.Values{"user": {""}, "password": {""}, "host": {"2001:db8::25"}, "port": {"465"}, "encryption": {"tls"}})); a.StatusCode != 422 { // reserved for examples
		t.Errorf("an address that is none: %d", a.StatusCode)
	}
	if a := admin.post("/settings/mail", one(url.Values{"user": {""}, "password": {""}, "host": {"9.9.9.9"}, "encryption": {"none"}})); a.StatusCode != 303 {
		t.Errorf("a server without a sign-in: %d %s", a.StatusCode, a.text())
	}
}

func TestTestIsSentByAWorkerAndItsAnswerStandsOnThePage(t *testing.T) {
	refuses := false
	server := smtptest.Start(t)
	server.Answer = func(command string) string {
		if refuses && strings.HasPrefix(command, "RCPT") {
			return "550 canary says no"
		}
		return ""
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "smtp://"), ":")
	allow := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	sitetest.EachWith(t, environment.Settings{BaseURL: "http://127.0.0.1", OutboundAllow: allow}, func(t *testing.T, s *sitetest.Site) {
		admin := s.As(auth.Administrator)
		entered := &mailserver.Source{DB: s.DB}
		worker := telling.Messenger{DB: s.DB, Ways: telling.Ways{Mail: steps.Mailer(steps.Options{OutboundAllow: allow, Mail: entered.Await})}, Log: slog.New(slog.DiscardHandler)}
		for i, answer := range []string{"It was sent.", "It could not be sent."} {
			refuses = i == 1
			before := len(server.Messages())
			typed := url.Values{"host": {"127.0.0.1"}, "port": {port}, "encryption": {"none"}, "from": {"Workflows <workflows@example.com>"}, "do": {"test"}}
			var back sitetest.Answer
			if i == 1 {
				back = admin.Post("/settings/mail/test", nil, 303)
			} else {
				back = admin.Submit("/settings/mail", typed, 303)
			}
			if after := len(server.Messages()); after != before { // the request itself sends nothing
				t.Errorf("%d e-mails", after-before)
			}
			sitetest.Shows(t, admin.Get(back.Location, 200), "A worker sends the test to")
			s.Check(worker.Send(t.Context()))
			sitetest.Shows(t, admin.Get("/settings/mail", 200), answer, "A test of the Workflow System")
		}
		sitetest.Shows(t, admin.Get("/live/settings/mail", 200), "It was sent.", "canary says no")
		if got := server.Messages(); len(got) == 0 || !strings.HasPrefix(got[len(got)-1].To[0], "administrator-") {
			t.Errorf("%+v", got)
		}
	})
}

func TestMailServerOfTheEnvironmentWinsAndThePageShowsItsHostOnly(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t), func(p *routes.Parts) {
		p.Settings.SMTPURL, p.Settings.MailFrom = "smtp://postbox:c4nary-password@mail.example.com:2525", "w@example.com"
	})
	admin := s.signedIn(auth.Administrator)
	page := admin.get("/settings/mail")
	for _, words := range []string{"mail.example.com", "SMTP_URL", "Send me a test"} {
		if !strings.Contains(page.body, words) {
			t.Errorf("it does not show %q:\n%s", words, page.text())
		}
	}
	for _, words := range []string{"c4nary", "postbox", "2525", `name="host"`} {
		if strings.Contains(page.body, words) {
			t.Errorf("it shows %q", words)
		}
	}
	if a := admin.post("/settings/mail", one(nil)); a.StatusCode != http.StatusConflict {
		t.Errorf("it can be set all the same: %d", a.StatusCode)
	}
}

func TestAnInvitationIsMailedByAWorkerWhereAMailServerIsSet(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		admin := s.signedIn(auth.Administrator)
		invites := func(email string) answer {
			return admin.post("/settings/people", url.Values{"email": {email}, "role": {"viewer"}})
		}
		if page := invites("olga@example.com"); !strings.Contains(page.text(), "Send this link to olga@example.com.") || strings.Contains(page.text(), "mails it") {
			t.Errorf("without a mail server the page says %s", page.text())
		}
		if a := admin.post("/settings/mail", one(nil)); a.StatusCode != 303 {
			t.Fatalf("it answered %d %s", a.StatusCode, a.text())
		}
		invites("eve@example.com") // which is withdrawn before it can leave
		if err := s.db.Exec("DELETE FROM invitations WHERE email = 'eve@example.com'").Error; err != nil {
			t.Fatal(err)
		}
		invites("Otto@Example.com") // and this is replaced
		page := invites("Otto@Example.com")
		link := linkIn(t, page.body)
		if !strings.Contains(page.text(), "A worker mails it to otto@example.com.") || !strings.Contains(page.body, `href="/settings/mail"`) {
			t.Errorf("the page says %s", page.text())
		}
		if stored := modelstest.Everything(t, s.db)["messages"]; strings.Contains(stored, link) || !strings.Contains(stored, "otto@example.com") {
			t.Errorf("the link can be read in the database: %s", stored)
		}
		var sent []string
		worker := telling.Messenger{DB: s.db, Secrets: s.secrets, Log: slog.New(slog.DiscardHandler), Ways: telling.Ways{Mail: func(_ context.Context, to, subject, text, _ string) error {
			sent = append(sent, to, subject, text)
			return nil
		}}}
		if err := worker.Send(t.Context()); err != nil || len(sent) != 3 || sent[0] != "otto@example.com" || !strings.Contains(sent[2], host+link+"\n") || !strings.Contains(sent[2], "seven days") {
			t.Errorf("%v; it sent %q", err, sent)
		}
		if page := admin.get("/settings/mail"); !strings.Contains(page.text(), "Its link was withdrawn, used, or replaced") || !strings.Contains(page.text(), "You are invited") || strings.Contains(page.body, link) {
			t.Errorf("the page of e-mails says %s", page.text())
		}
		if a := s.visitor().post(link, accountForm()); a.StatusCode != 303 {
			t.Errorf("the link answered %d %s", a.StatusCode, a.text())
		}
	})
}

func TestALinkForANewPasswordIsMailedByAWorkerWhereAMailServerIsSet(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		admin, otto := s.signedIn(auth.Administrator), s.user("otto@example.com", auth.Viewer)
		person := "/settings/people/" + otto.ID
		if page := admin.get(person); !strings.Contains(page.text(), "nothing is mailed, since no mail server is set") {
			t.Errorf("without a mail server the page says %s", page.text())
		}
		if page := admin.post(person+"/password", nil); !strings.Contains(page.text(), "Send this link to otto@example.com.") || !strings.Contains(page.text(), "Nothing is mailed, since no mail server is set.") {
			t.Errorf("without a mail server it says %s", page.text())
		}
		if a := admin.post("/settings/mail", one(nil)); a.StatusCode != 303 {
			t.Fatalf("it answered %d %s", a.StatusCode, a.text())
		}
		if page := admin.get(person); !strings.Contains(page.text(), "They are mailed a link.") {
			t.Errorf("with a mail server the page says %s", page.text())
		}
		page := admin.post(person+"/password", nil)
		link := linkIn(t, page.body)
		if !strings.Contains(page.text(), "A worker mails it to otto@example.com.") || !strings.Contains(page.body, `href="/settings/mail"`) {
			t.Errorf("it says %s", page.text())
		}
		if stored := modelstest.Everything(t, s.db)["messages"]; strings.Contains(stored, link) || !strings.Contains(stored, "otto@example.com") {
			t.Errorf("the link can be read in the database: %s", stored)
		}
		var sent []string
		worker := telling.Messenger{DB: s.db, Secrets: s.secrets, Log: slog.New(slog.DiscardHandler), Ways: telling.Ways{Mail: func(_ context.Context, to, subject, text, _ string) error {
			sent = append(sent, to, subject, text)
			return nil
		}}}
		if err := worker.Send(t.Context()); err != nil || len(sent) != 3 || sent[0] != "otto@example.com" || !strings.Contains(sent[1], "new password") || !strings.Contains(sent[2], host+link+"\n") || !strings.Contains(sent[2], "your password stays as it is") {
			t.Errorf("%v; it sent %q", err, sent)
		}
		if page := admin.get("/settings/mail"); !strings.Contains(page.text(), "A new password for the Workflow System") || strings.Contains(page.body, link) {
			t.Errorf("the page of e-mails says %s", page.text())
		}
		if a := s.visitor().post(link, url.Values{"password": {"another long password"}}); a.StatusCode != 303 {
			t.Errorf("the link answered %d %s", a.StatusCode, a.text())
		}
	})
}
