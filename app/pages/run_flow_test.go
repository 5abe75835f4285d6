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
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

// define publishes a workflow from its definition.
func define(s *sitetest.Site, definition string) models.Workflow {
	s.T.Helper()
	d, problems, err := workflow.Parse([]byte(definition))
	s.Check(err)
	if len(problems) > 0 {
		s.T.Fatal(problems)
	}
	return s.Publish(d)
}

// loop is a run that goes through a list; the first entries fail.
func loop(s *sitetest.Site, entries, failing int) models.Run {
	s.T.Helper()
	list := make([]string, entries)
	for i := range list {
		list[i] = fmt.Sprintf(`"item %d %s"`, i, sitetest.Evil)
		if i < failing {
			list[i] = fmt.Sprintf(`{"bad": %d}`, i)
		}
	}
	w := define(s, `{"format": 1, "name": "Loop", "steps": [
		{"id": "each", "type": "for_each", "name": "Each `+sitetest.Evil+`", "config": {"list": [`+strings.Join(list, ",")+`], "max_parallel": 5, "on_item_error": "continue"}, "do": [
			{"id": "look", "type": "condition", "name": "Look at it", "config": {"match": "all", "conditions": [{"value": "{{ item }}", "operator": "starts_with", "other": "item"}]},
				"else": [{"id": "give", "type": "stop", "name": "Give up", "disabled": true, "config": {"outcome": "failed"}}, {"id": "bad", "type": "for_each", "name": "Go inside", "config": {"list": "{{ item.bad }}"}, "do": [{"id": "in", "type": "set_values", "config": {"values": {"a": 1}}}]}]},
			{"id": "keep", "type": "set_values", "name": "Keep it", "config": {"values": {"entry": "{{ item }}", "at": "{{ index }}"}}}
		]},
		{"id": "unused", "type": "set_values", "name": "Not now", "disabled": true, "config": {"values": {"a": 1}}},
		{"id": "last", "type": "set_values", "name": "Count", "config": {"values": {"count": "{{ steps.each.count }}"}}}
	]}`)
	return s.Execute(s.Start(w, `{}`).ID)
}

func TestALoopIsShownAsItsItemsFailuresFirst(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		run, bob := loop(s, 60, 3), s.As(auth.Viewer)
		if run.Status != workflow.RunSucceeded {
			t.Fatalf("%s %s", run.Status, run.Error)
		}
		page := bob.Get("/runs/"+run.ID, http.StatusOK)
		sitetest.Shows(t, page, "60 items: 3 failed, 57 succeeded.", "Item 1", "Item 3", "!>Item 4<", "57 more items", "Switched off", "1 switched off",
			"At “Go inside”: ", "/runs/"+run.ID+"/items?step=each", "!"+sitetest.Evil, "!Keep it")
		sitetest.Shows(t, bob.Get("/runs/"+loop(s, 30, 0).ID, http.StatusOK), "30 items · ", "!more items")
		open := bob.Get("/runs/"+run.ID+"?step=each&item=41", http.StatusOK)
		sitetest.Shows(t, open, ">Item 42<", "item 41 &lt;script&gt;", "Keep it", "Look at it", "42 of 60", `href="/runs/`+run.ID+"?in=41&amp;step=keep#detail", "!"+sitetest.Evil)
		step := bob.Get("/runs/"+run.ID+"?step=keep&in=41", http.StatusOK)
		sitetest.Shows(t, step, ">Item 42<", "item 42", `&#34;at&#34;`, `aria-current="true"`, "!>Item 43<")
		sitetest.Shows(t, bob.Get("/runs/"+run.ID+"?step=each", http.StatusOK), "errors&#34;", "count&#34;")
		for _, nonsense := range []string{"?step=keep&in=99", "?step=each&item=4711", "?step=keep&in=x", "?step=keep", "?step=each&in=1", "?in=1.2.3&item=-5"} {
			bob.Get("/runs/"+run.ID+nonsense, http.StatusOK)
		}
		for _, live := range []string{"?step=keep&in=41", "?step=each&item=41"} {
			sitetest.Shows(t, bob.Get("/live/runs/"+run.ID+live, 200), "Keep it")
			sitetest.Shows(t, bob.Get("/live/runs/"+run.ID+"/detail"+live, 200), "Succeeded")
		}
	})
}

