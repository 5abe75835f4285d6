package ui

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"workflows/static"
	"workflows/worker/workflow"
)

func TestEveryStateHasAWordAndAnIcon(t *testing.T) {
	states := []string{
		workflow.RunQueued, workflow.RunRunning, workflow.RunWaiting, workflow.RunSucceeded, workflow.RunFailed, workflow.RunCancelled,
		workflow.StepPending, workflow.StepSkipped, workflow.StatusDraft, workflow.StatusActive, workflow.StatusPaused,
		workflow.OutcomeRan, workflow.OutcomeCaughtUp, workflow.OutcomeSkipped, workflow.OutcomeMissed, workflow.OutcomePaused,
		"waiting_" + workflow.WaitTime, "waiting_" + workflow.WaitRetry, "waiting_" + workflow.WaitApproval,
		"waiting_" + workflow.WaitWorkflow, "waiting_" + workflow.WaitDecision,
		"scheduled", "changed", "off", "dead", "late", "moved", "ended", "ok", "idle", "warning", "problem", "offline",
	}
	for _, state := range states {
		shown := lookOf(state)
		if shown.word == state {
			t.Errorf("%q is shown to people as it is", state)
		}
		if static.Icon(shown.icon) == "" {
			t.Errorf("%q: there is no icon %q", state, shown.icon)
		}
	}
	for state, word := range map[string]string{"queued": "Waiting", "waiting_retry": "Will retry", "failed": "Failed", "scheduled": "Scheduled"} {
		if got := StatusWord(state); got != word {
			t.Errorf("StatusWord(%q) = %q, want %q", state, got, word)
		}
	}
}

