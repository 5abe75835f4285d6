package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// AskedMail is the e-mail that tells one of those whom a question names. The attempt
// that asks leaves it behind with the question; a worker sends it.
type AskedMail struct {
	ApprovalID string `gorm:"primaryKey"`
	Address    string `gorm:"primaryKey"`
	// DueAt is when it is to be sent, or looked at again while a worker sends it; nil
	// once it was sent or nobody tries any more.
	DueAt *time.Time
	Tries int // also the fence: what belongs to an older try changes nothing
	// Begun: a try has begun and not ended. Unsure: of an earlier try nobody knows
	// whether it came to something, so that the e-mail may arrive more than once.
	Begun, Unsure bool
	SentAt        *time.Time
	Problem       string // why it was not sent, in a sentence
}

// Leave stores the e-mail.
func (m AskedMail) Leave(ctx context.Context, tx *gorm.DB) error { return LeaveRow(ctx, tx, &m) }

// DueAskedMails returns those that are to be sent by now, the oldest first.
func DueAskedMails(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]AskedMail, error) {
	found, err := plain.Find[AskedMail](ctx, db.Where("due_at IS NOT NULL AND due_at <= ?", now).Order("due_at").Limit(limit))
	if err != nil {
		return nil, fmt.Errorf("look for e-mails to those who are asked: %w", Kind(err))
	}
	return found, nil
}

// BeginAskedMail takes one for a try that ends by a time; false when another worker has
// taken it. The row says from then on what the try knows.
func BeginAskedMail(ctx context.Context, db *gorm.DB, m *AskedMail, until time.Time) (bool, error) {
	result := db.WithContext(ctx).Exec(`UPDATE asked_mails SET tries = tries + 1, due_at = ?, unsure = ?, begun = ?
		WHERE approval_id = ? AND address = ? AND tries = ? AND due_at IS NOT NULL`, until, m.Unsure || m.Begun, true, m.ApprovalID, m.Address, m.Tries)
	if result.Error != nil {
		return false, fmt.Errorf("take an e-mail to somebody who is asked: %w", Kind(result.Error))
	}
	m.Tries, m.Unsure, m.Begun = m.Tries+1, m.Unsure || m.Begun, true
	return result.RowsAffected == 1, nil
}

// EndAskedMail stores what became of a try, unless a later one has begun.
func EndAskedMail(ctx context.Context, db *gorm.DB, m AskedMail) error {
	err := db.WithContext(ctx).Exec(`UPDATE asked_mails SET due_at = ?, begun = ?, unsure = ?, sent_at = ?, problem = ?
		WHERE approval_id = ? AND address = ? AND tries = ?`, m.DueAt, false, m.Unsure, m.SentAt, m.Problem, m.ApprovalID, m.Address, m.Tries).Error
	if err != nil {
		return fmt.Errorf("store what became of an e-mail to somebody who is asked: %w", Kind(err))
	}
	return nil
}

// AskedMails are the e-mails of one question.
func AskedMails(ctx context.Context, db *gorm.DB, approvalID string) ([]AskedMail, error) {
	found, err := plain.Find[AskedMail](ctx, db.Where("approval_id = ?", approvalID).Order("address"))
	if err != nil {
		return nil, fmt.Errorf("list the e-mails of a question: %w", Kind(err))
	}
	return found, nil
}

// KnownAddresses says which of these e-mail addresses, in small letters, belong to
// somebody with an account.
func KnownAddresses(ctx context.Context, db *gorm.DB, addresses []string) (map[string]bool, error) {
	known := make(map[string]bool, len(addresses))
	if len(addresses) == 0 {
		return known, nil
	}
	found, err := plain.Find[User](ctx, db.Select("id", "email").Where("email IN ?", addresses))
	if err != nil {
		return nil, fmt.Errorf("look for people by address: %w", Kind(err))
	}
	for _, user := range found {
		known[user.Email] = true
	}
	return known, nil
}
