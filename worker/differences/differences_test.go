package differences

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// began is when the first of the two runs of a test was accepted.
var began = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func after(at time.Time, d time.Duration) *time.Time {
	later := at.Add(d)
	return &later
}

func runOf(at time.Time, took time.Duration, input string) models.Run {
	return models.Run{
		ID: modelstest.IDAt(at), Version: 3, Status: "succeeded", TriggerType: "manual", Trigger: models.JSON(`{"type":"manual"}`), Input: models.JSON(input),
		QueuedAt: at, StartedAt: after(at, 10*time.Millisecond), FinishedAt: after(at, took),
	}
}

func stepOf(run models.Run, id, kind string, took time.Duration, status, output string) models.StepRun {
	row := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: id, Name: strings.ToUpper(id[:1]) + id[1:], Type: kind, Attempt: 1, Status: status, StartedAt: run.StartedAt, FinishedAt: after(*run.StartedAt, took)}
	if output != "" {
		row.Output = models.JSON(output)
	}
	return row
}

func naming() Naming {
	return Naming{Types: steps.All(steps.Options{}), Inputs: []workflow.Input{{Name: "order", Label: "The order"}, {Name: "note"}}}
}

// says holds the sentences, with what stands below them, against those that are wanted.
func says(t *testing.T, found Found, want ...string) {
	t.Helper()
	var got []string
	for _, d := range found.List {
		text := d.Sentence
		if d.Was+d.Is != "" {
			text += " [" + d.Was + "] [" + d.Is + "]"
		}
		got = append(got, text)
	}
	if got = append(got, found.Notes...); !slices.Equal(got, want) {
		t.Errorf("it says\n%s\ninstead of\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatARunWasGivenIsToldFieldByField(t *testing.T) {
	long := strings.Repeat("ä", 500)
	was := runOf(began, time.Second, `{"order":{"id":7,"rows":[1,2],"paid":true,"same":1.0},"note":"short","list":["a","b"],"away":"x"}`)
	is := runOf(began.Add(time.Hour), time.Second, `{"order":{"id":9,"rows":[1],"paid":false,"same":1},"note":"`+long+`","list":["a","c"],"extra":{"a":1}}`)
	says(t, between(was, is, nil, nil, naming()),
		`“away” is gone: “x”.`,
		`“extra” is new. [] [{"a":1}]`,
		`“list › 2”: “c” instead of “b”.`,
		"“note” is another one. [short] ["+strings.Repeat("ä", 399)+"… (1 kB in all)]",
		`“The order › id”: 9 instead of 7.`,
		`“The order › paid”: no instead of yes.`,
		`“The order › rows”: 1 item instead of 2 items.`,
	)
	is.Input = nil
	if found := between(was, is, nil, nil, naming()); len(found.List) != 4 {
		t.Errorf("%+v", found.List)
	}
	was.Input, is.Input = models.JSON(`"text"`), models.JSON(`[1]`) // no input of ours, but stored
	says(t, between(was, is, nil, nil, naming()), `The input is another one. [text] [[1]]`)
}

func TestMuchIsBoundedAndSaidSo(t *testing.T) {
	many := func(value int) string {
		fields := map[string]int{}
		for i := range 60 {
			fields["f"+string(rune('a'+i%26))+string(rune('a'+i/26))] = value
		}
		data, _ := json.Marshal(fields)
		return string(data)
	}
	was, is := runOf(began, time.Second, many(1)), runOf(began.Add(time.Hour), time.Second, many(2))
	found := between(was, is, nil, nil, naming())
	if len(found.List) != mostGiven || !slices.Equal(found.Notes, []string{"20 more differences of what it was given are not listed."}) {
		t.Errorf("%d, %v", len(found.List), found.Notes)
	}
	is.Input = models.JSON(`{"note":"` + strings.Repeat("x", maxGiven) + `"}`)
	says(t, between(was, is, nil, nil, naming()), "The input is another one, and too large to be compared field by field: 524 kB instead of 481 bytes.")
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	was.Input, is.Input = models.JSON(deep), models.JSON(strings.Replace(deep, "1", "2", 1))
	if found := between(was, is, nil, nil, naming()); len(found.List) != 1 {
		t.Errorf("%+v", found.List)
	}
}

func TestWhoStartedItVersionAndWhatAWebhookWasSentAreTold(t *testing.T) {
	was, is := runOf(began, time.Second, `{}`), runOf(began.Add(time.Hour), time.Second, `{}`)
	is.Version, is.TriggerType, is.Trigger = 4, "webhook", models.JSON(`{"type":"webhook","body":{"a":1}}`)
	says(t, between(was, is, nil, nil, naming()),
		"It ran on version 4 of the workflow; the other one on version 3.", "It was started by a webhook; the other one by hand.")
	was.Version, was.TriggerType, was.Trigger = 4, "webhook", models.JSON(`{"type":"webhook","body":{"a":2,"b":{"c":null}},"query":{"x":["1"]},"headers":{"date":"now"}}`)
	says(t, between(was, is, nil, nil, naming()),
		`“a” of what was sent: 1 instead of 2.`, `“b” of what was sent is gone. [{"c":null}] []`, `“x” of the webhook’s address is gone. [["1"]] []`)
	was.TriggerType, was.Trigger, is.TriggerType, is.Trigger = "manual", models.JSON(`{"via":"api"}`), "manual", models.JSON(`{"via":"page"}`)
	says(t, between(was, is, nil, nil, naming()), "It was started by hand; the other one by a program.")
}

func TestTimeIsToldWhereItIsFarApart(t *testing.T) {
	was, is := runOf(began, time.Second, `{}`), runOf(began.Add(time.Hour), 90*time.Second, `{}`)
	is.StartedAt = after(is.QueuedAt, 40*time.Second)
	before := []models.StepRun{stepOf(was, "call", "http_request", 800*time.Millisecond, "succeeded", ""), stepOf(was, "fast", "set_values", time.Millisecond, "succeeded", ""), stepOf(was, "rest", "wait", time.Minute, "succeeded", "")}
	first := stepOf(is, "call", "http_request", time.Second, "failed", "")
	second := stepOf(is, "call", "http_request", 12*time.Second, "succeeded", "")
	now := []models.StepRun{first, second, stepOf(is, "fast", "set_values", 900*time.Millisecond, "succeeded", ""), stepOf(is, "rest", "wait", 4*time.Hour, "succeeded", ""), stepOf(is, "new", "wait", 4*time.Hour, "succeeded", "")}
	says(t, between(was, is, before, now, naming()),
		"It waited 40 s to start instead of 10 ms.", "It took 50 s in all instead of 990 ms.",
		"“Call” was tried twice instead of once.", "“Call” took 12 s instead of 800 ms.", "“Rest” waited 4 h instead of 60 s.")
	is.RetryOf = &was.ID // what was taken over has the times of another run
	now[0].StartedAt, now[1].StartedAt = was.StartedAt, was.StartedAt
	for _, d := range between(was, is, before, now[:2], naming()).List {
		if strings.Contains(d.Sentence, "“Call” took") {
			t.Error(d.Sentence)
		}
	}
}

func TestAnswersOfAnotherKindAreTold(t *testing.T) {
	was, is := runOf(began, time.Second, `{}`), runOf(began.Add(time.Hour), time.Second, `{}`)
	yes, no := stepOf(was, "large", "condition", 0, "succeeded", `{"result":true}`), stepOf(is, "large", "condition", 0, "succeeded", `{"result":false}`)
	yes.Branch, no.Branch = "then", "else"
	before := []models.StepRun{
		stepOf(was, "call", "http_request", 0, "succeeded", `{"status":200,"headers":{"date":"a"},"body":{"total":7,"rows":[1],"deep":{"a":{"b":1}}}}`), yes,
		stepOf(was, "rows", "query_database", 0, "succeeded", `{"rows":[{"a":1}],"count":12,"columns":["a"]}`),
		stepOf(was, "sub", "run_workflow", 0, "succeeded", `{"run_id":"01930000-0000-7000-8000-000000000000","output":{"a":1}}`),
		stepOf(was, "big", "set_values", 0, "succeeded", `{"truncated":true,"bytes":40000,"preview":""}`),
		stepOf(was, "none", "set_values", 0, "succeeded", ``),
	}
	now := []models.StepRun{
		stepOf(is, "call", "http_request", 0, "failed", `{"status":500,"headers":{"date":"b","x":"c"},"body":{"total":"seven","rows":[],"deep":{"a":{"c":1}}}}`), no,
		stepOf(is, "rows", "query_database", 0, "succeeded", `{"rows":[],"count":0,"columns":["a"]}`),
		stepOf(is, "sub", "run_workflow", 0, "succeeded", `{"run_id":"01930000-0000-7000-8000-000000000001","output":{"a":2}}`),
		stepOf(is, "big", "set_values", 0, "succeeded", `{"a":1}`),
		stepOf(is, "none", "set_values", 0, "succeeded", `{"a":1}`),
	}
	says(t, between(was, is, before, now, naming()),
		"“Call” failed; the other time it succeeded.",
		"What “Call” gave, “content › rows”: an empty list instead of a list.",
		"What “Call” gave, “content › total”: a text instead of a number.",
		"What “Call” gave, “answer code”: 500 instead of 200.",
		"“Large” came to “no” instead of “yes”.",
		"What “Rows” gave, “count”: 0 instead of 12.",
		"What “Rows” gave, “rows”: an empty list instead of a list.",
		"What “Big” gave the other time is too large to be compared: 40 kB.",
	)
}

func TestTheLastRunBeforeThatSucceededIsRead(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := models.Workflow{ID: models.NewID(), Name: "W", Status: "active", Draft: models.JSON(`{}`), CreatedAt: began, UpdatedAt: began}
		version := models.NewID()
		store := func(row any) {
			if err := db.Create(row).Error; err != nil {
				t.Fatal(err)
			}
		}
		store(&w)
		add := func(hours int, status, trigger string) models.Run {
			run := runOf(began.Add(time.Duration(hours)*time.Hour), time.Second, `{"n":1}`)
			run.WorkflowID, run.VersionID, run.Queue, run.Status, run.TriggerType = w.ID, version, "default", status, trigger
			store(&run)
			return run
		}
		if found, err := Since(t.Context(), db, add(0, "failed", "manual"), naming()); err != nil || found.Before != nil || len(found.List) > 0 {
			t.Fatalf("%+v, %v", found, err)
		}
		add(1, "succeeded", "manual")
		want := add(2, "succeeded", "manual")
		add(3, "failed", "manual")
		add(4, "succeeded", "try")
		run := add(5, "failed", "schedule")
		add(6, "succeeded", "manual")
		big := `{"text":"` + strings.Repeat("ä", maxGave/2) + `"}`
		for _, row := range []models.StepRun{stepOf(want, "a", "set_values", time.Second, "succeeded", `{"n":"1"}`), stepOf(want, "b", "set_values", 0, "succeeded", big)} {
			store(&row)
		}
		inside := stepOf(run, "inside", "set_values", 0, "succeeded", `{}`)
		inside.Iteration = "3"
		for _, row := range []models.StepRun{stepOf(run, "a", "set_values", time.Minute, "failed", `{"n":2}`), inside, stepOf(run, "b", "set_values", 0, "succeeded", big)} {
			store(&row)
		}
		found, err := Since(t.Context(), db, run, naming())
		if err != nil || found.Before == nil || found.Before.ID != want.ID {
			t.Fatalf("%+v, %v", found.Before, err)
		}
		says(t, found, "It was started by a schedule; the other one by hand.", "“A” took 60 s instead of 1 s.", "“A” failed; the other time it succeeded.",
			"What “A” gave, “n”: a number instead of a text.", "What “B” gave is too large to be compared: 33 kB.")
		if rows, err := runs.OutsideLoops(t.Context(), db, run.ID, 1, maxGave); err != nil || len(rows) != 1 || rows[0].StepID != "a" || rows[0].Input != nil {
			t.Errorf("%+v, %v", rows, err)
		}
	})
}
