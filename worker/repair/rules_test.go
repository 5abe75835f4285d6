package repair

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/failures"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/engine"
)

func (l *lab) ruler() *Ruler {
	return &Ruler{DB: l.db, Engine: l.e, Log: slog.New(slog.DiscardHandler), Now: func(context.Context, *gorm.DB) (time.Time, error) { return l.now, nil }}
}

// rule is set on the group of a run by Anna, now.
func (l *lab) rule(run models.Run, change ...func(r *failures.Rule)) string {
	l.Helper()
	l.group()
	id := *l.get(run.ID).FailureID
	rule := failures.Rule{AfterSeconds: 3600, AtMost: 2, RetryFrom: engine.FromStart, RetryVersion: engine.VersionSame}
	for _, c := range change {
		c(&rule)
	}
	l.must(failures.SetRule(l.Context(), l.db, id, rule, failures.Deed{By: "Anna", Now: l.now}))
	return id
}

// group puts what has failed into groups, as a worker does.
func (l *lab) group() {
	l.Helper()
	_, err := failures.Group(l.Context(), l.db, l.now, 100, nil)
	l.must(err)
}

// wait lets time pass, and what is due happen.
func (l *lab) wait(d time.Duration) {
	l.Helper()
	l.now = l.now.Add(d)
	l.must(l.ruler().look(l.Context()))
}

// fails has a run fail as the others did.
func (l *lab) fails(run models.Run) {
	l.Helper()
	l.must(l.db.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{
		"status": "failed", "finished_at": l.now, "error": models.JSON(`{"code":"timeout","message":"It took too long.","step_id":"b"}`),
	}).Error)
	l.must(runs.SettleEarlier(l.Context(), l.db, run.ID, l.now))
	l.group()
}

func TestWhatFailsSoIsRunAgainByItselfAFewTimes(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		before := l.failed(w)
		group := l.rule(before)
		l.now = l.now.Add(time.Minute)
		run := l.failed(w)
		l.group()
		_, turns, err := failures.RuleOf(t.Context(), l.db, group)
		if err != nil || turns.Number != 1 || !turns.Next.Equal(l.now.Add(time.Hour)) {
			t.Errorf("%+v wait, %v", turns, err)
		}
		l.wait(59 * time.Minute)
		if len(l.retries(run)) != 0 {
			t.Error("it is run again before its time")
		}
		for try := range 2 {
			l.wait(time.Hour)
			again := l.retries(run)
			if len(again) != 1 {
				t.Fatalf("after try %d %d runs repeat it", try, len(again))
			}
			var trigger engine.Trigger
			l.must(document.Decode(again[0].Trigger, &trigger))
			if trigger.Type != "retry" || trigger.Via != ByRule || trigger.Tries != try+1 || again[0].RungAt == nil {
				t.Errorf("it was started by %s", again[0].Trigger)
			}
			run = again[0]
			l.fails(run)
		}
		l.wait(24 * time.Hour)
		rule, turns, err := failures.RuleOf(t.Context(), l.db, group)
		if len(l.retries(run)) != 0 || len(l.retries(before)) != 0 || err != nil || rule.Retried != 2 || turns.Number != 0 {
			t.Errorf("%d and %d runs repeat them, the rule has started %d and waits for %d, %v", len(l.retries(run)), len(l.retries(before)), rule.Retried, turns.Number, err)
		}
		// Somebody runs it again: it counts anew.
		b := l.create(bulk.Request{Action: bulk.Retry, Runs: runs.Filter{IDs: idsOf(run)}})
		l.finish(b.ID)
		by := l.retries(run)[0]
		l.fails(by)
		l.wait(time.Hour)
		if len(l.retries(by)) != 1 {
			t.Error("what somebody has run again is not run again by itself")
		}
	})
}

func TestNothingIsRunAgainByItselfThatSomebodyHasSeenTo(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		group := l.rule(l.failed(w))
		settled, again, gone, open := l.failed(w), l.failed(w), l.failed(w), l.failed(w)
		l.group()
		_, _, err := failures.Acknowledge(t.Context(), l.db, group, failures.Deed{By: "Otto", Now: l.now})
		l.must(err)
		l.must(l.db.Model(&models.Run{}).Where("id <> ?", settled.ID).Update("settled_at", nil).Error)
		b := l.create(bulk.Request{Action: bulk.Retry, Runs: runs.Filter{IDs: idsOf(again)}})
		l.finish(b.ID)
		l.must(l.db.Exec("DELETE FROM step_runs WHERE run_id = ?", gone.ID).Error)
		l.must(l.db.Exec("DELETE FROM runs WHERE id = ?", gone.ID).Error)
		l.wait(time.Hour)
		if len(l.retries(settled)) != 0 || len(l.retries(again)) != 1 || len(l.retries(open)) != 1 {
			t.Errorf("%d, %d and %d runs repeat them", len(l.retries(settled)), len(l.retries(again)), len(l.retries(open)))
		}
		rule, turns, err := failures.RuleOf(t.Context(), l.db, group)
		if err != nil || rule.Retried != 1 || turns.Number != 0 {
			t.Errorf("%+v, %+v, %v", rule, turns, err)
		}
		if !strings.Contains(rule.Trouble, "has been run again already") {
			t.Errorf("of the one that was run again it says %q", rule.Trouble)
		}
	})
}

