package routes_test

import (
	"fmt"
	"testing"

	"workflows/models"
	"workflows/models/runs"
)

func TestARunOfThousandsOfItemsIsAnsweredInParts(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.make(published(`{"name":"A","steps":[{"id":"each","type":"for_each","config":{"list":[1]},"do":[{"id":"note","type":"set_values","config":{"values":{"x":1}}}]}]}`))
		run := s.api("POST", "/workflows/"+id+"/runs", nil).decoded(t)["id"].(string)
		now := models.Now()
		rows := []models.StepRun{{ID: models.NewID(), RunID: run, StepID: "each", Type: "for_each", Attempt: 1, Status: "running", Branch: "do", StartedAt: &now}}
		for i := range 1100 {
			rows = append(rows, models.StepRun{ID: models.NewID(), RunID: run, StepID: "note", Type: "set_values", Iteration: fmt.Sprint(i), Attempt: 1, Status: "succeeded", Output: models.JSON(fmt.Sprint(i)), StartedAt: &now})
		}
		if err := runs.InsertSteps(t.Context(), s.db, rows, nil); err != nil {
			t.Fatal(err)
		}
		whole := s.api("GET", "/runs/"+run, nil).decoded(t)
		steps := whole["steps"].([]any)
		last := steps[len(steps)-1].(map[string]any)
		if len(steps) != 1000 || whole["steps_truncated"] != true || last["iteration"] != "998" || last["output"] != 998.0 {
			t.Errorf("%d steps, truncated %v, the last %v", len(steps), whole["steps_truncated"], last)
		}
		found := map[any]bool{}
		for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
			page := s.api("GET", "/runs/"+run+"/steps?step_id=note&limit=100"+cursor, nil).decoded(t)
			for _, row := range page["data"].([]any) {
				found[row.(map[string]any)["output"]] = true
			}
			if cursor = ""; page["next_cursor"] != nil {
				cursor = "&cursor=" + page["next_cursor"].(string)
			}
		}
		if len(found) != 1100 {
			t.Errorf("%d items in all pages", len(found))
		}
		if one := s.api("GET", "/runs/"+run+"/steps?iteration=1050", nil).decoded(t)["data"].([]any); len(one) != 1 {
			t.Errorf("%d attempts of one item", len(one))
		}
	})
}

func TestStepsOfARunThatIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if a := s.api("GET", "/runs/"+models.NewID()+"/steps", nil); a.StatusCode != 404 {
			t.Errorf("answered %d", a.StatusCode)
		}
		id := s.make(published(`{"name":"A","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`))
		run := s.api("POST", "/workflows/"+id+"/runs", nil).decoded(t)["id"].(string)
		if a := s.api("GET", "/runs/"+run+"/steps?status=pending", nil); a.StatusCode != 422 {
			t.Errorf("a state that no attempt has answered %d", a.StatusCode)
		}
	})
}
