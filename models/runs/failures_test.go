package runs_test

import (
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// failedAgain makes each run after the first the repetition of the one whose place is given.
func failedAgain(t *testing.T, db *gorm.DB, stored []models.Run, repeats map[int]int) {
	t.Helper()
	for again, earlier := range repeats {
		if err := db.Model(&models.Run{}).Where("id = ?", stored[again].ID).Update("retry_of", stored[earlier].ID).Error; err != nil {
			t.Fatal(err)
		}
	}
}

func openFailures(t *testing.T, db *gorm.DB) []runs.OpenFailures {
	t.Helper()
	found, others, err := runs.ListOpenFailures(t.Context(), db, models.Now(), 5)
	if err != nil || others != 0 {
		t.Fatal(others, err)
	}
	return found
}

func TestFailuresStayOpenUntilRepairedOrAcknowledgedHoweverOld(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		a, _ := workflowWithRuns(t, db, "A")
		b, _ := workflowWithRuns(t, db, "B")
		old := endedRuns(t, db, a, 900, "failed", "succeeded", "failed", "failed", "cancelled")
		newer := endedRuns(t, db, b, 1, "failed", "succeeded")
		for i, code := range map[int]string{0: "timeout", 2: "unexpected_status", 3: "unexpected_status"} {
			if err := db.Model(&models.Run{}).Where("id = ?", old[i].ID).Update("error", models.JSON(`{"code": "`+code+`"}`)).Error; err != nil {
				t.Fatal(err)
			}
		}
		found := openFailures(t, db)
		if len(found) != 2 || found[0].WorkflowID != b || found[1].Number != 3 || found[1].LastID != old[3].ID || found[1].More ||
			!found[1].First.Equal(*old[0].FinishedAt) || !found[1].Last.Equal(*old[3].FinishedAt) {
			t.Fatalf("%+v", found)
		}
		if causes := found[1].Causes; len(causes) != 2 || causes[0] != (runs.FailureCause{Code: "unexpected_status", LastID: old[3].ID, Number: 2}) || causes[1].Number != 1 {
			t.Errorf("the causes are %+v", causes)
		}
		listed, _, err := runs.List(t.Context(), db, runs.Filter{Status: []string{"failed"}, Open: true, Limit: 10})
		if err != nil || len(listed) != 4 {
			t.Error("the list of open ones has", len(listed), err)
		}
		if err := db.Model(&models.Run{}).Where("id = ?", old[4].ID).Updates(map[string]any{"status": "failed", "trigger_type": "try"}).Error; err != nil {
			t.Fatal(err)
		}
		if found := openFailures(t, db); len(found) != 2 || found[1].Number != 3 {
			t.Errorf("with a try that failed %+v", found)
		}
		settled, more, err := runs.AcknowledgeFailures(t.Context(), db, a, *old[2].FinishedAt, models.Now(), "Anna")
		if err != nil || settled != 2 || more {
			t.Fatal(settled, more, err)
		}
		if found := openFailures(t, db); len(found) != 2 || found[1].Number != 1 || found[1].LastID != old[3].ID {
			t.Errorf("after the acknowledgement %+v", found)
		}
		if run, err := runs.Get(t.Context(), db, old[0].ID); err != nil || run.SettledBy != "Anna" || run.SettledAt == nil {
			t.Error("nobody knows who acknowledged it", run, err)
		}
		if settled, _, err := runs.AcknowledgeFailures(t.Context(), db, b, *newer[0].FinishedAt, models.Now(), "Anna"); err != nil || settled != 1 {
			t.Fatal(settled, err)
		}
		if found := openFailures(t, db); len(found) != 1 {
			t.Errorf("at the end %+v", found)
		}
	})
}

func TestARunThatWasRunAgainIsRepairedByWhatSucceeded(t *testing.T) {
	for name, c := range map[string]struct {
		states  []string
		repeats map[int]int // which run repeats which
		open    []int
	}{
		"repaired":                       {[]string{"failed", "succeeded"}, map[int]int{1: 0}, nil},
		"failed again counts once":       {[]string{"failed", "failed"}, map[int]int{1: 0}, []int{1}},
		"at the third try":               {[]string{"failed", "failed", "succeeded"}, map[int]int{1: 0, 2: 1}, nil},
		"the first run again, twice":     {[]string{"failed", "failed", "succeeded"}, map[int]int{1: 0, 2: 0}, nil},
		"being run again":                {[]string{"failed", "running"}, map[int]int{1: 0}, []int{0}},
		"the repetition was cancelled":   {[]string{"failed", "cancelled"}, map[int]int{1: 0}, []int{0}},
		"another success is no repair":   {[]string{"failed", "succeeded"}, nil, []int{0}},
		"repaired, then run again badly": {[]string{"failed", "succeeded", "failed"}, map[int]int{1: 0, 2: 0}, []int{2}},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
				id, _ := workflowWithRuns(t, db, "W")
				stored := endedRuns(t, db, id, 1, c.states...)
				failedAgain(t, db, stored, c.repeats)
				for _, run := range stored { // as the worker does when one ends
					if _, repeats := c.repeats[slices.IndexFunc(stored, func(r models.Run) bool { return r.ID == run.ID })]; repeats {
						if err := runs.SettleEarlier(t.Context(), db, run.ID, models.Now()); err != nil {
							t.Fatal(err)
						}
					}
				}
				listed, _, err := runs.List(t.Context(), db, runs.Filter{WorkflowID: id, Status: []string{"failed"}, Open: true, Limit: 10})
				if err != nil {
					t.Fatal(err)
				}
				var open []int
				for _, run := range listed {
					open = append(open, slices.IndexFunc(stored, func(r models.Run) bool { return r.ID == run.ID }))
				}
				if !slices.Equal(open, c.open) {
					t.Errorf("open are %v instead of %v", open, c.open)
				}
			})
		})
	}
}

func TestARepairCountsBeforeItIsMarkedAndIsKeptUntilThen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		id, _ := workflowWithRuns(t, db, "W")
		stored := endedRuns(t, db, id, 40, "failed", "succeeded", "succeeded") // the worker was lost before it could mark
		failedAgain(t, db, stored, map[int]int{1: 0})
		if found := openFailures(t, db); len(found) != 0 {
			t.Errorf("a repaired run is open: %+v", found)
		}
		if _, _, err := runs.Clear(t.Context(), db, models.Now().AddDate(0, 0, -30), "", 100); err != nil {
			t.Fatal(err)
		}
		if found := openFailures(t, db); len(found) != 0 {
			t.Errorf("what had repaired it was removed, and it is open again: %+v", found)
		}
	})
}

func TestManyFailuresAreCountedUpToABound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		id, _ := workflowWithRuns(t, db, "W")
		states := slices.Repeat([]string{"failed"}, 520)
		stored := endedRuns(t, db, id, 1, states...)
		found := openFailures(t, db)
		if len(found) != 1 || found[0].Number != 500 || !found[0].More || found[0].LastID != stored[519].ID {
			t.Errorf("%+v", found)
		}
		settled, more, err := runs.AcknowledgeFailures(t.Context(), db, id, models.Now().Add(time.Hour), models.Now(), "Anna")
		if err != nil || settled != 520 || more || len(openFailures(t, db)) != 0 {
			t.Error(settled, more, err)
		}
	})
}
