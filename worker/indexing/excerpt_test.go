package indexing

import (
	"strings"
	"testing"

	"workflows/models"
	"workflows/models/runs"
)

func TestAnExcerptShowsWhatIsLookedForWhereMostOfItStands(t *testing.T) {
	run := runs.Content{
		WorkflowName: "Orders", Input: models.JSON(`{"note":"for Anna"}`), Output: models.JSON(`"Łódź"`),
		Trigger: models.JSON(`{"by":"Ada","headers":{"x":"hidden"},"body":{"customer":"Dear Mr. Kowalczyk, your order A-4711 is here","mail":"jan@example.com"}}`),
		Steps:   []runs.StepContent{{StepID: "long", Output: models.JSON(`{"text":"` + strings.Repeat("é ", 60) + `Kowalczyk` + strings.Repeat(" ü", 60) + `"}`)}, {StepID: "mail", Name: "Send mail", Output: models.JSON(`["Anna Kowalczyk"]`)}, {StepID: "call", Error: models.JSON(`{"message":"refused by Otto"}`)}},
	}
	for typed, want := range map[string]string{
		"anna":           "input: for [Anna]",
		"kowal":          "trigger: Dear Mr. [Kowalczyk,] your order A-4711 is here",
		"KOWALCZYK a-47": "trigger: Dear Mr. [Kowalczyk,] your order A-4711 is here", // “47” is the beginning of nothing
		"order a-4711":   "trigger: Dear Mr. Kowalczyk, your [order] A-4711 is here",
		"anna kowalczyk": "step Send mail: [Anna] Kowalczyk",
		"jan@exam":       "trigger: [jan@example.com]",
		"lodz":           "output: [Łódź]",
		"otto":           "error call: refused by [Otto]",
		`"order a-4711"`: "trigger: Dear Mr. Kowalczyk, your [order A-4711] is here",
		"note:anna":      "input: for [Anna]",
		"mail:jan":       "trigger: [jan@example.com]",
		"ada":            "trigger: [Ada]",
		"hidden":         "",
		"orders":         "",
		"zzz":            "",
	} {
		got := ""
		if e := ExcerptOf(run, typed); e.Found != "" {
			got = strings.TrimSpace(e.Where+" "+e.Step) + ": " + e.Before + "[" + e.Found + "]" + e.After
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if e := ExcerptOf(runs.Content{Output: run.Steps[0].Output}, "kowalczyk"); len([]rune(e.Before)) != around+1 || len([]rune(e.After)) != around+1 || e.Found != "Kowalczyk" {
		t.Errorf("%+v", e)
	}
}
