package runs_test

import (
	"sync"
	"time"

	"workflows/models"
	"workflows/models/runs"
)

func claimRules() []rule {
	return []rule{
		{"a claim takes what may run and nothing else", claimTakesWhatMayRun},
		{"a claim gives a lease and the next attempt", claimGivesALease},
		{"a run that is claimed is nobody else's", claimedRunIsTaken},
		{"a hint that came twice in one commit claims once", doubledClaim},
		{"of many who claim a run at once one has it", claimAtOnce},
		{"a run that is held back is not claimed", heldBackIsNotClaimed},
	}
}

func claimTakesWhatMayRun(s *suite) {
	stored := s.runs("queued", "running", "succeeded", "failed", "cancelled", "waiting", "waiting", "waiting")
	s.set(stored[5].ID, "due_at", s.now.Add(-time.Second))
	s.set(stored[6].ID, "due_at", s.now.Add(time.Hour)) // the last one waits for no time
	claimed := map[string]bool{}
	for _, c := range s.claim(append(ids(stored), "nonsense", models.NewID())...) {
		claimed[c.ID] = true
	}
	s.expect("claimed", len(claimed), 2)
	s.expect("the queued one", claimed[stored[0].ID], true)
	s.expect("the one that is due", claimed[stored[5].ID], true)
}

func claimGivesALease(s *suite) {
	run := s.runs("queued")[0]
	first := s.claim(run.ID)[0]
	stored := s.get(run.ID)
	s.expect("status", stored.Status, "running")
	s.expect("owner", stored.LeaseOwner, "me")
	s.expect("attempt", stored.Attempt, 1)
	s.expect("attempt as told", first.Attempt, 1)
	s.expect("input as told", string(first.Input), `{"a":1}`)
	s.expect("lease", stored.LeaseUntil.Sub(first.At).Round(time.Second), time.Minute)
	s.expect("hand back", s.advance(runs.Advance{RunID: run.ID, Attempt: 1, Status: "queued"}), true)
	second := s.claim(run.ID)[0]
	s.expect("next attempt", second.Attempt, 2)
	s.expect("start", second.StartedAt.Equal(*stored.StartedAt), true)
}

func claimedRunIsTaken(s *suite) {
	hold := s.held()
	s.expect("claimed again", len(s.claim(hold.RunID)), 0)
	s.expect("attempt", s.get(hold.RunID).Attempt, 1)
}

func doubledClaim(s *suite) {
	run := s.runs("queued")[0]
	s.expect("claimed", len(s.claim(run.ID, run.ID)), 1)
	s.expect("attempt", s.get(run.ID).Attempt, 1)
}

func claimAtOnce(s *suite) {
	run := s.runs("queued")[0]
	var all sync.WaitGroup
	won := make(chan int, 8)
	for range cap(won) {
		all.Go(func() {
			claimed, _, err := runs.Commit(s.Context(), s.db, runs.Batch{Owner: "me", Claims: []string{run.ID}, Now: s.now, Lease: time.Minute})
			if err != nil {
				s.Error(err)
			}
			won <- len(claimed)
		})
	}
	all.Wait()
	close(won)
	sum := 0
	for n := range won {
		sum += n
	}
	s.expect("claimed", sum, 1)
	s.expect("attempt", s.get(run.ID).Attempt, 1)
}

func heldBackIsNotClaimed(s *suite) {
	run := s.runs("queued")[0]
	s.set(run.ID, "held_back", true)
	s.expect("claimed", len(s.claim(run.ID)), 0)
}
