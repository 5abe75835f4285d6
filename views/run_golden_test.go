package views_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"workflows/static"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// hostile is put into every text: it must come out as text.
const hostile = `<script>alert("x")</script>`

// runGolden compares a fragment with its file; UPDATE_GOLDEN=1 writes it anew.
func runGolden(t *testing.T, name string, fragment templ.Component) {
	t.Helper()
	var out bytes.Buffer
	if err := fragment.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	got := strings.NewReplacer("><", ">\n<", static.URL("icons.svg"), "/static/icons.svg").Replace(out.String()) + "\n"
	if _, body, page := strings.Cut(got, "<main"); page { // what surrounds it changes with every style sheet
		body, _, _ = strings.Cut(body, "</main>")
		got = "<main" + body + "</main>\n"
	}
	if strings.Contains(out.String(), "<script>alert") {
		t.Errorf("%s lets markup through", name)
	}
	file := filepath.Join("testdata", name+".html")
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: write it with UPDATE_GOLDEN=1", err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; look at it, then UPDATE_GOLDEN=1\n%s", name, got)
	}
}

func moment(minute int) time.Time { return time.Date(2026, 11, 23, 9, minute, 0, 0, time.UTC) }

func goldenRun(status string) views.RunRow {
	return views.RunRow{
		ID: "01a20a62-39f0-7adf-a8ab-eb458534ecea", URL: "/runs/1", Workflow: "Orders " + hostile, WorkflowURL: "/workflows/1", Status: status,
		Reason: "Why " + hostile, Trigger: "By hand", Version: "3", QueuedAt: moment(1), StartedAt: moment(2), Took: 1500 * time.Millisecond,
	}
}

func goldenComing() views.ComingRow {
	berlin, _ := workflow.LoadZone("Europe/Berlin")
	return views.ComingRow{
		ID: "s1", URL: "/schedules/s1", Workflow: "Orders " + hostile, WorkflowURL: "/workflows/1", Sentence: "Every day " + hostile,
		Status: "late", Next: moment(30), Last: moment(5), Zone: berlin, ZoneName: "Europe/Berlin",
	}
}

func TestOverviewFragment(t *testing.T) {
	runGolden(t, "overview", views.OverviewLive(views.Overview{
		Every: 2 * time.Second, Attention: []ui.Notice{{Kind: "problem", Text: "No worker " + hostile, ActionLabel: "Look", ActionURL: "/queue"}},
		Numbers: []views.Number{{Label: "Running", Value: "3", Note: "of 25", URL: "/runs", Tone: "running"}},
		Running: []views.RunRow{goldenRun("running")}, Coming: []views.ComingRow{goldenComing()},
		Throughput: []float64{0, 2, 1}, ThroughputSentence: "3 runs finished in the last hour, 0 of them failed.",
	}))
	runGolden(t, "overview_quiet", views.OverviewLive(views.Overview{Every: 2 * time.Second, Fresh: true}))
}

func TestRunListFragment(t *testing.T) {
	waiting := goldenRun("waiting_retry")
	waiting.Took, waiting.StartedAt = -1, time.Time{}
	runGolden(t, "run_list", views.RunListLive(views.RunList{URL: "/live/runs?ids=1", Every: 2 * time.Second, Rows: []views.RunRow{goldenRun("failed"), waiting}}))
}

func TestRunTimelineFragment(t *testing.T) {
	spans := []ui.Span{{Length: time.Second, Kind: "failed", Label: "Fetch: 1 s " + hostile}}
	timeline := views.RunTimeline{
		ComparedURL: "/runs/1/differences", TimesURL: "/runs/1/timeline",
		URL: "/live/runs/1", Every: time.Second, ID: "1", Workflow: "Orders " + hostile, Status: "waiting_retry", Sentence: "It is tried again " + hostile, GoesOnAt: moment(9),
		Facts: []views.RunFact{{Term: "Started by", Text: "By hand, " + hostile, URL: "/x"}, {Term: "Accepted", At: moment(1)}},
		Bar:   spans, BarLabel: "When " + hostile, Whole: 2 * time.Second, CancelURL: "/runs/1/cancel",
		Steps: []ui.StepRow{{
			ID: "fetch", Title: "Fetch " + hostile, Icon: "globe", Status: "waiting_retry", URL: "/runs/1?step=fetch#detail", Selected: true,
			Meta:  views.RunStepMeta(time.Second, "attempt 1 of 5"),
			Below: views.RunStepNote("When “Fetch” worked", 2*time.Second, spans, "It answered "+hostile, "Note "+hostile),
		}, {ID: "yes", Title: "Say", Depth: 1, Branch: "If yes", Status: "pending", URL: "/runs/1?step=yes#detail"}},
	}
	runGolden(t, "run_waiting", views.RunTimelineLive(timeline))
	timeline.Every, timeline.CancelURL, timeline.AgainURL, timeline.Status, timeline.GoesOnAt = 0, "", "/runs/1/retry", "failed", time.Time{}
	timeline.Error = &views.RunError{Message: "It answered " + hostile, StepURL: "/runs/1?step=fetch#detail"}
	runGolden(t, "run_failed", views.RunTimelineLive(timeline))
}

