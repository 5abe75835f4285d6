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
	long := strings.Repeat("ä", 1<<20)
	before := testing.AllocsPerRun(1, func() { Shorten(long[:100], 40) })
	if pieces := testing.AllocsPerRun(1, func() { Shorten(long, 40) }); pieces > before {
		t.Errorf("it takes %v pieces of memory, a short text %v", pieces, before)
	}
	if bytes := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			Shorten(long, 40)
		}
	}).AllocedBytesPerOp(); bytes > 1000 {
		t.Errorf("it takes %d bytes", bytes)
	}
}
