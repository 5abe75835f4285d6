package pages_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/models"
	"workflows/worker/workflow"
)

// define publishes a workflow from its definition.
func (s *runSite) define(definition string) models.Workflow {
	s.t.Helper()
	d, problems, err := workflow.Parse([]byte(definition))
	s.check(err)
	if len(problems) > 0 {
		s.t.Fatal(problems)
	}
	return s.publish(d)
}

// loop is a run that goes through a list; the first entries fail.
func (s *runSite) loop(entries, failing int) models.Run {
	s.t.Helper()
	list := make([]string, entries)
	for i := range list {
		list[i] = fmt.Sprintf(`"item %d %s"`, i, evil)
		if i < failing {
			list[i] = fmt.Sprintf(`{"bad": %d}`, i)
		}
	}
	w := s.define(`{"format": 1, "name": "Loop", "steps": [
		{"id": "each", "type": "for_each", "name": "Each ` + evil + `", "config": {"list": [` + strings.Join(list, ",") + `], "max_parallel": 5, "on_item_error": "continue"}, "do": [
			{"id": "look", "type": "condition", "name": "Look at it", "config": {"match": "all", "conditions": [{"value": "{{ item }}", "operator": "starts_with", "other": "item"}]},
				"else": [{"id": "give", "type": "stop", "name": "Give up", "disabled": true, "config": {"outcome": "failed"}}, {"id": "bad", "type": "for_each", "name": "Go inside", "config": {"list": "{{ item.bad }}"}, "do": [{"id": "in", "type": "set_values", "config": {"values": {"a": 1}}}]}]},
			{"id": "keep", "type": "set_values", "name": "Keep it", "config": {"values": {"entry": "{{ item }}", "at": "{{ index }}"}}}
		]},
		{"id": "unused", "type": "set_values", "name": "Not now", "disabled": true, "config": {"values": {"a": 1}}},
		{"id": "last", "type": "set_values", "name": "Count", "config": {"values": {"count": "{{ steps.each.count }}"}}}
	]}`)
	return s.execute(s.start(w, `{}`).ID)
}

func TestALoopIsShownAsItsItemsFailuresFirst(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		run, bob := s.loop(60, 3), s.as(auth.Viewer)
		if run.Status != workflow.RunSucceeded {
			t.Fatalf("%s %s", run.Status, run.Error)
		}
		page := bob.get("/runs/"+run.ID, http.StatusOK)
		shows(t, page, "60 items: 3 failed, 57 succeeded.", "Item 1", "Item 3", "!>Item 4<", "57 more items", "Switched off", "1 switched off",
			"At “Go inside”: ", "/runs/"+run.ID+"/items?step=each", "!"+evil, "!Keep it")
		open := bob.get("/runs/"+run.ID+"?step=each&item=41", http.StatusOK)
		shows(t, open, ">Item 42<", "item 41 &lt;script&gt;", "Keep it", "Look at it", "42 of 60 (index 41)", `href="/runs/`+run.ID+"?in=41&amp;step=keep#detail", "!"+evil)
		step := bob.get("/runs/"+run.ID+"?step=keep&in=41", http.StatusOK)
		shows(t, step, ">Item 42<", "item 42", `&#34;at&#34;`, `aria-current="true"`, "!>Item 43<")
		shows(t, bob.get("/runs/"+run.ID+"?step=each", http.StatusOK), "errors&#34;", "count&#34;")
		for _, nonsense := range []string{"?step=keep&in=99", "?step=each&item=4711", "?step=keep&in=x", "?step=keep", "?step=each&in=1", "?in=1.2.3&item=-5"} {
			bob.get("/runs/"+run.ID+nonsense, http.StatusOK)
		}
		for _, live := range []string{"?step=keep&in=41", "?step=each&item=41"} {
			shows(t, bob.get("/live/runs/"+run.ID+live, 200), "Keep it")
			shows(t, bob.get("/live/runs/"+run.ID+"/detail"+live, 200), "Succeeded")
		}
	})
}