func TestRunOfALoopFragment(t *testing.T) {
	child := goldenRun("running")
	runGolden(t, "run_loop", views.RunTimelineLive(views.RunTimeline{
		URL: "/live/runs/1", Every: time.Second, ID: "1", Workflow: "Orders", Status: "waiting_decision", Sentence: "Waits", DecideURL: "/runs/1?decide=2#decision",
		History:     []views.RunEvent{{Text: "A worker was lost " + hostile}, {At: moment(2), Text: "“Fetch” failed: " + hostile, URL: "/runs/1?step=fetch#detail"}},
		HistoryMore: "And 3 more events.",
		Steps: []ui.StepRow{
			{ID: "each", Title: "Each", Sentence: "60 items: 1 failed, 59 succeeded.", Icon: "repeat", Status: "running", URL: "/runs/1?step=each#detail"},
			{ID: "item-each-3", Title: "Item 4", Sentence: hostile, Icon: "tag", Depth: 1, Status: "failed", URL: "/runs/1?item=3&step=each", Selected: true},
			{ID: "call-3", Title: "Call", Depth: 2, Status: "waiting_workflow", URL: "/runs/1?in=3&step=call", Below: views.RunStepBelow(views.RunStepNote("", 0, nil, "", "Note "+hostile), &child)},
			{Depth: 1, Gap: views.RunItemsLeft("59 more items", "/runs/1/items?step=each")},
		},
	}))
}

func TestRunDifferencesAndTimesPages(t *testing.T) {
	runGolden(t, "run_differences", views.RunDifferences(views.RunDifferencesPage{
		Page: ui.Page{Title: "What differs"}, RunURL: "/runs/2", BeforeURL: "/runs/1", BeforeAt: moment(1), CompareURL: "/workflows/1/compare?from=1&to=2", Notes: []string{"Not compared " + hostile},
		Parts:  []views.RunDifferencesPart{{Title: "What it was given", Changes: []views.Change{{Sentence: "It is new: " + hostile}, {Sentence: "It is another one.", Was: hostile, Is: "now " + hostile}}}},
		Values: []ui.Link{{Label: "All", URL: "/runs/1/values/input?show=all"}},
	}))
	work := ui.Stretch{Length: time.Second, Kind: "work", Label: hostile}
	row := views.RunTimesRow{Name: "Fetch " + hostile, URL: "/runs/1?step=fetch", Status: "failed", Label: hostile, Depth: 1, Pieces: []ui.Stretch{work, {Start: time.Second, Length: time.Second, Kind: "work", Failed: true, Label: hostile}}}
	for _, kind := range []string{"queue", "pause", "time", "person", "run", "decision", "lost", "loop"} {
		row.Pieces = append(row.Pieces, ui.Stretch{Start: 2 * time.Second, Length: time.Second, Kind: kind, Label: kind})
	}
	runGolden(t, "run_times", views.RunTimesLive(views.RunTimesPart{
		URL: "/live/runs/1/timeline", Every: time.Second, Status: "running", Whole: 10 * time.Second, Sums: []views.RunFact{{Term: "So far", Text: "10 s"}}, First: work, Rows: []views.RunTimesRow{row}, Notes: []string{hostile},
		Lines: []views.RunTimesLine{{Name: hostile, URL: "/x", Attempt: "2", What: "Worked, and failed", Kind: "work", Failed: true, From: moment(1), Took: time.Second}, {Name: "The run", What: "Waits", Kind: "queue", From: moment(2), Open: true}, {Name: "Ask", URL: "/y", Attempt: "1", What: "Waits", Kind: "person", From: moment(3), Open: true, Until: moment(9)}},
	}))
}

func TestRunDecisionsFragment(t *testing.T) {
	d := views.RunDecisions{URL: "/runs/1/decisions", May: true, More: 2, Cases: []views.RunDecision{
		{ID: "0", StepID: "fetch", Step: "Fetch " + hostile, StartedAt: moment(1), InputURL: "/runs/1?step=fetch#detail"},
		{ID: "1", StepID: "tell", Iteration: "3", Step: "Tell", Item: "item 4", StartedAt: moment(2), Stopped: true, InputURL: "/runs/1?in=3&step=tell#detail"},
	}}
	d.Keep("tell", "3", "{"+hostile, "Not JSON "+hostile)
	runGolden(t, "run_decisions", views.RunDecisionsPanel(d))
	runGolden(t, "run_decisions_viewer", views.RunDecisionsPanel(views.RunDecisions{Cases: d.Cases[:1]}))
}

func TestRunItemsFragment(t *testing.T) {
	runGolden(t, "run_items", views.RunItems(views.RunItemsPage{
		Page: ui.Page{Title: "Items"}, Loop: "Each " + hostile, RunURL: "/runs/1", URL: "/runs/1/items", Hidden: []ui.Pair{{Name: "step", Value: "each"}}, Sentence: "2 items " + hostile, Status: "failed",
		Rows:  []views.RunItemRow{{Name: "Item 1", Label: hostile, URL: "/runs/1?item=0&step=each", Status: "failed", Took: time.Second, Reason: "At “Fetch”: " + hostile}, {Name: "Item 2", URL: "/x", Status: "running", Took: -1}},
		Pages: ui.Pages{NextURL: "/runs/1/items?after=99"},
	}))
}

