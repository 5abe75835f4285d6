package steps

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"workflows/models/address"
	"workflows/worker/steps/smtptest"
)

func mailing(server *smtptest.Server) Options {
	options := loopback()
	options.Mail = server.Mail
	return options
}

// mailAt is a server at another address, such as one with a password in it.
func mailAt(smtp string) func(context.Context) (address.MailServer, error) {
	return func(context.Context) (address.MailServer, error) { return address.MailServerAt(smtp, "w@example.com") }
}

func message(changes map[string]any) map[string]any {
	config := map[string]any{"to": "anna@example.com", "subject": "Größe", "text": "Hello\n.\nworld"}
	for name, value := range changes {
		config[name] = value
	}
	return config
}

func TestEmailReachesEverybodyOnce(t *testing.T) {
	server := smtptest.Start(t)
	outcome, err := execute(t, mailing(server), "send_email", message(map[string]any{
		"to": []any{"Anna@example.com", "otto@example.com"}, "cc": "otto@example.com; ida@example.com", "bcc": "eva@example.com", "reply_to": "sales@example.com",
	}))
	if err != nil {
		t.Fatal(err)
	}
	sent := server.Messages()
	if len(sent) != 1 {
		t.Fatalf("%d messages", len(sent))
	}
	m := sent[0]
	if want := []string{"anna@example.com", "eva@example.com", "ida@example.com", "otto@example.com"}; !slices.Equal(m.To, want) || m.From != "workflows@example.com" {
		t.Errorf("from %s to %v", m.From, m.To)
	}
	for _, want := range []string{"Subject: =?UTF-8?", "Reply-To: <sales@example.com>", "Auto-Submitted: auto-generated", "Date: Mon, 23 Nov 2026 12:00:00", "Hello\n.\nworld"} {
		if !strings.Contains(m.Content, want) {
			t.Errorf("%q is not in\n%s", want, m.Content)
		}
	}
	if strings.Contains(m.Content, "eva@") {
		t.Error("a hidden copy is seen by everybody")
	}
	id, _ := outcome.Output.(map[string]any)["message_id"].(string)
	if !strings.HasSuffix(id, "@example.com") || !strings.Contains(m.Content, "Message-ID: <"+id+">") {
		t.Errorf("message id %q", id)
	}
}

func TestEmailShowsAListAsATableBelowItsText(t *testing.T) {
	server := smtptest.Start(t)
	orders := []any{
		map[string]any{"id": json.Number("7"), "total": json.Number("150.50"), "customer": map[string]any{"name": "Ada <b>"}},
		map[string]any{"id": json.Number("8"), "total": nil},
	}
	_, err := execute(t, mailing(server), "send_email", message(map[string]any{"text": "Large <orders>:", "rows": orders, "columns": "id, customer.name, total"}))
	if err != nil {
		t.Fatal(err)
	}
	content := strings.ReplaceAll(strings.ReplaceAll(server.Messages()[0].Content, "=\r\n", ""), "=\n", "")
	for _, want := range []string{"multipart/alternative", "text/plain", "text/html", "Large <orders>:", "Large &lt;orders&gt;:", "Ada <b>", "<td>Ada &lt;b&gt;</td>", "<th>customer.name</th>", "150.50"} {
		if !strings.Contains(content, want) {
			t.Errorf("%q is not in\n%s", want, content)
		}
	}
	if _, err := execute(t, mailing(server), "send_email", message(map[string]any{"rows": []any{}})); err != nil || strings.Contains(server.Messages()[1].Content, "multipart") {
		t.Errorf("without rows: %v\n%s", err, server.Messages()[1].Content)
	}
	for code, rows := range map[string]any{"not_a_list": "hello", "too_many_items": make([]any, maxEmailRows+1), "too_large": []any{strings.Repeat("x", maxEmailTable)}} {
		_, err := execute(t, mailing(server), "send_email", message(map[string]any{"rows": rows}))
		assertFails(t, err, code, true)
	}
	if sent := server.Messages(); len(sent) != 2 {
		t.Errorf("%d messages", len(sent))
	}
	if !hasProblem(problemsOf(mailing(server), "send_email", message(map[string]any{"rows": "orders"})), "rows", "not_a_list") {
		t.Error("what is no list may be typed as one")
	}
}

func TestEveryAttemptOfAnEmailHasTheSameMessageID(t *testing.T) {
	server := smtptest.Start(t)
	first, err := execute(t, mailing(server), "send_email", message(nil))
	again, errAgain := execute(t, mailing(server), "send_email", message(map[string]any{"text": "Other"}))
	if err != nil || errAgain != nil {
		t.Fatal(err, errAgain)
	}
	if a, b := first.Output.(map[string]any)["message_id"], again.Output.(map[string]any)["message_id"]; a != b {
		t.Errorf("%v, then %v", a, b)
	}
}

