package editor_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
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

// started has one of each thing that has a page of its own in the editor.
const started = `{"format":1,"name":"Started","description":"stored","inputs":[{"name":"order","type":"number","label":"Order"},{"name":"note","type":"text"}],
	"triggers":[{"id":"daily","type":"schedule","cron":"0 9 * * *","time_zone":"UTC"},{"id":"shop","type":"webhook"},{"id":"ask","type":"form"}],
	"steps":[{"id":"end","type":"stop"}]}`

func TestWhatIsTypedOnAPageOfItsOwnIsSavedAsOneChange(t *testing.T) {
	s := sitetest.OnSQLite(t)
	for page, typed := range map[string]struct {
		bits   []url.Values
		stored string
	}{
		"details":          {[]url.Values{{"description": {"typ"}}, {"description": {"typed"}}}, `"description":"typed"`},
		"notify":           {[]url.Values{{"notify.tell": {"true"}, "notify.others": {"ann"}}, {"notify.others": {"ann@example.com"}}}, `"email":["ann@example.com"]`},
		"inputs":           {[]url.Values{{"input.label": {"Order", "No"}}, {"input.label": {"Order", "Note"}}}, `"name":"note","type":"text","label":"Note"`},
		"triggers/daily":   {[]url.Values{{"time": {"10:00"}}, {"time": {"10:30"}}}, `"cron":"30 10 * * *"`},
		"webhooks/shop":    {[]url.Values{{"config.rate_per_minute": {"7"}}, {"config.rate_per_minute": {"70"}}}, `"rate_per_minute":70`},
		"forms/ask":        {[]url.Values{{"config.thanks": {"Tha"}}, {"config.thanks": {"Thanks"}}}, `"thanks":"Thanks"`},
		"details#rules":    {[]url.Values{{"settings.timeout": {"1"}}, {"settings.timeout": {"1h"}}}, `"timeout":"1h"`},
		"triggers/daily#x": {[]url.Values{{"jitter": {"5"}}, {"jitter": {"5m"}}}, `"jitter":"5m"`},
	} {
		address, b := s.Keep(started), s.As(auth.Editor)
		path := pageOf(address + "/edit/" + page)
		before, _ := s.Stored(address)
		sitetest.Shows(t, b.Get(path, 200), "data-autosave", `id="draft-saved"`, `id="draft-revision"`)
		ann := typing{b, path, b.Fill(path, path, nil)}
		for _, bit := range typed.bits {
			sitetest.Shows(t, ann.saves(bit).Body, ">Saved. “Undo” takes it back.<", `<span id="draft-undo">`)
		}
		if after, _ := s.Stored(address); !strings.Contains(string(after.Draft), typed.stored) {
			t.Errorf("%s: the draft is %s", page, after.Draft)
		}
		undo(t, b, address+"/edit", "undo")
		if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
			t.Errorf("%s: undone is\n%s and not\n%s", page, after.Draft, before.Draft)
		}
	}
}

// undoes presses the Undo that an autosave has brought to a page of its own, with all that
// stands in the form, and returns the page that comes next.
func (p *typing) undoes(saved sitetest.Answer, changes url.Values) string {
	p.b.Site.T.Helper()
	command := regexp.MustCompile(`name="do" value="(undo:\d+)"`).FindStringSubmatch(saved.Body)
	if command == nil {
		p.b.Site.T.Fatalf("%s has no Undo: %s", p.page, saved.Body)
	}
	for name, values := range changes {
		p.form[name] = values
	}
	p.form["do"] = []string{command[1]}
	next := p.b.Post(p.page, p.form, http.StatusSeeOther).Location
	if next != p.page {
		p.b.Site.T.Errorf("Undo of %s leads to %s", p.page, next)
	}
	return p.b.Get(next, http.StatusOK)
}

