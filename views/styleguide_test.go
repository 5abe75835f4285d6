package views

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"workflows/views/ui"
)

func TestStyleGuideShowsItsComponentsWithoutClashes(t *testing.T) {
	page := StyleguidePage{
		Page: ui.Page{Title: "Style guide", Live: true, Viewer: &ui.Viewer{Name: "Ada"}},
		Now:  time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
	var out strings.Builder
	if err := Styleguide(page).Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	markup := out.String()
	if strings.Contains(markup, `<use href=""`) {
		t.Error("an icon is missing")
	}
	// what stands in a <template> is not part of the page
	markup = regexp.MustCompile(`(?s)<template.*?</template>`).ReplaceAllString(markup, "")
	seen := map[string]bool{}
	for _, match := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(markup, -1) {
		if seen[match[1]] {
			t.Errorf("two elements have the id %s", match[1])
		}
		seen[match[1]] = true
	}
	for _, class := range []string{"badge", "button", "stat", "chart", "steps", "json-tree", "menu", "dialog", "error-summary", "empty", "pagination", "notice", "pair-row", "chips"} {
		if !regexp.MustCompile(`class="[^"]*\b` + class + `\b`).MatchString(markup) {
			t.Errorf("the style guide does not show %q", class)
		}
	}
}