func TestAllItemsOfALoopAreListedAPageAtATime(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		run, bob := loop(s, 130, 2), s.As(auth.Viewer)
		first := bob.Get("/runs/"+run.ID+"/items?step=each", http.StatusOK)
		sitetest.Shows(t, first, "130 items: 2 failed, 128 succeeded.", ">Item 1<", ">Item 100<", "!>Item 101<", "after=99", "item 5 &lt;script&gt;", "!"+sitetest.Evil)
		second := bob.Get("/runs/"+run.ID+"/items?step=each&after=99", http.StatusOK)
		sitetest.Shows(t, second, ">Item 101<", ">Item 130<", "!after=1")
		failed := bob.Get("/runs/"+run.ID+"/items?step=each&status=failed", http.StatusOK)
		sitetest.Shows(t, failed, ">Item 1<", ">Item 2<", "!>Item 3<", "There is no list to go through")
		sitetest.Shows(t, bob.Get("/runs/"+run.ID+"/items?step=each&status=waiting", http.StatusOK), "No item is in this state")
		bob.Get("/runs/"+run.ID+"/items?step=each&status=odd", http.StatusUnprocessableEntity)
		bob.Get("/runs/"+run.ID+"/items?step=last", http.StatusNotFound)
		bob.Get("/runs/"+run.ID+"/items", http.StatusNotFound)
		bob.Get("/runs/"+models.NewID()+"/items?step=each", http.StatusNotFound)
	})
}

func TestALoopInALoopOpensItemByItem(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob := s.As(auth.Viewer)
		w := define(s, `{"format": 1, "name": "Nested", "steps": [{"id": "outer", "type": "for_each", "name": "Shelves", "config": {"list": [["a", "b"], ["c"]]}, "do": [
			{"id": "inner", "type": "for_each", "name": "Books", "config": {"list": "{{ item }}"}, "do": [{"id": "read", "type": "set_values", "name": "Read", "config": {"values": {"book": "{{ item }}"}}}]}]}]}`)
		run := s.Execute(s.Start(w, `{}`).ID)
		sitetest.Shows(t, bob.Get("/runs/"+run.ID, 200), "2 items: 2 succeeded.", "!Books")
		sitetest.Shows(t, bob.Get("/runs/"+run.ID+"?step=outer&item=0", 200), "Books", "2 items: 2 succeeded.", "!Read")
		sitetest.Shows(t, bob.Get("/runs/"+run.ID+"?step=inner&in=0&item=1", 200), "Read", "2 of 2", "?in=0.1&amp;step=read")
		sitetest.Shows(t, bob.Get("/runs/"+run.ID+"?step=read&in=0.1", 200), "item 1, in it item 2", `book&#34;`)
	})
}

func TestTheRunsOfAnotherWorkflowLeadToEachOther(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, ctx := s.As(auth.Viewer), context.Background()
		child := define(s, `{"format": 1, "name": "Report `+sitetest.Evil+`", "steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`)
		parent := define(s, `{"format": 1, "name": "Parent `+sitetest.Evil+`", "steps": [{"id": "call", "type": "run_workflow", "name": "Run the report", "config": {"workflow": "`+child.ID+`"}}]}`)
		run := s.Execute(s.Start(parent, `{}`).ID)
		if run.Status != workflow.RunWaiting || run.WaitingFor != workflow.WaitWorkflow {
			t.Fatalf("%s %s %s", run.Status, run.WaitingFor, run.Error)
		}
		rows, err := runs.StepMarks(ctx, s.DB, run.ID)
		s.Check(err)
		page := bob.Get("/runs/"+run.ID+"?step=call", 200)
		sitetest.Shows(t, page, "“Run the report” waits for another workflow.", "Waiting for a workflow", "/runs/"+*rows[0].ChildID, "Report &lt;script&gt;", "!"+sitetest.Evil)
		below := bob.Get("/runs/"+*rows[0].ChildID, 200)
		sitetest.Shows(t, below, "A step of “Parent &lt;script&gt;", "“Run the report”", "/runs/"+run.ID+"?step=call#detail", "!"+sitetest.Evil)
		sitetest.Shows(t, bob.Get("/runs?status=waiting_workflow", 200), "/runs/"+run.ID, "!/runs/"+*rows[0].ChildID)
		sitetest.Shows(t, bob.Get("/runs?status=waiting_decision", 200), "!/runs/"+run.ID)
		sitetest.Shows(t, bob.Get("/runs?status=waiting_magic", 422), "There is no such state")
	})
}

