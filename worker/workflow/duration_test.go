package workflow

import (
	"testing"
	"time"
)

func TestDurationsAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"10s": 10 * time.Second, "15m": 15 * time.Minute, "2h": 2 * time.Hour, "3d": 72 * time.Hour,
		"1h30m": 90 * time.Minute, " 1h 30m ": 90 * time.Minute, "366d": 366 * day, "500ms": 500 * time.Millisecond, "90m": 90 * time.Minute,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: got %s, %v", text, got, err)
		}
	}
}

func TestOtherDurationsAreRefusedInASentence(t *testing.T) {
	for _, text := range []string{"", " ", "0", "0s", "-5", "-5m", "5", "abc", "999999h", "367d", "366d1s", "1.5h", "1m1h", "1m1m", "10S", "1w", "5 minutes", "９s", "99999999999999999999s", "9223372036854775807d", "1h-5m", "+5m"} {
		_, err := ParseDuration(text)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		assertSentence(t, err.Error())
	}
}

func TestDurationWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		90 * time.Minute: "1 hour 30 minutes", time.Second: "1 second", 49 * time.Hour: "2 days 1 hour", 250 * time.Millisecond: "250 milliseconds", 0: "0 milliseconds",
	} {
		if got := DurationWords(d); got != want {
			t.Errorf("%s: got %q", d, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	f.Add("1h30m")
	f.Add("999999999999999999d")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err == nil && (d <= 0 || d > 366*day) {
			t.Fatalf("%q became %s", text, d)
		}
		if err == nil && d%time.Second == 0 && DurationWords(d) == "" {
			t.Fatalf("no words for %s", d)
		}
	})
}
