package editor_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

// typing is a page with scripts on which somebody types.
type typing struct {
	b    *sitetest.Browser
	page string
	form url.Values
}

// saves types something, and returns what the page is answered when it saves that.
func (p *typing) saves(changes url.Values) sitetest.Answer {
	p.b.Site.T.Helper()
	for name, values := range changes {
		p.form[name] = values
	}
	p.form["do"] = []string{"autosave"}
	answer := p.b.Send(http.MethodPost, p.page, p.form, http.Header{"HX-Request": {"true"}})
	if found := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(answer.Body); found != nil && answer.Status == http.StatusOK {
		p.form.Set("revision", found[1])
	}
	return answer
}

func TestWhatIsTypedIsSavedAsOneChangeForEachField(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, b := s.Keep(watched), s.As(auth.Editor)
		step := address + "/edit/steps/end"
		ann := typing{b, step, b.Fill(step, step, nil)}
		message := func() any { _, d := s.Stored(address); return d.Steps[2].Config["message"] }
		for _, typed := range []string{"t", "ty", "typed"} {
			sitetest.Shows(t, ann.saves(url.Values{"config.message": {typed}}).Body, "Saved.", "Your change", "“"+typed+"”", "“stored”", "undo:")
			if message() != typed {
				t.Fatalf("it says %v", message())
			}
		}
		sitetest.Shows(t, ann.saves(nil).Body, "Saved.")
		ann.saves(url.Values{"workflow.name": {"Another name"}})
		sitetest.Shows(t, undo(t, b, step, "undo"), "The workflow is now called “Another name”")
		sitetest.Shows(t, undo(t, b, step, "undo"), "“typed”")
		if message() != "stored" {
			t.Errorf("what was typed bit by bit is undone to %v", message())
		}
		undo(t, b, step, "redo")
		if message() != "typed" {
			t.Errorf("it is made again as %v", message())
		}
	})
}

func TestWhatIsWrongIsSavedAndWhatIsNoValueIsSaid(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	step := address + "/edit/steps/ask"
	ann := typing{b, step, b.Fill(step, step, nil)}
	sitetest.Shows(t, ann.saves(url.Values{"config.url": {"ftp://typed"}}).Body, "Saved.")
	sitetest.Shows(t, b.Get(step, 200), `value="ftp://typed"`, `href="#config-url"`)
	before, _ := s.Stored(address)
	for name, wrong := range map[string]string{"retry.max_attempts": "many", "workflow.name": "\u202e", "name": "\u202e"} {
		was := ann.form.Get(name)
		sitetest.Shows(t, ann.saves(url.Values{name: {wrong}}).Body, "Not saved: ")
		ann.form.Set(name, was)
	}
	if after, _ := s.Stored(address); after.DraftRevision != before.DraftRevision {
		t.Errorf("something of that is saved: %s", after.Draft)
	}
	ann.saves(url.Values{"name": {"Half a na"}, "add:@3": {"https://example.com"}})
	if _, d := s.Stored(address); d.Steps[0].ID != "ask" || d.Steps[0].Name != "Half a na" || len(d.Steps) != 3 {
		t.Errorf("the draft is %s", d.Marshal())
	}
	ann.form.Set("config.url", "https://example.com")
	ann.form.Set("name", "Half a name")
	ann.form["do"], ann.form["add:@3"] = []string{"open:end"}, nil
	b.Post(step, ann.form, 303)
	if _, d := s.Stored(address); d.Steps[0].Name != "Half a name" {
		t.Errorf("the draft is %s", d.Marshal())
	}
}

func TestAPageThatSavesByItselfTakesNothingBackOfOthers(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, a, ben := s.Keep(watched), s.As(auth.Editor), s.As(auth.Editor)
	step := address + "/edit/steps/ask"
	ann := typing{a, step, a.Fill(step, step, nil)}
	ben.Submit(step, url.Values{"timeout": {"20s"}}, 303)
	sitetest.Shows(t, ann.saves(url.Values{"config.url": {"https://example.com/a"}}).Body, "Saved. Meanwhile Ann changed the draft too", "Both are kept.")
	sitetest.Shows(t, ann.saves(url.Values{"config.url": {"https://example.com/ab"}}).Body, "Saved.", "!Meanwhile")
	ann.form["do"] = []string{""}
	sitetest.Shows(t, a.Get(a.Post(step, ann.form, 303).Location, 200), "!Meanwhile")
	if _, d := s.Stored(address); d.Steps[0].Config["url"] != "https://example.com/ab" || d.Steps[0].Timeout != "20s" {
		t.Errorf("the draft is %s", d.Marshal())
	}
	sitetest.Shows(t, undo(t, a, address+"/edit", "undo"), "https://example.com/ab")
	if _, d := s.Stored(address); d.Steps[0].Config["url"] != "https://example.com/status" || d.Steps[0].Timeout != "20s" {
		t.Errorf("after Undo the draft is %s", d.Marshal())
	}
	ann = typing{a, step, a.Fill(step, step, nil)}
	ben.Submit(step, url.Values{"config.url": {"https://example.com/ben"}}, 303)
	if answer := ann.saves(url.Values{"config.url": {"https://example.com/ann"}}); answer.Status != http.StatusConflict {
		t.Errorf("it answers %d where both type into one field", answer.Status)
	}
	if _, d := s.Stored(address); d.Steps[0].Config["url"] != "https://example.com/ben" {
		t.Errorf("the draft is %s", d.Marshal())
	}
}
