//go:build failpoints

package failpoint

import "testing"

func TestPlacesAreReadFromOneLine(t *testing.T) {
	places, err := parse("queue.before_ack=sleep:1s,kill@3; engine.in_step.boom=panic")
	if err != nil || len(places) != 2 {
		t.Fatalf("%v, %v", places, err)
	}
	if p := places["queue.before_ack"]; p.at != 3 || len(p.actions) != 2 || p.actions[1].name != "kill" {
		t.Errorf("%+v", p)
	}
	if p := places["engine.in_step.boom"]; p.at != 0 || p.actions[0].name != "panic" {
		t.Errorf("%+v", p)
	}
	for _, bad := range []string{"a", "a=fly", "a=kill@0", "a=sleep:x"} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
