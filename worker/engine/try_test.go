package engine_test

import (
	"errors"
	"slices"
	"testing"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/workflow"
	"workflows/worker/workflow/trial"
)

const triedDraft = `{"name": "Tried", "inputs": [{"name": "who", "type": "text", "default": "nobody"}], "steps": [
	{"id": "first", "type": "note", "config": {"n": 1, "list": ["{{ \"{{\" }} steps.x }}", "b"]}},
	{"id": "tell", "type": "act", "config": {"to": "{{ input.who }}", "n": "{{ steps.first.n }}"}},
	{"id": "rest", "type": "nap"},
	{"id": "loop", "type": "each", "config": {"list": "{{ steps.first.list }}"}, "do": [
		{"id": "inner", "type": "note", "config": {"it": "{{ item }}", "sent": "{{ steps.tell.to }}"}}]},
	{"id": "last", "type": "fail", "retry": {"max_attempts": 3, "delay": "1s"}, "on_error": "continue"}]}`

func (l *lab) try(w models.Workflow, step string, acts bool) (models.Run, []models.StepRun) {
	l.Helper()
	draft, err := workflow.Load(w.Draft)
	l.must(err)
	run, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: w.ID, Draft: draft, Part: trial.ReadPart(step), Acts: acts, By: "Anna"})
	l.must(err)
	return l.ended(run.ID), l.rows(run.ID)
}

func output(rows []models.StepRun, step string) string {
	for _, row := range slices.Backward(rows) {
		if row.StepID == step {
			return string(row.Output)
		}
	}
	return "no such step"
}

func TestAStepIsTriedWithWhatCameBeforeItAndDoesNothingUnlessAsked(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(triedDraft)
		run, rows := l.try(w, "tell", false)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "rows", summary(rows), []string{"first succeeded", "tell succeeded"})
		equal(l, "what it would have been given", string(rows[1].Input), `{"n":null,"to":"nobody"}`) // the type note says nothing of what it gives
		equal(l, "executed", l.lit.called(), []string{})

		l.ended(l.start(w, map[string]any{"who": "ada@example.com"}).ID)
		before := len(l.lit.called())
		_, rows = l.try(w, "tell", false)
		equal(l, "what it would have been given", string(rows[1].Input), `{"n":1,"to":"ada@example.com"}`)
		_, rows = l.try(w, "tell", true)
		equal(l, "what it gave", output(rows, "tell"), `{"n":1,"to":"ada@example.com"}`)
		equal(l, "executed", l.lit.called()[before:], []string{"tell"})
	})
}

func TestAStepInALoopIsTriedForItsFirstItem(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(triedDraft)
		l.ended(l.start(w, nil).ID)
		run, rows := l.try(w, "inner", false)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "rows", placed(rows), []string{"tell succeeded", "loop succeeded", "inner@0 succeeded"})
		equal(l, "what it gave", output(rows, "inner"), `{"it":"{{ steps.x }}","sent":"nobody"}`)
		_, rows = l.try(w, "loop", false)
		equal(l, "what it gave", output(rows, "inner"), `{"it":"{{ steps.x }}","sent":"nobody"}`)
		equal(l, "rows", placed(rows), []string{"tell succeeded", "loop succeeded", "inner@0 succeeded"})
	})
}

