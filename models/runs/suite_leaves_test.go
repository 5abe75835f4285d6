package runs_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
)

// keepsake is a kind of row that only these tests know: a model, a migration and
// a Leave are all that a new kind needs.
type keepsake struct {
	ID    string `gorm:"primaryKey"`
	RunID string
	Text  string
}

const keepsakeTable = `CREATE TABLE IF NOT EXISTS keepsakes (id char(36) PRIMARY KEY, run_id char(36) NOT NULL, text text NOT NULL)`

func (k keepsake) Leave(ctx context.Context, tx *gorm.DB) error { return models.LeaveRow(ctx, tx, &k) }

// broken cannot be stored.
type broken struct{ err error }

func (b broken) Leave(context.Context, *gorm.DB) error { return b.err }

func leaveRules() []rule {
	return []rule{
		{"what a step leaves behind is stored with its result", leftWithTheResult},
		{"a fenced advance leaves nothing behind", fencedLeavesNothing},
		{"what is offered twice is stored once", offeredTwice},
		{"what cannot be stored takes the result with it", leftOrNothing},
		{"what a program leaves that dies before the commit is not there", leftByTheDead},
		{"a payload is that of the attempt's last advance", payloadIsTheLast},
	}
}

// leaving is everything that an attempt can leave behind.
func (s *suite) leaving(row models.StepRun, text string) []models.Left {
	s.must(s.db.Exec(keepsakeTable).Error)
	return []models.Left{
		models.Payload{StepRunID: row.ID, RunID: row.RunID, Data: models.JSON(fmt.Sprintf("%q", text))},
		models.Approval{ID: models.NewID(), RunID: row.RunID, StepRunID: row.ID, WorkflowID: models.NewID(), WorkflowName: "W", StepName: "a", Question: text, Assignees: models.JSON(`[]`), AskedAt: s.now},
		keepsake{ID: models.NewID(), RunID: row.RunID, Text: text},
	}
}

// left says what of a run is stored beside its steps.
func (s *suite) left(runID string) string {
	s.Helper()
	var payloads []models.Payload
	s.must(s.db.Where("run_id = ?", runID).Find(&payloads).Error)
	text := ""
	for _, payload := range payloads {
		text += "payload " + string(payload.Data) + " "
	}
	asked, _, err := runs.ListApprovals(s.Context(), s.db, runs.ApprovalFilter{RunID: runID, Limit: 10}, s.now)
	s.must(err)
	for _, a := range asked {
		text += "question " + a.Question + " "
	}
	var kept []keepsake
	s.must(s.db.Where("run_id = ?", runID).Order("id").Find(&kept).Error)
	for _, k := range kept {
		text += "keepsake " + k.Text + " "
	}
	return text
}

const everythingLeft = `payload "first" question first keepsake first `

func (s *suite) advanceLeaving(a runs.Advance, leaves []models.Left) bool {
	s.Helper()
	counted, err := runs.CommitOne(s.Context(), s.db, a, leaves...)
	s.must(err)
	return counted
}

func leftWithTheResult(s *suite) {
	hold := s.held()
	row := s.row(hold.RunID, "a", "succeeded")
	a := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{row}}
	s.expect("counted", s.advanceLeaving(a, s.leaving(row, "first")), true)
	s.expect("left", s.left(hold.RunID), everythingLeft)
	s.expect("steps", len(s.steps(hold.RunID)), 1)
}

func fencedLeavesNothing(s *suite) {
	hold := s.held()
	row := s.row(hold.RunID, "a", "running")
	holders := s.leaving(row, "first")
	a := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{row}}
	s.expect("counted", s.advanceLeaving(a, holders), true)
	for _, attempt := range []int{0, 2} { // its row is there: it is not that which must be missing
		a.Attempt = attempt
		s.expect("counted", s.advanceLeaving(a, s.leaving(row, "late")), false)
	}
	s.expect("left", s.left(hold.RunID), everythingLeft)
	s.cancel(hold.RunID)
	a.Attempt = hold.Attempt
	s.expect("counted", s.advanceLeaving(a, s.leaving(row, "late")), false)
	s.expect("left", s.left(hold.RunID), everythingLeft)
}

func offeredTwice(s *suite) {
	hold := s.held()
	row := s.row(hold.RunID, "a", "succeeded")
	leaves := s.leaving(row, "first")
	for range 2 { // the answer to the first was lost
		a := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{row}}
		s.expect("counted", s.advanceLeaving(a, leaves), true)
	}
	s.expect("left", s.left(hold.RunID), everythingLeft)
}

func leftOrNothing(s *suite) {
	hold := s.held()
	row := s.row(hold.RunID, "a", "succeeded")
	why := &models.LimitError{Code: "limit_reached", Message: "No room."}
	leaves := append(s.leaving(row, "first"), broken{why})
	a := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "waiting", Steps: []models.StepRun{row}}
	counted, err := runs.CommitOne(s.Context(), s.db, a, leaves...)
	var limit *models.LimitError
	s.expect("counted", counted, false)
	s.expect("says why", errors.As(err, &limit), true)
	s.expect("left", s.left(hold.RunID), "")
	s.expect("steps", len(s.steps(hold.RunID)), 0)
	s.expect("status", s.get(hold.RunID).Status, "running")
	s.expect("counted without it", s.advanceLeaving(a, leaves[:3]), true)
	s.expect("left", s.left(hold.RunID), everythingLeft)
}

func leftByTheDead(s *suite) {
	hold := s.held()
	row := s.row(hold.RunID, "a", "succeeded")
	ctx, die := context.WithCancel(s.Context())
	leaves := append(s.leaving(row, "first"), dying{die})
	a := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{row}}
	if counted, err := runs.CommitOne(ctx, s.db, a, leaves...); err == nil || counted {
		s.Fatal("committed although its connection was gone")
	}
	s.expect("left", s.left(hold.RunID), "")
	s.set(hold.RunID, "lease_until", s.now.Add(-time.Second))
	s.found(runs.Recover(s.Context(), s.db, s.now, 1000))
	a.Attempt = s.claim(hold.RunID)[0].Attempt
	s.expect("the next holder's", s.advanceLeaving(a, s.leaving(row, "first")), true)
	s.expect("left", s.left(hold.RunID), everythingLeft)
}

// dying ends the transaction's connection after everything was written.
type dying struct{ end func() }

func (d dying) Leave(context.Context, *gorm.DB) error { d.end(); return nil }

func payloadIsTheLast(s *suite) {
	hold := s.held()
	row := s.row(hold.RunID, "a", "running")
	for _, data := range []string{`"list"`, `"result"`} {
		a := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{row}}
		s.expect("counted", s.advanceLeaving(a, []models.Left{models.Payload{StepRunID: row.ID, RunID: row.RunID, Data: models.JSON(data)}}), true)
	}
	whole, err := runs.PayloadOf(s.Context(), s.db, hold.RunID, row.ID)
	s.must(err)
	s.expect("payload", string(whole), `"result"`)
}