func TestUndoOnAPageOfItsOwnTakesBackWhatIsTypedThereAndStays(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		for page, typed := range map[string][3]string{ // the entry, what is saved, and what is typed when Undo is pressed
			"details": {"description", "saved", "typed"}, "notify": {"notify.others", "ann@example.com", "ben@example.com"}, "inputs": {"input.help", "saved", "typed"},
			"triggers/daily": {"jitter", "5m", "7m"}, "webhooks/shop": {"config.rate_per_minute", "7", "70"}, "forms/ask": {"config.thanks", "saved", "typed"},
		} {
			address, b := s.Keep(started), s.As(auth.Editor)
			path := address + "/edit/" + page
			before, _ := s.Stored(address)
			shown := b.Get(path, 200)
			sitetest.Shows(t, shown, `<span id="draft-undo"></span>`, "!undo:")
			ann := typing{b, path, b.Fill(path, path, nil)}
			change := func(text string) url.Values {
				values := ann.form[typed[0]]
				if page == "inputs" {
					values = []string{text, values[1]}
				} else {
					values = []string{text}
				}
				changes := url.Values{typed[0]: values}
				if page == "notify" {
					changes.Set("notify.tell", "true")
				}
				return changes
			}
			saved := ann.saves(change(typed[1]))
			sitetest.Shows(t, ann.undoes(saved, nil), "Your change is undone. It was: ", `<span id="draft-undo"></span>`)
			if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
				t.Errorf("%s: undone is\n%s and not\n%s", page, after.Draft, before.Draft)
			}
			ann.form = b.Fill(path, path, nil)
			saved = ann.saves(change(typed[1]))
			once, _ := s.Stored(address)
			sitetest.Shows(t, ann.undoes(saved, change(typed[2])), "Your change is undone. It was: ")
			after, _ := s.Stored(address)
			if strings.Contains(string(after.Draft), typed[2]) || after.DraftRevision <= once.DraftRevision {
				t.Errorf("%s: what was typed when Undo was pressed is not undone: %s", page, after.Draft)
			}
		}
	})
}

func TestUndoOnAPageOfItsOwnHasTheConditionsOfTheEditors(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, a, ben := s.Keep(started), s.As(auth.Editor), s.As(auth.Editor)
	path := address + "/edit/details"
	ann := typing{a, path, a.Fill(path, path, nil)}
	saved := ann.saves(url.Values{"description": {"of Ann"}})
	sitetest.Shows(t, ann.saves(nil).Body, ">Saved.<", "!draft-undo") // the page keeps the one that it has
	sitetest.Shows(t, ann.saves(url.Values{"settings.max_running": {"many"}}).Body, "Not saved: ", "!draft-undo")
	_, command, _ := strings.Cut(saved.Body, `name="do" value="`)
	command, _, _ = strings.Cut(command, `"`)
	ann.form["do"] = []string{command}
	sitetest.Shows(t, a.Post(path, ann.form, http.StatusUnprocessableEntity).Body, "Use a whole number of runs", `value="many"`, "of Ann")
	ann.form.Set("settings.max_running", "")
	ben.Submit(address+"/edit", url.Values{"workflow.name": {"Of Ben"}}, 303)
	sitetest.Shows(t, ann.undoes(saved, nil), "Nothing is undone yet, since the draft was changed meanwhile. Ann’s change: The workflow is now called “Of Ben”", "of Ann")
	if after, _ := s.Stored(address); after.Name != "Of Ben" || !strings.Contains(string(after.Draft), "of Ann") {
		t.Errorf("the draft is %s", after.Draft)
	}
	page := address + "/edit/inputs"
	ann = typing{a, page, a.Fill(page, page, nil)}
	saved = ann.saves(url.Values{"input.label": {"Changed", "Note"}})
	_, command, _ = strings.Cut(saved.Body, `name="do" value="`)
	command, _, _ = strings.Cut(command, `"`)
	ann.form["do"] = []string{command}
	ann.form["input.label"], ann.form["input.help"], ann.form["input.name"] = []string{"Changed", "Note", ""}, []string{"", "", "Half a question"}, []string{"order", "note", ""}
	sitetest.Shows(t, a.Post(page, ann.form, http.StatusUnprocessableEntity).Body, "Nothing is undone yet", "Half a question", "Changed")
}