func TestABranchIsTriedAloneWhateverWouldBeDecided(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "Branches", "steps": [
			{"id": "first", "type": "note", "config": {"n": 1, "list": ["a", "b"]}},
			{"id": "decide", "type": "condition", "config": {"conditions": [{"value": "{{ steps.first.n }}", "operator": "equals", "other": 1}]},
				"then": [{"id": "yes", "type": "note", "config": {"v": "yes"}}],
				"else": [{"id": "no", "type": "note", "config": {"v": "{{ steps.first.n }}"}}, {"id": "off", "type": "note", "disabled": true}, {"id": "tell", "type": "act", "retry": {"max_attempts": 3}, "config": {"to": "{{ steps.no.v }}"}}]},
			{"id": "loop", "type": "each", "config": {"list": "{{ steps.first.list }}"}, "do": [
				{"id": "inside", "type": "condition", "config": {"conditions": [{"value": "{{ item }}", "operator": "equals", "other": "b"}]}, "then": [{"id": "deep", "type": "note", "config": {"it": "{{ item }}"}}]}]}]}`)
		l.ended(l.start(w, nil).ID)
		before := len(l.lit.called())
		run, rows := l.try(w, "decide.else", false)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "rows", placed(rows), []string{"first succeeded", "no succeeded", "tell succeeded"})
		equal(l, "what it would have been given", string(rows[2].Input), `{"to":1}`)
		equal(l, "executed", l.lit.called()[before:], []string{"no"})

		draft, err := workflow.Load(w.Draft)
		l.must(err)
		again := engine.TryRequest{WorkflowID: w.ID, Draft: draft, Part: trial.ReadPart("decide.else"), Acts: true, Shown: run.ID}
		draft.Steps[1].Else[2].Config["to"] = "somebody else"
		var conflict *models.ConflictError
		if _, err := l.e.Try(l.Context(), again); !errors.As(err, &conflict) || conflict.Code != "changed" {
			l.Errorf("it does what nobody was shown: %v", err)
		}
		again.Draft, err = workflow.Load(w.Draft)
		l.must(err)
		really, err := l.e.Try(l.Context(), again)
		l.must(err)
		equal(l, "status", l.ended(really.ID).Status, workflow.RunSucceeded)
		equal(l, "executed", l.lit.called()[before+1:], []string{"no", "tell"})

		_, rows = l.try(w, "inside.then", false)
		equal(l, "rows", placed(rows), []string{"loop succeeded", "deep@0 succeeded"})
		equal(l, "what it gave", output(rows, "deep"), `{"it":"a"}`)
		for _, none := range []string{"inside.else", "first.then", "first.nothing"} {
			if _, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: w.ID, Draft: draft, Part: trial.ReadPart(none)}); !errors.Is(err, models.ErrNotFound) {
				l.Errorf("%s was tried: %v", none, err)
			}
		}
	})
}

func TestAWholeDraftIsTriedWithoutWaitingOrActing(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(triedDraft)
		run, rows := l.try(w, "", false)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "rows", placed(rows), []string{"first succeeded", "tell succeeded", "rest succeeded", "loop succeeded", "inner@0 succeeded", "inner@1 succeeded", "last failed broken"})
		equal(l, "the wait gave", output(rows, "rest"), `{"napped":true}`)
		if slices.Contains(l.lit.called(), "tell") {
			l.Error("a step acted in a try")
		}
	})
}

func TestTriesAreSeenNowhereAndAreNotRunAgain(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "Limited", "settings": {"max_running": 1}, "steps": [{"id": "h", "type": "hold"}]}`)
		draft, err := workflow.Load(w.Draft)
		l.must(err)
		run, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: w.ID, Draft: draft})
		l.must(err)
		<-l.lit.begun
		if real := l.start(w, nil); real.HeldBack {
			l.Error("a try takes the place of a run")
		}
		close(l.lit.open)
		l.ended(run.ID)
		listed, _, err := runs.List(l.Context(), l.db, runs.Filter{})
		l.must(err)
		equal(l, "runs in the list", len(listed), 1)
		versions, _, err := models.ListVersions(l.Context(), l.db, w.ID, 0, 10)
		l.must(err)
		equal(l, "versions in the list", len(versions), 1)
		if _, err := l.e.Retry(l.Context(), run.ID, engine.RetryRequest{}); err == nil {
			l.Error("a try was run again as a run")
		}
	})
}

func TestWhatIsOnlyAnExampleIsTriedButNotSent(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "New", "inputs": [{"name": "who", "type": "email", "required": true}], "steps": [{"id": "tell", "type": "act", "config": {"to": "{{ input.who }}"}}]}`)
		_, rows := l.try(w, "tell", false)
		equal(l, "what it would have been given", string(rows[0].Input), `{"to":"ada@example.com"}`)
		draft, err := workflow.Load(w.Draft)
		l.must(err)
		var conflict *models.ConflictError
		if _, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: w.ID, Draft: draft, Part: trial.Part{StepID: "tell"}, Acts: true}); !errors.As(err, &conflict) || conflict.Code != "only_examples" {
			l.Errorf("it was sent: %v", err)
		}
		l.ended(l.start(w, map[string]any{"who": "bob@example.com"}).ID)
		_, rows = l.try(w, "tell", true)
		equal(l, "what it was given", string(rows[0].Input), `{"to":"bob@example.com"}`)
	})
}

func TestAnExampleIsNoDataOfTheNextTry(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "New", "steps": [{"id": "first", "type": "note", "config": {"list": ["a"]}}, {"id": "asked", "type": "call", "config": {"workflow": "x"}}, {"id": "tell", "type": "act", "config": {"to": "{{ steps.first.list }}", "by": "{{ steps.asked.by }}"}}]}`)
		draft, err := workflow.Load(w.Draft)
		l.must(err)
		refused := func(when string) {
			l.Helper()
			var conflict *models.ConflictError
			if _, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: w.ID, Draft: draft, Part: trial.Part{StepID: "tell"}, Acts: true}); !errors.As(err, &conflict) || conflict.Code != "only_examples" {
				l.Errorf("%s an example was sent: %v", when, err)
			}
		}
		l.try(w, "tell", false)
		refused("after a try of the step")
		l.try(w, "", false)
		refused("after a try of everything, in which nobody was asked,")
	})
}

