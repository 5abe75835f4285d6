package runs_test

import (
	"fmt"
	"time"

	"workflows/models"
	"workflows/models/runs"
)

func advanceRules() []rule {
	return []rule{
		{"an advance counts for the attempt that holds the run", advanceCounts},
		{"an advance of any other attempt changes nothing", advanceIsFenced},
		{"an advance of a run that is not running changes nothing", advanceNeedsARunningRun},
		{"one batch tells its advances apart", advancesOfOneBatch},
		{"an attempt's row is updated by its result", stepIsUpdated},
		{"a finished step forgets earlier recoveries", progressForgets},
		{"documents stay as they were written", documentsStay},
	}
}

func advanceCounts(s *suite) {
	hold := s.held()
	a := runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{s.row(hold.RunID, "a", "succeeded")}}
	s.expect("counted", s.advance(a), true)
	run := s.get(hold.RunID)
	s.expect("status", run.Status, "running")
	s.expect("lease", run.LeaseUntil != nil, true)
	s.expect("owner", run.LeaseOwner, "me")
	s.expect("steps", len(s.steps(hold.RunID)), 1)
}

func advanceIsFenced(s *suite) {
	hold := s.held()
	began := s.row(hold.RunID, "a", "running")
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{began}})
	before := s.get(hold.RunID)
	for _, attempt := range []int{hold.Attempt - 1, hold.Attempt + 1} {
		late := began
		late.Status, late.Output = "succeeded", models.JSON(`"late"`)
		steps := []models.StepRun{late, s.row(hold.RunID, "b", "succeeded")}
		s.expect("counted", s.advance(runs.Advance{RunID: hold.RunID, Attempt: attempt, Status: "failed", Progress: true, Error: models.JSON(`{}`), Steps: steps}), false)
	}
	s.expect("run", fmt.Sprintf("%+v", state(s.get(hold.RunID))), fmt.Sprintf("%+v", state(before)))
	rows := s.steps(hold.RunID)
	s.expect("steps", len(rows), 1)
	s.expect("the step", rows[0].Status+string(rows[0].Output), "running")
}

// state is what of a run an advance may change.
func state(run models.Run) []any {
	return []any{run.Status, run.WaitingFor, run.LeaseOwner, run.LeaseUntil.UTC(), run.Attempt, run.Recoveries, string(run.Output), string(run.Error), run.FinishedAt, run.DueAt}
}

func advanceNeedsARunningRun(s *suite) {
	for _, status := range []string{"queued", "waiting", "succeeded", "failed", "cancelled"} {
		run := s.runs(status)[0]
		a := runs.Advance{RunID: run.ID, Status: "running", Steps: []models.StepRun{s.row(run.ID, "a", "succeeded")}}
		s.expect(status+" counted", s.advance(a), false)
		s.expect(status+" is now", s.get(run.ID).Status, status)
		s.expect(status+" has steps", len(s.steps(run.ID)), 0)
	}
}

func advancesOfOneBatch(s *suite) {
	first, second := s.held(), s.held()
	done := func(hold runs.Hold, attempt int, step string) runs.Advance {
		return runs.Advance{RunID: hold.RunID, Attempt: attempt, Status: "succeeded", FinishedAt: &s.now, Steps: []models.StepRun{s.row(hold.RunID, step, "succeeded")}}
	}
	_, counted, err := runs.Commit(s.Context(), s.db, runs.Batch{Now: s.now, Advances: []runs.Advance{
		done(first, 7, "by another"), done(first, 1, "by the holder"), done(second, 0, "too late"),
	}})
	s.must(err)
	s.expect("counted", fmt.Sprint(counted), "[false true false]")
	rows := s.steps(first.RunID)
	s.expect("steps", len(rows), 1)
	s.expect("the step", rows[0].StepID, "by the holder")
	s.expect("the other run", s.get(second.RunID).Status, "running")
	s.expect("its steps", len(s.steps(second.RunID)), 0)
}

func stepIsUpdated(s *suite) {
	hold, child, later := s.held(), models.NewID(), s.now.Add(time.Minute)
	row := s.row(hold.RunID, "a", "running")
	row.Iteration, row.ChildID, row.Input = "3.0", &child, models.JSON(`{"given":1}`)
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{row}})
	row.Status, row.Branch, row.Output, row.Error, row.WakeAt, row.FinishedAt = "failed", "then", models.JSON(`[1]`), models.JSON(`{"code":"c"}`), &later, &later
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Steps: []models.StepRun{row}})
	rows := s.steps(hold.RunID)
	s.expect("rows", len(rows), 1)
	got := rows[0]
	s.expect("row", fmt.Sprint(got.ID, got.Iteration, *got.ChildID, got.Status, got.Branch, string(got.Input), string(got.Output), string(got.Error), got.WakeAt.UTC(), got.FinishedAt.UTC()),
		fmt.Sprint(row.ID, "3.0", child, "failed", "then", `{"given":1}`, `[1]`, `{"code":"c"}`, later, later))
}

func progressForgets(s *suite) {
	hold := s.held()
	s.set(hold.RunID, "recoveries", 2)
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running"})
	s.expect("without progress", s.get(hold.RunID).Recoveries, 2)
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "running", Progress: true})
	s.expect("with progress", s.get(hold.RunID).Recoveries, 0)
}

func documentsStay(s *suite) {
	const exact = `{"b": 1, "a": 12345678901234567890, "c": 1.50, "d": "<&>"}`
	hold := s.held()
	row := s.row(hold.RunID, "a", "succeeded")
	row.Output = models.JSON(exact)
	s.advance(runs.Advance{RunID: hold.RunID, Attempt: hold.Attempt, Status: "succeeded", FinishedAt: &s.now, Output: models.JSON(exact), Steps: []models.StepRun{row}})
	run, rows := s.get(hold.RunID), s.steps(hold.RunID)
	s.expect("of the run", string(run.Output), exact)
	s.expect("of the step", string(rows[0].Output), exact)
	s.expect("none", run.Error == nil && rows[0].Input == nil, true)
}