// RFC 5321, section 4.2.1: 4xx may be tried again, 5xx may not.
func TestMailServersRefusalSaysWhetherWaitingHelps(t *testing.T) {
	for answer, c := range map[string]struct {
		on, code string
		lasting  bool
	}{
		"450 4.2.0 greylisted":   {"RCPT TO", "mail_refused", false},
		"550 5.1.1 no such user": {"RCPT TO", "mail_refused", true},
		"552 5.3.4 too large":    {".", "mail_refused", true},
		"451 4.3.0 try later":    {".", "mail_refused", false},
		"530 5.7.0 sign in":      {"MAIL FROM", "mail_sign_in", true},
		"554 5.7.1 spam\x1b[31m": {"DATA", "mail_refused", true},
	} {
		server := smtptest.Start(t)
		server.Answer = func(command string) string {
			if strings.HasPrefix(command, c.on) {
				return answer
			}
			return ""
		}
		_, err := execute(t, mailing(server), "send_email", message(nil))
		failed := assertFails(t, err, c.code, c.lasting)
		if strings.Contains(failed.Message, "\x1b") || c.code == "mail_refused" && !strings.Contains(failed.Message, answer[:3]) {
			t.Errorf("%s: %q", answer, failed.Message)
		}
		if len(server.Messages()) != 0 {
			t.Errorf("%s: the message was sent", answer)
		}
	}
}

func TestWrongPasswordOfTheMailServerIsNotShown(t *testing.T) {
	server := smtptest.Start(t)
	server.Answer = func(command string) string {
		if strings.HasPrefix(command, "AUTH") {
			return "535 5.7.8 no"
		}
		return ""
	}
	options := mailing(server)
	options.Mail = mailAt(strings.Replace(server.URL, "smtp://", "smtp://user:canary-password@", 1))
	_, err := execute(t, options, "send_email", message(nil))
	if failed := assertFails(t, err, "mail_sign_in", true); strings.Contains(failed.Message, "canary") {
		t.Error(failed.Message)
	}
}

func TestPasswordGoesToAnUnprotectedMailServerOnlyWhereItsAddressIsAllowed(t *testing.T) {
	server := smtptest.Start(t)
	var said []string
	server.Answer = func(command string) string {
		said = append(said, command)
		switch {
		case strings.HasPrefix(command, "EHLO"):
			return "250-mail.test\r\n250 AUTH CRAM-MD5 PLAIN LOGIN"
		case strings.HasPrefix(command, "AUTH CRAM-MD5"):
			return "334 " + base64.StdEncoding.EncodeToString([]byte("<1.2@mail.test>"))
		case !strings.Contains(command, " ") && len(command) > 20:
			return "235 welcome"
		}
		return ""
	}
	address := strings.Replace(server.URL, "smtp://", "smtp://user:canary-password@", 1)
	out := newOutbound(nil, nil)
	out.dialer = &net.Dialer{} // as if this machine were a public one
	m := &email{to: []string{"anna@example.com"}, subject: "x", text: "y"}
	send := func(smtp string) error {
		return newMailServer(Options{Mail: mailAt(smtp)}, out).send(t.Context(), m, "1", time.Now())
	}
	failed := assertFails(t, send(address), "mail_unprotected", true)
	for _, command := range said {
		if strings.HasPrefix(command, "AUTH") {
			t.Errorf("it was told %q", command)
		}
	}
	if strings.Contains(failed.Message, "canary") || !strings.Contains(failed.Message, "smtps://") {
		t.Error(failed.Message)
	}
	if err := send(server.URL); err != nil {
		t.Errorf("without a password: %v", err)
	}
	out.allow = loopback().OutboundAllow
	if err := send(address); err != nil || len(server.Messages()) != 2 {
		t.Errorf("to an address that is allowed: %v, %d messages", err, len(server.Messages()))
	}
}

func TestALongAnswerOfTheMailServerIsNotRepeatedInPart(t *testing.T) {
	server := smtptest.Start(t)
	server.Answer = func(command string) string {
		if strings.HasPrefix(command, "RCPT") {
			return "550 " + strings.Repeat("no canary ", 150)
		}
		return ""
	}
	_, err := execute(t, mailing(server), "send_email", message(nil))
	if failed := assertFails(t, err, "mail_refused", true); strings.Contains(failed.Message, "canary") {
		t.Error(failed.Message)
	}
}

func TestMailServerInAPrivateNetworkIsNotCalledUnlessAllowed(t *testing.T) {
	server := smtptest.Start(t)
	for name, url := range map[string]string{"by address": server.URL, "by name": strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		options := mailing(server)
		options.Mail, options.OutboundAllow = mailAt(url), []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		_, err := execute(t, options, "send_email", message(nil))
		t.Log(name)
		assertFails(t, err, "blocked_address", true)
	}
	if len(server.Messages()) != 0 {
		t.Error("it was called")
	}
}