func TestADraftIsTriedOnTheDataThatWereChosen(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "Chosen", "inputs": [{"name": "who", "type": "text", "default": "nobody"}, {"name": "note", "type": "text"}], "steps": [
			{"id": "first", "type": "note", "config": {"n": "{{ input.who }}", "list": ["{{ input.who }}", "z"]}},
			{"id": "tell", "type": "act", "config": {"to": "{{ input.who }}", "n": "{{ steps.first.n }}", "sent": "{{ trigger.body }}"}},
			{"id": "loop", "type": "each", "config": {"list": "{{ steps.first.list }}"}, "do": [{"id": "inner", "type": "note", "config": {"it": "{{ item }}"}}]}]}`)
		begun := func(who string, body any) string {
			run, _, err := l.e.StartNow(l.Context(), engine.StartRequest{WorkflowID: w.ID, Input: map[string]any{"who": who, "note": "hello"}, Trigger: engine.Trigger{Type: engine.TriggerWebhook, Body: body}})
			l.must(err)
			return l.ended(run.ID).ID
		}
		ada := begun("ada", map[string]any{"order": 7})
		other := l.ended(l.run(`{"name": "Other", "steps": [{"id": "first", "type": "note", "config": {"n": 1}}]}`).ID).ID
		begun("bob", nil)
		draft, err := workflow.Load(w.Draft)
		l.must(err)
		tries := map[string]string{}
		for _, chosen := range []struct {
			name, part, like string
			typed            *engine.TypedData
			acts             bool
			want             string
		}{
			{name: "the latest", part: "tell", want: `{"n":"bob","sent":null,"to":"bob"}`},
			{name: "a past run", part: "tell", like: ada, want: `{"n":"ada","sent":{"order":7},"to":"ada"}`},
			{name: "the latest after it", part: "tell", want: `{"n":"bob","sent":null,"to":"bob"}`},
			{name: "typed", part: "tell", typed: &engine.TypedData{Input: map[string]any{"who": "carl"}, Body: map[string]any{"order": 9}}, want: `{"n":"bob","sent":{"order":9},"to":"carl"}`},
			{name: "nothing typed", part: "tell", typed: &engine.TypedData{}, want: `{"n":"bob","sent":null,"to":"bob"}`},
			{name: "as in the try on the latest", part: "tell", like: "the latest", want: `{"n":"bob","sent":null,"to":"bob"}`},
			{name: "as in the try on a past run", part: "tell", like: "a past run", acts: true, want: `{"n":"ada","sent":{"order":7},"to":"ada"}`},
			{name: "as in the try on what was typed", part: "tell", like: "typed", acts: true, want: `{"n":"bob","sent":{"order":9},"to":"carl"}`},
			{name: "a loop of a past run", part: "inner", like: ada, want: `{"it":"ada"}`},
			{name: "all of it", like: ada, want: `{"it":"ada"}`},
		} {
			like := chosen.like
			if tries[like] != "" {
				like = tries[like]
			}
			run, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: w.ID, Draft: draft, Part: trial.ReadPart(chosen.part), Acts: chosen.acts, On: engine.TryData{RunID: like, Typed: chosen.typed}})
			l.must(err)
			tries[chosen.name] = run.ID
			equal(l, chosen.name, l.ended(run.ID).Status, workflow.RunSucceeded)
			var step models.StepRun
			for _, row := range slices.Backward(l.rows(run.ID)) {
				if row.StepID == "tell" || row.StepID == "inner" && row.Iteration == "0" {
					step = row
					break
				}
			}
			equal(l, chosen.name, string(step.Input), chosen.want)
		}
		for _, gone := range []string{other, models.NewID()} {
			var conflict *models.ConflictError
			if _, err := l.e.Try(l.Context(), engine.TryRequest{WorkflowID: w.ID, Draft: draft, On: engine.TryData{RunID: gone}}); !errors.As(err, &conflict) || conflict.Code != "run_gone" {
				l.Errorf("a run that is not of the workflow gave its data: %v", err)
			}
		}
	})
}
