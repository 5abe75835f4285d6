package workflow

import (
	"context"
	"strings"
	"testing"
	"time"

	"workflows/worker/document"
)

// The types of these tests: one that calls, one that decides, one that repeats.
func testTypes() Types {
	types := Types{}
	for _, t := range []StepType{
		NewStepType(StepType{
			Name: "call", Title: "Call a web address", Order: 1,
			Outputs:  []Output{{Name: "status", Type: "number"}, {Name: "body", Type: "any"}},
			Sentence: func(config map[string]any) string { return "Calls " + document.Text(config["url"]) },
		}, func(_ context.Context, _ Call, config callConfig) (Outcome, error) {
			return Outcome{Output: map[string]any{"config": config}}, nil
		}),
		NewStepType(StepType{Name: "decide", Title: "Decide", Order: 2, Blocks: []string{"then", "else"}, Outputs: []Output{{Name: "result", Type: "boolean"}}},
			func(context.Context, Call, decideConfig) (Outcome, error) { return Outcome{}, nil }),
		NewStepType(StepType{Name: "repeat", Title: "Repeat", Order: 3, Blocks: []string{"do"}, Through: "list"},
			func(context.Context, Call, repeatConfig) (Outcome, error) { return Outcome{}, nil }),
	} {
		types[t.Name] = t
	}
	return types
}

type callConfig struct {
	URL     string         `json:"url" label:"Address" required:"true" ref:"true" missing:"Enter the address to call."`
	Method  string         `json:"method" label:"Method" options:"GET,POST" default:"GET"`
	Token   string         `json:"token" label:"Token" ref:"true" secret:"true" advanced:"true"`
	Tries   int            `json:"tries" label:"Tries" default:"3" ref:"true"`
	Loud    bool           `json:"loud" label:"Loud"`
	Pause   time.Duration  `json:"pause" label:"Pause" default:"15m"`
	Headers map[string]any `json:"headers" label:"Headers" ref:"true"`
	Sign    signConfig     `json:"sign" label:"Sign in"`
	Other   any            `json:"other" label:"Other" ref:"true"`
}

type signConfig struct {
	Kind string `json:"kind" label:"Kind" options:"none=None,basic=Password" default:"none"`
	User string `json:"user" label:"User" required:"true" ref:"true" showif:"kind=basic"`
}

type decideConfig struct {
	Conditions []Condition `json:"conditions" label:"Conditions" required:"true" ref:"true"`
}

type repeatConfig struct {
	List any `json:"list" label:"List" required:"true" ref:"true"`
}

func TestFieldsComeFromTheTagsOfTheConfigStruct(t *testing.T) {
	fields := testTypes()["call"].Fields
	kinds := map[string]string{}
	for _, field := range fields {
		kinds[field.Name] = field.Kind.Name
	}
	want := map[string]string{"url": "text", "method": "choice", "token": "text", "tries": "number", "loud": "boolean", "pause": "duration", "headers": "pairs", "sign": "group", "other": "text"}
	for name, kind := range want {
		if kinds[name] != kind {
			t.Errorf("%s: kind %q, want %q", name, kinds[name], kind)
		}
	}
	if f := fields[0]; !f.Required || !f.Reference || f.Secret || f.Label != "Address" || f.Flexible {
		t.Errorf("url: %+v", f)
	}
	if f := fields[2]; !f.Secret || !f.Advanced {
		t.Errorf("token: %+v", f)
	}
	if sign := fields[7]; len(sign.Fields) != 2 || sign.Fields[0].Options[1] != (Option{"basic", "Password"}) {
		t.Errorf("sign: %+v", sign)
	}
}

func TestExecuteGetsConfigWithDefaultsAndConvertedValues(t *testing.T) {
	call := testTypes()["call"]
	outcome, err := call.Execute(t.Context(), Call{Config: map[string]any{"url": number("7"), "tries": "5", "loud": "yes", "sign": "none"}})
	if err != nil {
		t.Fatal(err)
	}
	got := outcome.Output.(map[string]any)["config"].(callConfig)
	if got.URL != "7" || got.Method != "GET" || got.Tries != 5 || !got.Loud || got.Pause != 15*time.Minute {
		t.Errorf("got %+v", got)
	}
	_, err = call.Execute(t.Context(), Call{Config: map[string]any{"url": "x", "tries": "many"}})
	assertStepError(t, err, "invalid_config")
	if !strings.HasPrefix(err.Error(), "“Tries” cannot be used: ") {
		t.Error(err)
	}
}

func TestShowIfFollowsTheValueBesideItAndItsDefault(t *testing.T) {
	sign := testTypes()["call"].Fields[7].Fields
	if sign[1].Shown(map[string]any{}, sign) {
		t.Error("user is shown for kind none")
	}
	if !sign[1].Shown(map[string]any{"kind": "basic"}, sign) {
		t.Error("user is not shown for kind basic")
	}
}

func TestTypesAreListedInTheirOrder(t *testing.T) {
	if names := testTypes().names(); names[0] != "call" || names[2] != "repeat" {
		t.Errorf("got %v", names)
	}
}
