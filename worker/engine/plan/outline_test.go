package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"workflows/worker/engine/plan"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

const nested = `{"format": 1, "name": "Nested", "steps": [
	{"id": "outer", "type": "for_each", "config": {"list": [1, 2, 3]}, "do": [
		{"id": "first", "type": "set_values"},
		{"id": "inner", "type": "for_each", "config": {"list": [1, 2]}, "do": [
			{"id": "deep", "type": "set_values"},
			{"id": "check", "type": "condition", "then": [{"id": "yes", "type": "set_values"}], "else": [{"id": "no", "type": "set_values"}]}
		]}
	]},
	{"id": "off", "type": "condition", "disabled": true, "then": [{"id": "within", "type": "set_values"}]},
	{"id": "last", "type": "set_values"}
]}`

// made is one attempt: "deep@1.0 succeeded", with what is told after it.
func made(line string) plan.Attempt {
	at, rest, _ := strings.Cut(line, " ")
	step, iteration, _ := strings.Cut(at, "@")
	status, more, _ := strings.Cut(rest, " ")
	now := time.Now().UTC()
	row := plan.Attempt{StepID: step, Iteration: iteration, Number: 1, Status: status, StartedAt: &now}
	switch more {
	case "again":
		later := now.Add(time.Minute)
		row.WakeAt = &later
	case "then", "else", "do":
		row.Branch = more
	case "unknown":
		row.Error = []byte(`{"code":"unknown_outcome","message":"Who knows."}`)
	}
	if workflow.Final(status) {
		row.FinishedAt = &now
	}
	return row
}

func outlineOf(t *testing.T, status string, open func(loop, iteration string) bool, lines ...string) []plan.OutlineStep {
	t.Helper()
	d, err := workflow.Load([]byte(nested))
	if err != nil {
		t.Fatal(err)
	}
	var rows []plan.Attempt
	for _, line := range lines {
		rows = append(rows, made(line))
	}
	return plan.Outline(d, steps.All(steps.Options{}), status, rows, open)
}

func listedAs(outline []plan.OutlineStep) string {
	var text []string
	for _, step := range outline {
		line := fmt.Sprintf("%s%s", strings.Repeat(".", step.Depth), step.StepID)
		if step.Iteration != "" {
			line += "@" + step.Iteration
		}
		line += " " + step.Status
		if step.WaitingFor != "" {
			line += ":" + step.WaitingFor
		}
		if step.Disabled {
			line += " off"
		}
		for _, item := range step.Items {
			line += fmt.Sprintf(" [%s %s %s%s]", item.Iteration, item.Status, item.StepID, item.WaitingFor)
		}
		text = append(text, line)
	}
	return strings.Join(text, "\n")
}

func expectOutline(t *testing.T, got []plan.OutlineStep, want ...string) {
	t.Helper()
	if listed := listedAs(got); listed != strings.Join(want, "\n") {
		t.Errorf("listed\n%s\ninstead of\n%s", listed, strings.Join(want, "\n"))
	}
}

func TestOutlineListsTheStepsOfEveryItem(t *testing.T) {
	expectOutline(t, outlineOf(t, "running", nil,
		"outer running do", "first@0 succeeded", "first@1 failed again", "inner@0 running do", "deep@0.0 succeeded", "check@0.0 succeeded then", "yes@0.0 succeeded", "deep@0.1 waiting unknown",
	),
		"outer running [0 running inner] [1 waiting firstretry]",
		".first@0 succeeded",
		".inner@0 running [0.0 succeeded ] [0.1 waiting deepdecision]",
		"..deep@0.0 succeeded", "..check@0.0 succeeded", "...yes@0.0 succeeded", "...no@0.0 skipped",
		"..deep@0.1 waiting:decision", "..check@0.1 pending", "...yes@0.1 pending", "...no@0.1 pending",
		".first@1 waiting:retry", ".inner@1 pending", "..deep@1 pending", "..check@1 pending", "...yes@1 pending", "...no@1 pending",
		"off skipped off", ".within skipped off", "last pending",
	)
}

func TestOutlineListsOnlyItemsThatAreOpen(t *testing.T) {
	open := func(loop, iteration string) bool { return loop == "outer" && iteration == "1" }
	expectOutline(t, outlineOf(t, "failed", open,
		"outer failed do", "first@0 succeeded", "inner@0 succeeded do", "first@1 failed", "first@2 cancelled",
	),
		"outer failed [0 succeeded ] [1 failed first] [2 cancelled first]",
		".first@1 failed", ".inner@1 skipped", "..deep@1 skipped", "..check@1 skipped", "...yes@1 skipped", "...no@1 skipped",
		"off skipped off", ".within skipped off", "last skipped",
	)
}

func TestOutlineOfALoopWithoutItemsShowsItsSteps(t *testing.T) {
	expectOutline(t, outlineOf(t, "running", nil),
		"outer pending", ".first pending", ".inner pending", "..deep pending", "..check pending", "...yes pending", "...no pending",
		"off skipped off", ".within skipped off", "last pending")
	expectOutline(t, outlineOf(t, "running", nil, "outer succeeded do", "last running"),
		"outer succeeded", ".first skipped", ".inner skipped", "..deep skipped", "..check skipped", "...yes skipped", "...no skipped",
		"off skipped off", ".within skipped off", "last running")
}

func TestTenThousandItemsAreSummedUpInTheirOrder(t *testing.T) {
	lines := []string{"outer running do"}
	for i := 9999; i >= 0; i-- { // items need not begin in their order
		lines = append(lines, fmt.Sprintf("first@%d succeeded", i), fmt.Sprintf("inner@%d succeeded do", i))
	}
	outline := outlineOf(t, "running", func(string, string) bool { return false }, lines...)
	items := outline[0].Items
	if len(outline) != 4 || len(items) != 10_000 {
		t.Fatalf("%d steps, %d items", len(outline), len(items))
	}
	for i, item := range items {
		if item.Index != i || item.Status != "succeeded" {
			t.Fatalf("item %d is %+v", i, item)
		}
	}
}
