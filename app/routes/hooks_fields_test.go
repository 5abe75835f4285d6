package routes_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestFieldsOfAFormBecomeInputsOfEveryType(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{}, object{"inputs": []object{
			{"name": "n", "type": "number"}, {"name": "ok", "type": "boolean"}, {"name": "day", "type": "date"}, {"name": "more", "type": "json"}, {"name": "text", "type": "text"}, {"name": "other", "type": "number", "default": 5},
		}})
		const form = "application/x-www-form-urlencoded"
		a := s.deliver(path, `n=42&ok=true&day=2026-12-24&more={"a":[1]}&text=7&other=&unknown=x`, "Content-Type", form)
		if a.StatusCode != 202 {
			t.Fatalf("it answered %d %s", a.StatusCode, a.body)
		}
		run := s.run(a.decoded(t)["run_id"])
		var input object
		if err := json.Unmarshal(run.Input, &input); err != nil || fmt.Sprint(input) != "map[day:2026-12-24 more:map[a:[1]] n:42 ok:true other:5 text:7]" {
			t.Errorf("the input is %s", run.Input)
		}
		if !strings.Contains(string(run.Trigger), `"n":"42"`) {
			t.Errorf("the trigger is %s", run.Trigger)
		}
		for body, field := range map[string]string{"n=many": "input.n", "ok=perhaps": "input.ok", "more={": "input.more", "day=tomorrow": "input.day", "n=1&n=2": "input.n"} {
			if a := s.deliver(path, body, "Content-Type", form); a.StatusCode != 422 || a.code(t) != "invalid_input" || len(a.paths(t)) != 1 || a.paths(t)[0] != field {
				t.Errorf("%s answered %d %s", body, a.StatusCode, a.body)
			}
		}
		if a := s.deliver(path, `{"n":"42"}`); a.StatusCode != 202 && a.code(t) != "invalid_input" {
			t.Errorf("JSON answered %d %s", a.StatusCode, a.body)
		}
		id := s.deliveries("?outcome=accepted")[0].(object)["id"].(string)
		if replayed := s.api("POST", "/deliveries/"+id+"/replay", nil); replayed.StatusCode != 202 {
			t.Errorf("the replay answered %d %s", replayed.StatusCode, replayed.body)
		}
	})
}
