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
		Steps:   []runs.StepContent{{Output: models.JSON(`{"text":"` + strings.Repeat("é ", 60) + `Kowalczyk` + strings.Repeat(" ü", 60) + `"}`)}, {Output: models.JSON(`["Anna Kowalczyk"]`)}},
	}
	for typed, want := range map[string]string{
		"anna":           "input: for [Anna]",
		"kowal":          "trigger: Dear Mr. [Kowalczyk,] your order A-4711 is here",
		"KOWALCZYK a-47": "trigger: Dear Mr. [Kowalczyk,] your order A-4711 is here", // “47” is the beginning of nothing
		"order a-4711":   "trigger: Dear Mr. Kowalczyk, your [order] A-4711 is here",
		"anna kowalczyk": "step: [Anna] Kowalczyk",
		"jan@exam":       "trigger: [jan@example.com]",
		"lodz":           "output: [Łódź]",
		"ada":            "trigger: [Ada]",
		"hidden":         "",
		"orders":         "",
		"zzz":            "",
	} {
		got := ""
		if e := ExcerptOf(run, typed); e.Found != "" {
			got = e.Where + ": " + e.Before + "[" + e.Found + "]" + e.After
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if e := ExcerptOf(runs.Content{Output: run.Steps[0].Output}, "kowalczyk"); len([]rune(e.Before)) != around+1 || len([]rune(e.After)) != around+1 || e.Found != "Kowalczyk" {
		t.Errorf("%+v", e)
	}
}
