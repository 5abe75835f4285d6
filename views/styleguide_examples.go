package views

import (
	"time"

	"workflows/views/ui"
)

const styleJSON = `{"status": 200, "headers": {"content-type": "application/json"},
"body": {"id": 9007199254740993, "total": 120.50, "paid": true, "note": null,
"items": [{"sku": "A-1", "count": 2}, {"sku": "B-7", "count": 1}], "tags": []}}`

func styleStates() [][]string {
	return [][]string{
		{"queued", "running", "waiting", "waiting_retry", "waiting_approval", "scheduled"},
		{"succeeded", "failed", "cancelled", "skipped", "pending", "missed"},
		{"draft", "changed", "active", "paused", "late", "set_aside", "offline"},
	}
}

func styleNames() []string {
	return []string{"Large order alert", "Nightly stock comparison", "Welcome a new customer"}
}

func styleDays() []ui.Option {
	return []ui.Option{
		{Value: "1", Label: "Mon"},
		{Value: "2", Label: "Tue"},
		{Value: "3", Label: "Wed"},
		{Value: "4", Label: "Thu"},
		{Value: "5", Label: "Fri"},
		{Value: "6", Label: "Sat"},
		{Value: "0", Label: "Sun"},
	}
}

func styleChart() ui.Chart {
	chart := ui.Chart{Title: "Runs per minute"}
	for minute := range 60 {
		point := ui.Point{
			Label: time.Date(2026, 11, 23, 11, minute, 0, 0, time.UTC).Format("15:04"),
			Good:  12 + (minute*7)%11 + (minute*minute)%9,
		}
		if minute%17 == 5 {
			point.Bad = 1 + minute%5
		}
		chart.Points = append(chart.Points, point)
	}
	return chart
}

func styleSpans() []ui.Span {
	return []ui.Span{
		{Start: 0, Length: 2 * time.Second, Kind: "good", Label: "Attempt 1: 2 s"},
		{Start: 2 * time.Second, Length: 5 * time.Second, Kind: "waiting", Label: "Waited 5 s"},
		{Start: 7 * time.Second, Length: 3 * time.Second, Kind: "running", Label: "Attempt 2: 3 s so far"},
	}
}

// styleRows is a workflow with a condition, as the editor or as a run shows it.
func styleRows(run bool) []ui.StepRow {
	rows := []ui.StepRow{
		{Number: "1", Title: "Fetch the order", Sentence: "Calls GET https://shop.example.com/orders/…", Icon: "globe", URL: "#fetch"},
		{Number: "2", Title: "Is it large?", Sentence: "The total is greater than 100.", Icon: "split", URL: "#large"},
		{Number: "2.1", Title: "Tell sales", Sentence: "Calls POST https://chat.example.com/…", Icon: "globe", Depth: 1, Branch: "If yes", URL: "#tell"},
		{Number: "2.2", Title: "Wait a day", Sentence: "Waits 1 day.", Icon: "timer", Depth: 1, URL: "#wait"},
		{Number: "2.3", Title: "Stop here", Sentence: "Ends the run as succeeded.", Icon: "octagon-x", Depth: 1, Branch: "Otherwise", URL: "#stop"},
		{Number: "3", Title: "Keep the total", Sentence: "Sets total and currency.", Icon: "braces", URL: "#keep"},
	}
	if !run {
		rows[2].Selected = true
		rows[3].Problems = 2
		rows[4].Off = true
		add := ui.Button(ui.ButtonProps{Label: "Add a step", Icon: "plus", Kind: "quiet", Type: "button", Small: true})
		return append(rows, ui.StepRow{Gap: add})
	}
	for i, status := range []string{"succeeded", "succeeded", "running", "waiting_retry", "skipped", "pending"} {
		rows[i].Status = status
	}
	rows[0].Meta = ui.Duration(312 * time.Millisecond)
	rows[2].Meta = ui.Duration(4 * time.Second)
	rows[2].Below = ui.TimeBar("Worked for 4 s", 10*time.Second, styleSpans())
	return rows
}
