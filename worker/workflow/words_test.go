package workflow

import (
	"slices"
	"strings"
	"testing"
)

func TestWalkVisitsInDocumentOrderWithPathsAndParents(t *testing.T) {
	d := parsed(t, complete)
	var seen []string
	Walk(d.Steps, func(path string, step *Step, parents []*Step) bool {
		for _, parent := range parents {
			path += "<" + parent.ID
		}
		seen = append(seen, step.ID+" "+path)
		return true
	})
	want := []string{"fetch steps[0]", "is_large steps[1]", "tell steps[1].then[0]<is_large"}
	if !slices.Equal(seen, want) {
		t.Errorf("got %v", seen)
	}
	step, path, found := FindStep(&d, "tell")
	if !found || path != "steps[1].then[0]" || step != &d.Steps[1].Then[0] || CountSteps(d.Steps) != 3 {
		t.Errorf("got %v %s %v", step, path, found)
	}
	if _, _, found := FindStep(&d, "nope"); found {
		t.Error("found what is not there")
	}
}

func TestNewStepIDsAreFreeAndWellFormed(t *testing.T) {
	d := Definition{Triggers: []Trigger{{ID: "daily"}}, Steps: []Step{{ID: "call_a_web_address"}, {ID: "b", Then: []Step{{ID: "call_a_web_address_2"}}}}}
	for base, want := range map[string]string{
		"Call a web address": "call_a_web_address_3", "http_request": "http_request", "Über-Prüfung!": "uber_prufung", "": "step", "注文": "step",
		"2nd try": "step_2nd_try", "daily": "daily_2", "__x__": "x", "Don't": "dont",
	} {
		got := NewStepID(d, base)
		if got != want || !idPattern.MatchString(got) {
			t.Errorf("%q: got %q", base, got)
		}
	}
	long := strings.Repeat("abc ", 40)
	d.Steps = append(d.Steps, Step{ID: NewStepID(d, long)})
	if id := NewStepID(d, long); !idPattern.MatchString(id) || !strings.HasSuffix(id, "_2") {
		t.Errorf("got %q", id)
	}
}

func TestStepsInsideASwitchedOffOneAreOffToo(t *testing.T) {
	off := StepsOff([]Step{{ID: "a"}, {ID: "b", Disabled: true, Then: []Step{{ID: "c", Do: []Step{{ID: "d"}}}}}, {ID: "e", Else: []Step{{ID: "f", Disabled: true}}}})
	if len(off) != 4 || !off["b"] || !off["c"] || !off["d"] || !off["f"] {
		t.Errorf("got %v", off)
	}
}

func TestDiffSaysWhatChangesInTheFlow(t *testing.T) {
	old := parsed(t, withSteps(loop(call("a", "u")+","+call("b", "u"))))
	new := parsed(t, withSteps(loop(call("b", "u")+","+call("a", "u"))))
	new.Steps[0].Disabled = true
	new.Steps[0].Do[0].OnUnknown = "repeat"
	old.Settings = Settings{OnLimit: "queue"}
	new.Settings = Settings{Priority: "high", OnLimit: "skip", MaxDuration: "30m", MustSucceedBy: []Deadline{
		{Time: "07:00", Days: []int{5, 4, 3, 2, 1}, TimeZone: "Europe/Berlin", Calendar: "Germany"}, {Time: "20:00", Days: []int{0, 6}}, {Time: "21:30"},
	}}
	want := []string{
		"Step “Repeat” is switched off.",
		"When it is not known whether step “Call a web address” acted, it is run again now; before, a person decides.",
		"The steps in “Repeat” run in another order.",
		"Runs over the limit now are skipped instead of wait their turn.",
		"Its runs now have high priority instead of normal.",
		"A run that takes too long raises an alert: 30 minutes (before: no limit).",
		"A run must have succeeded by: 07:00 on Monday to Friday (Europe/Berlin), but for the free days of “Germany”; 20:00 on Saturday and Sunday (UTC); 21:30 every day (UTC) (before: no deadline).",
	}
	if got := Diff(old, new, testTypes()); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	new.Settings, new.Steps[0].Do[0].OnUnknown, new.Steps[0].Disabled = Settings{Priority: "normal"}, "wait", false
	if got := Diff(old, new, testTypes()); len(got) != 1 {
		t.Errorf("what stands for the same is said to change: %v", got)
	}
}