// undecided is a run whose worker was lost during a call that acts.
func undecided(s *sitetest.Site, w models.Workflow) models.Run {
	s.T.Helper()
	run := s.Start(w, `{"order_id": 7}`)
	began := models.Now().Add(-time.Minute)
	row := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "fetch", Name: "Send the order", Type: "http_request", Attempt: 1, Status: workflow.StepRunning, Input: models.JSON(`{"method":"POST"}`), StartedAt: &began}
	before := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "remember", Name: "Remember", Type: "set_values", Attempt: 1, Status: workflow.StepSucceeded, Output: models.JSON(`{"note":"x"}`), StartedAt: &began, FinishedAt: &began}
	s.Check(runs.InsertSteps(context.Background(), s.DB, []models.StepRun{before, row}, nil))
	s.Check(s.DB.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"attempt": 1, "recoveries": 1, "recovered": 1, "started_at": began}).Error)
	run = s.Execute(run.ID)
	if run.Status != workflow.RunWaiting || run.WaitingFor != workflow.WaitDecision {
		s.T.Fatalf("%s %s %s", run.Status, run.WaitingFor, run.Error)
	}
	return run
}

func TestAPersonDecidesWhatNobodyCanKnow(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob, w := s.As(auth.Operator), s.As(auth.Viewer), s.Order()
		run := undecided(s, w)
		page := ann.Get("/runs/"+run.ID, 200)
		sitetest.Shows(t, page, "A decision is needed", "The worker was lost while “Send the order” was running, so it is not known whether it acted. Look on the other side, then decide.",
			"Run it again", "Take it as done", "Fail it", `name="output"`, "Needs a decision", "What happened", "gone before it could say whether it had acted", "?decide=", "!"+sitetest.Evil)
		sitetest.Shows(t, bob.Get("/runs/"+run.ID, 200), "A decision is needed", "Somebody who may run workflows has to decide.", "!<textarea", "!?decide=")
		sitetest.Shows(t, ann.Get("/live/runs/"+run.ID, 200), "!<textarea", "?decide=")
		sitetest.Shows(t, bob.Get("/", 200), "1 run waits for your decision", "/runs?status=waiting_decision")
		sitetest.Shows(t, bob.Get("/runs?status=waiting_decision", 200), "/runs/"+run.ID)

		decide := func(action, output string) url.Values {
			return url.Values{"step_id": {"fetch"}, "iteration": {""}, "action": {action}, "output": {output}}
		}
		bob.Post("/runs/"+run.ID+"/decisions", decide("repeat", ""), http.StatusForbidden)
		wrong := ann.Post("/runs/"+run.ID+"/decisions", decide("succeed", `{"total": 5, <script>`), http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, wrong, "not valid JSON", `{&#34;total&#34;: 5, &lt;script&gt;`, `href="#output-0"`, `id="output-0"`)
		ann.Post("/runs/"+run.ID+"/decisions", decide("shrug", ""), http.StatusUnprocessableEntity)
		ann.Post("/runs/"+models.NewID()+"/decisions", decide("fail", ""), http.StatusNotFound)

		ann.Post("/runs/"+run.ID+"/decisions", decide("succeed", ` {"body": {"total": 5}}`), http.StatusSeeOther)
		late := ann.Post("/runs/"+run.ID+"/decisions", decide("repeat", ""), http.StatusConflict).Body
		sitetest.Shows(t, late, "does not wait for a decision", "!A decision is needed")
		done := s.Execute(run.ID)
		if done.Status != workflow.RunSucceeded || s.Shop.Calls.Load() != 0 {
			t.Fatalf("%s after %d calls: %s", done.Status, s.Shop.Calls.Load(), done.Error)
		}
		sitetest.Shows(t, ann.Get("/runs/"+run.ID, 200), "Decided: Ann took it as done.", "Taken over", "1 time, because a worker was lost", "!A decision is needed")
		sitetest.Shows(t, bob.Get("/live/overview", 200), "!waits for your decision")
	})
}

