package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

// Decider is who wants to answer a question: a person, a program, or somebody
// without an account who has the question's link.
type Decider struct {
	Name          string // as it is kept with the decision
	Email         string // of a person who is signed in
	Operator      bool   // decides what names nobody
	Administrator bool   // decides everything
	ByLink        bool   // has the link, which is as good as being named
}

// May reports whether this one may answer a question: those whom it names,
// whatever their role, or whoever may operate where it names nobody.
func (d Decider) May(a models.Approval) bool {
	named := a.Named()
	switch {
	case d.Administrator || d.ByLink:
		return true
	case len(named) == 0:
		return d.Operator
	}
	return d.Email != "" && slices.Contains(named, d.Email)
}

// by is how a decision names who gave it: whoever came by a link has only said
// a name.
func (d Decider) by() string {
	if d.ByLink {
		return d.Name + " (by link)"
	}
	return d.Name
}

// Answer is somebody's word about an approval.
type Answer struct {
	Decision string // approved or rejected
	Who      Decider
	Comment  string // at most 2,000 characters
}

const maxComment = 2000

// AnswerApproval keeps a person's word and has the run go on. One that is decided, has
// expired or is not asked any more is a *models.ConflictError; models.ErrForbidden
// is for whoever may not decide it.
func (e *Engine) AnswerApproval(ctx context.Context, id string, a Answer) (models.Approval, error) {
	if err := a.check(); err != nil {
		return models.Approval{}, err
	}
	a.Who.Name, a.Comment = e.redactor.Text(a.Who.Name), e.redactor.Text(strings.TrimSpace(columns.Shown(a.Comment)))
	var approval models.Approval
	err := models.Tx(ctx, e.db, func(tx *gorm.DB) (err error) {
		if approval, err = runs.GetApproval(ctx, tx, id, e.now()); err != nil {
			return err
		}
		if !a.Who.May(approval) {
			return fmt.Errorf("answer the question: %w", models.ErrForbidden)
		}
		decided, err := runs.DecideApproval(ctx, tx, id, a.Decision, a.Who.by(), a.Comment, e.now())
		if err != nil {
			return err
		}
		if !decided {
			return notAsked(approval)
		}
		if err := models.Record(ctx, tx, models.Act{
			Action: "approval." + a.Decision, ObjectKind: "run", ObjectID: approval.RunID, ObjectName: approval.WorkflowName,
			After: map[string]any{"question": approval.Question, "by": a.Who.by(), "comment": a.Comment},
		}); err != nil {
			return err
		}
		approval, err = runs.GetApproval(ctx, tx, id, e.now())
		return err
	})
	if err != nil {
		return models.Approval{}, err
	}
	// The run may be at work elsewhere just now: then it finds the answer when it
	// comes to wait.
	e.wakeParentOf(context.WithoutCancel(ctx), approval.RunID)
	return approval, nil
}

func notAsked(a models.Approval) error {
	message := "This is not asked any more: its time is over, or the run has ended."
	if a.DecidedBy != "" {
		message = "This has been decided already: " + a.Decision + " by " + a.DecidedBy + "."
	}
	return &models.ConflictError{Code: "not_asked", Message: message}
}

func (a Answer) check() error {
	var fields []models.FieldError
	if a.Decision != models.ApprovalApproved && a.Decision != models.ApprovalRejected {
		fields = append(fields, models.FieldError{Path: "decision", Code: "invalid_value", Message: "Choose a decision: approved or rejected."})
	}
	if utf8.RuneCountInString(a.Comment) > maxComment {
		fields = append(fields, models.FieldError{Path: "comment", Code: "too_long", Message: "The comment is longer than 2,000 characters. Shorten it."})
	}
	if problem := workflow.CheckPersonName(a.Who.Name); problem != "" && a.Who.ByLink {
		fields = append(fields, models.FieldError{Path: "name", Code: "invalid_value", Message: problem})
	}
	if len(fields) == 0 {
		return nil
	}
	return &models.InvalidError{Code: "invalid_answer", Message: "The answer was not kept: correct what is marked.", Fields: fields}
}