func TestAllItemsOfALoopAreListedAPageAtATime(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		run, bob := s.loop(130, 2), s.as(auth.Viewer)
		first := bob.get("/runs/"+run.ID+"/items?step=each", http.StatusOK)
		shows(t, first, "130 items: 2 failed, 128 succeeded.", ">Item 1<", ">Item 100<", "!>Item 101<", "after=99", "item 5 &lt;script&gt;", "!"+evil)
		second := bob.get("/runs/"+run.ID+"/items?step=each&after=99", http.StatusOK)
		shows(t, second, ">Item 101<", ">Item 130<", "!after=1")
		failed := bob.get("/runs/"+run.ID+"/items?step=each&status=failed", http.StatusOK)
		shows(t, failed, ">Item 1<", ">Item 2<", "!>Item 3<", "There is no list to go through")
		shows(t, bob.get("/runs/"+run.ID+"/items?step=each&status=waiting", http.StatusOK), "No item is in this state")
		bob.get("/runs/"+run.ID+"/items?step=each&status=odd", http.StatusUnprocessableEntity)
		bob.get("/runs/"+run.ID+"/items?step=last", http.StatusNotFound)
		bob.get("/runs/"+run.ID+"/items", http.StatusNotFound)
		bob.get("/runs/"+models.NewID()+"/items?step=each", http.StatusNotFound)
	})
}

func TestALoopInALoopOpensItemByItem(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		bob := s.as(auth.Viewer)
		w := s.define(`{"format": 1, "name": "Nested", "steps": [{"id": "outer", "type": "for_each", "name": "Shelves", "config": {"list": [["a", "b"], ["c"]]}, "do": [
			{"id": "inner", "type": "for_each", "name": "Books", "config": {"list": "{{ item }}"}, "do": [{"id": "read", "type": "set_values", "name": "Read", "config": {"values": {"book": "{{ item }}"}}}]}]}]}`)
		run := s.execute(s.start(w, `{}`).ID)
		shows(t, bob.get("/runs/"+run.ID, 200), "2 items: 2 succeeded.", "!Books")
		shows(t, bob.get("/runs/"+run.ID+"?step=outer&item=0", 200), "Books", "2 items: 2 succeeded.", "!Read")
		shows(t, bob.get("/runs/"+run.ID+"?step=inner&in=0&item=1", 200), "Read", "2 of 2 (index 1)", "?in=0.1&amp;step=read")
		shows(t, bob.get("/runs/"+run.ID+"?step=read&in=0.1", 200), "item 1, in it item 2", `book&#34;`)
	})
}

func TestTheRunsOfAnotherWorkflowLeadToEachOther(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		bob, ctx := s.as(auth.Viewer), context.Background()
		child := s.define(`{"format": 1, "name": "Report ` + evil + `", "steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`)
		parent := s.define(`{"format": 1, "name": "Parent ` + evil + `", "steps": [{"id": "call", "type": "run_workflow", "name": "Run the report", "config": {"workflow": "` + child.ID + `"}}]}`)
		run := s.execute(s.start(parent, `{}`).ID)
		if run.Status != workflow.RunWaiting || run.WaitingFor != workflow.WaitWorkflow {
			t.Fatalf("%s %s %s", run.Status, run.WaitingFor, run.Error)
		}
		rows, err := models.StepMarks(ctx, s.db, run.ID)
		s.check(err)
		page := bob.get("/runs/"+run.ID+"?step=call", 200)
		shows(t, page, "“Run the report” waits for another workflow.", "Waiting for a workflow", "/runs/"+*rows[0].ChildID, "Report &lt;script&gt;", "!"+evil)
		below := bob.get("/runs/"+*rows[0].ChildID, 200)
		shows(t, below, "A step of “Parent &lt;script&gt;", "“Run the report”", "/runs/"+run.ID+"?step=call#detail", "!"+evil)
		shows(t, bob.get("/runs?status=waiting_workflow", 200), "/runs/"+run.ID, "!/runs/"+*rows[0].ChildID)
		shows(t, bob.get("/runs?status=waiting_decision", 200), "!/runs/"+run.ID)
		shows(t, bob.get("/runs?status=waiting_magic", 422), "There is no such state")
	})
}

