package place

import "testing"

func TestWhatCanBeAHost(t *testing.T) {
	for name, c := range map[string]struct {
		fits         func(string) bool
		good, misfit []string
	}{
		"a host": {
			isWholeHost,
			[]string{"a", "7", "shop.example.com", "shop.example.com.", "a-b_c.de", "größe.de", "例え.テスト", "नमस्ते.भारत", "host:1", "host.:65535", "[::1]", "[::FFFF:1.2.3.4]:80"},
			[]string{"", ".", "a..", "-a", "a-", ".a", "_a", "\u0301a", "a b", "a/b", "a@b", "a?b", "a#b", `a\b`, "a:", "a:b", "a:123456", "a:٣", "a:1:2", "[]", "[::1", "::1]", "[::1]a", "[::1]:", "[g]", "[a]b:1", "a\xff", "a\n", "a\u200bb"},
		},
		"a label": {isLabel, []string{"a", "-", "_a-", "größe", "\u0301"}, []string{"", "a.b", "a b", "a:1", "a/b", "a\xff", "a\n"}},
		"a port":  {isPort, []string{"1", "65535", "00000"}, []string{"", "123456", "-1", "8 0", "٣", "80\n"}},
	} {
		for _, text := range c.good {
			if !c.fits(text) {
				t.Errorf("%q is refused as %s", text, name)
			}
		}
		for _, text := range c.misfit {
			if c.fits(text) {
				t.Errorf("%q is taken for %s", text, name)
			}
		}
	}
}
