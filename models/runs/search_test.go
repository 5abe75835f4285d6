package runs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/words"
)

// storeWords has a run found by these texts.
func storeWords(t *testing.T, db *gorm.DB, run models.Run, texts ...string) {
	t.Helper()
	text := runs.Text{RunID: run.ID, TriggerType: run.TriggerType, Ended: true}
	for _, value := range append(texts, run.WorkflowName) {
		text.Values = append(text.Values, words.Of(value))
	}
	if err := runs.StoreTexts(t.Context(), db, []runs.Text{text}); err != nil {
		t.Fatal(err)
	}
}

func search(t *testing.T, db *gorm.DB, f runs.Filter) []string {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	found, _, err := runs.List(t.Context(), db, f)
	if err != nil {
		t.Fatal(err)
	}
	return ids(found)
}

func TestRunsAreFoundByTheirWords(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, stored := workflowWithRuns(t, db, "Bestellung prüfen", "succeeded", "failed", "succeeded")
		storeWords(t, db, stored[0], "Jan Kowalczyk", "jan.kowalczyk@example.com", "A-4711", "Łódź", stored[1].ID)
		storeWords(t, db, stored[1], "Ann", "a 47", "4711", "東京都", "kowal")
		storeWords(t, db, stored[2], "A", "4711", "it's 100 % & 'quoted' \\ | !x:*", strings.Repeat("e", 90))
		one, two, three := stored[0].ID, stored[1].ID, stored[2].ID
		for typed, want := range map[string][]string{
			"kowalczyk":                 {one},
			"KOWALCZYK jan":             {one},
			"Kowal":                     {two, one}, // also what begins so
			"jan kowal":                 {one},
			"kowal jan":                 {}, // only the last word may be a beginning
			"jan.kowalczyk@example.com": {one},
			"kowalczyk@exam":            {one},
			"jan@example.com":           {}, // not one behind the other
			"A-4711":                    {one},
			"4711":                      {three, two, one},
			"a_47":                      {two}, // too short for a beginning
			"lodz":                      {one},
			"ŁÓDŹ":                      {one},
			"京都":                        {two},
			"東都":                        {},
			"bestellung PRUFEN":         {three, two, one},
			"it's 'quoted' 100 %":       {three},
			"':* | & ! \\ \" ( NEAR":    {}, // signs of theirs mean nothing to the databases
			"a OR kowalczyk":            {},
			strings.Repeat("e", 90):     {three},
			two:                         {two, one}, // the run, and one that names it
			two[:13]:                    {one},
			"zzz":                       {},
			"%":                         {},
			"_":                         {},
			"=manual":                   {},
			"manual":                    {},
		} {
			if got := search(t, db, runs.Filter{Search: typed}); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q finds %v, want %v", typed, got, want)
			}
		}
	})
}

func TestARunThatHasNoTextYetIsFoundByItsName(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, stored := workflowWithRuns(t, db, "Orders 100%", "succeeded", "queued", "succeeded")
		storeWords(t, db, stored[0])
		storeWords(t, db, stored[2])
		want := []string{stored[2].ID, stored[1].ID, stored[0].ID}
		for _, typed := range []string{"orders", "100%", "ORD"} {
			if got := search(t, db, runs.Filter{Search: typed}); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", typed, got, want)
			}
		}
	})
}

// SQLite keeps words by a part of the id.
func TestRunsWhoseIDsAreNearlyTheSameAreToldApart(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, made := workflowWithRuns(t, db, "W", "succeeded")
		var texts []runs.Text
		var want []string
		for i := range 5 {
			run := made[0]
			run.ID = fmt.Sprintf("01930000-0000-7000-8000-00000000000%d", i)
			if err := runs.Insert(t.Context(), db, &run); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, runs.Text{RunID: run.ID, TriggerType: "manual", Values: [][]string{{"common"}, {fmt.Sprintf("w%d", i)}}})
			want = append([]string{run.ID}, want...)
		}
		for _, some := range [][]runs.Text{texts[:3], texts[1:], texts} { // some of them again
			if err := runs.StoreTexts(t.Context(), db, some); err != nil {
				t.Fatal(err)
			}
		}
		if got := search(t, db, runs.Filter{Search: "common"}); !slices.Equal(got, want) {
			t.Error(got)
		}
		for i, text := range texts {
			if got := search(t, db, runs.Filter{Search: fmt.Sprintf("w%d", i)}); !slices.Equal(got, []string{text.RunID}) {
				t.Error(i, got)
			}
		}
	})
}

