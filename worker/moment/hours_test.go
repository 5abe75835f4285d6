package moment

import "testing"

func TestHoursBeginWithTheirFirstMinuteAndEndBeforeTheirLast(t *testing.T) {
	for text, minutes := range map[string]map[int]bool{
		"12:00-13:00": {719: false, 720: true, 779: true, 780: false, 0: false},
		"22:00-06:00": {1319: false, 1320: true, 1439: true, 0: true, 359: true, 360: false, 720: false},
		"22:00-00:00": {1319: false, 1320: true, 1439: true, 0: false},
		"12:00-12:00": {719: false, 720: false, 721: false},
	} {
		hours, ok := ReadHours(text)
		if !ok {
			t.Errorf("%s is not read", text)
		}
		for minute, want := range minutes {
			if hours.Has(minute) != want {
				t.Errorf("minute %d is in %s: %v", minute, text, !want)
			}
		}
	}
	for _, text := range []string{"", "22:00", "22-6", "22:00-6:00", "22:00–06:00", "22:00-24:00", "22:00 - 06:00", "22:00-06:00-07:00", "x-06:00"} {
		if hours, ok := ReadHours(text); ok {
			t.Errorf("%q is read as %v", text, hours)
		}
	}
}
