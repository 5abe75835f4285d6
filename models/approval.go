package models

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"
)

// Approval is a question that a run waits for a person to answer. The
// attempt that asks leaves it behind.
type Approval struct {
	ID           string `gorm:"primaryKey"`
	RunID        string
	StepRunID    string
	WorkflowID   string
	WorkflowName string
	StepName     string
	Question     string
	Assignees    JSON // e-mail addresses in small letters; [] is whoever may operate
	AskedAt      time.Time
	ExpiresAt    *time.Time
	DecidedAt    *time.Time
	Decision     string // approved rejected expired; "" while it is asked
	DecidedBy    string
	Comment      string
	// Open is not stored: whether the attempt still waits.
	Open bool `gorm:"->;-:migration"`
}

// Named are the e-mail addresses of those who may decide; empty is whoever may
// operate.
func (a Approval) Named() []string {
	named := []string{}
	_ = json.Unmarshal(a.Assignees, &named) // the engine has written it
	return named
}

// Decisions about an approval. Expired is the one of nobody: it was not decided in
// time.
const (
	ApprovalApproved = "approved"
	ApprovalRejected = "rejected"
	ApprovalExpired  = "expired"
)

// Leave stores the question.
func (a Approval) Leave(ctx context.Context, tx *gorm.DB) error { return LeaveRow(ctx, tx, &a) }
