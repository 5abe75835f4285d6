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
		if again, wrong := ParseDuration(ReadLength(LengthWords(text))); err == nil && (wrong != nil || again != d) {
			t.Fatalf("%q is said as %q, and that is read as %s, %v", text, LengthWords(text), again, wrong)
		}
	})
}

func TestLengthsOfTimeAreReadAsPeopleSayThem(t *testing.T) {
	for typed, want := range map[string]string{
		"3 days": "3d", "1 day": "1d", "half an hour": "30m", "an hour": "1h", "a week": "7d", "2 weeks": "14d", "ten minutes": "10m", "90 Minutes": "1h30m",
		"1 hour and 30 minutes": "1h30m", "1 hour, 30 minutes": "1h30m", "1.5 hours": "1h30m", "2.3 h": "2h18m", "3days": "3d", "45 sec": "45s", "half a day": "12h", "250 milliseconds": "250ms",
		"3d": "3d", " 15m ": "15m", "90m": "90m", "366 days": "366d", // as a definition has it
		"": "", "5": "5", "-5 minutes": "-5 minutes", "5 minutes ago": "5 minutes ago", "and": "and", "a": "a", "two": "two", "minutes": "minutes", "1 1 hour": "1 1 hour", "1e3 s": "1e3 s",
		"0 minutes": "0 minutes", "400 days": "400 days", "99999999999999999999 hours": "99999999999999999999 hours", "200 days 200 days": "200 days 200 days",
		"1,5 hours": "1,5 hours", "half half hour": "half half hour", "{{ input.wait }}": "{{ input.wait }}",
	} {
		if got := ReadLength(typed); got != want {
			t.Errorf("%q became %q instead of %q", typed, got, want)
		}
	}
	for stored, want := range map[string]string{"3d": "3 days", "90m": "1 hour 30 minutes", "1h": "1 hour", "10s": "10 seconds", "500ms": "500 milliseconds", "1s500ms": "1s500ms", "abc": "abc", "{{ input.wait }}": "{{ input.wait }}", "": ""} {
		if got := LengthWords(stored); got != want {
			t.Errorf("%q is said as %q instead of %q", stored, got, want)
		}
	}
}
