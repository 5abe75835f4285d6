package failures

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestWhatDiffersFromRunToRunIsNoCauseOfItsOwn(t *testing.T) {
	for shaped, messages := range map[string][]string{
		"order # was not found": {"Order 4711 was not found.", "Order 0193f000-aaaa-7000-8000-000000000001 was not found.", "order A-4711 was not found", "Order deadbeefcafe was not found.", "Order “A b c” was not found.", `Order "x" was not found.`, "Order 'x y' was not found.", "Order 4711, 4712 was not found."},
		"item # of # failed at # nothing answers at the host # check the address": {
			"Item 3 of 20 failed at “Note it”: Nothing answers at the host “shop.example.com:8080”. Check the address.",
			"Item 1,204 of 9,000 failed at “Note “it” now”: Nothing answers at the host “10.0.0.1”. Check the address.",
		},
		"asked # row":                            {"Asked 1 row", "Asked 12 rows."},
		"it took # and # is allowed":             {"It took 3 s, and 2 s is allowed.", "It took 1 min 4 s, and 30 seconds is allowed.", "It took 2h3m and 500ms is allowed"},
		"it is late since #":                     {"It is late since Mon 30 Nov 2026 09:00 UTC.", "It is late since 2026-11-30T09:00:00Z.", "It is late since 5 May 2026, 10:00"},
		"https://shop.example.com/orders/# died": {"https://shop.example.com/orders/4711?token=a&b=2 died", "https://shop.example.com/orders/9#x died", "(https://shop.example.com/orders/0193f000-aaaa-7000-8000-000000000001/) died"},
		"# is not taken by the server":           {"jan@example.com is not taken by the server", "“ola@example.com” is not taken by the server."},
		"the failure’s don't cafés":              {"The failure’s don't cafés"},
		"":                                       {"", "…", "“", `"`},
		"half a quote":                           {"“Half a quote", `Half a "quote`},
	} {
		for _, message := range messages {
			if got := shape(message, false); got != shaped {
				t.Errorf("%q is %q, not %q", message, got, shaped)
			}
		}
	}
}

func TestOtherWordsAnotherCodeAndAnotherStepAreOtherCauses(t *testing.T) {
	const why = "The address answered “Not Found” (nothing is there)."
	seen := map[string]string{}
	for name, fingerprint := range map[string]string{
		"itself": Fingerprint("call", "unexpected_status", why), "another step": Fingerprint("ask", "unexpected_status", why), "another code": Fingerprint("call", "timeout", why),
		"another answer": Fingerprint("call", "unexpected_status", "The address answered “Forbidden” (whoever calls may not)."),
		"5xx":            Fingerprint("call", "unexpected_status", "The address answered “Bad Gateway” (the fault is on its side)."),
		"another 5xx":    Fingerprint("call", "unexpected_status", "The address answered “Service Unavailable” (the fault is on its side)."),
		"other words":    Fingerprint("call", "unexpected_status", "The site wants to be asked less often."),
		"no step":        Fingerprint("", "unexpected_status", why), "nothing": Fingerprint("", "", ""),
	} {
		if other := seen[fingerprint]; other != "" || len(fingerprint) != 32 {
			t.Errorf("%s is called as %s: %s", name, other, fingerprint)
		}
		seen[fingerprint] = name
	}
}

func TestTheEndOfALongMessageTellsNothingApart(t *testing.T) {
	long := strings.Repeat("words ü ", 500)
	if Fingerprint("a", "b", long+"one") != Fingerprint("a", "b", long+"two") {
		t.Error("it does")
	}
}

func FuzzFingerprintsIgnoreNumbersAndIds(f *testing.F) {
	for _, message := range []string{"Order 4711 “x” of https://a.example/b/1?c=2 failed at 09:00.", "'don't", "“„‘«\"`", "\xff\x00", "may 5 sat", strings.Repeat("\x80", shapeRead-30), strings.Repeat("ü", shapeRead/2-20)} {
		f.Add("step", "unexpected_status", message, 1, 20)
		f.Add("step", "timeout", message, 3, 4)
	}
	f.Fuzz(func(t *testing.T, step, code, message string, a, b int) {
		got := shape(message, code == codeAnswered)
		if strings.ContainsFunc(got, unicode.IsNumber) || len(got) > 2*shapeRead || utf8.ValidString(message) && !utf8.ValidString(got) {
			t.Errorf("%q is %q", message, got)
		}
		if len(message) > shapeRead-len(" -9223372036854775808") { // what is behind is cut, also within a number
			return
		}
		one, other := message+" "+strconv.Itoa(a), message+" "+strconv.Itoa(b)
		if Fingerprint(step, code, one) != Fingerprint(step, code, other) {
			t.Errorf("%q and %q are told apart", one, other)
		}
	})
}
