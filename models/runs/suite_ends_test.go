package runs_test

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
)

func endRules() []rule {
	return []rule{
		{"an end frees the run and stays", endStays},
		{"a cancelled run stays cancelled", cancelStays},
		{"a run that is handed back goes on at once", handBack},
		{"a run that waits goes on when it is due", waitEnds},
		{"a run that waits for nothing in time is not due", waitForOthers},
		{"a run that waits for a worker is woken by its time only", waitForWorker},
	}
}

func endStays(s *suite) {
	for _, status := range []string{"succeeded", "failed"} {
		hold := s.held()
		end := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: status, FinishedAt: &s.now, Output: models.JSON(`1`)}
		s.expect("counted", s.advance(end), true)
		run := s.get(hold.RunID)
		s.expect("held by", fmt.Sprint(run.LeaseOwner, run.LeaseUntil), "<nil>")
		s.expect("counted twice", s.advance(end), false)
		for _, other := range []string{"running", "queued", "waiting", "failed", "succeeded"} {
			s.expect("counted as "+other, s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: other}), false)
		}
		s.expect("cancelled", s.cancel(hold.RunID), false)
		s.expect("claimed", len(s.claim(hold.RunID)), 0)
		s.expect("status", s.get(hold.RunID).Status, status)
	}
}

func cancelStays(s *suite) {
	hold := s.held()
	open := s.row(hold.RunID, "a", "running")
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{open}})
	s.expect("cancelled", s.cancel(hold.RunID), true)
	open.Status = "succeeded"
	s.expect("counted", s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "succeeded", FinishedAt: &s.now, Steps: []models.StepRun{open}}), false)
	s.expect("status", s.get(hold.RunID).Status, "cancelled")
	s.expect("step", s.steps(hold.RunID)[0].Status, "cancelled")
}

func handBack(s *suite) {
	hold := s.held()
	s.expect("counted", s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "queued"}), true)
	s.expect("owner", s.get(hold.RunID).LeaseOwner, "")
	again := s.claim(hold.RunID)
	s.expect("claimed", len(again), 1)
	s.expect("the one before counted", s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "failed"}), false)
	s.expect("the next one counted", s.advance(runs.Advance{RunID: hold.RunID, Attempt: again[0].Attempt, Status: "running"}), true)
}

func waitEnds(s *suite) {
	soon, hold := s.now.Add(time.Hour), s.held()
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "waiting", WaitingFor: "time", DueAt: &soon})
	s.expect("claimed early", len(s.claim(hold.RunID)), 0)
	s.expect("woken early", s.found(runs.Wake(s.Context(), s.db, s.now, 1000))[hold.RunID], false)
	s.set(hold.RunID, "due_at", s.now.Add(-time.Second))
	s.expect("woken", s.found(runs.Wake(s.Context(), s.db, s.now, 1000))[hold.RunID], true)
	run := s.get(hold.RunID)
	s.expect("state", run.Status+run.WaitingFor, "queued")
	s.expect("claimed", len(s.claim(hold.RunID)), 1)
}

func waitForOthers(s *suite) {
	hold := s.held()
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "waiting", WaitingFor: "approval"})
	s.expect("woken", s.found(runs.Wake(s.Context(), s.db, s.now, 1000))[hold.RunID], false)
	s.expect("claimed", len(s.claim(hold.RunID)), 0)
}

func waitForWorker(s *suite) {
	child := s.runs("succeeded")[0].ID
	for waitingFor, woken := range map[string]bool{"workflow": true, "worker": false} {
		soon, hold := s.now.Add(time.Hour), s.held()
		row := s.row(hold.RunID, "a", "waiting")
		row.ChildID = &child
		s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "waiting", WaitingFor: waitingFor, DueAt: &soon, Steps: []models.StepRun{row}})
		s.expect("woken from waiting for "+waitingFor, s.found(runs.WakeParents(s.Context(), s.db, s.now, 1000))[hold.RunID], woken)
	}
}

// found are the ids that a sweep has found.
func (s *suite) found(stored []runs.Rung, err error) map[string]bool {
	s.Helper()
	s.must(err)
	found := map[string]bool{}
	for _, run := range stored {
		found[run.ID] = true
	}
	return found
}

func leaseRules() []rule {
	return []rule{
		{"leases are prolonged, and lost ones named", leasesAreProlonged},
		{"the lease of a row that is being written is neither prolonged nor lost", leaseOfARowThatIsBeingWritten},
		{"a run whose lease has run out is queued, and its holder fenced", leaseRunsOut},
	}
}

