package runs_test

import (
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestOnlyWhatABackupBroughtUnfinishedIsCountedAndEnded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { onlyRestoredRunsEnd(newSuite(t, db, together)) })
}

func TestARunThatABackupBroughtIsClaimedLikeAnyOther(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { restoredRunsAreClaimed(newSuite(t, db, together)) })
}

func onlyRestoredRunsEnd(s *suite) {
	brought := s.runs("queued", "running", "waiting", "succeeded", "failed", "cancelled")
	open := s.row(brought[1].ID, "a", "running")
	s.must(s.db.Create(&open).Error)
	s.must(models.MarkRestored(s.Context(), s.db, models.Restored{MadeAt: s.now, RestoredAt: s.now}))
	later := s.runs("queued", "waiting")

	counted, err := runs.CountRestored(s.Context(), s.db)
	s.must(err)
	s.expect("workflows", len(counted), 1)
	s.expect("workflow", counted[0], runs.RestoredCount{WorkflowID: brought[0].WorkflowID, WorkflowName: "W", Queued: 1, Running: 1, Waiting: 1})

	reason := models.JSON(`{"code":"cancelled","message":"why"}`)
	for _, want := range []int{2, 1, 0} {
		n, err := runs.CancelRestored(s.Context(), s.db, reason, s.now, 2)
		s.must(err)
		s.expect("ended", n, want)
	}
	for i, want := range []string{"cancelled", "cancelled", "cancelled", "succeeded", "failed", "cancelled"} {
		run := s.get(brought[i].ID)
		s.expect("status", run.Status, want)
		s.expect("has a reason", string(run.Error) == string(reason), i < 3)
		s.expect("ended by this", run.FinishedAt != nil && run.FinishedAt.Equal(s.now), i < 3)
	}
	s.expect("step", s.steps(brought[1].ID)[0].Status, "cancelled")
	for i, want := range []string{"queued", "waiting"} {
		s.expect("accepted later", s.get(later[i].ID).Status, want)
	}
}

func restoredRunsAreClaimed(s *suite) {
	run := s.runs("queued")[0]
	s.must(models.MarkRestored(s.Context(), s.db, models.Restored{MadeAt: s.now, RestoredAt: s.now}))
	s.expect("claimed", len(s.claim(run.ID)), 1)
	counted, err := runs.CountRestored(s.Context(), s.db)
	s.must(err)
	s.expect("still of the backup", len(counted), 0)
}
