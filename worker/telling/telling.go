// Package telling tells people what happens to their workflows: who stands in
// settings.notify gets of each cause one message at once, then at most one an hour with
// the number, and one when it works again.
//
// What has happened is an incident (models/told), written in the commit in which it does.
// Any number of workers look at what is due: a look locks its incident, and stores the
// messages that it decides on (decide.go) in the same transaction. Sending them is another
// thing: a row changes hands by compare-and-set, and a worker that dies in the middle
// leaves a trace. The next one sends the message again, an e-mail under the same
// Message-ID, a webhook under the same id: whether the message before was taken, SMTP has
// no way to ask, and twice is better than never.
//
// Nothing here knows how an event comes about, or how a message travels (package steps).
package telling

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/told"
	"workflows/worker/failpoint"
	"workflows/worker/notify"
	"workflows/worker/outage"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

const (
	// every is the time between two looks.
	every = 2 * time.Second
	// sendTime bounds one message, also while the worker stops; lease is after how long
	// another worker takes for lost who has begun one.
	sendTime = 20 * time.Second
	lease    = time.Minute
	// atOnce bounds what one round takes of each kind, sendersAtOnce how many messages are
	// on their way at once: a chat that hangs holds nobody up.
	atOnce        = 100
	sendersAtOnce = 5
	roundFor      = 10 * time.Second // for the database
)

// Ways are how messages leave. Those that are nil are not there.
type Ways struct {
	// Mail sends an e-mail. The same key is the same e-mail, however often it is sent.
	Mail func(ctx context.Context, to, subject, text, key string) error
	// Chat tells the chat at an address.
	Chat func(ctx context.Context, address, title, text string) error
	// Hook calls an address of somebody's own; secret "" signs nothing.
	Hook func(ctx context.Context, address, secret, id string, body []byte) error
}

// Messenger tells people.
type Messenger struct {
	DB      *gorm.DB
	Ways    Ways
	Secrets *secrets.Store // of chats and signatures; without it there are none
	BaseURL string
	Log     *slog.Logger
	Now     func() time.Time // the database's clock when nil
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
}

// Run looks and sends until ctx ends. What is on its way then is still waited for.
func (m *Messenger) Run(ctx context.Context) error {
	var group errgroup.Group
	group.Go(func() error {
		m.again(ctx, m.Look, "nobody is told of what happens", "people are told again of what happens")
		return nil
	})
	group.Go(func() error {
		m.again(ctx, m.Send, "messages to people are not sent", "messages to people are sent again")
		return nil
	})
	return group.Wait()
}

func (m *Messenger) again(ctx context.Context, do func(context.Context) error, ill, well string) {
	chore := outage.NewChore(m.Log, ill, well, m.Database)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		began := time.Now()
		if err := do(ctx); ctx.Err() == nil {
			chore.Note(began, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Look decides once whom of what is told.
func (m *Messenger) Look(ctx context.Context) error {
	now, err := m.now(ctx)
	if err != nil {
		return err
	}
	if err := m.noteAlerts(ctx, now); err != nil {
		return err
	}
	if err := m.noteRecoveries(ctx, now); err != nil {
		return err
	}
	for range atOnce {
		found, err := m.lookAtOne(ctx, now)
		if err != nil || !found {
			return err
		}
	}
	return nil
}

func (m *Messenger) noteAlerts(ctx context.Context, now time.Time) error {
	ctx, done := context.WithTimeout(ctx, roundFor)
	defer done()
	_, err := told.NoteAlerts(ctx, m.DB, now, atOnce, func(tx *gorm.DB, workflowID, event string) (bool, error) {
		t, err := tellingOf(ctx, tx, workflowID)
		return notify.Tells(t.rules, event), err
	})
	return err
}

func (m *Messenger) noteRecoveries(ctx context.Context, now time.Time) error {
	ctx, done := context.WithTimeout(ctx, roundFor)
	defer done()
	recovering, err := told.Recovering(ctx, m.DB, atOnce)
	if err != nil {
		return err
	}
	for _, id := range recovering {
		if err := told.Recover(ctx, m.DB, id, now); err != nil {
			return err
		}
	}
	return nil
}

// lookAtOne takes the incident that is due first, and stores with its messages when
// somebody looks again.
func (m *Messenger) lookAtOne(ctx context.Context, now time.Time) (found bool, err error) {
	ctx, done := context.WithTimeout(ctx, roundFor)
	defer done()
	err = models.Tx(ctx, m.DB, func(tx *gorm.DB) error {
		incident, err := told.LockDue(ctx, tx, now)
		if err != nil || incident == nil {
			return err
		}
		found = true
		t, err := tellingOf(ctx, tx, incident.WorkflowID)
		if err != nil {
			return err
		}
		matters, err := told.StillMatters(ctx, tx, *incident)
		if err != nil {
			return err
		}
		if !matters {
			incident.Settled, incident.LookAt = incident.Number, nil
			return told.Looked(ctx, tx, *incident)
		}
		last, err := told.LastToEach(ctx, tx, incident.WorkflowID)
		if err != nil {
			return err
		}
		messages, next := decide(*incident, t, last, now)
		for _, message := range messages {
			zone, err := clocksOf(ctx, tx, message, t)
			if err != nil {
				return err
			}
			if err := told.Insert(ctx, tx, m.written(message, *incident, t, zone, now)); err != nil {
				return err
			}
		}
		incident.LookAt = next
		failpoint.Hit("telling.before_decision")
		return told.Looked(ctx, tx, *incident)
	})
	return found, err
}

// tells is who is told of a workflow, by what is published of it.
type tells struct {
	workflowID, name string
	rules            []notify.Rule
	zone             *time.Location // of its first schedule
	scheduled        bool           // else that is UTC
}

// tellingOf reads that; of one that is gone, or that only a newer program can read, nobody
// is told.
func tellingOf(ctx context.Context, tx *gorm.DB, workflowID string) (tells, error) {
	t := tells{workflowID: workflowID, zone: time.UTC}
	w, err := models.WorkflowToRun(ctx, tx, workflowID)
	if errors.Is(err, models.ErrNotFound) || err == nil && w.VersionID == nil {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	version, err := models.VersionToRun(ctx, tx, *w.VersionID)
	if err != nil {
		return t, err
	}
	d, err := workflow.Load(version.Definition)
	if err != nil {
		return t, nil //nolint:nilerr // a newer program's
	}
	t.name, t.rules = w.Name, d.Settings.Notify
	for _, trigger := range d.Triggers {
		if rule, problems := schedule.Parse(trigger); trigger.Type == "schedule" && len(problems) == 0 {
			t.zone, t.scheduled = rule.Zone(), true
			break
		}
	}
	return t, nil
}

func (m *Messenger) now(ctx context.Context) (time.Time, error) {
	if m.Now != nil {
		return m.Now(), nil
	}
	ctx, done := context.WithTimeout(ctx, roundFor)
	defer done()
	return models.DatabaseNow(ctx, m.DB)
}