func leasesAreProlonged(s *suite) {
	kept, cancelled, ended := s.held(), s.held(), s.held()
	s.cancel(cancelled.RunID)
	s.advance(runs.Advance{RunID: ended.RunID, Attempt: 1, Status: "succeeded", FinishedAt: &s.now})
	other := runs.Hold{RunID: kept.RunID, Attempt: 2}
	own, release, err := models.OwnConnection(s.Context(), s.db)
	s.must(err)
	defer release()
	if !models.IsPostgres(s.db) {
		own = s.db
	}
	held, lost, err := runs.KeepLeases(s.Context(), own, []runs.Hold{kept, other, cancelled, ended}, s.now, time.Hour)
	s.must(err)
	s.expect("kept", fmt.Sprint(held), fmt.Sprint([]runs.Hold{kept}))
	s.expect("lost", fmt.Sprint(lost), fmt.Sprint([]runs.Hold{other, cancelled, ended}))
	s.expect("prolonged", time.Until(*s.get(kept.RunID).LeaseUntil) > 50*time.Minute, true)
	s.expect("the cancelled one's lease", s.get(cancelled.RunID).LeaseUntil == nil, true)
}

// Who holds a run must not count on a lease that could not be prolonged.
func leaseOfARowThatIsBeingWritten(s *suite) {
	busy, free := s.held(), s.held()
	if !models.IsPostgres(s.db) {
		return // one writer at a time: the keeper waits for its turn
	}
	until := *s.get(busy.RunID).LeaseUntil
	own, release, err := models.OwnConnection(s.Context(), s.db)
	s.must(err)
	defer release()
	s.must(models.Tx(s.Context(), s.db, func(tx *gorm.DB) error {
		s.must(tx.Exec(`UPDATE runs SET rung_at = rung_at WHERE id = ?`, busy.RunID).Error)
		held, lost, err := runs.KeepLeases(s.Context(), own, []runs.Hold{busy, free}, s.now, time.Hour)
		s.must(err)
		s.expect("kept", fmt.Sprint(held), fmt.Sprint([]runs.Hold{free}))
		s.expect("lost", len(lost), 0)
		return nil
	}))
	s.expect("its lease", s.get(busy.RunID).LeaseUntil.Equal(until), true)
}

func leaseRunsOut(s *suite) {
	gone, alive := s.held(), s.held()
	s.set(gone.RunID, "lease_until", s.now.Add(-time.Second))
	recovered := s.found(runs.Recover(s.Context(), s.db, s.now, 1000))
	s.expect("recovered", recovered[gone.RunID], true)
	s.expect("the other one", recovered[alive.RunID], false)
	run := s.get(gone.RunID)
	s.expect("state", fmt.Sprint(run.Status, run.LeaseOwner, run.Recoveries, run.Recovered), fmt.Sprint("queued", "", 1, 1))
	s.expect("its holder's advance", s.advance(runs.Advance{RunID: gone.RunID, Attempt: gone.Attempt, Status: "succeeded"}), false)
	s.expect("claimed", s.claim(gone.RunID)[0].Attempt, 2)
	s.expect("its holder's advance", s.advance(runs.Advance{RunID: gone.RunID, Attempt: gone.Attempt, Status: "succeeded"}), false)
}

func admitRules() []rule {
	return []rule{{"places go to those that wait longest, and to nobody behind an unfinished run", placesGoInOrder}}
}

func placesGoInOrder(s *suite) {
	workflowID, stored := workflowWithRuns(s.T, s.db, "Limited", "queued", "queued", "queued", "running")
	for i := range 3 {
		s.set(stored[i].ID, "held_back", true)
		s.set(stored[i].ID, "queued_at", s.now.Add(time.Duration(i)*time.Second))
	}
	s.set(stored[0].ID, "behind_id", stored[3].ID)
	var admitted []runs.Rung
	s.must(models.Tx(s.Context(), s.db, func(tx *gorm.DB) (err error) {
		s.must(runs.LockPlaces(s.Context(), tx, workflowID))
		places, err := runs.CountPlaces(s.Context(), tx, workflowID, 10)
		s.expect("places", places, 1)
		if err != nil {
			return err
		}
		admitted, err = runs.Admit(s.Context(), tx, workflowID, "", s.now, 1)
		return err
	}))
	s.expect("admitted", len(admitted), 1)
	s.expect("the one", admitted[0].ID, stored[1].ID)
	s.expect("claimed", len(s.claim(stored[0].ID, stored[1].ID, stored[2].ID)), 1)
}
