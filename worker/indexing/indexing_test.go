package indexing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/duty"
)

// indexer is one that looks when the test has it look.
func indexer(db *gorm.DB, name string) *Indexer {
	return &Indexer{DB: db, Log: slog.New(slog.DiscardHandler), Name: name, mine: &duty.Duty{DB: db, Name: dutyFor, Holder: name, Length: lead}}
}

// store stores a run that was accepted at a time.
func store(t *testing.T, db *gorm.DB, at time.Time, change func(run *models.Run)) models.Run {
	t.Helper()
	id := modelstest.IDAt(at)
	run := models.Run{
		ID: id, WorkflowID: workflowOf(t, db), VersionID: id, WorkflowName: "W", Status: "succeeded",
		TriggerType: "manual", Trigger: models.JSON(`{"type":"manual","by":"Ada Brandt"}`), Queue: "default", QueuedAt: at,
	}
	if change != nil {
		change(&run)
	}
	if err := db.Create(&run).Error; err != nil {
		t.Fatal(err)
	}
	return run
}

// workflowOf is the id of the database's one workflow.
func workflowOf(t *testing.T, db *gorm.DB) string {
	t.Helper()
	w := models.Workflow{ID: "01930000-0000-7000-8000-000000000001", Name: "W", Status: "active", Draft: models.JSON("{}"), CreatedAt: models.Now(), UpdatedAt: models.Now()}
	if err := db.Where("id = ?", w.ID).FirstOrCreate(&w).Error; err != nil {
		t.Fatal(err)
	}
	return w.ID
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// found are the ids of the runs that a search finds.
func found(t *testing.T, db *gorm.DB, typed string) []string {
	t.Helper()
	listed, _, err := runs.List(t.Context(), db, runs.Filter{Search: typed, Limit: 100})
	must(t, err)
	all := []string{}
	for _, run := range listed {
		all = append(all, run.ID)
	}
	return all
}

func TestARunIsFoundByWhatItWasGivenAndGaveAndFailedWith(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		run := store(t, db, now, func(run *models.Run) {
			run.Status, run.TriggerType = "failed", "webhook"
			run.Trigger = models.JSON(`{"type":"webhook","trigger_id":"shop","by":"Ada Brandt","run_id":"0193f000-aaaa-7000-8000-000000000001","headers":{"user-agent":"headerword"},
				"query":{"page":"queryword"},"body":{"customer":{"name":"Jan Kowalczyk","mail":"jan@example.com"},"order":"A-4711","total":99.5,"note":"Zaż\u00f3\u0142\u0107 \ud83d\ude80 \"g\u0119\u015bl\u0105\""}}`)
			run.Input, run.Output, run.Error = models.JSON(`{"q":["inputword",4712]}`), models.JSON(`"outputword"`), models.JSON(`{"code":"unexpected_status","message":"The address answered errorword."}`)
		})
		step := models.StepRun{
			ID: models.NewID(), RunID: run.ID, StepID: "fetch", Name: "F", Type: "http_request", Attempt: 1, Status: "failed",
			Output: models.JSON(`{"body":{"x":"stepword"}}`), Error: models.JSON(`{"code":"x","message":"steperror"}`),
		}
		must(t, db.Create(&step).Error)
		must(t, indexer(db, "a").look(t.Context(), now.Add(2*time.Second)))
		for _, typed := range []string{
			"kowalczyk", "KOWAL", "jan@example.com", "a-4711", "4711", "99.5", "zazolc gesla", "queryword", "inputword", "4712", "outputword", "errorword",
			"stepword", "steperror", "0193f000-aaaa-7000-8000-000000000001", "ada", "kowalczyk stepword w",
		} {
			if got := found(t, db, typed); !slices.Equal(got, []string{run.ID}) {
				t.Errorf("%q finds %v", typed, got)
			}
		}
		for _, typed := range []string{"customer", "headerword", "shop", "kowalczyk@example"} {
			if got := found(t, db, typed); len(got) > 0 {
				t.Errorf("%q finds %v", typed, got)
			}
		}
		must(t, db.Exec("DELETE FROM runs").Error)
		if got := found(t, db, "kowalczyk"); len(got) > 0 {
			t.Error("it is gone, and found:", got)
		}
		if left := modelstest.Everything(t, db)["run_texts"]; left != "" {
			t.Error("left:", left)
		}
	})
}