func TestWhatIsWrongOnAPageOfItsOwnIsKeptAndMarkedOrSaid(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(started), s.As(auth.Editor)
	kept := func(page string, wrong url.Values, shown string) {
		t.Helper()
		path := address + "/edit/" + page
		ann := typing{b, path, b.Fill(path, path, nil)}
		sitetest.Shows(t, ann.saves(wrong).Body, ">Saved. “Undo” takes it back.<")
		sitetest.Shows(t, b.Get(path, 200), shown, `aria-invalid="true"`)
	}
	kept("details", url.Values{"settings.timeout": {"soon"}}, `value="soon"`)
	kept("notify", url.Values{"notify.tell": {"true"}, "notify.others": {"ann"}}, `value="ann"`)
	kept("inputs", url.Values{"input.type": {"number", "choice"}}, `name="input.options"`)
	kept("triggers/daily", url.Values{"time_zone": {"Nowhere"}}, `value="Nowhere"`)
	kept("webhooks/shop", url.Values{"config.rate_per_minute": {"1000000"}}, `value="1000000"`)
	kept("forms/ask", url.Values{"config.redirect": {"ftp://typed"}}, `value="ftp://typed"`)

	before, _ := s.Stored(address)
	said := func(page string, wrong url.Values, sentence string) {
		t.Helper()
		path := address + "/edit/" + page
		ann := typing{b, path, b.Fill(path, path, nil)}
		sitetest.Shows(t, ann.saves(wrong).Body, ">Not saved: "+sentence)
	}
	said("details", url.Values{"settings.max_running": {"many"}}, "Use a whole number of runs")
	said("details", url.Values{"name": {""}}, "")
	said("details", url.Values{"description": {strings.Repeat("x", 20000)}}, "")
	said("notify", url.Values{"notify.on": nil}, "Choose of what they are told")
	said("inputs", url.Values{"input.default": {"many", ""}}, "")
	said("inputs", url.Values{"input.name": {"orde", "note"}}, "the new name of a question")
	said("inputs", url.Values{"input.name": {"", "note"}}, "the new name of a question")
	said("inputs", url.Values{"input.name": {"note", "note"}}, "the new name of a question")
	said("triggers/daily", url.Values{"time": {"noon"}}, "Enter a time of day")
	said("webhooks/shop", url.Values{"config.rate_per_minute": {"many"}}, "")
	said("forms/ask", url.Values{"config.rate_per_minute": {"many"}}, "")
	if after, _ := s.Stored(address); after.DraftRevision != before.DraftRevision {
		t.Errorf("something of that is saved: %s", after.Draft)
	}
	said("inputs", url.Values{"input.help": {"", "", "Half a question"}, "input.label": {"Which order?", "", ""}, "input.name": {"order", "note", ""}, "input.was": {"order", "note", ""}}, "the new question, which has no label yet")
	if _, d := s.Stored(address); len(d.Inputs) != 2 || d.Inputs[0].Label != "Which order?" { // the others are kept
		t.Errorf("the draft is %s", d.Marshal())
	}
}

func TestANewQuestionIsKeptWhileItIsTyped(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(started), s.As(auth.Editor)
	path := address + "/edit/inputs"
	ann := typing{b, path, b.Fill(path, path, nil)}
	for _, label := range []string{"E-", "E-ma", "E-mail"} {
		saved := ann.saves(url.Values{"input.label": {"", "", label}, "input.name": {"order", "note", ""}, "input.was": {"order", "note", ""}, "input.type": {"number", "text", ""}, "input.required": {"no", "no", "yes"}, "input.hidden": {"no", "no", "no"}})
		sitetest.Shows(t, saved.Body, ">Saved.")
		_, d := s.Stored(address)
		if len(d.Inputs) != 3 || d.Inputs[2].Label != label {
			t.Fatalf("the draft is %s", d.Marshal())
		}
	}
	sitetest.Shows(t, b.Get(path, 200), `value="E-mail"`, `name="input.was" value="e_mail"`) // whoever left finds it again
	ann.saves(url.Values{"inputs.list": {"How ma"}})
	ann.saves(url.Values{"inputs.list": {"How many, Why"}})
	_, d := s.Stored(address)
	if n := len(d.Inputs); n != 5 || d.Inputs[2].Name != "e_mail" || d.Inputs[2].Type != "email" || d.Inputs[3].Name != "how_many" || d.Inputs[3].Type != "number" || d.Inputs[4].Type != "long_text" {
		t.Errorf("the draft is %s", d.Marshal())
	}
	ann.form["do"] = []string{""}
	b.Post(path, ann.form, 303)
	if _, done := s.Stored(address); len(done.Inputs) != 5 {
		t.Errorf("done, the draft is %s", done.Marshal())
	}
}

