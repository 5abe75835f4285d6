package telling

import (
	"cmp"
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/told"
	"workflows/worker/failpoint"
	"workflows/worker/resend"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// Send sends what is due, once.
func (m *Messenger) Send(ctx context.Context) error {
	now, err := m.now(ctx)
	if err != nil {
		return err
	}
	look, done := context.WithTimeout(ctx, roundFor)
	defer done()
	due, err := told.Due(look, m.DB, now, atOnce)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(sendersAtOnce)
	for _, message := range due {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			return m.sendOne(context.WithoutCancel(ctx), message)
		})
	}
	return group.Wait()
}

// sendOne sends a message, if it is still wanted and no other worker has it.
func (m *Messenger) sendOne(ctx context.Context, message told.Message) error {
	ctx, done := context.WithTimeout(ctx, sendTime+roundFor)
	defer done()
	now, err := m.now(ctx)
	if err != nil {
		return err
	}
	mine, err := told.Begin(ctx, m.DB, &message, now.Add(lease))
	if err != nil || !mine {
		return err
	}
	wanted, err := m.wanted(ctx, message, now)
	if err != nil {
		return err
	}
	message.Begun, message.DueAt, message.Problem = false, nil, ""
	if !wanted && message.Channel == told.Sealed {
		message.Problem = "Its link was withdrawn, used, or replaced by another before it could leave."
	}
	if wanted {
		failpoint.Hit("telling.before_sending")
		err := m.pass(ctx, message)
		failpoint.Hit("telling.after_sending")
		if errors.Is(err, models.ErrUnavailable) { // nothing was sent, and the lease runs out
			return err
		}
		came := resend.After(message.Tries, err)
		message.Problem, message.Unsure = came.Problem, message.Unsure || came.Unsure
		if came.Sent {
			message.SentAt = &now
		}
		if came.Again > 0 && message.Event != told.Test {
			again := now.Add(came.Again)
			message.DueAt = &again
		}
		if !came.Sent {
			m.Log.Warn("somebody could not be told", "message_id", message.ID, "channel", message.Channel, "tries", message.Tries, "problem", came.Problem)
		}
	}
	return told.End(ctx, m.DB, message)
}

// wanted reports whether a message still tells something: not where a person has
// acknowledged it since, or made its link void, before it could leave.
func (m *Messenger) wanted(ctx context.Context, message told.Message, now time.Time) (bool, error) {
	if message.Channel == told.Sealed {
		return models.LinkStands(ctx, m.DB, message.Recipient, message.ID, now)
	}
	if message.Tries == 1 { // it was decided on just now
		return true, nil
	}
	incident, err := told.IncidentOf(ctx, m.DB, message)
	if err != nil || incident == nil || message.Over || message.Unsure {
		return true, err
	}
	return told.StillMatters(ctx, m.DB, *incident)
}

// pass hands a message over to its way.
func (m *Messenger) pass(ctx context.Context, message told.Message) error {
	ctx, done := context.WithTimeout(ctx, sendTime)
	defer done()
	switch {
	case message.Channel == told.Email && m.Ways.Mail != nil:
		return m.Ways.Mail(ctx, message.Recipient, message.Subject, message.Text, "told "+message.ID)
	case message.Channel == told.Sealed && m.Ways.Mail != nil:
		text, err := m.unsealed(message)
		if err != nil {
			return err
		}
		return m.Ways.Mail(ctx, message.Recipient, message.Subject, text, "told "+message.ID)
	case message.Channel == told.Chat && m.Ways.Chat != nil:
		address, err := m.secret(ctx, message.Recipient)
		if err != nil {
			return err
		}
		return m.Ways.Chat(ctx, address, message.Subject, message.Text)
	case message.Channel == told.Webhook && m.Ways.Hook != nil:
		secret := ""
		if message.SigningSecret != "" {
			var err error
			if secret, err = m.secret(ctx, message.SigningSecret); err != nil {
				return err
			}
		}
		return m.Ways.Hook(ctx, message.Recipient, secret, message.ID, []byte(message.Text))
	}
	return givenUp("no_way", "This worker knows no way to send it. Update the workers.")
}

// unsealed is the text of a message that is stored encrypted.
func (m *Messenger) unsealed(message told.Message) (string, error) {
	if m.Secrets != nil {
		if text, err := m.Secrets.Keys.Open(sealedPlace(message.ID), message.Text); err == nil {
			return text, nil
		}
	}
	return "", givenUp("unreadable_message", "It cannot be decrypted with the SECRET_KEYS of this worker. Make a new link under Settings, People.")
}