func TestWhoIsToldIsKeptAsItStandsAndItsChangesAreSaid(t *testing.T) {
	const list = `[{"on":["failed","recovered","overdue","missed","late","slow","waiting"],"email":["anna@example.com"],"chat_secret":"TEAM","webhook_url":"https://ops.example.com/told","quiet":"22:00-07:00"}]`
	none, nobody, anna := parsed(t, `{"name":"x"}`), parsed(t, `{"name":"x","settings":{"notify":[]}}`), parsed(t, `{"name":"x","settings":{"notify":`+list+`}}`)
	for d, want := range map[*Definition]string{&none: "", &nobody: `"notify":[]`, &anna: `"notify":` + list} {
		if got := string(d.Marshal()); !strings.Contains(got, want) || want == "" && strings.Contains(got, "notify") {
			t.Errorf("%s instead of %s", got, want)
		}
	}
	if got := Diff(none, nobody, testTypes()); len(got) > 0 {
		t.Errorf("nobody is told before and after, but: %v", got)
	}
	said := strings.Join(Diff(nobody, anna, testTypes()), " ")
	if !strings.HasPrefix(said, "New: anna@example.com, the chat TEAM and https://ops.example.com/told are told when a run fails, when it works again,") || !strings.Contains(said, "but not from 22:00 to 07:00. No longer: Nobody is told.") {
		t.Error(said)
	}
	uses := testTypes().SecretsIn(anna)
	if len(uses) != 1 || uses[0] != (SecretUse{"settings.notify[0].chat_secret", "TEAM"}) {
		t.Errorf("%v", uses)
	}
}

func TestDiffSaysWhatChangesInSentences(t *testing.T) {
	old, new := parsed(t, complete), parsed(t, complete)
	if said := Diff(old, new, testTypes()); len(said) > 0 {
		t.Errorf("nothing changed, but: %v", said)
	}
	new.Name = "Alert"
	new.Inputs = nil
	new.Triggers[0].Cron = "0 8 * * 1-5"
	new.Steps[0].Retry.MaxAttempts = 3
	new.Steps[0].Timeout = ""
	new.Steps[0].OnError = "continue"
	new.Steps[0].Config["url"] = "https://example.com"
	new.Steps[0], new.Steps[1] = new.Steps[1], new.Steps[0]
	new.Steps[0].Then = nil
	new.Steps = append(new.Steps, Step{ID: "extra", Type: "call", Name: "Tell all"})
	new.Settings.MaxRunning = 0
	want := []string{
		"The workflow is now called “Alert” instead of “Large order alert”.",
		"The input “Order number” is removed.",
		"The trigger “weekdays” changes to schedule “0 8 * * 1-5” in Europe/Berlin, from schedule “0 9 * * 1-5” in Europe/Berlin.",
		"Step “Fetch the order”: Address is now “https://example.com” instead of “https://shop.example.com/orders/{{ input.order_id }}”.",
		"Step “Fetch the order” now tries 3 times instead of 5.",
		"Step “Fetch the order” may now take 1 minute instead of 30 seconds.",
		"When step “Fetch the order” fails, the run now goes on.",
		"Step “Tell all” is added.",
		"Step “Call a web address” is removed.",
		"The steps run in another order.",
		"Runs at the same time: no limit (before: 10).",
	}
	got := Diff(old, new, testTypes())
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestAStepThatOnlyStandsElsewhereBecauseOthersMovedHasNotMoved(t *testing.T) {
	old, new := parsed(t, complete), parsed(t, complete)
	new.Steps = slices.Insert(new.Steps, 0, Step{ID: "zero", Type: "call"})
	if said := Diff(old, new, testTypes()); len(said) != 1 {
		t.Errorf("got %v", said)
	}
	new = parsed(t, complete)
	new.Steps[1].Else, new.Steps[1].Then = new.Steps[1].Then, nil
	if said := Diff(old, new, testTypes()); len(said) != 1 || !strings.Contains(said[0], "moves") {
		t.Errorf("got %v", said)
	}
}

func TestTitlesAndSentences(t *testing.T) {
	d := parsed(t, complete)
	if got := StepTitle(d.Steps[1], testTypes()); got != "Decide" {
		t.Error(got)
	}
	if got := StepSentence(d.Steps[0], testTypes()); !strings.HasPrefix(got, "Calls https://shop") {
		t.Error(got)
	}
	if got := StepSentence(Step{Type: "<b>"}, testTypes()); !strings.Contains(got, "<b>") {
		t.Error(got)
	}
}
