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
		if got != want || !isID(got) {
			t.Errorf("%q: got %q", base, got)
		}
	}
	long := strings.Repeat("abc ", 40)
	d.Steps = append(d.Steps, Step{ID: NewStepID(d, long)})
	if id := NewStepID(d, long); !isID(id) || !strings.HasSuffix(id, "_2") {
		t.Errorf("got %q", id)
	}
}

func TestStepsInsideASwitchedOffOneAreOffToo(t *testing.T) {
	off := StepsOff([]Step{{ID: "a"}, {ID: "b", Disabled: true, Then: []Step{{ID: "c", Do: []Step{{ID: "d"}}}}}, {ID: "e", Else: []Step{{ID: "f", Disabled: true}}}})
	if len(off) != 4 || !off["b"] || !off["c"] || !off["d"] || !off["f"] {
		t.Errorf("got %v", off)
	}
}

func TestWhoIsToldIsKeptAsItStands(t *testing.T) {
	const list = `[{"on":["failed","recovered","overdue","missed","late","slow","waiting"],"email":["anna@example.com"],"chat_secret":"TEAM","webhook_url":"https://ops.example.com/told","quiet":"22:00-07:00"}]`
	none, nobody, anna := parsed(t, `{"name":"x"}`), parsed(t, `{"name":"x","settings":{"notify":[]}}`), parsed(t, `{"name":"x","settings":{"notify":`+list+`}}`)
	for d, want := range map[*Definition]string{&none: "", &nobody: `"notify":[]`, &anna: `"notify":` + list} {
		if got := string(d.Marshal()); !strings.Contains(got, want) || want == "" && strings.Contains(got, "notify") {
			t.Errorf("%s instead of %s", got, want)
		}
	}
	uses := testTypes().SecretsIn(anna)
	if len(uses) != 1 || uses[0] != (SecretUse{"settings.notify[0].chat_secret", "TEAM"}) {
		t.Errorf("%v", uses)
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
	if got := StepSentence(Step{Type: "fax"}, testTypes()); got != "A step that this version does not know" {
		t.Error(got)
	}
}
