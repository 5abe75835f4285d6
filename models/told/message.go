package told

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// Channels by which messages go.
const (
	Email   = "email"
	Sealed  = "sealed"  // an e-mail whose text is stored encrypted: it holds a link that is a right
	Chat    = "chat"    // to the address in a secret
	Webhook = "webhook" // to an address, as JSON
)

// Test is the event of a message that somebody sends to try the way.
const Test = "test"

// Owner is the event of a message to whoever sees to why runs fail.
const Owner = "owner"

// Invitation is the event of a message to somebody who may make an account, and NewPassword
// of one to somebody who may choose another password.
const (
	Invitation  = "invitation"
	NewPassword = "new_password"
)

// Message is what one of those who are told gets, once.
type Message struct {
	ID                     string `gorm:"primaryKey"`
	IncidentID, WorkflowID *string
	Event                  string
	Channel, Recipient     string // an address, the name of a secret, or a web address
	SigningSecret          string // names the one that a webhook is signed with
	Until                  int64  // up to which number of its incident it tells
	Over                   bool   // it says that it works again
	Subject, Text          string
	CreatedAt              time.Time
	// DueAt is when it is to be sent, or looked at again while a worker sends it; nil
	// once it was sent or nobody tries any more.
	DueAt *time.Time
	Tries int // also the fence: what belongs to an older try changes nothing
	// Begun: a try has begun and not ended. Unsure: of an earlier try nobody knows
	// whether it came to something, so that the message may arrive more than once.
	Begun, Unsure bool
	SentAt        *time.Time
	Problem       string // why it was not sent, in a sentence
}

// Insert stores a new message.
func Insert(ctx context.Context, tx *gorm.DB, m Message) error {
	if err := plain.Create(ctx, tx, &m); err != nil {
		return fmt.Errorf("store what somebody is told: %w", models.Kind(err))
	}
	return nil
}

// LastToEach returns of each incident of a workflow the newest message to each of those
// who were told.
func LastToEach(ctx context.Context, tx *gorm.DB, workflowID string) ([]Message, error) {
	var found []Message
	err := tx.WithContext(ctx).Raw(`SELECT * FROM (SELECT id, incident_id, event, channel, recipient, until, over, created_at, due_at,
			row_number() OVER (PARTITION BY incident_id, channel, recipient ORDER BY created_at DESC, id DESC) AS place
		FROM messages WHERE workflow_id = ?) AS newest WHERE place = 1`, workflowID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("look what people were told last: %w", models.Kind(err))
	}
	return found, nil
}

// Due returns the messages that are to be sent by now, the oldest first.
func Due(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]Message, error) {
	found, err := plain.Find[Message](ctx, db.Where("due_at <= ?", now).Order("due_at").Limit(limit))
	if err != nil {
		return nil, fmt.Errorf("look for messages to send: %w", models.Kind(err))
	}
	return found, nil
}

// Unsent says how many messages have not been sent yet, up to models.CountLimit, and since
// when the oldest of them waits; nil where none does.
func Unsent(ctx context.Context, db *gorm.DB) (number int64, since *time.Time, err error) {
	var found struct {
		Number int64
		Since  *time.Time
	}
	err = db.WithContext(ctx).Raw(`SELECT (SELECT count(*) FROM (SELECT 1 FROM messages WHERE due_at IS NOT NULL LIMIT 100000) AS m) AS number,
		(SELECT created_at FROM (SELECT created_at FROM messages WHERE due_at IS NOT NULL LIMIT 100000) AS m ORDER BY created_at LIMIT 1) AS since`).Scan(&found).Error
	if err != nil {
		return 0, nil, fmt.Errorf("look how long messages wait: %w", models.Kind(err))
	}
	return found.Number, found.Since, nil
}

// Begin takes a message for a try that ends by a time; false when another worker has
// taken it. The row says from then on what the try knows.
func Begin(ctx context.Context, db *gorm.DB, m *Message, until time.Time) (bool, error) {
	result := db.WithContext(ctx).Exec("UPDATE messages SET tries = tries + 1, due_at = ?, unsure = ?, begun = ? WHERE id = ? AND tries = ? AND due_at IS NOT NULL",
		until, m.Unsure || m.Begun, true, m.ID, m.Tries)
	if result.Error != nil {
		return false, fmt.Errorf("take a message to send: %w", models.Kind(result.Error))
	}
	m.Tries, m.Unsure, m.Begun = m.Tries+1, m.Unsure || m.Begun, true
	return result.RowsAffected == 1, nil
}

// End stores what became of a try, unless a later one has begun.
func End(ctx context.Context, db *gorm.DB, m Message) error {
	err := db.WithContext(ctx).Exec("UPDATE messages SET due_at = ?, begun = ?, unsure = ?, sent_at = ?, problem = ? WHERE id = ? AND tries = ?",
		m.DueAt, false, m.Unsure, m.SentAt, m.Problem, m.ID, m.Tries).Error
	if err != nil {
		return fmt.Errorf("store what became of a message: %w", models.Kind(err))
	}
	return nil
}

// IncidentOf returns that of a message; nil where it has none, or none any more.
func IncidentOf(ctx context.Context, db *gorm.DB, m Message) (*Incident, error) {
	if m.IncidentID == nil {
		return nil, nil
	}
	found, err := plain.Find[Incident](ctx, db.Where("id = ?", *m.IncidentID))
	if err != nil || len(found) == 0 {
		return nil, models.Kind(err)
	}
	return &found[0], nil
}

// Newest returns the newest messages, of one workflow unless its id is empty.
func Newest(ctx context.Context, db *gorm.DB, workflowID string, limit int) ([]Message, error) {
	query := db.Order("created_at DESC, id DESC").Limit(limit)
	if workflowID != "" {
		query = query.Where("workflow_id = ?", workflowID)
	}
	found, err := plain.Find[Message](ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list what people were told: %w", models.Kind(err))
	}
	return found, nil
}

// Stuck is what has not reached those who are told.
type Stuck struct {
	Number  int64  // of messages that nobody has got, of some days
	Problem string // of the newest of them
}

// StuckSince looks for messages that could not be sent, made since a time.
func StuckSince(ctx context.Context, db *gorm.DB, since time.Time) (Stuck, error) {
	var s Stuck
	const where = " FROM messages WHERE created_at >= ? AND sent_at IS NULL AND problem <> '' AND event <> 'test'"
	if err := db.WithContext(ctx).Raw("SELECT count(*)"+where, since).Scan(&s.Number).Error; err != nil {
		return s, fmt.Errorf("count messages that could not be sent: %w", models.Kind(err))
	}
	if s.Number == 0 {
		return s, nil
	}
	err := db.WithContext(ctx).Raw("SELECT problem"+where+" ORDER BY created_at DESC LIMIT 1", since).Scan(&s.Problem).Error
	return s, models.Kind(err)
}

// ClearMessages removes messages that were made before a moment and are not tried any
// more, at most limit.
func ClearMessages(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	cleared := db.WithContext(ctx).Exec("DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE created_at < ? AND due_at IS NULL ORDER BY created_at LIMIT ?)", before, limit)
	return cleared.RowsAffected, models.Kind(cleared.Error)
}

// ClearIncidents removes what has not happened since a moment and of which nobody has to be
// told, at most limit.
func ClearIncidents(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	cleared := db.WithContext(ctx).Exec(`DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE last_at < ? AND look_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.incident_id = incidents.id) LIMIT ?)`, before, limit)
	return cleared.RowsAffected, models.Kind(cleared.Error)
}