// Each is a way to the server and back, while somebody types.
func TestAnAutosaveTakesFewStatements(t *testing.T) {
	s, statements := counting(t, "draft") // others are asked now and then
	step := s.Keep(hundredSteps()) + "/edit/steps/ask_12"
	ann, ben := s.As(auth.Editor), s.As(auth.Editor)
	page := typing{ann, step, ann.Fill(step, step, nil)}
	saving := func(address string) int64 {
		before := statements.Load()
		sitetest.Shows(t, page.saves(url.Values{"config.url": {address}}).Body, "Saved.")
		return statements.Load() - before
	}
	saving("https://example.com/1")
	if n := saving("https://example.com/12"); n > 7 {
		t.Errorf("going on in a field takes %d statements", n)
	}
	next := strings.Replace(step, "ask_12", "tell_3", 1)
	ben.Submit(next, url.Values{"name": {"Ben’s name"}}, http.StatusSeeOther)
	if n := saving("https://example.com/123"); n > 9 {
		t.Errorf("what another has changed meanwhile makes it %d", n)
	}
}

func TestWhatKeepsADraftFromBeingPublishedFollowsWhatIsTyped(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"format":1,"name":"Rests","steps":[{"id":"rest","type":"wait","name":"Rest"}]}`), s.As(auth.Editor)
	path := pageOf(address + "/edit/steps/rest")
	const panel, count = "Before it can be published", ">Still to fill in<"
	page := b.Get(path, 200)
	sitetest.Shows(t, page, panel, count)
	ann := typing{b, path, b.Fill(path, path, nil)}
	filled := ann.saves(url.Values{"config.for": {"5m"}})
	sitetest.Shows(t, filled.Body, ">Saved.<", `id="text-rest"`, "5 minutes", `<div id="draft-problems" hidden><input`)
	if strings.Contains(filled.Body, panel) || strings.Contains(filled.Body, count) {
		t.Errorf("it is still said to be wrong: %s", filled.Body)
	}
	ann.form["problems"] = []string{"shown"} // the page's form has it from its own answer
	sitetest.Shows(t, ann.saves(url.Values{"config.for": {""}}).Body, panel, count)
}

func TestWhatAFilterWouldKeepFollowsWhatIsTyped(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"format":1,"name":"Orders","steps":[{"id":"keep","type":"filter_list","config":{"list":[{"total":5},{"total":15},{"total":25},{"total":35},{"total":45}],"conditions":[{"value":"{{ item.total }}","operator":"greater_than","other":20}]}},{"id":"end","type":"stop"}]}`), s.As(auth.Editor)
	path := pageOf(address + "/edit/steps/keep")
	const kept, before = "Of what came last it would keep", "It chooses from"
	sitetest.Shows(t, b.Get(path, 200), `<div id="given">`, kept, ">3 entries<")
	ann := typing{b, path, b.Fill(path, path, nil)}
	typed := func(other string) string { return ann.saves(url.Values{"config.conditions.other": {other}}).Body }
	sitetest.Shows(t, typed("40"), `<div id="given">`, kept, ">1 entry<", ">4<", "!>3 entries<")
	sitetest.Shows(t, typed("4"), kept, ">5 entries<", ">0<")
	sitetest.Shows(t, typed(""), `<div id="given">`, before, "!"+kept)

	s.Execute(tryOf(t, b.Submit(path, url.Values{"config.conditions.other": {"20"}, "do": {"try"}}, 303).Location))
	sitetest.Shows(t, b.Get(path, 200), `<div id="given">`, kept, ">3 entries<")
	ann = typing{b, path, b.Fill(path, path, nil)}
	sitetest.Shows(t, typed("40"), kept, ">1 entry<", "!>3 entries<")

	end := address + "/edit/steps/end"
	other := typing{b, pageOf(end), b.Fill(end, end, nil)}
	sitetest.Shows(t, other.saves(url.Values{"config.message": {"typed"}}).Body, "Saved.", `!id="given"`)
}

