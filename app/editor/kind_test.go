package editor

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"workflows/app/api"
	"workflows/worker/workflow"
)

// colourKind is a kind of field with one control, and paletteKind one with rows, that
// no part of the program has heard of.
func colourKind() workflow.Kind {
	return workflow.Kind{
		Name: "colour",
		Schema: func(workflow.Field) map[string]any {
			return map[string]any{"type": "string", "pattern": "^#[0-9a-f]{6}$"}
		},
		Entry: workflow.Entry{Width: "short", Mono: true, Read: func(text string) any { return strings.ToLower(strings.TrimSpace(text)) }},
		Check: func(path string, field workflow.Field, value any) []workflow.Problem {
			if text, _ := value.(string); regexp.MustCompile("^#[0-9a-f]{6}$").MatchString(text) {
				return nil
			}
			return []workflow.Problem{{Path: path, Code: "invalid_colour", Message: "“" + field.Label + "” must be a colour, such as #ff8800."}}
		},
	}
}

func paletteKind() workflow.Kind {
	return workflow.Kind{
		Name:   "palette",
		Schema: func(workflow.Field) map[string]any { return map[string]any{"type": "array"} },
		Check: func(path string, _ workflow.Field, value any) []workflow.Problem {
			if list, _ := value.([]any); len(list) > 1 {
				return nil
			}
			return []workflow.Problem{{Path: path + "[0]", Code: "too_few", Message: "Give two colours at least."}}
		},
		Rows: &workflow.Rows{
			Component: "pairs",
			Of: func(value any) (rows []workflow.Row) {
				list, _ := value.([]any)
				for _, item := range list {
					parts, _ := item.([]any)
					rows = append(rows, workflow.Row{Name: parts[0].(string), Value: parts[1].(string)})
				}
				return rows
			},
			Read: func(rows []workflow.Row, _ any) (any, []workflow.Row) {
				var list []any
				for i := range rows {
					if rows[i].Value == "none" {
						rows[i].ValueProblem = "Enter a colour."
					}
					list = append(list, []any{rows[i].Name, rows[i].Value})
				}
				return list, rows
			},
		},
	}
}

type paintConfig struct {
	Colour  string `json:"colour" label:"Colour" kind:"colour" ref:"true" required:"true" default:"#000000"`
	Palette []any  `json:"palette" label:"Palette" kind:"palette"`
}

func paint() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{Name: "paint", Title: "Paint", Kinds: []workflow.Kind{colourKind(), paletteKind()}},
		func(_ context.Context, _ workflow.Call, config paintConfig) (workflow.Outcome, error) {
			return workflow.Outcome{Output: config.Colour}, nil
		})
}

func TestANewKindOfFieldIsOneEntry(t *testing.T) {
	types := workflow.Types{"paint": paint()}
	step := workflow.Step{ID: "a", Type: "paint", Config: map[string]any{"colour": "red", "palette": []any{[]any{"sky", "#0000ff"}}}}
	checked := func(step workflow.Step) map[string]string {
		codes := map[string]string{}
		for _, problem := range (workflow.Checker{Types: types}).Check(workflow.Definition{Format: 1, Name: "Paint", Steps: []workflow.Step{step}}) {
			codes[strings.TrimPrefix(problem.Path, "steps[0].config.")] = problem.Code
		}
		return codes
	}
	if codes := checked(step); codes["colour"] != "invalid_colour" || codes["palette[0]"] != "too_few" || len(codes) != 2 {
		t.Errorf("checked: %v", codes)
	}

	form := newStepForm(step, types["paint"])
	form.problems["config.palette[0]"] = "Give two colours at least."
	fields, _ := formBuilder{form: form}.fields("config", types["paint"].Fields, step.Config)
	if shown := fields[0].Field; shown == nil || shown.Value != "red" || shown.Width != "short" || !shown.Mono || shown.Kind != "" {
		t.Errorf("the colour is shown as %+v", shown)
	}
	if rows := fields[1].Rows; rows == nil || rows.Kind != "pairs" || rows.Rows[0].Name != "sky" || rows.Rows[0].Value != "#0000ff" || rows.Rows[0].ValueError == "" {
		t.Errorf("the palette is shown as %+v", rows)
	}

	sent := url.Values{"config.colour": {" #FF8800 "}, "config.palette.name": {"sky", "sea"}, "config.palette.value": {"#0000ff", "none"}}
	read := readStepForm(sent, step, types["paint"])
	want := map[string]any{"colour": "#ff8800", "palette": []any{[]any{"sky", "#0000ff"}, []any{"sea", "none"}}}
	if !reflect.DeepEqual(read.step.Config, want) || read.problems["config.palette[1]"] != "Enter a colour." {
		t.Errorf("read %+v with %v", read.step.Config, read.problems)
	}
	if codes := checked(read.step); len(codes) > 0 {
		t.Errorf("checked: %v", codes)
	}

	document, err := json.Marshal((&api.API{Types: types}).Document()["components"])
	if err != nil || !strings.Contains(string(document), `"pattern":"^#[0-9a-f]{6}$"`) || !strings.Contains(string(document), `#000000 when absent.`) {
		t.Errorf("the document is %s, %v", document, err)
	}
}