func TestAStopIsNotToldAsALossWhereAPersonDecides(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		run := undecided(s, s.Order())
		s.Check(s.DB.Exec("UPDATE runs SET recovered = 0 WHERE id = ?", run.ID).Error)
		s.Check(s.DB.Exec("UPDATE step_runs SET error = ? WHERE run_id = ? AND step_id = 'fetch'", models.JSON(`{"code":"unknown_outcome","message":"The worker was stopped while “Send the order” was running, so it is not known whether it acted."}`), run.ID).Error)
		sitetest.Shows(t, s.As(auth.Operator).Get("/runs/"+run.ID, 200), "The worker was stopped while “Send the order” was running, so it is not known whether it acted. Look on the other side, then decide.",
			"The worker was stopped during “Send the order”, before it could say whether it had acted.", "!worker was lost", "!Taken over")
		sitetest.Shows(t, s.As(auth.Viewer).Get("/", 200), "1 run waits for your decision: its worker was lost or stopped,")
	})
}

func TestADecisionMayRunTheStepAgainOrFailIt(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, w := s.As(auth.Operator), s.Order()
		for action, want := range map[string]struct {
			status, words string
			calls         int64
		}{
			"repeat": {workflow.RunSucceeded, "Decided: Ann had it run again.", 1},
			"fail":   {workflow.RunFailed, "Decided: Ann decided that it failed.", 0},
		} {
			run, calls := undecided(s, w), s.Shop.Calls.Load()
			ann.Post("/runs/"+run.ID+"/decisions", url.Values{"step_id": {"fetch"}, "action": {action}}, http.StatusSeeOther)
			done := s.Execute(run.ID)
			if done.Status != want.status || s.Shop.Calls.Load()-calls != want.calls {
				t.Fatalf("%s: %s after %d calls: %s", action, done.Status, s.Shop.Calls.Load()-calls, done.Error)
			}
			sitetest.Shows(t, ann.Get("/runs/"+run.ID, 200), want.words)
		}
	})
}

func TestTheRunPageTellsInPlainWordsWhatHappened(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, w := s.As(auth.Viewer), s.Order()
		run := s.Start(w, `{"order_id": 7}`)
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
		s.Check(runs.InsertSteps(context.Background(), s.DB, []models.StepRun{
			attempt(1, 0, 9, "failed", "worker_lost", "The worker was lost during this attempt."),
			attempt(2, 9, 12, "failed", "interrupted", "The worker was stopped during this attempt."),
			attempt(3, 13, 20, "failed", "timeout", "Too slow."),
			attempt(4, 30, 31, "failed", "unexpected_status", "It answered 500 "+sitetest.Evil),
			attempt(5, 41, 42, "succeeded", "", ""),
		}, nil))
		s.Check(s.DB.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"status": "failed", "recovered": 3, "started_at": began, "finished_at": at(60)}).Error)
		sitetest.Shows(t, bob.Get("/runs/"+run.ID, 200), "What happened",
			"A worker was lost between two steps, 2 times. Another one went on; no step was repeated.",
			"A worker began “Remember” and was lost. Another one went on 9 s later.",
			"The worker was stopped during “Remember”. It went on 4 s later.",
			"The time limit cut “Remember” off. It was tried again 17 s after it had begun.",
			"“Remember” failed: It answered 500 &lt;script&gt;alert(1)&lt;/script&gt; It was tried again 11 s after it had begun.",
			"3 times, because a worker was lost", "!"+sitetest.Evil)
		calm := s.Execute(s.Start(w, `{"order_id": 8}`).ID)
		sitetest.Shows(t, bob.Get("/runs/"+calm.ID, 200), "!What happened")

		absent := s.Execute(s.Start(define(s, `{"format":1,"name":"Absent","steps":[{"id":"a","type":"set_values","name":"Take it","config":{"values":{"x":{"q":1}}}},{"id":"b","type":"set_values","config":{"values":{"y":"<{{ steps.a.x.z }}>"}}}]}`), `{}`).ID)
		told, details, _ := strings.Cut(bob.Get("/runs/"+absent.ID+"?step=b", 200), "<summary>Details")
		sitetest.Shows(t, told, "“z of Take it” was not there, so nothing was inserted.", "!steps.a")
		sitetest.Shows(t, details, "{{ steps.a.x.z }}: “steps.a.x” has no “z”.")
	})
}