// iconNames finds names in the ways in which the code gives them.
func iconNames(source string) []string {
	var names []string
	for _, match := range regexp.MustCompile(`\bIcon: *"([a-z0-9-]+)"|look\{"[^"]+", "([a-z0-9-]+)"`).FindAllStringSubmatch(source, -1) {
		names = append(names, match[1]+match[2])
	}
	position := map[string]int{"Icon": 0, "Empty": 0, "Tag": 1, "LinkButton": 2, "ConfirmLinkButton": 2, "MenuLink": 2, "MenuConfirm": 2, "MenuAction": 2}
	for _, at := range regexp.MustCompile(`\b(?:Icon|Empty|Tag|LinkButton|ConfirmLinkButton|Menu(?:Link|Confirm|Action))\(`).FindAllStringIndex(source, -1) {
		call := strings.TrimSuffix(source[at[0]:at[1]], "(")
		given := arguments(source[at[1]:])
		if len(given) <= position[call] {
			continue
		}
		if name, err := strconv.Unquote(strings.TrimSpace(given[position[call]])); err == nil && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// arguments splits what follows an opening bracket at its commas.
func arguments(source string) []string {
	var found []string
	depth, start, quoted := 0, 0, false
	for i := range len(source) {
		switch c := source[i]; {
		case c == '"' && (i == 0 || source[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case c == ',' && depth == 0:
			found, start = append(found, source[start:i]), i+1
		case strings.IndexByte(")]}", c) >= 0:
			if depth == 0 {
				return append(found, source[start:i])
			}
			depth--
		}
	}
	return found
}

func TestEveryIconThatIsUsedExists(t *testing.T) {
	used := 0
	for _, folder := range []string{"../../views", "../../worker", "../../app"} {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") || !(strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".templ")) {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, name := range iconNames(string(source)) {
				used++
				if static.Icon(name) == "" {
					t.Errorf("%s uses the icon %q, which static/icons does not hold", path, name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if used < 100 {
		t.Errorf("only %d uses were found: the patterns no longer fit the code", used)
	}
}

func TestNavigationHasItsIconsAndItsOwnShortcuts(t *testing.T) {
	var shortcuts []string
	for _, item := range navigation() {
		if static.Icon(item.icon) == "" {
			t.Errorf("%s: there is no icon %q", item.label, item.icon)
		}
		if slices.Contains(shortcuts, item.shortcut) {
			t.Errorf("%s: g %s leads elsewhere already", item.label, item.shortcut)
		}
		shortcuts = append(shortcuts, item.shortcut)
	}
}

func TestDurationsReadWell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                      "0 ms",
		850 * time.Millisecond:                 "850 ms",
		999*time.Millisecond + 999999:          "999 ms",
		time.Second:                            "1 s",
		3249 * time.Millisecond:                "3.2 s",
		59*time.Second + 999*time.Millisecond:  "59 s",
		time.Minute:                            "1 min",
		4*time.Minute + 5*time.Second:          "4 min 5 s",
		2*time.Hour + 13*time.Minute + 5e9:     "2 h 13 min",
		24 * time.Hour:                         "1 d",
		76*time.Hour + 30*time.Minute:          "3 d 4 h",
		8760*time.Hour + 59*time.Minute + 59e9: "365 d",
	} {
		if got := DurationText(d); got != want {
			t.Errorf("%v reads %q, want %q", d, got, want)
		}
	}
}

func TestCountsAreGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1204: "-1,204"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTimesAreTheSameBytesForEveryViewer(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	if a, b := render(t, Time(noon())), render(t, Time(noon().In(berlin))); a != b {
		t.Errorf("the zone of the value changes the page:\n%s\n%s", a, b)
	}
}

func TestCopiedJSONIsTheSameValue(t *testing.T) {
	const source = `{"id":9007199254740993,"price":120.50,"text":"a  \"b\"\n<i>","list":[1,[2,{"x":null}],{}],"empty":[]}`
	shown := textOf(t, render(t, JSON(JSONProps{ID: "j", Data: []byte(source)})))
	var compact strings.Builder
	for _, line := range strings.Split(shown, "\n") {
		compact.WriteString(strings.TrimSpace(line))
	}
	if got := strings.ReplaceAll(compact.String(), `": `, `":`); got != source {
		t.Errorf("copying gives\n%s\nnot\n%s", got, source)
	}
	if !json.Valid([]byte(shown)) {
		t.Errorf("copying gives no JSON:\n%s", shown)
	}
}

func TestLargeJSONIsCutWithANote(t *testing.T) {
	many := "[" + strings.Repeat(`{"a":1},`, 100_000) + `{}]`
	long := `["` + strings.Repeat("é", 50_000) + `"]`
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	for name, data := range map[string]string{"many": many, "long": long, "deep": deep} {
		markup := render(t, JSON(JSONProps{ID: "j", Data: []byte(data), URL: "/all"}))
		if len(markup) > 500_000 {
			t.Errorf("%s: the page grows by %d bytes", name, len(markup))
		}
		if !strings.Contains(markup, "only the beginning") || !strings.Contains(markup, `href="/all"`) || !strings.Contains(markup, `href="/all?show=all"`) || !strings.Contains(markup, `data-copy-from="/all"`) || strings.Contains(markup, `data-copy="`) {
			t.Errorf("%s: a cut value must say so, offer the whole, and be copied whole", name)
		}
	}
}

// kestra#329
func TestTextOfAFewPagesIsShownWhole(t *testing.T) {
	text := strings.Repeat("line of a text. ", 300)
	markup := render(t, JSON(JSONProps{ID: "j", URL: "/all", Data: []byte(`{"text":"` + text + `"}`)}))
	if !strings.Contains(markup, text) || strings.Contains(markup, "only the beginning") || !strings.Contains(markup, `data-copy="j"`) {
		t.Errorf("a text of %d characters is not whole", len(text))
	}
	many := render(t, JSON(JSONProps{ID: "j", URL: "/all", Data: []byte(`["` + strings.Repeat(text+`","`, 900) + `"]`)}))
	if len(many) > 3_000_000 {
		t.Errorf("many of them make a page of %d bytes", len(many))
	}
}

func TestBeginningTellsTheSizeOfTheWhole(t *testing.T) {
	kept := render(t, JSON(JSONProps{ID: "j", URL: "/all", Beginning: "{", Bytes: 4_567_890}))
	lost := render(t, JSON(JSONProps{ID: "j", Beginning: "{", Bytes: 4567}))
	if !strings.Contains(kept, "the whole value has 4.6 MB.") || !strings.Contains(kept, `href="/all"`) {
		t.Errorf("what is kept aside: %s", kept)
	}
	if !strings.Contains(lost, "The whole value had 4.6 kB, and no more of it was kept.") || strings.Contains(lost, "href") {
		t.Errorf("what was not kept: %s", lost)
	}
}

func TestOnlyTwoLevelsOfJSONAreOpen(t *testing.T) {
	markup := render(t, JSON(JSONProps{ID: "j", Data: []byte(`{"a":{"b":{"c":{"d":1}}}}`)}))
	if open, all := strings.Count(markup, "<details class=\"json-block\" open>"), strings.Count(markup, "<details"); open != 2 || all != 4 {
		t.Errorf("%d of %d levels are open", open, all)
	}
}

func TestLiveRegionEndsWithoutItsTrigger(t *testing.T) {
	going := render(t, Live(LiveProps{ID: "l", URL: "/live/l", Every: 2 * time.Second}))
	ended := render(t, Live(LiveProps{ID: "l", URL: "/live/l"}))
	if !strings.Contains(going, `hx-trigger="every 2000ms, live:now"`) {
		t.Errorf("does not poll: %s", going)
	}
	if strings.Contains(ended, "hx-") || strings.Contains(ended, "data-live") || !strings.Contains(ended, `id="l"`) {
		t.Errorf("goes on polling: %s", ended)
	}
}

func TestRailsJoinTheStepsThatBelongTogether(t *testing.T) {
	lines := stepLines([]StepRow{{Title: "1"}, {Title: "2"}, {Title: "2.1", Depth: 1, Branch: "If yes"}, {Title: "2.2", Depth: 1}, {Title: "2.3", Depth: 1, Branch: "Otherwise"}})
	want := []string{
		"level-0 down",                // 1
		"level-0 down level-0 up",     // 2
		"level-0  level-0 across",     // If yes: the trunk goes on
		"level-0  level-1 down",       // 2.1
		"level-0  level-1 up",         // 2.2
		"level-0 half level-0 across", // Otherwise: the trunk ends
		"",                            // 2.3
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		var got []string
		for _, part := range line.rails {
			got = append(got, part.class())
		}
		if strings.Join(got, " ") != want[i] {
			t.Errorf("line %d (%s): %q, want %q", i, line.row.Title, strings.Join(got, " "), want[i])
		}
	}
}

func TestDeepBranchesStayOnThePage(t *testing.T) {
	markup := render(t, StepList([]StepRow{{Title: "deep", Depth: 31}, {Title: "odd", Depth: -1}}))
	if !strings.Contains(markup, "depth-6") || strings.Contains(markup, "depth-31") || strings.Contains(markup, "depth--1") {
		t.Errorf("depth is not limited: %s", markup)
	}
}

func TestWhatWasTypedIsKeptAlthoughItIsNoChoice(t *testing.T) {
	markup := render(t, Field(FieldProps{Name: "m", Label: "Method", Kind: "choice", Value: "BREW", Options: []Option{{"GET", "GET"}}}))
	if !strings.Contains(markup, `<option value="BREW" selected>`) {
		t.Errorf("the value is lost: %s", markup)
	}
}

func TestTextStartingWithALineBreakComesBackWhole(t *testing.T) {
	markup := render(t, Field(FieldProps{Name: "m", Label: "Text", Kind: "multiline", Value: "\nsecond line"}))
	if !strings.Contains(markup, ">\n\nsecond line</textarea>") {
		t.Errorf("browsers drop the first line break of a textarea: %s", markup)
	}
}

func TestChartsScaleSeldomMoves(t *testing.T) {
	for highest, top := range map[int]int{0: 1, 1: 1, 3: 5, 7: 10, 11: 20, 20: 20, 21: 50, 999: 1000} {
		if got := (Chart{Points: []Point{{Good: highest}}}).top(); got != top {
			t.Errorf("a highest column of %d gives a scale to %d, want %d", highest, got, top)
		}
	}
}
