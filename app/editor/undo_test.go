package editor_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

// undo presses the button of the page that undoes a change, or makes it again, and returns
// the page that comes next.
func undo(t *testing.T, b *sitetest.Browser, page, word string) string {
	t.Helper()
	command := regexp.MustCompile(`value="(` + word + `:\d+)"`).FindStringSubmatch(b.Get(page, 200))
	if command == nil {
		t.Fatalf("%s has no button to %s", page, word)
	}
	return b.Get(b.Submit(page, url.Values{"do": {command[1]}}, 303).Location, 200)
}

func TestChangesOfADraftAreUndoneAndMadeAgainOneByOneWhoeverMadeThem(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, ann, ben := s.Keep(watched), s.As(auth.Editor), s.As(auth.Editor)
		edit := address + "/edit"
		is := func(want string) {
			t.Helper()
			_, d := s.Stored(address)
			var ids []string
			for _, step := range d.Steps {
				ids = append(ids, step.ID)
			}
			if got := d.Name + ": " + strings.Join(ids, " "); got != want {
				t.Errorf("the draft is %s and not %s", got, want)
			}
		}
		_, d := s.Stored(address)
		first := d.Name
		sitetest.Shows(t, ann.Get(edit, 200), "Undo", "!undo:", "!redo:")
		ann.Submit(edit+"/steps/end/delete", nil, 303)
		is(first + ": ask decide")
		ben.Submit(edit, url.Values{"workflow.name": {"Ben’s name"}}, 303)
		is("Ben’s name: ask decide")
		sitetest.Shows(t, ann.Get(edit, 200), "Ann’s change", "The workflow is now called “Ben’s name”") // both are called Ann
		sitetest.Shows(t, ben.Get(edit, 200), "Your change")

		sitetest.Shows(t, undo(t, ann, edit, "undo"), "Ann’s change is undone. It was: The workflow is now called “Ben’s name”")
		is(first + ": ask decide")
		sitetest.Shows(t, undo(t, ann, edit, "undo"), "Your change is undone. It was: Step “", "” is removed: ", "!undo:")
		is(first + ": ask decide end")
		undo(t, ben, edit, "redo")
		is(first + ": ask decide")
		sitetest.Shows(t, undo(t, ben, edit, "redo"), "Your change is made again. It was: The workflow is now called", "!redo:")
		is("Ben’s name: ask decide")
		undo(t, ann, edit, "undo")
		ann.Submit(edit+"/steps/ask", url.Values{"do": {"switch:ask:off"}}, 303)
		sitetest.Shows(t, ann.Get(edit, 200), "!redo:", "undo:")
	})
}

func TestUndoTakesBackWhatItNamesOrWhatIsTypedAndNothingElse(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, ann, ben := s.Keep(watched), s.As(auth.Editor), s.As(auth.Editor)
	edit, step := address+"/edit", address+"/edit/steps/end"
	message := func() any { _, d := s.Stored(address); return d.Steps[len(d.Steps)-1].Config["message"] }
	ann.Submit(step, url.Values{"config.message": {"one"}}, 303)
	shown := regexp.MustCompile(`undo:\d+`).FindString(ann.Get(edit, 200))
	stale := ann.Fill(edit, edit, url.Values{"do": {shown}})
	ben.Submit(step, url.Values{"config.message": {"two"}}, 303)
	sitetest.Shows(t, ann.Get(ann.Post(edit, stale, 303).Location, 200), "Nothing is undone yet", "Ann’s change: Step “", "“two” instead of “one”")
	if message() != "two" {
		t.Fatalf("what nobody has seen is undone: %v", message())
	}
	newest := regexp.MustCompile(`undo:\d+`).FindString(ann.Get(edit, 200))
	next := ann.Submit(step, url.Values{"do": {newest}, "config.message": {"typed"}}, 303).Location
	sitetest.Shows(t, ann.Get(next, 200), "Your change is undone. It was:", "typed", `value="two"`)
	if message() != "two" {
		t.Errorf("after undoing what is typed it says %v", message())
	}
	undo(t, ann, step, "redo")
	if message() != "typed" {
		t.Errorf("what was typed is lost: %v", message())
	}
	sitetest.Shows(t, ann.Get(ann.Submit(edit, url.Values{"do": {"undo:nonsense"}}, 303).Location, 200), "Nothing is undone yet")
}

func TestAStepWhoseAdditionIsUndoneLeavesThePage(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	page := press(b, address+"/edit", "add:stop:@0")
	sitetest.Shows(t, undo(t, b, page, "undo"), "is added: ", `action="`+address+`/edit"`)
}
