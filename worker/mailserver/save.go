package mailserver

import (
	"context"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/address"
	"workflows/worker/steps"
)

// Limits in characters.
const (
	maxHost = 253
	maxText = 320
)

// hostPattern is a name of a server; those that are addresses are read as such.
var hostPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*$`)

// Typed is what an administrator has filled in.
type Typed struct {
	Host, Port, Protection, User, Password, From string
}

// Save stores it; a password that is not typed stays the present one, for the same server
// and user only: whoever may change the server must not be able to have it sent elsewhere.
// What is wrong is a *models.InvalidError with a sentence for each field.
func (s *Source) Save(ctx context.Context, t Typed, allow []netip.Prefix, now time.Time) error {
	m, problems := t.read(allow)
	return models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		before, err := lock(ctx, tx, now)
		if err != nil {
			return err
		}
		all := problems
		if problem := s.passwordProblem(t, m, before); problem != "" {
			all = append(slices.Clone(all), models.FieldError{Path: "password", Code: "invalid_value", Message: problem})
		}
		if len(all) > 0 {
			return &models.InvalidError{Code: "invalid_mail_server", Message: "The mail server cannot be stored like this.", Fields: all}
		}
		fresh := m.User != "" && t.Password != ""
		if fresh {
			if err := s.Secrets.PutSetting(ctx, tx, models.SettingMailPassword, t.Password); err != nil {
				return err
			}
		}
		return replace(ctx, tx, before, m, fresh, now)
	})
}

// Remove takes the one away that was entered.
func (s *Source) Remove(ctx context.Context, now time.Time) error {
	return models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		before, err := lock(ctx, tx, now)
		if err != nil {
			return err
		}
		return replace(ctx, tx, before, Stored{}, false, now)
	})
}

func (s *Source) passwordProblem(t Typed, m, before Stored) string {
	switch {
	case m.User == "" && t.Password != "":
		return "Enter the user name that goes with the password, or leave both empty."
	case m.User == "":
		return ""
	case t.Password != "" && s.Secrets == nil:
		return "No password can be kept here: SECRET_KEYS is not set. Ask whoever runs the programs to set it."
	case utf8.RuneCountInString(t.Password) > maxText:
		return "The password is longer than 320 characters."
	case t.Password != "":
		return ""
	case !before.HasPassword() || before.User == "":
		return "Enter the password of this user."
	case before.Host != m.Host || before.Port != m.Port || before.User != m.User:
		return "Enter the password again: the one that is kept belongs to another server or user."
	}
	if _, err := s.password(before); err != nil {
		return "Enter the password again: the one that is kept cannot be read with these SECRET_KEYS."
	}
	return ""
}

// read is what was typed, with what is wrong with it by field. Servers with an address
// that steps may not call are refused here as far as it shows: names are looked up when an
// e-mail leaves.
func (t Typed) read(allow []netip.Prefix) (Stored, []models.FieldError) {
	m := Stored{Host: strings.TrimSpace(t.Host), Protection: t.Protection, User: strings.TrimSpace(t.User), From: strings.TrimSpace(t.From)}
	var problems []models.FieldError
	wrong := func(path, message string) {
		problems = append(problems, models.FieldError{Path: path, Code: "invalid_value", Message: message})
	}
	literal, err := netip.ParseAddr(m.Host)
	switch {
	case m.Host == "":
		wrong("host", "Enter the name of the mail server, like mail.example.com.")
	case err == nil && steps.Blocked(literal, allow):
		wrong("host", "This address is in a private network, which steps may not call. Ask whoever runs the programs to add it to OUTBOUND_ALLOW.")
	case err != nil && (len(m.Host) > maxHost || !hostPattern.MatchString(m.Host)):
		wrong("host", "Write only the name of the server, like mail.example.com; the port, the user and the encryption have entries of their own.")
	}
	if m.Port, err = strconv.Atoi(strings.TrimSpace(t.Port)); err != nil || m.Port < 1 || m.Port > 65535 {
		wrong("port", "Enter the port as a number from 1 to 65535: mostly 587, or 465 where all is encrypted from the start.")
	}
	if !slices.Contains([]string{address.StartTLS, address.TLS, address.Unprotected}, m.Protection) {
		wrong("encryption", "Choose the encryption of the connection.")
	}
	if !line(m.User) {
		wrong("user", "Write the user name in one line of at most 320 characters.")
	}
	if _, err := mail.ParseAddress(m.From); err != nil || !line(m.From) {
		wrong("from", "Enter the e-mail address that messages come from, like Workflows <workflows@example.com>.")
	}
	return m, problems
}

// line reports whether a text is one, and not too long.
func line(text string) bool {
	return utf8.RuneCountInString(text) <= maxText && !strings.ContainsFunc(text, unicode.IsControl)
}