// undecided is a run whose worker was lost during a call that acts.
func (s *runSite) undecided(w models.Workflow) models.Run {
	s.t.Helper()
	run := s.start(w, `{"order_id": 7}`)
	began := models.Now().Add(-time.Minute)
	row := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "fetch", Name: "Send the order", Type: "http_request", Attempt: 1, Status: workflow.StepRunning, Input: models.JSON(`{"method":"POST"}`), StartedAt: &began}
	before := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "remember", Name: "Remember", Type: "set_values", Attempt: 1, Status: workflow.StepSucceeded, Output: models.JSON(`{"note":"x"}`), StartedAt: &began, FinishedAt: &began}
	s.check(models.InsertStepRuns(context.Background(), s.db, []models.StepRun{before, row}, nil))
	s.check(s.db.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"attempt": 1, "recoveries": 1, "recovered": 1, "started_at": began}).Error)
	run = s.execute(run.ID)
	if run.Status != workflow.RunWaiting || run.WaitingFor != workflow.WaitDecision {
		s.t.Fatalf("%s %s %s", run.Status, run.WaitingFor, run.Error)
	}
	return run
}

func TestAPersonDecidesWhatNobodyCanKnow(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann, bob, w := s.as(auth.Operator), s.as(auth.Viewer), s.order()
		run := s.undecided(w)
		page := ann.get("/runs/"+run.ID, 200)
		shows(t, page, "A decision is needed", "The worker was lost while “Send the order” was running, so it is not known whether it acted. Look on the other side, then decide.",
			"Run it again", "Take it as done", "Fail it", `name="output"`, "Needs a decision", "What happened", "gone before it could say whether it had acted", "?decide=", "!"+evil)
		shows(t, bob.get("/runs/"+run.ID, 200), "A decision is needed", "Somebody who may run workflows has to decide.", "!<textarea", "!?decide=")
		shows(t, ann.get("/live/runs/"+run.ID, 200), "!<textarea", "?decide=")
		shows(t, bob.get("/", 200), "1 run waits for your decision", "/runs?status=waiting_decision")
		shows(t, bob.get("/runs?status=waiting_decision", 200), "/runs/"+run.ID)

		decide := func(action, output string) url.Values {
			return url.Values{"step_id": {"fetch"}, "iteration": {""}, "action": {action}, "output": {output}}
		}
		bob.post("/runs/"+run.ID+"/decisions", decide("repeat", ""), http.StatusForbidden)
		wrong := ann.post("/runs/"+run.ID+"/decisions", decide("succeed", `{"total": 5, <script>`), http.StatusUnprocessableEntity).body
		shows(t, wrong, "not valid JSON", `{&#34;total&#34;: 5, &lt;script&gt;`, `href="#output-0"`, `id="output-0"`)
		ann.post("/runs/"+run.ID+"/decisions", decide("shrug", ""), http.StatusUnprocessableEntity)
		ann.post("/runs/"+models.NewID()+"/decisions", decide("fail", ""), http.StatusNotFound)

		ann.post("/runs/"+run.ID+"/decisions", decide("succeed", ` {"body": {"total": 5}}`), http.StatusSeeOther)
		late := ann.post("/runs/"+run.ID+"/decisions", decide("repeat", ""), http.StatusConflict).body
		shows(t, late, "does not wait for a decision", "!A decision is needed")
		done := s.execute(run.ID)
		if done.Status != workflow.RunSucceeded || s.shop.calls.Load() != 0 {
			t.Fatalf("%s after %d calls: %s", done.Status, s.shop.calls.Load(), done.Error)
		}
		shows(t, ann.get("/runs/"+run.ID, 200), "Decided: Ann took it as done.", "Taken over", "1 time, because a worker was lost", "!A decision is needed")
		shows(t, bob.get("/live/overview?later", 200), "!waits for your decision")
	})
}

