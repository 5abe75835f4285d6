package routes_test

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/environment"
	"workflows/worker/steps"
	"workflows/worker/steps/smtptest"
	"workflows/worker/telling"
)

func TestMailPageSaysWhatIsMissingWhereNoServerIsSet(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		for _, role := range []auth.Role{auth.Viewer, auth.Operator, auth.Editor} {
			s.As(role).Get("/settings/mail", 403)
			s.As(role).Post("/settings/mail/test", nil, 403)
		}
		admin := s.As(auth.Administrator)
		sitetest.Shows(t, admin.Get("/settings/mail", 200), "No mail server is set", "SMTP_URL=smtp://", "MAIL_FROM=", "!Send me a test")
		sitetest.Shows(t, admin.Get("/settings", 200), "/settings/mail")
		admin.Post("/settings/mail/test", nil, 409)
	})
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
	address := strings.Replace(server.URL, "smtp://", "smtp://robot:c4nary-password@", 1)
	sitetest.EachWith(t, environment.Settings{BaseURL: "http://127.0.0.1", SMTPURL: address, MailFrom: "Workflows <workflows@example.com>"}, func(t *testing.T, s *sitetest.Site) {
		admin := s.As(auth.Administrator)
		sitetest.Shows(t, admin.Get("/settings/mail", 200), "127.0.0.1", "robot", "workflows@example.com", "SMTP_URL", "Send me a test", "!c4nary")
		options := steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, SMTPURL: server.URL, MailFrom: "Workflows <workflows@example.com>"}
		worker := telling.Messenger{DB: s.DB, Ways: telling.Ways{Mail: steps.Mailer(options)}, Log: slog.New(slog.DiscardHandler)}
		for _, answer := range []string{"It was sent.", "It could not be sent."} {
			refuses = answer != "It was sent."
			before := len(server.Messages())
			back := admin.Post("/settings/mail/test", nil, 303)
			if after := len(server.Messages()); after != before { // the request itself sends nothing
				t.Errorf("%d e-mails", after-before)
			}
			sitetest.Shows(t, admin.Get(back.Location, 200), "A worker sends it.")
			s.Check(worker.Send(t.Context()))
			sitetest.Shows(t, admin.Get("/settings/mail", 200), answer, "A test of the Workflow System", "!c4nary")
		}
		sitetest.Shows(t, admin.Get("/live/settings/mail", 200), "It was sent.", "canary says no", "!c4nary")
		if got := server.Messages(); len(got) == 0 || !strings.HasPrefix(got[len(got)-1].To[0], "administrator-") {
			t.Errorf("%+v", got)
		}
	})
}
