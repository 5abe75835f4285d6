package entry_test

import (
	"encoding/json"
	"strings"
	"testing"

	"workflows/worker/entry"
	"workflows/worker/moment"
)

func TestEntriesAreTakenAsPeopleWriteThem(t *testing.T) {
	for name, c := range map[string]struct {
		check func(string) bool
		yes   []string
		no    []string
	}{
		"e-mail": {
			entry.Email,
			[]string{"anna@example.com", "a.b+c@mail.example.co.uk", "müller@example.com"},
			[]string{"", "anna", "anna@", "anna@localhost", "Anna <anna@example.com>", "anna@example.com, ben@example.com", "anna@example.com\n", "a b@example.com", strings.Repeat("a", 250) + "@example.com"},
		},
		"phone": {
			entry.Phone,
			[]string{"110", "+49 30 1234567", "(030) 123-4567", "030/1234567", "+1 (555) 010-9999 ext. 12", "555.010.9999x12", "+44\u00a020\u00a07946\u00a00958"},
			[]string{"", "12", "call me", "030 1234567 (work)", "1+2345", "0123456789012345678901234567890123456789012", "12345<script>"},
		},
		"web address": {
			entry.WebAddress,
			[]string{"https://example.com", "http://example.com:8080/a?b=c#d", "https://müller.example/ü"},
			[]string{"", "example.com", "javascript:alert(1)", "https://", "https:///path", "https://anna:secret@example.com", "https://example.com/a b", "mailto:a@example.com", "https://example.com/" + strings.Repeat("a", 2048)},
		},
		"time of day": {
			entry.TimeOfDay, []string{"18:30", "00:00", "23:59:59"}, []string{"", "24:00", "8:30", "18.30", "18:30 Uhr", "18:30:00.5"},
		},
		"moment": {
			entry.Moment, []string{"2026-12-24T18:30:00+01:00", "2026-12-24T18:30:00Z"}, []string{"", "2026-12-24", "2026-12-24T18:30", "24.12.2026 18:30"},
		},
	} {
		for _, text := range c.yes {
			if !c.check(text) {
				t.Errorf("%s: %q is refused", name, text)
			}
		}
		for _, text := range c.no {
			if c.check(text) {
				t.Errorf("%s: %q is taken", name, text)
			}
		}
	}
}

func TestPeopleAreSentOnToHTTPSOnly(t *testing.T) {
	for text, origin := range map[string]string{
		"https://Example.com/thanks?from=form": "https://example.com", "https://example.com:8443/": "https://example.com:8443",
		"http://example.com": "", "//example.com": "", "/thanks": "", "javascript:alert(1)": "", "https://example.com/{{ input.x }}": "",
		"https://a@example.com": "", "https://müller.example/": "", "https://example.com; script-src *": "", "https://[::1]/": "", "": "",
	} {
		if got := entry.Onward(text); got != origin {
			t.Errorf("%q leads to %q instead of %q", text, got, origin)
		}
	}
}

func TestAddressWithoutItsSchemeIsCompleted(t *testing.T) {
	for typed, whole := range map[string]string{
		"example.com": "https://example.com", "www.example.com/a": "https://www.example.com/a", "http://example.com": "http://example.com",
		"nothing": "nothing", "javascript:alert(1.5)": "javascript:alert(1.5)", "anna@example.com": "anna@example.com",
	} {
		if got := entry.Completed(typed); got != whole {
			t.Errorf("%q is completed to %q", typed, got)
		}
	}
}

func TestTimeIsThatOfThePlace(t *testing.T) {
	berlin, err := moment.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for typed, c := range map[string]struct {
		moment     string
		ok, exists bool
	}{
		"2026-12-24T18:30":          {"2026-12-24T18:30:00+01:00", true, true},
		"2026-07-01T18:30:05":       {"2026-07-01T18:30:05+02:00", true, true},
		"2026-12-24T18:30:00-05:00": {"2026-12-24T18:30:00-05:00", true, true},
		"2026-03-29T02:30":          {"", true, false}, // clocks go from 2 to 3
		"24.12.2026 18:30":          {"", false, false},
	} {
		moment, ok, exists := entry.Local(typed, berlin)
		if ok != c.ok || exists != c.exists || exists && moment != c.moment {
			t.Errorf("%s: %s %v %v", typed, moment, ok, exists)
		}
	}
	if shown := entry.Shown("2026-12-24T17:30:00Z", berlin); shown != "2026-12-24T18:30" {
		t.Errorf("it shows %s", shown)
	}
}

func TestFileIsAnObjectWithItsName(t *testing.T) {
	file := entry.NewFile("a\x00.txt", "text/plain", []byte("abc"))
	if file["data"] != "YWJj" || file["size"] != json.Number("3") || strings.Contains(file["name"].(string), "\x00") || !entry.File(file) {
		t.Errorf("the file is %v", file)
	}
	for name, value := range map[string]any{
		"a text": "YWJj", "nothing": nil, "no name": map[string]any{"data": "YWJj"}, "not base64": map[string]any{"name": "a", "data": "%%"},
		"too large": map[string]any{"name": "a", "data": strings.Repeat("AAAA", entry.MaxFile/3+2)}, "something else": map[string]any{"name": "a", "data": "YWJj", "path": "/etc"},
		"size in words": map[string]any{"name": "a", "size": "large"}, "a number as its data": map[string]any{"name": "a", "data": json.Number("1")},
	} {
		if entry.File(value) {
			t.Errorf("%s is taken for a file", name)
		}
	}
	if !entry.File(map[string]any{"name": "large.pdf", "type": "application/pdf", "size": json.Number("3000000"), "data": nil}) {
		t.Error("a file that was too large to be kept is none")
	}
}
