package routes_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"

	"github.com/getkin/kin-openapi/routers/legacy"

	"workflows/app/auth"
	"workflows/worker/workflow"
)

// asJSON is a value as its text.
func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// with adds to a trigger.
func with(trigger, more object) object {
	all := maps.Clone(trigger)
	maps.Copy(all, more)
	return all
}

func TestCountedAndPickedDaysAreTheSameInTheAPIThePreviewAndAFile(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		router, err := legacy.NewRouter(document(t, s))
		if err != nil {
			t.Fatal(err)
		}
		c, b := &checked{site: s, router: router, seen: map[string]bool{}}, s.signedIn(auth.Editor)
		for name, row := range map[string]struct {
			trigger  object
			sentence string
			next     []any
		}{
			"weekday_of_month": {object{"cron": "0 9 * * *", "weekday_of_month": "first mon"}, "On the first Monday of every month at 09:00, Europe/Berlin", []any{"2026-12-07T09:00:00+01:00", "2027-01-04T09:00:00+01:00"}},
			"week_interval":    {object{"cron": "0 9 * * 5", "week_interval": 2, "start_date": "2026-12-07"}, "Every other Friday at 09:00, Europe/Berlin, from 7 December 2026, counted from that week", []any{"2026-12-11T09:00:00+01:00", "2026-12-25T09:00:00+01:00"}},
			"day_interval":     {object{"cron": "0 9 * * *", "day_interval": 3, "start_date": "2026-12-30"}, "Every 3 days at 09:00, Europe/Berlin, from 30 December 2026", []any{"2026-12-30T09:00:00+01:00", "2027-01-02T09:00:00+01:00"}},
			"month_interval":   {object{"cron": "0 9 31 * *", "month_interval": 2, "start_date": "2026-12-01"}, "On the 31st of every other month at 09:00, Europe/Berlin, from 1 December 2026", []any{"2026-12-31T09:00:00+01:00", "2027-08-31T09:00:00+02:00"}},
			"month_day":        {object{"cron": "0 9 * * *", "month_day": "business_day_3"}, "On the 3rd working day of every month at 09:00, Europe/Berlin", []any{"2026-12-03T09:00:00+01:00", "2027-01-05T09:00:00+01:00"}},
			"times":            {object{"times": []string{"09:00", "16:30"}}, "Every day at 09:00 and 16:30, Europe/Berlin", []any{"2026-11-28T16:30:00+01:00", "2026-11-29T09:00:00+01:00"}},
		} {
			rule := with(row.trigger, object{"time_zone": "Europe/Berlin"})
			preview := c.call("POST", "/schedules/preview", with(rule, object{"after": "2026-11-28T12:00:00Z", "count": 2}), 200)
			if preview["sentence"] != row.sentence || !reflect.DeepEqual(preview["next"], row.next) {
				t.Errorf("%s: the preview is %v", name, preview)
			}

			trigger := with(rule, object{"id": "t", "type": "schedule"})
			made := c.call("POST", "/workflows", object{"format": 1, "name": name, "publish": true, "triggers": []object{trigger}, "steps": []object{{"id": "a", "type": "set_values", "config": object{"values": object{"x": 1}}}}}, 201)
			path := "/workflows/" + made["id"].(string)
			stored := c.call("GET", path, nil, 200)["definition"].(object)
			if got, want := asJSON(t, stored["triggers"]), asJSON(t, []object{trigger}); got != want {
				t.Errorf("%s is stored as %s, and was sent as %s", name, got, want)
			}
			planned := c.call("GET", "/schedules?workflow_id="+made["id"].(string), nil, 200)["data"].([]any)
			if len(planned) != 1 || planned[0].(object)["sentence"] != row.sentence || asJSON(t, planned[0].(object)["trigger"]) != asJSON(t, trigger) {
				t.Errorf("%s is planned as %v", name, planned)
			}

			file := b.get(path + "/export/yaml")
			documents, problems, err := workflow.ParseYAML([]byte(file.body))
			if err != nil || len(documents) != 1 || len(problems[0])+len(documents[0].Remarks) > 0 {
				t.Fatalf("%s: %v, %v in\n%s", name, problems, err, file.body)
			}
			again := c.call("POST", "/workflows", object{"format": 1, "name": name + " again", "triggers": documents[0].Triggers, "steps": documents[0].Steps}, 201)
			if got, want := asJSON(t, again["definition"].(object)["triggers"]), asJSON(t, []object{trigger}); got != want {
				t.Errorf("%s comes back from the file as %s, and was %s:\n%s", name, got, want, file.body)
			}
		}
	})
}
