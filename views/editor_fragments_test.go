package views

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"workflows/static"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// fragment compares a component with testdata/name.html; UPDATE_GOLDEN=1 writes
// it anew.
func fragment(t *testing.T, name string, component templ.Component) {
	t.Helper()
	var out strings.Builder
	if err := component.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	got := strings.NewReplacer("><", ">\n<", static.URL("icons.svg"), "/static/icons.svg").Replace(out.String()) + "\n"
	path := filepath.Join("testdata", name+".html")
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs from %s (UPDATE_GOLDEN=1 writes it anew):\n%s", name, path, got)
	}
}

func TestFragmentsOfTheEditorKeepTheirMarkup(t *testing.T) {
	const nasty = `<script>alert("x")</script>`
	at := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	berlin, err := workflow.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	choose := ui.Choose{URL: "/data?step=a"}
	choices := []ui.Option{{Value: "equals", Label: "is equal to"}}
	fragment(t, "rows_pairs", rowsField(RowsField{
		ID: "config-headers", Name: "config.headers", Label: "Headers", Kind: "pairs", Choose: choose,
		Rows: []FormRow{{Name: nasty, Value: nasty, ChosenValue: ui.Choose{Words: nasty, Now: nasty}}, {Name: "A", Value: "1", NameError: nasty}},
	}))
	fragment(t, "rows_conditions", rowsField(RowsField{
		ID: "config-conditions", Name: "config.conditions", Label: "Conditions", Kind: "conditions", Required: true, Operators: choices, Error: nasty, Help: nasty,
		Rows: []FormRow{{Value: nasty, Operator: "equals", Other: nasty, OtherError: nasty}},
	}))
	fragment(t, "rows_groups", rowsField(RowsField{
		ID: "config-conditions", Name: "config.conditions", Label: "Conditions", Kind: "conditions", Operators: choices,
		Rows: []FormRow{{Value: "a", Operator: "equals"}, {Kind: "any", KindError: nasty}, {Value: "b", Operator: "equals", OtherError: nasty}, {Kind: "all"}, {Value: "c"}, {Kind: "end"}, {Kind: "end"}, {Value: "d"}},
	}))
	fragment(t, "rows_values", rowsField(RowsField{
		ID: "config-values", Name: "config.values", Label: "Values", Kind: "values", Kinds: []ui.Option{{Value: "text", Label: "Text"}, {Value: "number", Label: "Number"}},
		Rows: []FormRow{{Name: "n", Kind: "number", Value: nasty, ValueError: nasty}}, ShowIf: "config.match=all",
	}))
	fragment(t, "rows_asked", rowsField(RowsField{
		ID: "config-fields", Name: "config.fields", Label: "Fields", Kind: "values", Hint: nasty, Kinds: []ui.Option{{Value: "text", Label: "Text"}},
		Rows: []FormRow{{Name: "a", Kind: "text", NameError: nasty, KindError: nasty, Value: nasty}},
	}))
	fragment(t, "rows_inputs", rowsField(RowsField{
		ID: "config-input", Name: "config.input", Label: "What it is given", Kind: "values", Help: nasty, Refresh: "Show what it asks for", RefreshID: "show-inputs",
		Kinds: []ui.Option{{Value: "text", Label: "Text"}}, Rows: []FormRow{{Name: "order_id", Kind: "text"}},
	}))
	fragment(t, "words_form", WordsFormPart(WordsForm{
		Reference: nasty, ReferenceError: nasty, Word: WordRow{Name: "round", Title: nasty, Sentence: nasty, In: nasty, Out: nasty}, Result: nasty,
		Groups: []WordGroup{{Label: nasty, Words: []WordRow{{Name: "round", Title: nasty}}}}, Arguments: []ui.FieldProps{{ID: "a", Name: "argument.round", Label: nasty, Value: nasty, Error: nasty}},
	}))
	fragment(t, "schedule_preview", SchedulePreview(SchedulePreviewProps{
		Sentence: nasty, Next: []time.Time{at}, Zone: berlin, ViewerZone: time.UTC, Warnings: []string{nasty},
		ClockChanges: []ClockChangeRow{{At: at, Effect: nasty}},
	}))
	fragment(t, "schedule_preview_problem", SchedulePreview(SchedulePreviewProps{Problems: []string{nasty}}))
	fragment(t, "problem_list", problemList([]ProblemLink{{Where: nasty, Message: nasty, URL: "/workflows/1/edit"}, {Message: nasty, URL: "javascript:alert(1)"}, {Message: nasty}}))
	fragment(t, "trigger_list", triggerList([]TriggerRow{{ID: "a", Icon: "calendar-clock", Sentence: nasty, URL: "/x", Next: at, Zone: berlin, Note: nasty, Problems: 1}}, true))
	fragment(t, "input_list", inputList([]InputRow{{Name: "a", Label: nasty, Type: "Text", Help: nasty, Required: true, Default: nasty}}))
	row := WorkflowRow{ID: "1", Name: nasty, Status: "active", Changed: true, Next: at, Runnable: true, Tags: []string{nasty}, Favourite: true, Result: RunResult{URL: "/runs/1", Status: "failed", At: at}, FailingSince: at, Going: RunResult{URL: "/runs/2", Status: "running", At: at}}
	fragment(t, "workflow_row_viewer", workflowRow(WorkflowsPage{}, row))
	fragment(t, "workflow_row_operator", workflowRow(WorkflowsPage{MayRun: true}, row))
	fragment(t, "workflow_row_editor", workflowRow(WorkflowsPage{MayRun: true, MayEdit: true}, row))
	fragment(t, "editor_step_actions", editorStepActions(EditorStep{Row: ui.StepRow{ID: "fetch", Title: nasty}, First: true}))
	off := EditorStep{Row: ui.StepRow{ID: "later", Title: nasty, Number: "1.1", Depth: 1, Branch: "For each item", Off: true}, SwitchedOff: true, Last: true, Place: "each.do@1"}
	gap := EditorStep{Gap: true, GapLabel: "Add a step for each item", Place: "each.do@1", Row: ui.StepRow{Depth: 1}}
	fragment(t, "editor_loop", ui.StepList(editorRows(EditorPage{ID: "1", Revision: "7", Steps: []EditorStep{{Row: ui.StepRow{ID: "each", Title: nasty, Number: "1"}, First: true, Last: true, Place: "@1"}, off, gap}})))
	asked := Composer{Place: "each.do@1", Label: nasty, Text: nasty, Problem: nasty, Chips: []EditorStart{{Command: "add:wait:each.do@1", Label: nasty, Icon: "hourglass"}}}
	fragment(t, "editor_composer", composer(asked))
	fragment(t, "editor_given", givenRows("It gave", []GivenRow{{Name: nasty, Value: nasty, Acts: []EditorStart{{Command: "decide:{{ steps.a.b }}", Label: nasty, For: nasty}}}, {Name: "each", Depth: 1}}))
	fragment(t, "version_row", versionRow(VersionsPage{WorkflowID: "1", MayEdit: true}, VersionRow{Number: 2, At: at, By: nasty, Changes: []Change{{Sentence: nasty, Start: nasty, Was: "a", Is: nasty}}}))
}

func TestFragmentsOfTheEditorShowScriptsAsText(t *testing.T) {
	files, err := filepath.Glob("testdata/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no fragments", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "<script") || strings.Contains(string(data), `href="javascript:`) {
			t.Errorf("%s holds a script", file)
		}
	}
}