func TestEmailWithoutAMailServerSaysWhatToSet(t *testing.T) {
	_, err := execute(t, loopback(), "send_email", message(nil))
	assertFails(t, err, "mail_not_configured", true)

	options, why := loopback(), error(address.Problem("Its password cannot be read."))
	options.Mail = func(context.Context) (address.MailServer, error) { return address.MailServer{}, why }
	_, err = execute(t, options, "send_email", message(nil))
	if failed := assertFails(t, err, "mail_not_configured", true); !strings.Contains(failed.Message, "Its password cannot be read.") {
		t.Error(failed.Message)
	}
	why = errors.New("the database is away") // which may pass
	if _, err = execute(t, options, "send_email", message(nil)); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

func TestEncryptionIsTheOneThatWasChosen(t *testing.T) {
	var mutex sync.Mutex // the server answers beside the test
	var commands, offers string
	server := smtptest.Start(t)
	server.Answer = func(command string) string {
		mutex.Lock()
		defer mutex.Unlock()
		commands += command + "\n"
		if strings.HasPrefix(command, "EHLO") {
			return "250-mail.test\r\n" + offers + "250 8BITMIME"
		}
		return ""
	}
	said := func() string {
		mutex.Lock()
		defer mutex.Unlock()
		return commands
	}
	begin := func(offered string) {
		mutex.Lock()
		defer mutex.Unlock()
		commands, offers = "", offered
	}
	send := func(protection string) error {
		options := loopback()
		options.Mail = func(ctx context.Context) (address.MailServer, error) {
			m, err := server.Mail(ctx)
			m.Protection = protection
			return m, err
		}
		_, err := execute(t, options, "send_email", message(nil))
		return err
	}
	begin("")
	assertFails(t, send(address.StartTLS), "mail_unprotected", true)
	if strings.Contains(said(), "MAIL") {
		t.Errorf("without encryption it was told %q", said())
	}
	if err := send(address.Offered); err != nil {
		t.Error(err)
	}
	begin("250-STARTTLS\r\n")
	if err := send(address.Unprotected); err != nil || strings.Contains(said(), "STARTTLS") {
		t.Errorf("%v, after %q", err, said())
	}
	begin("250-STARTTLS\r\n")
	if err := send(address.Offered); err == nil || !strings.Contains(said(), "STARTTLS") { // it cannot do what it offers
		t.Errorf("%v, after %q", err, said())
	}
	begin("250-STARTTLS\r\n")
	if err := send(address.TLS); err == nil || said() != "" && strings.Contains(said(), "EHLO") {
		t.Errorf("%v, after %q", err, said())
	}
	if n := len(server.Messages()); n != 2 {
		t.Errorf("%d messages", n)
	}
}

func TestMailServerThatIsAwayOrSilent(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	options := loopback()
	options.Mail = mailAt("smtp://" + closed.Addr().String())
	_ = closed.Close()
	_, err = execute(t, options, "send_email", message(nil))
	if failed := assertFails(t, err, "mail_unreachable", false); !strings.Contains(failed.Message, closed.Addr().String()) || !strings.Contains(failed.Message, "nothing was sent") {
		t.Error(failed.Message)
	}

	server := smtptest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.Answer = func(command string) string {
		if command == "." {
			cancel() // the person cancels while the server thinks
			return "never"
		}
		return ""
	}
	_, err = executeIn(ctx, mailing(server), "send_email", message(nil))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled e-mail came to %v", err)
	}
}

func TestBadEmailsAreRefusedBeforeTheyRunAndWhenTheyRun(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("a@example.com,", 200), ",")
	for _, c := range []struct {
		field string
		value any
	}{
		{"to", "a@b"},
		{"to", "a@@b.c"},
		{"to", "anna"},
		{"to", "anna@example.com\r\nBcc: eve@example.com"},
		{"to", "Anna <anna@example.com>"},
		{"to", "a@b.c@d.e"},
		{"to", "a b@example.com"},
		{"to", `"a\"b"@example.com`},
		{"to", "a@example."},
		{"to", many},
		{"cc", "a@b"},
		{"bcc", []any{"anna@example.com", "a@@b.c"}},
		{"reply_to", "a@b"},
		{"reply_to", "a@example.com\nBcc: b@example.com"},
		{"subject", "Hello\r\nBcc: eve@example.com"},
		{"subject", strings.Repeat("x", 251)},
	} {
		config := message(map[string]any{c.field: c.value})
		if !hasProblem(problemsOf(Options{}, "send_email", config), c.field, "invalid_value") {
			t.Errorf("%s %.40q passed the check", c.field, c.value)
		}
		server := smtptest.Start(t)
		_, err := execute(t, mailing(server), "send_email", config)
		assertFails(t, err, "invalid_config", true)
		if len(server.Messages()) != 0 {
			t.Errorf("%s %.40q was sent", c.field, c.value)
		}
	}
	if problems := problemsOf(Options{}, "send_email", message(map[string]any{"to": "{{ input.x }}", "reply_to": "{{ input.x }}"})); len(problems) != 0 {
		t.Errorf("references: %v", problems)
	}
	if !hasProblem(problemsOf(Options{}, "send_email", nil), "to", "required") {
		t.Error("an e-mail to nobody passed")
	}
	_, err := execute(t, mailing(smtptest.Start(t)), "send_email", message(map[string]any{"to": []any{}}))
	assertFails(t, err, "invalid_config", true)
}