func TestRunDetailFragment(t *testing.T) {
	runGolden(t, "run_detail", views.RunDetailLive(views.RunDetail{
		URL: "/live/runs/1/detail?step=fetch", Title: "Fetch " + hostile, TypeName: "Call a web address", Status: "failed", Note: "Note " + hostile, BackURL: "/runs/1#detail",
		Attempts: []views.RunAttempt{
			{Number: "1", URL: "/runs/1?step=fetch&attempt=1#detail", Status: "failed", StartedAt: moment(1), Took: time.Second, Error: "No answer " + hostile},
			{Number: "2", URL: "/runs/1?step=fetch&attempt=2#detail", Selected: true, Status: "failed", StartedAt: moment(2), Took: 2 * time.Second},
		},
		Error: &views.RunError{Message: "It answered " + hostile}, Facts: []views.RunFact{{Term: "Started", At: moment(2)}}, Details: []views.RunFact{{Term: "Code of the failure", Text: "unexpected_status " + hostile}},
		Values: []views.RunValue{
			{ID: "step-output", Label: "Output", Data: []byte(`{"status":500,"large":12345678901234567890,"body":"<script>alert(\"x\")</script>"}`)},
			{ID: "step-input", Label: "Input", Beginning: `{"url":"https://exam`, Bytes: 4_500_000, URL: "/runs/1/values/2.input"},
		},
	}))
}

func TestQueueFragment(t *testing.T) {
	full := views.Queue{
		URL: "/live/queue", Every: 2 * time.Second, MayOperate: true, Stale: "Redis", NumbersAt: moment(1),
		Attention: []ui.Notice{{Kind: "problem", Text: "Redis cannot be reached at " + hostile}},
		Numbers:   []views.Number{{Label: "Waiting to start", Value: "1,234", Note: "the oldest for 3 s"}},
		NotRung:   "95,000 more runs are queued; they follow as these are worked off.",
		Aside:     []views.AsideRow{{At: moment(2), From: "jobs:default", Reason: "unreadable: " + hostile, Size: "12 bytes", Preview: "not json " + hostile}},
		Lanes:     []views.LaneRow{{Name: "default", Note: "what it is for", Status: "paused", Waiting: "1,234", Oldest: 3 * time.Second, Running: "2", Forecast: "Empty in about 2 min at this speed", Paused: true}},
		Workers:   []views.WorkerRow{{ID: "w1", Host: "host " + hostile, PID: "42", Busy: "2 of 25", StartedAt: moment(0), HeartbeatAt: moment(3), Runs: []views.RunRow{goldenRun("running")}, More: "and 1 more"}},
		History:   ui.Chart{Title: "Finished", Static: true, Points: []ui.Point{{Label: "09:00", Good: 3, Bad: 1}, {Label: "09:01"}}},
	}
	runGolden(t, "queue", views.QueueLive(full))
	runGolden(t, "queue_alone", views.QueueLive(views.Queue{URL: "/live/queue", Every: 2 * time.Second, Stale: "The database", NoWorker: "No worker is connected. Start one with `foreman start` or `go run ./worker`; waiting runs begin at once.", Lanes: []views.LaneRow{{Name: "default", Status: "active", Oldest: -1}}}))
}

func TestSchedulePagesShowTextsAsText(t *testing.T) {
	runGolden(t, "pause", views.Pause(views.PausePage{
		Page: ui.Page{Title: hostile}, Title: hostile, Sentence: hostile, Action: "/pause", BackURL: "/back",
		Until: ui.FieldProps{Name: "until", Label: "Until", Kind: "datetime-local", Value: hostile}, Reason: ui.FieldProps{Name: "reason", Label: "Why", Value: hostile, Error: hostile},
	}))
	runGolden(t, "schedule", views.ScheduleShow(views.SchedulePage{
		Page: ui.Page{Title: "Schedule " + hostile}, Row: goldenComing(), EditURL: "/edit", PauseURL: "/pause",
		Why:   views.WhyProps{Kind: "warning", Sentence: "Late " + hostile, Date: hostile, Problem: hostile, URL: "/resume", Button: ui.ButtonProps{Label: "Resume"}, Post: true},
		Strip: []ui.StripCell{{At: moment(4), Status: "ran", URL: "/runs/1"}, {At: moment(5), Status: "missed"}}, Counts: []ui.Pair{{Name: "ran", Value: "1"}, {Name: "missed", Value: "1"}},
		Rule: []ui.Pair{{Name: "Time zone", Value: hostile}}, Details: []ui.Pair{{Name: "Cron line", Value: hostile}}, Next: []time.Time{moment(30), moment(31)}, ClockChanges: []ui.Pair{{Name: "Sun 28 Mar 2027", Value: hostile}},
		Planned: []views.PlannedRow{{At: moment(5), Outcome: "skipped", RunURL: "/runs/1", Late: -1, Reason: "In the way " + hostile}},
	}))
}
