package pages

import (
	"encoding/json"
	"testing"

	"workflows/worker/engine/plan"
)

func TestItemsThatAreObjectsAreCalledByTheirName(t *testing.T) {
	for item, label := range map[string]string{
		`{"id": 7, "name": "Ann", "total": 3}`:     "Ann, 7",
		`{"title": "  New   entry ", "link": "u"}`: "New entry, u",
		`{"id": 9007199254740993}`:                 "9007199254740993",
		`{"total": 3}`:                             `{"total": 3}`,
		`{"name": {"first": "A"}, "id": ""}`:       `{"first":"A"}`,
		`"plain"`:                                  "plain",
		`12`:                                       "12",
		`{"name": null}`:                           `{"name": null}`,
	} {
		if got := (loopData{list: []json.RawMessage{json.RawMessage(item)}}).label(plan.OutlineItem{}); got != label {
			t.Errorf("%s is called %q instead of %q", item, got, label)
		}
	}
}