func TestARunThatWaitsIsFoundByItsInputAndAfterItsEndByTheRest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		x := indexer(db, "a")
		run := store(t, db, now, func(run *models.Run) { run.Status, run.Input = "waiting", models.JSON(`"inputword"`) })
		for _, after := range []time.Duration{0, 2 * time.Second, late - time.Second} { // most end soon, and are stored once
			must(t, x.look(t.Context(), now.Add(after)))
			if got := found(t, db, "inputword"); len(got) != 0 {
				t.Error(after, got)
			}
		}
		must(t, x.look(t.Context(), now.Add(late+time.Second)))
		if got := found(t, db, "inputword"); len(got) != 1 {
			t.Error("it is old enough:", got)
		}
		must(t, db.Model(&run).Updates(models.Run{Status: "succeeded", Output: models.JSON(`"outputword"`)}).Error)
		must(t, x.look(t.Context(), now.Add(time.Hour)))
		if got := found(t, db, "outputword inputword"); len(got) != 1 {
			t.Error("it has ended:", got)
		}
	})
}

// A start has its id before its transaction begins, and looks come in between.
func TestWhatIsCommittedLateIsNotPassedOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		x := indexer(db, "a")
		must(t, x.look(t.Context(), now))
		x.back = ""
		for at := time.Duration(0); at < 10*time.Minute; at += every {
			must(t, x.look(t.Context(), now.Add(at)))
			run := store(t, db, now.Add(at-models.Patience), func(run *models.Run) { run.Input = models.JSON(fmt.Sprintf(`"late%d"`, at)) })
			must(t, x.look(t.Context(), now.Add(at+every)))
			if got := found(t, db, fmt.Sprintf("late%d", at)); !slices.Equal(got, []string{run.ID}) {
				t.Fatal(at, got)
			}
			at += time.Minute
		}
	})
}

// dying ends ctx when a piece is to be stored for the nth time.
func dying(t *testing.T, db *gorm.DB, nth int) context.Context {
	t.Helper()
	ctx, die := context.WithCancel(t.Context())
	count := func(tx *gorm.DB) {
		if strings.HasPrefix(tx.Statement.SQL.String(), "INSERT INTO run_texts") || strings.HasPrefix(tx.Statement.SQL.String(), "INSERT OR REPLACE INTO run_words") {
			if nth--; nth == 0 {
				die()
			}
		}
	}
	must(t, db.Callback().Raw().Before("gorm:raw").Register("die", count))
	return ctx
}

func TestAWorkerThatDiesLosesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		var all []string
		for i := range 2*piece + 10 {
			// Some are new, some of long before there was an index.
			at := now.Add(-time.Duration(i%2) * 24 * time.Hour)
			all = append(all, store(t, db, at.Add(-time.Duration(i)*time.Millisecond), func(run *models.Run) { run.Input = models.JSON(fmt.Sprintf(`"word%d."`, i)) }).ID)
		}
		nth := 2
		if !models.IsPostgres(db) {
			nth = 4 // between what is stored of the second piece
		}
		ctx := dying(t, db, nth)
		dead := indexer(db, "dead")
		if err := dead.look(ctx, now.Add(2*time.Second)); err == nil {
			if err = dead.lookBack(ctx); err == nil {
				t.Fatal("it has not died")
			}
		}
		next := indexer(db, "next")
		if models.IsPostgres(db) {
			must(t, db.Exec("DELETE FROM duties").Error) // it has run out
		}
		must(t, next.look(t.Context(), now.Add(2*time.Second)))
		for next.back != "" {
			must(t, next.lookBack(t.Context()))
		}
		for i, id := range all {
			if got := found(t, db, fmt.Sprintf("word%d", i)); !slices.Contains(got, id) {
				t.Fatalf("word%d: %v", i, got)
			}
		}
		if got := strings.Count(modelstest.Everything(t, db)["run_texts"], "\n"); got != len(all) {
			t.Errorf("%d texts of %d runs", got, len(all))
		}
	})
}

func TestARunThatCannotBeStoredKeepsNoOtherFromBeingFound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		for _, word := range []string{"before", "unstorable", "behind"} {
			store(t, db, now, func(run *models.Run) { run.Input = models.JSON(`"` + word + `"`) })
		}
		must(t, db.Callback().Raw().Before("gorm:raw").Register("refuse", func(tx *gorm.DB) {
			if strings.Contains(tx.Statement.SQL.String(), "run_words") || strings.Contains(tx.Statement.SQL.String(), "run_texts") {
				if strings.Contains(fmt.Sprint(tx.Statement.Vars...), "unstorable") {
					_ = tx.AddError(errors.New("it is refused"))
				}
			}
		}))
		must(t, indexer(db, "a").look(t.Context(), now.Add(2*time.Second)))
		for word, want := range map[string]int{"before": 1, "behind": 1, "unstorable": 0} {
			if got := found(t, db, word); len(got) != want {
				t.Errorf("%s: %v", word, got)
			}
		}
	})
}

