// Package mailserver knows by which server e-mails leave: that of SMTP_URL and MAIL_FROM,
// or else the one that an administrator has entered on the page, whose password is sealed
// like a secret. It is read anew for each e-mail, so that no process has to be started
// again.
//
// It sends nothing: that is worker/steps, and all who mail ask here by way of it.
package mailserver

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/address"
	"workflows/worker/secrets"
)

// again is how soon a database that is away is asked again.
const again = time.Second

// Source is where that is looked up.
type Source struct {
	DB *gorm.DB
	// Secrets hold the keys by which the password is sealed; without them there is none.
	Secrets *secrets.Store
	// SMTP and From are SMTP_URL and MAIL_FROM, which win where they are set.
	SMTP, From string
}

// Set reports whether e-mails can leave at all.
func (s *Source) Set(ctx context.Context) (bool, error) {
	if s.SMTP != "" {
		return true, nil
	}
	stored, err := Read(ctx, s.DB)
	return stored.Host != "", err
}

// Server is the one by which an e-mail leaves now; one without a host is none. Why one that
// is set cannot be used is an address.Problem.
func (s *Source) Server(ctx context.Context) (address.MailServer, error) {
	if s.SMTP != "" {
		return address.MailServerAt(s.SMTP, s.From)
	}
	stored, err := Read(ctx, s.DB)
	if err != nil || stored.Host == "" {
		return address.MailServer{}, err
	}
	m := address.MailServer{Protection: stored.Protection, From: stored.From}
	m.Host, m.Port, m.User = stored.Host, stored.Port, stored.User
	if stored.User == "" {
		return m, nil
	}
	m.Password, err = s.password(stored)
	return m, err
}

// Unreadable is the problem of a password that no key opens, or that is gone with its key.
const Unreadable address.Problem = "Its password cannot be read with these SECRET_KEYS. Enter it again under Settings, E-mail."

func (s *Source) password(m Stored) (string, error) {
	if s.Secrets == nil {
		return "", Unreadable
	}
	password, err := s.Secrets.OpenSetting(models.SettingMailPassword, m.sealed)
	if err != nil {
		return "", Unreadable
	}
	return password, nil
}

// Await is Server, for those who send: a database that is away is waited for, as long as
// the e-mail may take.
func (s *Source) Await(ctx context.Context) (address.MailServer, error) {
	for {
		bounded, done := models.Bounded(ctx)
		m, err := s.Server(bounded)
		done()
		if !errors.Is(err, models.ErrUnavailable) {
			return m, err
		}
		select {
		case <-ctx.Done():
			return m, err
		case <-time.After(again):
		}
	}
}
