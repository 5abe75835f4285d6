package ui

import (
	"context"
	"testing"
)

func TestOwnAddressesAloneBeginWithTheSubPath(t *testing.T) {
	root, below := context.Background(), Under(context.Background(), "/flows")
	for address, want := range map[string]string{
		"/":                         "/flows/",
		"/runs?q=a#b":               "/flows/runs?q=a#b",
		"/static/app.css":           "/flows/static/app.css",
		"":                          "",
		"#main":                     "#main",
		"?at=now":                   "?at=now",
		"https://example.com/runs":  "https://example.com/runs",
		"//example.com/runs":        "//example.com/runs",
		"mailto:ann@example.com":    "mailto:ann@example.com",
		"javascript:alert(1)//runs": "about:invalid#TemplFailedSanitizationURL",
	} {
		if got := string(At(below, address)); got != want {
			t.Errorf("At(/flows, %q) = %q, not %q", address, got, want)
		}
		if got := string(At(root, address)); got != address && address != "javascript:alert(1)//runs" {
			t.Errorf("At(%q) = %q", address, got)
		}
	}
}
