package workflow

import (
	"strings"
	"testing"
)

func TestAReferenceThatNamesNothingIsToldWhatWasMeant(t *testing.T) {
	for text, want := range map[string]string{
		"{{ ask_the_shop.status }}":     "Did you mean “status of Ask the shop”? Choose it under “Insert data”.",
		"{{ order_id }}":                "Did you mean “order_id”? Choose it under “Insert data”.",
		"{{ item.total | round 2 }}":    "“total of the item, rounded” exists only inside a step",
		"{{ secrets.KEY }}":             "“the secret KEY” cannot stand here",
		"{{ now.hour }}":                "The present time has no “hour”.",
		"{{ steps }}":                   "choose what it gives under “Insert data”",
		"{{ steps.ask_the_shp.state }}": "“state of ask the shp” is inserted here, and that step is not there. Choose something else under “Insert data”. Did you mean “state of Ask the shop”?",
		"{{ steps.gone.body.due }}":     "“due of gone” is inserted here, and that step is not there. Choose something else under “Insert data”.",
		"{{ input.ordr_id }}":           "The workflow does not ask for “ordr id”. Choose what it asks for under “Insert data”. Did you mean “order_id”?",
		"{{ run.length }}":              "A run has no “length”. Choose what it has under “Insert data”.",
		"{{ }}":                         "Nothing stands between two pairs of braces. Choose what to insert under “Insert data”, or remove them.",
		"{{ a b c }}":                   "“a b c”, between braces, cannot be read. Choose what to insert under “Insert data”.",
		"{{ input.order_id":             "Two braces are opened and not closed. Close them, or remove them.",
		"{{ nonsense }}":                "There is no “nonsense” to insert from. Choose under “Insert data”.",
	} {
		d := Definition{Name: "W", Inputs: []Input{{Name: "order_id", Type: "text"}}, Steps: []Step{
			{ID: "ask_the_shop", Type: "http_request", Name: "Ask the shop", Config: map[string]any{"url": "https://shop.example.com"}},
			{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"x": text}}},
		}}
		said := ""
		for _, problem := range (Checker{Types: testTypes()}).Check(d) {
			said += problem.Message + "\n"
		}
		if !strings.Contains(said, want) {
			t.Errorf("%s: %s", text, said)
		}
		if strings.Contains(said, "{{") {
			t.Errorf("%s is told in braces: %s", text, said)
		}
	}
}

func TestProblemsNameStepsByTheirTitles(t *testing.T) {
	types := Types{"http_request": {Title: "Call a web address"}, "set_values": {Title: "Set values"}}
	d := Definition{Name: "W", Steps: []Step{
		{ID: "fetch_2", Type: "http_request", Config: map[string]any{"url": "https://shop.example.com"}},
		{ID: "note_7", Type: "set_values", Config: map[string]any{"values": map[string]any{"x": "{{ steps.fetch_2.body }}"}}},
	}}
	broken := BrokenBy(d, "fetch_2", types)
	if len(broken) != 1 || strings.Contains(broken[0].Message, "fetch_2") || strings.Contains(broken[0].Message, "note_7") {
		t.Errorf("%+v", broken)
	}
}