func TestTwoAtOnceDoNoHarm(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		for i := range 3 * piece {
			store(t, db, now.Add(-time.Duration(i)*time.Millisecond), func(run *models.Run) { run.Input = models.JSON(`"common"`) })
		}
		var both errgroup.Group
		for range 2 {
			both.Go(func() error {
				x := indexer(db, "the same") // as if a lease had run out
				if err := x.look(t.Context(), now.Add(2*time.Second)); err != nil {
					return err
				}
				return x.lookBack(t.Context())
			})
		}
		must(t, both.Wait())
		listed, next, err := runs.List(t.Context(), db, runs.Filter{Search: "common", Limit: 100})
		must(t, err)
		rest, _, err := runs.List(t.Context(), db, runs.Filter{Search: "common", Limit: 100, Before: next})
		must(t, err)
		if len(listed)+len(rest) != 3*piece {
			t.Errorf("%d and %d are found", len(listed), len(rest))
		}
	})
}

func TestOnlyOneHasTheDuty(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	now := models.Now()
	must(t, indexer(db, "first").look(t.Context(), now))
	store(t, db, now, func(run *models.Run) { run.Input = models.JSON(`"inputword"`) })
	second := indexer(db, "second")
	must(t, second.look(t.Context(), now.Add(2*time.Second)))
	if got := found(t, db, "inputword"); len(got) != 0 || second.back != "" {
		t.Error("another has done it:", got)
	}
}

func TestATextIsBoundedAndTriesHaveNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		var many strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&many, `"n%d",`, i)
		}
		store(t, db, now, func(run *models.Run) { run.Input = models.JSON("[" + many.String() + `"end"]`) })
		store(t, db, now, func(run *models.Run) {
			run.Input = models.JSON(`["begin","` + strings.Repeat("again \u00e9 ", 2*textKept) + `","end"]`)
		})
		store(t, db, now, func(run *models.Run) { run.TriggerType, run.Input = "try", models.JSON(`"tryword begin"`) })
		must(t, indexer(db, "a").look(t.Context(), now.Add(2*time.Second)))
		for typed, want := range map[string]int{"n1": 1, "n900": 1, "n1100": 0, "n4999": 0, "end": 0, "begin": 1, "again": 1, "tryword": 0} {
			if got := found(t, db, typed); len(got) != want {
				t.Errorf("%s: %v", typed, got)
			}
		}
		if models.IsPostgres(db) {
			var size int
			must(t, db.Raw("SELECT max(length(words::text)) FROM run_texts").Scan(&size).Error)
			if size > 2*textKept {
				t.Errorf("%d bytes", size)
			}
		}
	})
}

func TestTextsOfRunsThatAreGoneAreRemoved(t *testing.T) {
	db, _ := modelstest.Postgres(t) // SQLite keeps none
	gone := models.NewID()
	must(t, db.Exec("INSERT INTO run_texts (run_id, words, ended) VALUES (?, 'x', false)", gone).Error)
	x := indexer(db, "a")
	must(t, x.look(t.Context(), models.Now()))
	must(t, x.lookBack(t.Context()))
	if left := modelstest.Everything(t, db)["run_texts"]; left != "" {
		t.Error(left)
	}
}

func TestValuesOfADocument(t *testing.T) {
	for document, want := range map[string][]string{
		``:                                nil,
		`null`:                            nil,
		`"a"`:                             {"a"},
		`{"k":"a","n" : -1.5e3,"t":true}`: {"a", "-1.5e3"},
		`[1,2,{"a":["b"]}]`:               {"1", "2", "b"},
		`"a \"b\" \\ \u00e9\ud83d\ude00"`: {`a "b" \ é😀`},
		`{"a":"cut of`:                    {"cut of"},
		`{"a":"cut \`:                     {"cut "},
		`{"a":"cut \u00`:                  {"cut "},
		`{"a":"cut \\`:                    {`cut \`},
		`{"a":"b","c`:                     {"b", "c"},
		`[12`:                             {"12"},
		`"`:                               {""},
	} {
		if got := values(document); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", document, got, want)
		}
	}
}

func TestMembersOfAnObject(t *testing.T) {
	for object, want := range map[string]string{
		`{}`:                                    "",
		`{"a":1,"b" : {"a":[1,"}"]},"c":"x:,"}`: `a=1|b= {"a":[1,"}"]}|c="x:,"|`,
		`{"a":"cut`:                             `a="cut|`,
		`{"a":{"b":1`:                           `a={"b":1|`,
		`[1,2]`:                                 "",
	} {
		got := ""
		for name, value := range members(object) {
			got += name + "=" + value + "|"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", object, got, want)
		}
	}
}