func TestWhatIsStoredAtTheEndOfARunStaysAndGoesWithIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		workflowID, stored := workflowWithRuns(t, db, "W", "succeeded", "succeeded")
		text := func(word string, ended bool) {
			if err := runs.StoreTexts(t.Context(), db, []runs.Text{{RunID: stored[0].ID, TriggerType: "manual", Ended: ended, Values: [][]string{{word}}}}); err != nil {
				t.Fatal(err)
			}
		}
		text("begun", false)
		text("whole", true)
		text("late", false) // by somebody who has read the run before its end
		for word, want := range map[string]int{"begun": 0, "whole": 1, "late": 0} {
			if got := search(t, db, runs.Filter{Search: word}); len(got) != want {
				t.Errorf("%s: %v", word, got)
			}
		}
		if err := runs.StoreTexts(t.Context(), db, []runs.Text{{RunID: models.NewID(), TriggerType: "manual", Values: [][]string{{"gone"}}}}); err != nil {
			t.Error("of a run that is gone:", err)
		}
		storeWords(t, db, stored[1], "other")
		if _, err := models.DeleteWorkflow(t.Context(), db, workflowID); err != nil {
			t.Fatal(err)
		}
		if left := modelstest.Everything(t, db)["run_texts"]; left != "" {
			t.Error("left:", left)
		}
	})
}

// manyRuns stores n runs a second apart, the last one now; each has the word “common” and
// one of its own, “w1” the first, and the first tenth “formerly”.
func manyRuns(t *testing.T, db *gorm.DB, n int, now time.Time) (workflowID string) {
	t.Helper()
	workflowID, _ = workflowWithRuns(t, db, "Many")
	stored, texts := make([]models.Run, n), make([]runs.Text, n)
	for i := range stored {
		at := now.Add(time.Duration(i-n+1) * time.Second)
		stored[i] = models.Run{
			ID: modelstest.IDAt(at), WorkflowID: workflowID, VersionID: workflowID, WorkflowName: "Many", Status: "succeeded",
			TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: at,
		}
		if i%10 == 0 {
			stored[i].Status = "failed"
		}
		if i%4 == 0 {
			stored[i].TriggerType = "schedule"
		}
		texts[i] = runs.Text{RunID: stored[i].ID, TriggerType: stored[i].TriggerType, Ended: true, Values: [][]string{{"common"}, {fmt.Sprintf("w%d", i+1)}}}
		if i < n/10 {
			texts[i].Values = append(texts[i].Values, []string{"formerly"})
		}
	}
	if err := runs.InsertMany(t.Context(), db, stored); err != nil {
		t.Fatal(err)
	}
	if err := runs.StoreTexts(t.Context(), db, texts); err != nil {
		t.Fatal(err)
	}
	return workflowID
}

// Among more runs than are looked through one by one.
func TestASearchGoesThroughAllPagesWithEachFilter(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		const number = 2400
		now := models.Now()
		workflowID := manyRuns(t, db, number, now)
		from, to := now.Add(-2300*time.Second), now.Add(-2100*time.Second)
		for name, test := range map[string]struct {
			filter runs.Filter
			want   int
		}{
			"common":            {runs.Filter{Search: "common"}, number},
			"of the old ones":   {runs.Filter{Search: "formerly"}, 240},
			"the oldest":        {runs.Filter{Search: "w1"}, 1},
			"one state":         {runs.Filter{Search: "formerly", Status: []string{"failed"}}, 24},
			"two states":        {runs.Filter{Search: "formerly common", Status: []string{"failed", "succeeded"}}, 240},
			"a trigger":         {runs.Filter{Search: "formerly", TriggerType: "schedule"}, 60},
			"a workflow":        {runs.Filter{Search: "formerly", WorkflowID: workflowID}, 240},
			"another one":       {runs.Filter{Search: "common", WorkflowID: models.NewID()}, 0},
			"between two times": {runs.Filter{Search: "common", From: &from, To: &to}, 200},
			"no such trigger":   {runs.Filter{Search: "common", TriggerType: "webhook"}, 0},
			"all of it":         {runs.Filter{Search: "common formerly", WorkflowID: workflowID, Status: []string{"failed"}, TriggerType: "schedule", From: &from, To: &to}, 7},
			"none":              {runs.Filter{Search: "common zzz"}, 0},
		} {
			seen := map[string]bool{}
			last := "z"
			for pages := 0; ; pages++ {
				test.filter.Limit = 100
				found, next, err := runs.List(t.Context(), db, test.filter)
				if err != nil || pages > number/100 {
					t.Fatal(name, pages, err)
				}
				for _, run := range found {
					if seen[run.ID] || run.ID >= last {
						t.Fatalf("%s: %s comes again or too late", name, run.ID)
					}
					seen[run.ID], last = true, run.ID
				}
				if test.filter.Before = next; next == "" {
					break
				}
			}
			if len(seen) != test.want {
				t.Errorf("%s: %d runs, want %d", name, len(seen), test.want)
			}
		}
	})
}
