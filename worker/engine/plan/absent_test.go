package plan

import (
	"strconv"
	"testing"
)

func TestOfWhatIsAbsentSoMuchIsNotedAndNoReasonAskedForMore(t *testing.T) {
	var a Attempt
	asked := 0
	for i := range 3 * maxAbsent {
		for range 2 {
			a.NoteAbsent("{{ input.n"+strconv.Itoa(i)+" }}", func() string {
				asked++
				return "The workflow has no such input."
			})
		}
	}
	if len(a.Absent) != maxAbsent || asked != maxAbsent {
		t.Errorf("%d are noted, and %d reasons were asked for", len(a.Absent), asked)
	}
	a.Absent = nil
	if a.NoteAbsent("{{ trigger.body }}", func() string { return "" }); len(a.Absent) != 0 {
		t.Errorf("%v is noted", a.Absent)
	}
}
