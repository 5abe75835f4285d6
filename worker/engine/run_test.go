package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

func TestAcceptedRunReachesItsEndWithItsOutput(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "Sum", "inputs": [{"name": "price", "type": "number", "required": true}], "steps": [
			{"id": "one", "type": "set_values", "config": {"values": {"total": "{{ input.price }}", "by": "{{ trigger.by }}"}}},
			{"id": "two", "type": "set_values", "config": {"values": {"text": "{{ steps.one.total }} EUR", "exact": "{{ steps.one.total }}"}}},
			{"id": "three", "type": "set_values", "config": {"values": {"whole": "{{ steps.two }}", "run": "{{ run.id }}"}}}]}`)
		run := l.ended(l.start(w, map[string]any{"price": json.Number("12345678901234567890.5")}).ID)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "output", json.RawMessage(run.Output), json.RawMessage(`{"run":"`+run.ID+`","whole":{"exact":12345678901234567890.5,"text":"12345678901234567890.5 EUR"}}`))
		equal(l, "steps", summary(l.rows(run.ID)), []string{"one succeeded", "two succeeded", "three succeeded"})
		if run.StartedAt == nil || run.FinishedAt == nil || run.LeaseUntil != nil || run.Attempt != 1 {
			l.Fatalf("%+v", run)
		}
	})
}

func TestConditionTakesOneBranchAndTheOtherIsSkipped(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.run(`{"name": "Branch", "steps": [
			{"id": "big", "type": "condition", "config": {"match": "all", "conditions": [{"value": 5, "operator": "greater_than", "other": 3}]},
				"then": [{"id": "yes", "type": "note", "config": {"v": 1}}], "else": [{"id": "no", "type": "note"}]},
			{"id": "end", "type": "condition", "config": {"match": "all", "conditions": [{"value": 1, "operator": "equals", "other": 2}]}}]}`)
		ended := l.ended(run.ID)
		equal(l, "output", json.RawMessage(ended.Output), json.RawMessage(`{"result":false}`))
		equal(l, "called", l.lit.called(), []string{"yes"})
		outline, _, err := l.e.OutlineOf(t.Context(), ended, 100)
		l.must(err)
		var lines []string
		for _, step := range outline {
			lines = append(lines, strings.Repeat("-", step.Depth)+step.Block+" "+step.StepID+" "+step.Status)
		}
		equal(l, "outline", lines, []string{" big succeeded", "-then yes succeeded", "-else no skipped", " end succeeded"})
	})
}

func TestStopEndsTheRunAtOnce(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		for outcome, status := range map[string]string{"succeeded": workflow.RunSucceeded, "failed": workflow.RunFailed} {
			run := l.ended(l.run(`{"name": "Stop", "steps": [{"id": "halt", "type": "stop", "config": {"outcome": "` + outcome + `", "message": "No more"}}, {"id": "after", "type": "note"}]}`).ID)
			equal(l, "status", run.Status, status)
			equal(l, "output", json.RawMessage(run.Output), json.RawMessage(`{"message":"No more","outcome":"`+outcome+`"}`))
			if status == workflow.RunFailed {
				equal(l, "error", json.RawMessage(run.Error), json.RawMessage(`{"code":"stopped","message":"No more","step_id":"halt"}`))
			}
		}
		equal(l, "called", l.lit.called(), []string{})
	})
}

func TestFailedStepIsTriedAgainAsItsRuleSays(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "Retry", "steps": [{"id": "f", "type": "fail", "retry": {"max_attempts": 5, "delay": "20ms"}}]}`).ID)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"f failed broken", "f failed broken", "f succeeded"})
	})
}

func TestRetriesEndAndTheRunFailsWithTheStepsReason(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "Retry", "steps": [{"id": "f", "type": "fail", "config": {"output": 1}, "retry": {"max_attempts": 2, "delay": "20ms"}}, {"id": "after", "type": "note"}]}`).ID)
		equal(l, "error", json.RawMessage(run.Error), json.RawMessage(`{"code":"broken","message":"It is broken. Mend it.","step_id":"f"}`))
		equal(l, "rows", len(l.rows(run.ID)), 2)
		permanent := l.ended(l.run(`{"name": "Never", "steps": [{"id": "f", "type": "fail", "config": {"permanent": true}, "retry": {"max_attempts": 9}}]}`).ID)
		equal(l, "attempts at a permanent failure", len(l.rows(permanent.ID)), 1)
	})
}

func TestStepThatMayFailLetsTheRunGoOnWithItsError(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "Go on", "steps": [
			{"id": "f", "type": "fail", "on_error": "continue", "config": {"output": {"status": 500}}},
			{"id": "after", "type": "set_values", "config": {"values": {"code": "{{ steps.f.error.code }}", "status": "{{ steps.f.status }}"}}}]}`).ID)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "output", json.RawMessage(run.Output), json.RawMessage(`{"code":"broken","status":500}`))
	})
}