func sealedPlace(id string) string { return "message/" + id }

func (m *Messenger) secret(ctx context.Context, name string) (string, error) {
	if m.Secrets == nil {
		return "", givenUp("unknown_secret", "There are no secrets here without SECRET_KEYS.")
	}
	values, err := m.Secrets.Values(ctx, []string{name})
	switch value := values[name]; {
	case errors.Is(err, secrets.ErrUnreadable):
		return "", givenUp("unreadable_secret", "The secret "+name+" cannot be decrypted. Enter it again under Settings, Secrets.")
	case err != nil:
		return "", err
	case value == "":
		return "", givenUp("unknown_secret", "There is no secret "+name+". Make it under Settings, Secrets, or tell somebody else.")
	default:
		return value, nil
	}
}

// givenUp is why a message is given up.
func givenUp(code, message string) error {
	return &workflow.StepError{Code: code, Message: message, Permanent: true}
}

// SendTest has a worker send an e-mail to somebody who wants to know whether it arrives.
func SendTest(ctx context.Context, db *gorm.DB, baseURL, address, by string, now time.Time) error {
	return told.Insert(ctx, db, told.Message{
		ID: models.NewID(), Event: told.Test, Channel: told.Email, Recipient: address, CreatedAt: now, DueAt: &now, Subject: "A test of the Workflow System",
		Text: "This is the test that " + oneLine(by) + " has asked for. E-mails of the Workflow System arrive here.\n\n" + baseURL + "\n",
	})
}

// SendInvitation has a worker send somebody the link with which they make their account.
func SendInvitation(ctx context.Context, db *gorm.DB, keys *secrets.Keys, baseURL, address, link, by string, now time.Time) error {
	return sendSealed(ctx, db, keys, told.Message{
		Event: told.Invitation, Recipient: address, CreatedAt: now, Subject: "You are invited to the Workflow System",
		Text: oneLine(by) + " invites you to the Workflow System at " + baseURL + ".\n\nMake your account here. The link works once, for seven days:\n\n" + link + "\n\nIf you know nothing of this, do nothing: no account is made.\n",
	})
}

// SendNewPassword has a worker send somebody the link with which they choose a new password.
func SendNewPassword(ctx context.Context, db *gorm.DB, keys *secrets.Keys, baseURL, address, link, by string, now time.Time) error {
	return sendSealed(ctx, db, keys, told.Message{
		Event: told.NewPassword, Recipient: address, CreatedAt: now, Subject: "A new password for the Workflow System",
		Text: oneLine(by) + " lets you choose a new password for the Workflow System at " + baseURL + ".\n\nChoose it here. The link works once, for seven days, and signs you out everywhere else:\n\n" + link + "\n\nIf you know nothing of this, do nothing: your password stays as it is.\n",
	})
}

// Owners has a worker send those who see to a reason why runs fail an e-mail when it is given to them,
// and when it has come back.
func Owners(baseURL string) failures.Tell {
	return func(ctx context.Context, tx *gorm.DB, t failures.Telling) error {
		subject, first := "“"+oneLine(t.WorkflowName)+"”: you see to why it fails", oneLine(t.By)+" has given this to you to see to"
		if t.By == "" {
			subject, first = "“"+oneLine(t.WorkflowName)+"” fails again for a reason that was solved", "You see to this, and it has come back since it was solved"
		}
		text := first + ":\n\n" + cmp.Or(oneLine(t.Sentence), "Runs failed and did not say why.") + "\n"
		if t.Note != "" {
			text += "\nNote: " + t.Note + "\n"
		}
		return told.Insert(ctx, tx, told.Message{
			ID: models.NewID(), WorkflowID: &t.WorkflowID, Event: told.Owner, Channel: told.Email, Recipient: t.To.Email, CreatedAt: t.At, DueAt: &t.At, Subject: cutSubject(subject),
			Text: text + "\n" + baseURL + "/failures/" + t.ID + "\n",
		})
	}
}

// sendSealed has a worker send an e-mail whose link is a right, so that its text is stored encrypted.
func sendSealed(ctx context.Context, db *gorm.DB, keys *secrets.Keys, m told.Message) error {
	m.ID, m.Channel, m.DueAt = models.NewID(), told.Sealed, &m.CreatedAt
	m.Text = keys.Seal(sealedPlace(m.ID), m.Text)
	return told.Insert(ctx, db, m)
}
