package document

import (
	"strings"
	"testing"
)

func TestALongTextIsShortenedWithoutGoingThroughIt(t *testing.T) {
	for text, want := range map[string]string{"": "", "äöü": "äöü", "äöüß": "äö…", "ab": "ab", "ab\xffcd": "ab…", "a\xffbcd": "a\ufffd…"} {
		if got := Shorten(text, 3); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	long, shown := strings.Repeat("ä", 1<<20), ""
	made := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			shown = Shorten(long, 40)
		}
	})
	if bytes := made.AllocedBytesPerOp(); bytes > 1000 || shown != strings.Repeat("ä", 39)+"…" {
		t.Errorf("%s takes %d bytes", shown, bytes)
	}
}