func TestBelowAFilterWhatItLeavesIsOffered(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"format":1,"name":"Orders","steps":[{"id":"keep","type":"filter_list","config":{"list":[{"total":5},{"total":15},{"total":25},{"total":35}],"conditions":[{"value":"{{ item.total }}","operator":"greater_than","other":20}]}},
		{"id":"each","type":"for_each","config":{"list":"{{ steps.keep.items }}"},"do":[{"id":"mail","type":"send_email","config":{"to":"anna@example.com","subject":"x","text":"It is {{ item.total }} of {{ steps.keep.count }}"}}]}]}`), s.As(auth.Editor)
	sitetest.Shows(t, b.Get(address+"/edit/steps/mail", 200), "Reads: It is 25 of 2")
	data := b.Get(address+"/edit/data?step=mail&for=config.text&id=config-text", 200)
	sitetest.Shows(t, data, ">25<", ">2 entries", "!>5<", "!>4 entries")
	b.Submit(address+"/edit/steps/keep", url.Values{"config.conditions.other": {"30"}}, 303)
	sitetest.Shows(t, b.Get(address+"/edit/steps/mail", 200), "Reads: It is 35 of 1")
}

func TestWhatIsWrongWithJSONAndHowItReadsFollowsWhatIsTyped(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, b := s.Keep(`{"format":1,"name":"Orders","steps":[
			{"id":"take","type":"set_values","config":{"values":{"note":"say \"yes\"","total":20.5}}},
			{"id":"send","type":"http_request","config":{"method":"POST","url":"https://example.com","body_type":"json","body":"{\"order\": {\"total\": {{ steps.take.total }}}}"}}]}`), s.As(auth.Editor)
		s.Execute(tryOf(t, b.Submit(address+"/edit/steps/take", url.Values{"do": {"try"}}, 303).Location))
		path := pageOf(address + "/edit/steps/send")
		sitetest.Shows(t, b.Get(path, 200), "This is JSON.", "Reads: {&#34;order&#34;: {&#34;total&#34;: 20.5}}", "!Fill in names and values")
		ann := typing{b, path, b.Fill(path, path, nil)}
		typed := func(body string) string { return ann.saves(url.Values{"config.body": {body}}).Body }
		wrong := typed("{\n  \"total\": {{ steps.take.total }}\n  \"note\": \"x\"\n}")
		sitetest.Shows(t, wrong, ">Saved.", `id="config-body-says"`, "Line 2: a comma is missing after “{{ steps.take.total }}”.", "!This is JSON", "!Reads:")
		sitetest.Shows(t, b.Get(path, 200), "Line 2: a comma is missing", `aria-invalid="true"`)
		sitetest.Shows(t, b.Get(address+"/publish", 200), "Line 2: a comma is missing")
		right := typed("{\n  \"total\": {{ steps.take.total }},\n  \"note\": \"I {{ steps.take.note }}\"\n}")
		sitetest.Shows(t, right, "This is JSON.", "20.5", `I say \&#34;yes\&#34;`, "Fill in names and values", "!a comma is missing")
		sitetest.Shows(t, typed(`{"total": {{ steps.take.`), "!This is JSON", `class="error"`)
	})
}
