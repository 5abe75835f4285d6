package workflow

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"
)

// sift keeps the items of a list for which a condition holds: its conditions are
// filled in per item, by the step.
func sift() StepType {
	return NewStepType(StepType{Name: "sift", Title: "Sift", Through: "list", Outputs: []Output{{Name: "items", Type: "list", ItemsOf: "list"}}},
		func(_ context.Context, call Call, config siftConfig) (Outcome, error) {
			kept := []any{}
			for i, item := range config.List {
				fill := func(side any) (any, error) { return call.PerItem(side, item, i) }
				holds := true
				for _, condition := range config.Conditions {
					filled, err := condition.Filled(fill)
					if err != nil {
						return Outcome{}, err
					}
					if holds, err = filled.Holds(); err != nil || !holds {
						break
					}
				}
				if holds {
					kept = append(kept, item)
				}
			}
			return Outcome{Output: map[string]any{"items": kept}}, nil
		})
}

type siftConfig struct {
	List       []any       `json:"list" label:"List" required:"true" ref:"true" kind:"json"`
	Conditions []Condition `json:"conditions" label:"Keep what is" each:"true" secret:"true"`
	Name       siftName    `json:"name" label:"Name"`
}

type siftName struct {
	Text string `json:"text" label:"Text" each:"true"`
	Kind string `json:"kind" label:"Kind" ref:"true"`
}

func siftStep(value, other any) map[string]any {
	return map[string]any{"list": "{{ input.orders }}", "conditions": []any{map[string]any{"value": value, "operator": "greater_than", "other": other}}}
}

func TestFieldsFilledInPerItemMayHoldTheItemAnywhereAndSecretsNowhere(t *testing.T) {
	checker := Checker{Types: Types{"sift": sift()}}
	check := func(config map[string]any) []Problem {
		return checker.Check(Definition{Format: 1, Name: "Sift", Inputs: []Input{{Name: "orders", Type: "json"}}, Steps: []Step{{ID: "a", Type: "sift", Config: config}}})
	}
	config := siftStep("{{ item.total }}", "{{ index }}")
	config["name"] = map[string]any{"text": "No {{ index }}"}
	if problems := check(config); len(problems) > 0 {
		t.Errorf("the item is refused: %+v", problems)
	}
	config["list"], config["name"] = "{{ item }}", map[string]any{"kind": "{{ item }}"}
	problems := check(config)
	assertProblem(t, problems, "steps[0].config.list", "unknown_reference")
	assertProblem(t, problems, "steps[0].config.name.kind", "unknown_reference")
	assertProblem(t, check(siftStep("{{ secrets.KEY }}", "1")), "steps[0].config.conditions[0].value", "secret_not_allowed")
	assertProblem(t, check(siftStep("{{ item.total }}", "{{ steps.later.x }}")), "steps[0].config.conditions[0].other", "unknown_reference")
}

func TestFieldsFilledInPerItemAreLeftToTheStep(t *testing.T) {
	kind := sift()
	orders := []any{map[string]any{"total": number("50")}, map[string]any{"total": number("250")}, map[string]any{"total": nil}}
	scope := Scope{Input: map[string]any{"orders": orders, "least": number("100")}, Secrets: map[string]string{"KEY": "hidden"}}
	config := siftStep("{{ item.total }}", "{{ input.least }}")
	config["name"] = map[string]any{"text": "{{ item }}", "kind": "{{ input.least }}"}
	filled, err := kind.Resolve(config, scope)
	if err != nil {
		t.Fatal(err)
	}
	name := filled["name"].(map[string]any)
	if condition := filled["conditions"].([]any)[0].(map[string]any); condition["value"] != "{{ item.total }}" || name["text"] != "{{ item }}" || name["kind"] != number("100") {
		t.Fatalf("the step is given %+v", filled)
	}
	filled["list"] = orders[:2]
	outcome, err := kind.Execute(t.Context(), Call{Config: filled, PerItem: kind.PerItem(scope)})
	if err != nil || len(outcome.Output.(map[string]any)["items"].([]any)) != 1 {
		t.Errorf("kept %+v, %v", outcome.Output, err)
	}
	_, err = kind.PerItem(scope)("{{ secrets.KEY }}", nil, 0)
	assertStepError(t, err, "unknown_secret")
	if testTypes()["call"].PerItem(scope) != nil {
		t.Error("a type without such fields keeps the run's data")
	}
}

func TestWhatIsInsertedPerItemIsBoundedInAll(t *testing.T) {
	fill := sift().PerItem(Scope{})
	item := strings.Repeat("x", 1<<20)
	var err error
	inserted := 0
	for err == nil && inserted < 1000 {
		_, err = fill("{{ item }}", item, inserted)
		inserted++
	}
	assertStepError(t, err, "too_large")
	if inserted < 60 || inserted > 64 {
		t.Errorf("%d MB were inserted", inserted)
	}
}

// A reference stands in the field until the step fills it in.
func TestAFieldFilledInPerItemMustBeAbleToHoldAReference(t *testing.T) {
	for _, value := range []any{0, new(bool), time.Second, []float64{}, struct{ Part int }{}} {
		if of := reflect.TypeOf(value); holdsReferences(of) {
			t.Errorf("%s is taken", of)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a step type with a number that is filled in per item is taken")
		}
	}()
	fieldsOf[struct {
		Number int `json:"number" each:"true"`
	}]()
}