func TestAStopIsNotToldAsALossWhereAPersonDecides(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		run := s.undecided(s.order())
		s.check(s.db.Exec("UPDATE runs SET recovered = 0 WHERE id = ?", run.ID).Error)
		s.check(s.db.Exec("UPDATE step_runs SET error = ? WHERE run_id = ? AND step_id = 'fetch'", models.JSON(`{"code":"unknown_outcome","message":"The worker was stopped while “Send the order” was running, so it is not known whether it acted."}`), run.ID).Error)
		shows(t, s.as(auth.Operator).get("/runs/"+run.ID, 200), "The worker was stopped while “Send the order” was running, so it is not known whether it acted. Look on the other side, then decide.",
			"The worker was stopped during “Send the order”, before it could say whether it had acted.", "!worker was lost", "!Taken over")
		shows(t, s.as(auth.Viewer).get("/", 200), "1 run waits for your decision: its worker was lost or stopped,")
	})
}

func TestADecisionMayRunTheStepAgainOrFailIt(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann, w := s.as(auth.Operator), s.order()
		for action, want := range map[string]struct {
			status, words string
			calls         int64
		}{
			"repeat": {workflow.RunSucceeded, "Decided: Ann had it run again.", 1},
			"fail":   {workflow.RunFailed, "Decided: Ann decided that it failed.", 0},
		} {
			run, calls := s.undecided(w), s.shop.calls.Load()
			ann.post("/runs/"+run.ID+"/decisions", url.Values{"step_id": {"fetch"}, "action": {action}}, http.StatusSeeOther)
			done := s.execute(run.ID)
			if done.Status != want.status || s.shop.calls.Load()-calls != want.calls {
				t.Fatalf("%s: %s after %d calls: %s", action, done.Status, s.shop.calls.Load()-calls, done.Error)
			}
			shows(t, ann.get("/runs/"+run.ID, 200), want.words)
		}
	})
}

func TestTheRunPageTellsInPlainWordsWhatHappened(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		bob, w := s.as(auth.Viewer), s.order()
		run := s.start(w, `{"order_id": 7}`)
		began := models.Now().Add(-time.Minute)
		at := func(seconds int) *time.Time {
			moment := began.Add(time.Duration(seconds) * time.Second)
			return &moment
		}
		attempt := func(n, from, to int, status, code, message string) models.StepRun {
			row := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "remember", Name: "Remember", Type: "set_values", Attempt: n, Status: status, StartedAt: at(from), FinishedAt: at(to)}
			if code != "" {
				row.Error = models.JSON(fmt.Sprintf(`{"code":%q,"message":%q}`, code, message))
			}
			return row
		}
		s.check(models.InsertStepRuns(context.Background(), s.db, []models.StepRun{
			attempt(1, 0, 9, "failed", "worker_lost", "The worker was lost during this attempt."),
			attempt(2, 9, 12, "failed", "interrupted", "The worker was stopped during this attempt."),
			attempt(3, 13, 20, "failed", "timeout", "Too slow."),
			attempt(4, 30, 31, "failed", "unexpected_status", "It answered 500 "+evil),
			attempt(5, 41, 42, "succeeded", "", ""),
		}, nil))
		s.check(s.db.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"status": "failed", "recovered": 3, "started_at": began, "finished_at": at(60)}).Error)
		shows(t, bob.get("/runs/"+run.ID, 200), "What happened",
			"A worker was lost between two steps, 2 times. Another one went on; no step was repeated.",
			"A worker began “Remember” and was lost. Another one went on 9 s later.",
			"The worker was stopped during “Remember”. It went on 4 s later.",
			"The time limit cut “Remember” off. It was tried again 17 s after it had begun.",
			"“Remember” failed: It answered 500 &lt;script&gt;alert(1)&lt;/script&gt; It was tried again 11 s after it had begun.",
			"3 times, because a worker was lost", "!"+evil)
		calm := s.execute(s.start(w, `{"order_id": 8}`).ID)
		shows(t, bob.get("/runs/"+calm.ID, 200), "!What happened")
	})
}