func TestDefectsOfAStepFailItAndNothingElse(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		for kind, want := range map[string]string{"panic": "panic", "odd": "internal"} {
			run := l.ended(l.run(`{"name": "Defect", "steps": [{"id": "d", "type": "` + kind + `"}]}`).ID)
			equal(l, kind, code(run.Error), want)
			if strings.Contains(string(run.Error), "inner text") {
				l.Fatalf("inner text is shown: %s", run.Error)
			}
		}
		equal(l, "the next run", l.ended(l.run(`{"name": "Fine", "steps": [{"id": "n", "type": "note"}]}`).ID).Status, workflow.RunSucceeded)
	})
}

// What is not there is null, and the step's record says so.
func TestWhatIsNotThereIsNotedAtTheStep(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "R", "steps": [{"id": "a", "type": "note", "config": {"x": 1}},
			{"id": "b", "type": "note", "config": {"y": "{{ steps.a.z }}", "again": "<{{ steps.a.z }}>", "e": "{{ steps.a.error.code }}", "body": "{{ trigger.body }}"}}]}`).ID)
		equal(l, "output", string(run.Output), `{"again":"<>","body":null,"e":null,"y":null}`)
		rows := l.rows(run.ID)
		equal(l, "noted", absentOf(&rows[1]), []plan.Absent{{Reference: "{{ steps.a.z }}", Reason: "“steps.a” has no “z”. Did you mean “x”?"}})
		equal(l, "noted of the other", len(absentOf(&rows[0])), 0)
	})
}

func absentOf(row *models.StepRun) []plan.Absent { return engine.AttemptOf(row).Absent }

func TestDataThatLooksLikeAReferenceStaysText(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "R", "inputs": [{"name": "t", "type": "text"}], "steps": [
			{"id": "a", "type": "note", "config": {"v": "{{ input.t }}"}}, {"id": "b", "type": "note", "config": {"v": "{{ steps.a.v }}"}}]}`)
		run := l.ended(l.start(w, map[string]any{"t": "{{ secrets.X }} \x00 <b>"}).ID)
		equal(l, "output", string(run.Output), "{\"v\":\"{{ secrets.X }} \ufffd <b>\"}")
	})
}

func TestLargeOutputIsCutInItsRowAndWholeForLaterSteps(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "Vast", "steps": [{"id": "v", "type": "vast"}, {"id": "pause", "type": "nap"},
			{"id": "last", "type": "note", "config": {"v": "{{ steps.v.last }}"}}]}`).ID)
		equal(l, "output", json.RawMessage(run.Output), json.RawMessage(`{"v":"end"}`))
		rows := l.rows(run.ID)
		var cut struct {
			Truncated bool
			Bytes     int
			Preview   string
		}
		l.must(json.Unmarshal(rows[0].Output, &cut))
		if !cut.Truncated || cut.Bytes < 300<<10 || cut.Preview == "" || len(rows[0].Output) > 20<<10 {
			l.Fatalf("%.200s", rows[0].Output)
		}
		again, err := l.e.Retry(t.Context(), run.ID, engine.RetryRequest{})
		l.must(err)
		equal(l, "the same again", json.RawMessage(l.ended(again.ID).Output), json.RawMessage(`{"v":"end"}`))
	})
}

func TestEveryAttemptOfAStepSendsTheSameKey(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "Retry", "steps": [{"id": "f", "type": "fail", "retry": {"max_attempts": 3, "delay": "1ms"}}]}`).ID)
		keys := map[string]bool{}
		for _, call := range l.lit.calls {
			keys[call.IdempotencyKey] = true
		}
		if len(l.lit.calls) != 3 || len(keys) != 1 || !keys[run.ID+"/f"] {
			l.Fatalf("%v", keys)
		}
	})
}

func TestResultThatTheDatabaseRefusesLeavesNoRunBehind(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(4, 0)
		w := l.publish(`{"name": "Fine", "steps": [{"id": "n", "type": "note"}]}`)
		bad := l.run(`{"name": "Deep", "steps": [{"id": "d", "type": "deep"}]}`)
		good := []string{l.start(w, nil).ID, l.start(w, nil).ID, l.start(w, nil).ID}
		ended := l.ended(bad.ID)
		if models.IsPostgres(l.db) {
			equal(l, "code", code(ended.Error), "internal")
		}
		for _, id := range good {
			equal(l, "a run beside it", l.ended(id).Status, workflow.RunSucceeded)
		}
	})
}

func TestRunOfAVersionThatCannotBeReadFails(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "Odd", "steps": [{"id": "n", "type": "note"}]}`)
		run := l.start(w, nil)
		l.must(l.db.Exec("UPDATE workflow_versions SET definition = '[1]' WHERE workflow_id = ?", w.ID).Error)
		l.worker(1, 0)
		equal(l, "code", code(l.ended(run.ID).Error), "internal")
	})
}
