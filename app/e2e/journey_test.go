package e2e

import (
	"strings"
	"testing"
	"time"

	"workflows/models/modelstest"
)

func TestAPersonBuildsRunsAndSchedulesAWorkflow(t *testing.T) {
	t.Parallel()
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		journey(t, standalone(t))
	})
	t.Run("web and worker", func(t *testing.T) {
		t.Parallel()
		journey(t, served(t))
	})
}

// journey is the main job as a person does it: set up, build by forms, publish,
// run by hand and watch, put it on a schedule, stop and start, see it go on.
func journey(t *testing.T, s *system) {
	b := open(t, s.base)
	target, calls := shop(t)
	b.account(s)
	workflow := b.build(target.URL)

	b.visit(workflow + "/publish")
	b.sees("What it will do")
	b.follow("Publish")
	b.sees("Active")
	run := b.runByHand(workflow)
	b.visit(workflow + "/edit/new-trigger")
	b.choose("mode", "cron")
	b.fill("cron", "* * * * *")
	b.sees("Every minute")
	b.follow("Add schedule")
	b.visit(workflow + "/publish")
	b.follow("Publish")

	before := calls.Load()
	modelstest.Within(t, 75*time.Second, "the schedule fired", func() bool { return calls.Load() > before })
	s.restart(t)
	before = calls.Load()
	modelstest.Within(t, 75*time.Second, "the schedule goes on after a restart", func() bool { return calls.Load() > before })
	b.visit("/runs")
	b.until("runs are listed as started by the schedule", "[...document.querySelectorAll('main td')].some(e => e.innerText.includes('A schedule'))")
	b.visit(run)
	b.sees("Succeeded")
}

// build makes a workflow by forms alone: a call, a decision, a step for each way.
// It returns the workflow's path.
func (b *browser) build(target string) string {
	b.visit("/workflows")
	b.follow("New workflow")
	b.fill("workflow.name", "Large orders")
	b.until("the editor is open", "location.pathname.endsWith('/edit')")
	workflow := strings.TrimSuffix(b.path(), "/edit")

	b.visit(workflow + "/edit/inputs")
	b.press("Add a question")
	b.fill("input.label", "Order number")
	b.fill("input.name", "order_id")
	b.choose("input.type", "number")
	b.fill("input.default", "1") // for the schedule: a part of the address may not be empty
	b.follow("Done")
	b.fill("add:@0", target+"/orders/{{ input.order_id }}")
	b.follow("Add")
	b.press("Name and more settings")
	b.fill("name", "Fetch the order")
	b.press("Details")
	b.fill("id", "fetch_the_order")
	b.follow("Done")

	b.follow("Decide")
	b.fill("config.conditions.value", "{{ steps.fetch_the_order.body.total }}")
	b.choose("config.conditions.operator", "greater_than")
	b.fill("config.conditions.other", "100")
	for _, branch := range [][2]string{{"then", "a large one"}, {"else", "a small one"}} {
		b.fill("add:decide."+branch[0]+"@0", "set values")
		b.follow("Add")
		b.fill("config.values.name", "size")
		b.fill("config.values.value", branch[1])
		b.follow("Decide")
	}
	b.follow("Done")
	return workflow
}

// runByHand starts a run through its form, watches it without reloading, and
// returns its path.
func (b *browser) runByHand(workflow string) string {
	b.visit(workflow)
	b.follow("Run now")
	b.fill("input.order_id", "1")
	b.follow("Run")
	b.until("the run is shown", b.at("/runs/"))
	b.until("the run is seen to succeed", "document.querySelector('main .title-row, main header')?.innerText.includes('Succeeded')")
	b.press("Details")
	b.sees("a large one")
	return b.path()
}

// restart stops everything gently and starts it again.
func (s *system) restart(t *testing.T) {
	t.Helper()
	for _, p := range []*process{s.worker, s.web} {
		if p == nil {
			continue
		}
		if err := p.stop(); err != nil {
			t.Errorf("%s ended with %v", p.name, err)
		}
		p.start()
	}
	s.ready(t)
}