func TestWhatIsPausedWaitsForItsTurn(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		l.rule(l.failed(w))
		run := l.failed(w)
		l.group()
		l.must(l.db.Model(&models.Workflow{}).Where("id = ?", w.ID).Update("status", "paused").Error)
		l.wait(2 * time.Hour)
		if len(l.retries(run)) != 0 {
			t.Error("it is run again while its workflow is paused")
		}
		l.must(l.db.Model(&models.Workflow{}).Where("id = ?", w.ID).Update("status", "active").Error)
		l.wait(time.Second)
		if len(l.retries(run)) != 1 {
			t.Error("it is not run again")
		}
	})
}

func TestARuleThatIsTakenAwayRunsNothingAgain(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		group := l.rule(l.failed(w))
		run := l.failed(w)
		l.group()
		for range 2 {
			l.must(failures.RemoveRule(t.Context(), l.db, group))
		}
		l.wait(2 * time.Hour)
		if _, _, err := failures.RuleOf(t.Context(), l.db, group); len(l.retries(run)) != 0 || !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%d runs repeat it, %v", len(l.retries(run)), err)
		}
		var acts []string
		l.must(l.db.Raw("SELECT action FROM audit_events ORDER BY id").Scan(&acts).Error)
		if strings.Join(acts, " ") != "failure.rule_set failure.rule_removed" {
			t.Error(acts)
		}
	})
}

func TestTwoWorkersTogetherRunEachAgainByItselfOnce(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		group := l.rule(l.failed(w), func(r *failures.Rule) { r.RetryFrom = engine.FromFailedStep })
		var failed []models.Run
		for range 250 {
			failed = append(failed, l.failed(w))
		}
		for range 3 {
			l.group()
		}
		l.now = l.now.Add(time.Hour)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		for range cap(ended) {
			go func() { ended <- l.ruler().Run(ctx) }()
		}
		modelstest.Eventually(t, "all turns have come", func() bool {
			_, turns, err := failures.RuleOf(t.Context(), l.db, group)
			return err == nil && turns.Number == 0
		})
		stop()
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Fatal(err)
		}
		for _, run := range failed {
			if again := l.retries(run); len(again) != 1 || again[0].RetryFrom != "b" {
				t.Fatalf("%d runs repeat one", len(again))
			}
		}
		if rule, _, err := failures.RuleOf(t.Context(), l.db, group); err != nil || rule.Retried != 250 {
			t.Errorf("%d are counted, %v", rule.Retried, err)
		}
	})
}

// The new run, the end of its turn and the number are one: the last of them is refused here.
func TestWhatCannotBeCountedIsNotRunAgainByItself(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		group := l.rule(l.failed(w))
		run, other := l.failed(w), l.failed(w)
		l.group()
		refuse, admit := []string{"CREATE TRIGGER refuse BEFORE UPDATE ON failure_rules BEGIN SELECT RAISE(ABORT, 'no'); END"}, "DROP TRIGGER refuse"
		if models.IsPostgres(l.db) {
			refuse = []string{
				"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
				"CREATE TRIGGER refuse BEFORE UPDATE ON failure_rules FOR EACH ROW EXECUTE FUNCTION refuse()",
			}
			admit += " ON failure_rules"
		}
		for _, statement := range refuse {
			l.must(l.db.Exec(statement).Error)
		}
		l.wait(time.Hour)
		_, turns, err := failures.RuleOf(t.Context(), l.db, group)
		if len(l.retries(run))+len(l.retries(other)) != 0 || err != nil || turns.Number != 2 || !turns.Next.Equal(l.now.Add(time.Hour)) {
			t.Errorf("%d and %d runs repeat them, %+v wait, %v", len(l.retries(run)), len(l.retries(other)), turns, err)
		}
		l.must(l.db.Exec(admit).Error)
		l.wait(time.Hour)
		if len(l.retries(run)) != 1 || len(l.retries(other)) != 1 {
			t.Errorf("%d and %d runs repeat them", len(l.retries(run)), len(l.retries(other)))
		}
	})
}

func TestWhatHasNoPlaceIsRunAgainByItselfLater(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps + `,"settings":{"max_running":1,"on_limit":"reject"}`)
		group := l.rule(l.failed(w))
		run := l.failed(w)
		l.group()
		busy := l.failed(w, func(r *models.Run) { r.Status, r.FinishedAt, r.Error, r.TriggerType = "running", nil, nil, "webhook" })
		l.wait(time.Hour)
		rule, turns, err := failures.RuleOf(t.Context(), l.db, group)
		if len(l.retries(run)) != 0 || err != nil || turns.Number != 1 || rule.Trouble == "" {
			t.Errorf("%d runs repeat it, %+v, %+v, %v", len(l.retries(run)), rule, turns, err)
		}
		l.must(l.db.Model(&models.Run{}).Where("id = ?", busy.ID).Updates(map[string]any{"status": "succeeded", "finished_at": l.now}).Error)
		l.wait(time.Minute)
		if len(l.retries(run)) != 1 {
			t.Error("it is not run again")
		}
	})
}
