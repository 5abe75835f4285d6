package editor_test

import (
	"net/http"
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

func TestWhatTwoPeopleChangeOfOneDraftIsKeptFieldByField(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, ann, ben := s.Keep(watched), s.As(auth.Editor), s.As(auth.Editor)
		step, details := address+"/edit/steps/ask", address+"/edit/details"
		mine := ann.Fill(step, step, url.Values{"config.url": {"https://example.com/ann"}})
		rules := ann.Fill(details, details, url.Values{"description": {"What Ann says"}})
		ben.Submit(step, url.Values{"timeout": {"20s"}, "workflow.name": {"Ben’s"}}, 303)
		sitetest.Shows(t, ann.Get(ann.Post(step, mine, 303).Location, 200),
			"Meanwhile Ann changed the draft too: Step “", "And one more change. Both are kept.", "is saved in the draft.") // both are called Ann
		ann.Post(details, rules, 303)
		_, d := s.Stored(address)
		if ask := d.Steps[0]; ask.Config["url"] != "https://example.com/ann" || ask.Timeout != "20s" || d.Name != "Ben’s" || d.Description != "What Ann says" {
			t.Errorf("the draft is %s", d.Marshal())
		}
	})
}

func TestOfOneFieldThatBothChangeEitherIsChosen(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, ann, ben := s.Keep(watched), s.As(auth.Editor), s.As(auth.Editor)
	step := address + "/edit/steps/end"
	message := func() any { _, d := s.Stored(address); return d.Steps[2].Config["message"] }
	mine := ann.Fill(step, step, url.Values{"config.message": {"what Ann typed"}, "name": {"The end"}})
	ben.Submit(step, url.Values{"config.message": {"what Ben typed"}}, 303)
	asked := ann.Post(step, mine, http.StatusConflict).Body
	sitetest.Shows(t, asked, "Both of you changed this", "Step “The end”: Message", "what Ann typed", "what Ben typed", `value="mine" required`)
	if message() != "what Ben typed" {
		t.Fatalf("it says %v before anybody has chosen", message())
	}
	answer := sitetest.FormOf(t, asked, step)
	sitetest.Shows(t, ann.Post(step, answer, http.StatusConflict).Body, "what Ann typed") // nothing is chosen
	answer.Set("choice:steps.the_end.config.message", "mine")
	ben.Submit(step, url.Values{"config.message": {"what Ben typed later"}}, 303)
	asked = ann.Post(step, answer, http.StatusConflict).Body // from something else than what it is
	sitetest.Shows(t, asked, "what Ben typed later")
	answer = sitetest.FormOf(t, asked, step)
	answer.Set("choice:steps.the_end.config.message", "mine")
	ann.Post(step, answer, 303)
	if message() != "what Ann typed" {
		t.Errorf("it says %v", message())
	}
	if _, d := s.Stored(address); d.Steps[2].Name != "The end" {
		t.Errorf("the name is %s", d.Steps[2].Name)
	}
	undo(t, ben, address+"/edit", "undo")
	if message() != "what Ben typed later" {
		t.Errorf("after undoing that it says %v", message())
	}
}

func TestWhoTypesInTwoWindowsIsAskedInTheirName(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, ann := s.Keep(watched), s.As(auth.Editor)
	step := address + "/edit/steps/end"
	one, two := typing{ann, step, ann.Fill(step, step, nil)}, typing{ann, step, ann.Fill(step, step, nil)}
	one.saves(url.Values{"config.message": {"typed there"}})
	sitetest.Shows(t, two.saves(url.Values{"name": {"The end"}}).Body, "Meanwhile you, in another window, changed the draft too")
	two.form.Set("config.message", "typed here")
	two.form.Set("do", "")
	sitetest.Shows(t, ann.Post(step, two.form, http.StatusConflict).Body, "typed there", "typed here", "You, in another window", "!somebody")
}

func TestAStepThatWasDeletedMeanwhileIsAskedForAndComesBack(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, ann, ben := s.Keep(watched), s.As(auth.Editor), s.As(auth.Editor)
	step := address + "/edit/steps/end"
	mine := ann.Fill(step, step, url.Values{"config.message": {"typed"}})
	unchanged := ann.Fill(step, step, nil)
	ben.Submit(step+"/delete", nil, 303)
	if next := ann.Post(step, unchanged, 303).Location; pageOf(next) != address+"/edit" {
		t.Errorf("what is not there any more leads to %s", next)
	}
	asked := ann.Post(step, mine, http.StatusConflict).Body
	sitetest.Shows(t, asked, "Step “Stop”", "It is removed", "typed")
	answer := sitetest.FormOf(t, asked, step)
	answer.Set("choice:steps.end", "theirs")
	ann.Post(step, answer, 303)
	if _, d := s.Stored(address); len(d.Steps) != 2 {
		t.Fatalf("the draft is %s", d.Marshal())
	}
	answer.Set("choice:steps.end", "mine")
	ann.Post(step, answer, 303)
	if _, d := s.Stored(address); len(d.Steps) != 3 || d.Steps[2].Config["message"] != "typed" {
		t.Errorf("the draft is %s", d.Marshal())
	}
}

func TestAFormWhoseBeginningNobodyKnowsShowsBoth(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	step := address + "/edit/steps/end"
	form := b.Fill(step, step, url.Values{"config.message": {"typed"}, "revision": {"999"}})
	conflict := b.Post(step, form, http.StatusConflict).Body
	sitetest.Shows(t, conflict, "Somebody else changed this workflow", "typed", "stored")
	b.Post(step, sitetest.FormOf(t, conflict, step), 303)
	if _, d := s.Stored(address); d.Steps[2].Config["message"] != "typed" {
		t.Errorf("the draft is %s", d.Marshal())
	}
}
