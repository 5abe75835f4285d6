package views_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// addressed are the attributes that hold an address, with the beginning of their value.
var addressed = regexp.MustCompile(`\b(href|src|srcset|action|formaction|poster|data-confirm|data-copy-from|hx-(?:get|post|put|patch|delete|push-url|replace-url))=("[^"]*"|\{ *[\w.]*\(?(?:ctx,)?)`)

// An address of the site that does not pass through ui.At leads out of the sub-path that an
// installation may have.
func TestEveryAddressInAViewPassesThroughAt(t *testing.T) {
	found := 0
	for _, pattern := range []string{"*.templ", "ui/*.templ"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "templ.URL(") {
				t.Errorf("%s: write ui.At(ctx, …) instead of templ.URL(…)", file)
			}
			for _, match := range addressed.FindAllStringSubmatch(string(text), -1) {
				value := match[2]
				if strings.HasPrefix(value, `"#`) || value == `""` { // on this page
					continue
				}
				found++
				if value != "{ ui.At(ctx," && value != "{ At(ctx," {
					t.Errorf("%s: the address in %s=%s has to be written as ui.At(ctx, …)", file, match[1], value)
				}
			}
		}
	}
	if found < 130 {
		t.Errorf("only %d addresses were found: how they are written has changed", found)
	}
}
