package editor_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/workflow"
)

// rich has every kind of step, entry and value that forms must carry unchanged.
const rich = `{"format":1,"name":"Orders","description":"Two\nlines",
"inputs":[{"name":"order_id","type":"number","label":"Order","required":true,"default":12},{"name":"size","type":"choice","options":["a","b"],"default":"a"},{"name":"flag","type":"boolean","default":false},{"name":"extra","type":"json","default":{"a":[1]}}],
"triggers":[{"id":"daily","type":"schedule","cron":"@daily"},{"id":"week","type":"schedule","cron":"30 9 * * 1-5","time_zone":"Europe/Berlin","missed":"skip","overlap":"allow"},{"id":"often","type":"schedule","every":"90m","not_between":["22:00-06:00","12:00-13:00"]},{"id":"once","type":"schedule","at":"2030-01-02T03:04:05Z","time_zone":"Asia/Tokyo"},{"id":"odd","type":"schedule","cron":"*/7 3 * 2 *"}],
"steps":[
 {"id":"fetch","type":"http_request","name":"Fetch","config":{"method":"POST","url":"https://example.com/{{ input.order_id }}","query":{"n":5,"yes":true},"headers":{"Accept":"text/html"},"body_type":"json","body":{"order":"{{ input.order_id }}","big":12345678901234567890.10},"auth":{"type":"basic","username":"ann"},"expect_status":[200,201]},"retry":{"max_attempts":5,"backoff":"exponential","delay":"10s","max_delay":"1h"},"timeout":"30s","on_error":"continue"},
 {"id":"large","type":"condition","config":{"match":"any","conditions":[{"value":"{{ steps.fetch.body.total }}","operator":"greater_than","other":100},{"value":"{{ input.flag }}","operator":"is_true"},{"value":"{{ input.size }}","operator":"equals","other":""}]},
  "then":[{"id":"keep","type":"set_values","config":{"values":{"n":1.50,"t":"text","b":true,"l":[1,"x"],"none":null,"r":"{{ steps.fetch.body }}"}}},{"id":"rest","type":"wait","config":{"for":"15m"}}],
  "else":[{"id":"end","type":"stop","config":{"outcome":"failed","message":"No <b>order</b>"}}]},
 {"id":"loop","type":"for_each","config":{"list":[1.50,"{{ input.size }}",{"a":[null]}],"max_parallel":5,"on_item_error":"continue"},"disabled":true,"do":[
  {"id":"inner","type":"for_each","config":{"list":"{{ item }}"},"do":[{"id":"act","type":"http_request","config":{"method":"POST","url":"https://example.com/{{ item.id }}"},"on_unknown":"fail"}]},
  {"id":"other","type":"run_workflow","config":{"workflow":"01a20a58-9c78-7127-93ab-475cd8500aaa","input":{"n":1.50,"item":"{{ item }}","l":[1]},"wait":false},"timeout":"2h","disabled":true}]}],
"settings":{"timeout":"1h","max_running":3,"on_limit":"skip","priority":"high","max_duration":"30m","must_succeed_by":[{"time":"07:00","days":[0,6],"time_zone":"Europe/Berlin"},{"time":"20:30"}],"keep":{"days":14,"failed_days":90,"last":100}}}`

func TestSavingAFormUnchangedChangesNothing(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, editor := s.Keep(rich), s.As(auth.Editor)
		before, d := s.Stored(address)
		pages := []string{"/edit/details", "/edit/inputs"}
		for _, trigger := range d.Triggers {
			pages = append(pages, "/edit/triggers/"+trigger.ID)
		}
		workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
			pages = append(pages, "/edit/steps/"+step.ID)
			return true
		})
		for _, page := range pages {
			editor.Submit(address+page, nil, http.StatusSeeOther)
			after, _ := s.Stored(address)
			if string(after.Draft) != string(before.Draft) || after.DraftRevision != before.DraftRevision {
				t.Fatalf("saving %s as it was changed the draft from\n%s\nto\n%s", page, before.Draft, after.Draft)
			}
		}
	})
}

func TestWorkflowIsBuiltByFormsAloneAndPublished(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		b := s.As(auth.Editor)
		edit := submitTo(b, "/workflows/new", "/workflows", url.Values{"name": {"Orders"}}, http.StatusSeeOther).Location
		address := strings.TrimSuffix(edit, "/edit")
		add := func(at, kind string) string { return added(b, edit, at, kind) }
		b.Submit(edit+"/inputs", url.Values{
			"input.name": {""}, "input.label": {"Order id"}, "input.type": {"number"}, "input.required": {"yes"}, "input.default": {""}, "input.help": {""}, "input.options": {""},
		}, http.StatusSeeOther)
		b.Submit(add("@0", "http_request"), url.Values{"name": {"Fetch"}, "config.url": {s.Shop.URL + "/orders/{{ input.order_id }}"}}, http.StatusSeeOther)
		b.Submit(add("@1", "condition"), url.Values{
			"name": {"Is large"}, "config.conditions.value": {"{{ steps.fetch.body.total }}"}, "config.conditions.operator": {"greater_than"}, "config.conditions.other": {"100"},
		}, http.StatusSeeOther)
		b.Submit(add("is_large.then@0", "set_values"), url.Values{"name": {"Big"}, "config.values.name": {"size"}, "config.values.kind": {"text"}, "config.values.value": {"big"}}, http.StatusSeeOther)
		b.Submit(add("is_large.else@0", "stop"), url.Values{"name": {"End"}, "config.message": {"small"}}, http.StatusSeeOther)
		b.Submit(edit+"/new-trigger", url.Values{"mode": {"weekly"}, "days": {"1", "2"}, "time": {"07:05"}, "time_zone": {"Europe/Berlin"}}, http.StatusSeeOther)

		page := b.Get(address+"/publish", http.StatusOK)
		sitetest.Shows(t, page, "It gets its first version", "Publish version 1", "the next run is on", "!Put ")
		b.Post(address+"/publish", sitetest.FormOf(t, page, address+"/publish"), http.StatusSeeOther)
		found, d := s.Stored(address)
		if found.Status != workflow.StatusActive || *found.Version != 1 {
			t.Fatalf("status is %s", found.Status)
		}
		want := `{"format":1,"name":"Orders","inputs":[{"name":"order_id","type":"number","label":"Order id","required":true}],` +
			`"triggers":[{"id":"schedule","type":"schedule","cron":"5 7 * * 1,2","time_zone":"Europe/Berlin"}],` +
			`"steps":[{"id":"fetch","type":"http_request","name":"Fetch","config":{"url":"` + s.Shop.URL + `/orders/{{ input.order_id }}"}},` +
			`{"id":"is_large","type":"condition","name":"Is large","config":{"conditions":[{"operator":"greater_than","other":100,"value":"{{ steps.fetch.body.total }}"}]},` +
			`"then":[{"id":"big","type":"set_values","name":"Big","config":{"values":{"size":"big"}}}],"else":[{"id":"end","type":"stop","name":"End","config":{"message":"small"}}]}]}`
		d.Settings.Notify = nil // who makes it is told, see editor_notify_test.go
		if got := string(d.Marshal()); got != want {
			t.Errorf("the forms made\n%s\nand not\n%s", got, want)
		}
		sitetest.Shows(t, b.Get(address, http.StatusOK), "Run now", "/pause", "07:05", "If [total of Fetch] is over 100", "Version 1 of")
	})
}

// press presses a button of the editor's page and returns where it leads, without what is
// only for the browser.
func press(b *sitetest.Browser, page, command string) string {
	b.Site.T.Helper()
	return pageOf(b.Submit(page, url.Values{"do": {command}}, http.StatusSeeOther).Location)
}

func pageOf(location string) string {
	return strings.FieldsFunc(location, func(r rune) bool { return r == '?' || r == '#' })[0]
}

// added adds an empty step and returns the page on which it is open.
func added(b *sitetest.Browser, edit, at, kind string) string {
	b.Site.T.Helper()
	return press(b, edit, "add:"+kind+":"+at)
}

// submitTo is submit for a form that is sent to another address than its page's.
func submitTo(b *sitetest.Browser, page, action string, changes url.Values, status int) sitetest.Answer {
	b.Site.T.Helper()
	return b.Post(action, b.Fill(page, action, changes), status)
}

func TestRowsAreAddedAndRemovedWithoutJavaScript(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(rich), s.As(auth.Editor)
	page := address + "/edit/steps/large"
	before, _ := s.Stored(address)
	more := b.Submit(page, url.Values{"row": {"add config.conditions"}, "name": {"Typed before"}}, http.StatusOK)
	form := sitetest.FormOf(t, more.Body, page)
	if got := form["config.conditions.operator"]; len(got) != 4 || got[3] != "" || form.Get("name") != "Typed before" {
		t.Fatalf("after adding a row the form is %v", form)
	}
	form.Set("row", "remove config.conditions 0")
	form = sitetest.FormOf(t, b.Post(page, form, http.StatusOK).Body, page)
	if got := form["config.conditions.operator"]; len(got) != 3 || got[0] != "is_true" || got[2] != "" {
		t.Fatalf("after removing the first row the operators are %v", got)
	}
	if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
		t.Error("changing rows wrote the draft")
	}
	inputs := address + "/edit/inputs"
	added := sitetest.FormOf(t, b.Submit(inputs, url.Values{"row": {"add input"}}, http.StatusOK).Body, inputs)
	if len(added["input.name"]) != 5 {
		t.Errorf("there are %d inputs after adding one to four", len(added["input.name"]))
	}
}

func TestEveryProblemLeadsToItsField(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(`{"format":1,"name":"Broken","inputs":[{"name":"pick","type":"choice"}],"triggers":[{"id":"nothing","type":"schedule"}],
	"steps":[{"id":"call","type":"http_request"},{"id":"decide","type":"condition","config":{"conditions":[{"value":"","operator":"equals","other":"x"},{"value":"1","operator":""}]}},{"id":"rest","type":"wait"},{"id":"keep","type":"set_values"}]}`)
	page := b.Get(address+"/publish", http.StatusOK)
	sitetest.Shows(t, page, "Put 7 things right first", "!Publish version")
	root, err := html.Parse(strings.NewReader(sitetest.MainOf(page)))
	s.Check(err)
	links := 0
	sitetest.Find(root, func(n *html.Node) bool {
		link := sitetest.Attribute(n, "href")
		path, fragment, ok := strings.Cut(link, "#")
		if n.Data != "a" || !ok {
			return false
		}
		links++
		target, err := html.Parse(strings.NewReader(b.Get(path, http.StatusOK)))
		s.Check(err)
		if sitetest.Find(target, func(n *html.Node) bool { return sitetest.Attribute(n, "id") == fragment }) == nil {
			t.Errorf("%s leads to no field", link)
		}
		message := strings.TrimSpace(sitetest.TextIn(n))
		sitetest.Shows(t, b.Get(path, http.StatusOK), html.EscapeString(message))
		return false
	})
	if links != 7 {
		t.Errorf("%d problems have a link", links)
	}
	b.Post(address+"/publish", url.Values{"revision": {"1"}}, http.StatusUnprocessableEntity)
	b.Post(address+"/publish", url.Values{"revision": {"0"}}, http.StatusConflict)
}

func TestBadInputIsRefusedAtItsFieldAndKept(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, b := s.Keep(rich), s.As(auth.Editor)
		before, _ := s.Stored(address)
		for _, bad := range []struct {
			page    string
			changes url.Values
			says    string
			field   string
		}{
			{"/edit/steps/fetch", url.Values{"config.url": {"ftp://example.com/typed"}}, "http", "config-url"},
			{"/edit/steps/fetch", url.Values{"config.url": {"http://169.254.169.254/typed"}}, "", "config-url"},
			{"/edit/steps/fetch", url.Values{"config.url": {"{{ steps.nowhere.body }}typed"}}, "that step is not there", "config-url"},
			{"/edit/steps/fetch", url.Values{"config.url": {"{{ input.order_id typed"}}, "are opened and not closed", "config-url"},
			{"/edit/steps/fetch", url.Values{"timeout": {"typed"}}, "not a length of time", "timeout"},
			{"/edit/steps/fetch", url.Values{"timeout": {"0"}, "name": {"typed"}}, "length of time", "timeout"},
			{"/edit/steps/fetch", url.Values{"retry.max_attempts": {"typed"}}, "between 1 and 50", "retry-max_attempts"},
			{"/edit/steps/fetch", url.Values{"retry.max_attempts": {"51"}, "name": {"typed"}}, "between 1 and 50", "retry-max_attempts"},
			{"/edit/steps/fetch", url.Values{"config.headers.name": {"A", "A"}, "config.headers.value": {"1", "typed"}}, "is given twice", "config-headers-1-name"},
			{"/edit/steps/fetch", url.Values{"config.headers.name": {""}, "config.headers.value": {"typed"}}, "Give this entry a name", "config-headers-0-name"},
			{"/edit/steps/fetch", url.Values{"id": {"Not an id"}, "name": {"typed"}}, "cannot be an id", "id"},
			{"/edit/steps/fetch", url.Values{"id": {"large"}, "name": {"typed"}}, "already a step with this id", "id"},
			{"/edit/steps/fetch", url.Values{"name": {strings.Repeat("typed", 60)}}, "longer than 255", "name"},
			{"/edit/steps/fetch", url.Values{"name": {"typed\u202e"}}, "invisible character", "name"},
			{"/edit/steps/keep", url.Values{"config.values.name": {"n"}, "config.values.kind": {"number"}, "config.values.value": {"typed"}}, "Enter a number", "config-values-0-value"},
			{"/edit/steps/large", url.Values{"config.conditions.value": {"typed"}, "config.conditions.operator": {"matches"}, "config.conditions.other": {"("}}, "cannot be read", "config-conditions-0-other"},
			{"/edit/inputs", url.Values{"input.name": {"a", "a", "c", "d"}, "input.label": {"typed", "", "", ""}}, "is taken already", "inputs-1-name"},
			{"/edit/inputs", url.Values{"input.default": {"typed", "a", "no", "{}"}}, "must be a number", "inputs-0-default"},
			{"/edit/details", url.Values{"name": {""}, "description": {"typed"}}, "Give the workflow a name", "name"},
			{"/edit/triggers/week", url.Values{"time_zone": {"Mars/typed"}}, "no time zone of this name", "time_zone"},
			{"/edit/triggers/odd", url.Values{"cron": {"0 0 30 2 typed"}}, "", "cron"},
			{"/edit/triggers/often", url.Values{"every": {"0"}, "time_zone": {"typed"}}, "1 or more", "every"},
			{"/edit/triggers/week", url.Values{"days": {}, "time_zone": {"typed"}}, "Choose at least one day", "days"},
			{"/edit/triggers/often", url.Values{"not_from": {"22:00"}, "not_until": {"22:00"}, "not_more": {"typed"}}, "end when they begin", "not_from"},
			{"/edit/new-trigger", url.Values{"mode": {"once"}, "date": {"typed"}}, "Enter a date and a time", "date"},
		} {
			a := b.Submit(address+bad.page, bad.changes, http.StatusUnprocessableEntity)
			sitetest.Shows(t, a.Body, bad.says, "typed", `href="#`+bad.field+`"`, `id="`+bad.field+`"`)
		}
		if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
			t.Error("bad input was written")
		}
		submitTo(b, "/workflows/new", "/workflows", url.Values{"name": {"\u202etyped"}}, http.StatusUnprocessableEntity)
		for _, path := range []string{"/workflows/not-an-id", address + "/edit/steps/nowhere", address + "/edit/triggers/nowhere", address + "/versions/x", address + "/versions/7"} {
			b.Get(path, http.StatusNotFound)
		}
	})
}

func TestStepsAreMovedDuplicatedAndDeletedWithAWarning(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, b := s.Keep(rich), s.As(auth.Editor)
		edit := address + "/edit"
		press(b, edit, "move:rest:up")
		press(b, edit, "duplicate:keep")
		b.Submit(edit+"/steps/end/move", url.Values{"to": {"large.then@0"}}, http.StatusSeeOther)
		_, d := s.Stored(address)
		var ids []string
		workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool { ids = append(ids, step.ID); return true })
		if got := strings.Join(ids, " "); got != "fetch large end rest keep keep_2 loop inner act other" {
			t.Fatalf("steps are %s", got)
		}
		ask := b.Get(edit+"/steps/fetch/delete", http.StatusOK)
		sitetest.Shows(t, ask, "Delete the step “Fetch”?", "uses what step “Fetch” gives")
		sitetest.Shows(t, b.Get(edit+"/steps/large/delete", http.StatusOK), "4 steps inside it go too", "Delete 5 steps")
		b.Post(edit+"/steps/fetch/delete", sitetest.FormOf(t, ask, edit+"/steps/fetch/delete"), http.StatusSeeOther)
		sitetest.Shows(t, b.Get(edit, http.StatusOK), "of fetch” is inserted here, and that step is not there. Choose something else under “Insert data”.", "?check=1#config-conditions-0-value")
	})
}

func TestRenamingAStepRenamesWhatRefersToIt(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(rich), s.As(auth.Editor)
	b.Submit(address+"/edit/steps/fetch", url.Values{"id": {"order"}}, http.StatusSeeOther)
	found, _ := s.Stored(address)
	if draft := string(found.Draft); strings.Contains(draft, "steps.fetch") || !strings.Contains(draft, "steps.order.body") {
		t.Errorf("the draft is %s", draft)
	}
}

func TestVersionsAreListedComparedAndRestored(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, b := s.Keep(`{"format":1,"name":"Stops","triggers":[{"id":"s","type":"schedule","cron":"0 9 * * *"}],"steps":[{"id":"end","type":"stop","config":{"message":"one"}}]}`), s.As(auth.Editor)
		publish := func() { b.Submit(address+"/publish", nil, http.StatusSeeOther) }
		publish()
		b.Submit(address+"/edit/steps/end", url.Values{"config.message": {"two"}}, http.StatusSeeOther)
		sitetest.Shows(t, b.Get(address, http.StatusOK), "changes that are not published", "“one”", "!“two”")
		sitetest.Shows(t, b.Get("/workflows", http.StatusOK), "Unpublished changes")
		sitetest.Shows(t, b.Get(address+"/publish", http.StatusOK), "Message is now “two” instead of “one”", "the next run stays on", "Publish version 2")
		publish()
		sitetest.Shows(t, b.Get(address+"/versions", http.StatusOK), "Version 2", "Version 1", "Message is now “two”", "Runs now")
		page := b.Get(address+"/versions/1", http.StatusOK)
		sitetest.Shows(t, page, "“one”", "Restore into the draft")
		b.Post(address+"/versions/1/restore", nil, http.StatusSeeOther)
		if _, d := s.Stored(address); d.Steps[0].Config["message"] != "one" {
			t.Error("version 1 was not restored")
		}
		sitetest.Shows(t, b.Get(address+"/publish", http.StatusOK), "Publish version 3")
	})
}

func TestWhatNobodyHasPublishedIsNotReplacedWithoutAQuestion(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, anna, ben := s.Keep(`{"format":1,"name":"Stops","steps":[{"id":"end","type":"stop","config":{"message":"one"}}]}`), s.As(auth.Editor), s.As(auth.Editor)
		message := func() any { _, d := s.Stored(address); return d.Steps[0].Config["message"] }
		anna.Submit(address+"/publish", nil, 303)
		sitetest.Shows(t, anna.Get(address+"/edit", 200), "!Discard all")
		anna.Submit(address+"/edit/steps/end", url.Values{"config.message": {"two"}}, 303)
		anna.Submit(address+"/publish", nil, 303)
		stale := sitetest.FormOf(t, anna.Get(address+"/versions/1", 200), address+"/versions/1/restore") // nothing would be lost now
		ben.Submit(address+"/edit/steps/end", url.Values{"config.message": {"three"}}, 303)

		asked := anna.Post(address+"/versions/1/restore", stale, 303).Location
		if message() != "three" || asked != address+"/versions/1/restore" {
			t.Fatalf("the draft says %v, and the way leads to %s", message(), asked)
		}
		question := anna.Get(asked, 200)
		sitetest.Shows(t, question, "Restore version 1 into the draft?", "Undo brings back what it replaces. 1 unpublished change by editor-", "is replaced:", "Message is now “three” instead of “two”")
		yes := sitetest.FormOf(t, question, asked)
		ben.Submit(address+"/edit/steps/end", url.Values{"config.message": {"four"}}, 303)
		anna.Post(asked, yes, 303) // it is not what was asked about any more
		if message() != "four" {
			t.Fatal("what came after the question is replaced: the draft says", message())
		}
		sitetest.Shows(t, anna.Get(anna.Submit(asked, nil, 303).Location, 200), "Version 1 is the draft now.", "1 unpublished change by", "is replaced. Undo brings them back.")
		if message() != "one" {
			t.Error("the draft says", message())
		}

		discard := address + "/versions/2/restore"
		sitetest.Shows(t, anna.Get(address+"/edit", 200), "Discard all since version 2", "go:/versions/2/restore")
		sitetest.Shows(t, anna.Get(address+"/versions", 200), "Discard all since version 2")
		sitetest.Shows(t, anna.Get(discard, 200), "Discard all since version 2?", "the same as version 2 again", "Undo brings back")
		sitetest.Shows(t, anna.Get(anna.Submit(discard, nil, 303).Location, 200), "The draft is the same as version 2 again", "Everything since version 2 is discarded.", "!Discard all")
		if message() != "two" {
			t.Error("after discarding the draft says", message())
		}
		undo(t, ben, address+"/edit", "undo")
		if message() != "one" {
			t.Error("after undoing that the draft says", message())
		}
		s.As(auth.Viewer).Get(discard, 403)
	})
}

func TestSwitchingAStepKeepsWhatIsTypedBelow(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"format":1,"name":"Stops","steps":[{"id":"end","type":"stop","config":{"message":"one"}}]}`), s.As(auth.Editor)
	form := address + "/edit/steps/end"
	next := b.Submit(form, url.Values{"do": {"switch:end:off"}, "name": {"The end"}, "config.message": {"typed"}}, 303).Location
	_, d := s.Stored(address)
	if step := d.Steps[0]; !step.Disabled || step.Name != "The end" || step.Config["message"] != "typed" {
		t.Errorf("the draft has %+v", step)
	}
	sitetest.Shows(t, b.Get(pageOf(next), 200), "The step is switched off", "Switch on", "typed")
	wrong := b.Submit(pageOf(next), url.Values{"do": {"switch:the_end:on"}, "name": {"Kept"}, "retry.max_attempts": {"many"}}, 422).Body
	sitetest.Shows(t, wrong, "Use a number of attempts", `value="Kept"`, `data-keep="unsaved"`, "Switch on")
	press(b, pageOf(next), "switch:the_end:on")
	if _, d := s.Stored(address); d.Steps[0].Disabled {
		t.Error("the step is still switched off")
	}
}

func TestListSaysWhatRunsAndOffersOnlyWhatThePersonMayDo(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		editor, operator, viewer := s.As(auth.Editor), s.As(auth.Operator), s.As(auth.Viewer)
		sitetest.Shows(t, editor.Get("/workflows", http.StatusOK), "There is no workflow yet", "Begin with a template")
		sitetest.Shows(t, viewer.Get("/workflows", http.StatusOK), "!New workflow", "!Begin with")
		address := s.Keep(`{"format":1,"name":"50% off_all","triggers":[{"id":"s","type":"schedule","cron":"0 9 * * *"}],"steps":[{"id":"end","type":"stop"}]}`)
		s.Keep(`{"format":1,"name":"Other","steps":[]}`)
		editor.Submit(address+"/publish", nil, http.StatusSeeOther)
		sitetest.Shows(t, editor.Get("/workflows?q=50%25", http.StatusOK), "50% off_all", "!Other")
		sitetest.Shows(t, editor.Get("/workflows?q=f_a", http.StatusOK), "50% off_all", "!Other")
		sitetest.Shows(t, editor.Get("/workflows?q=zzz", http.StatusOK), "No workflow matches")
		sitetest.Shows(t, editor.Get("/workflows?status=draft", http.StatusOK), "Other", "!50% off_all")
		sitetest.Shows(t, operator.Get("/workflows", http.StatusOK), address+"/run", address+"/pause", "!/edit", "!/delete")
		sitetest.Shows(t, viewer.Get("/workflows", http.StatusOK), "!"+address+"/run", "!"+address+"/pause", "!/edit")
		sitetest.Shows(t, viewer.Get(address, http.StatusOK), "!Run now", "!/pause", "!/edit", "!Duplicate")
		viewer.Get(address+"/edit", http.StatusForbidden)
		operator.Post(address+"/edit/details", nil, http.StatusForbidden)

		operator.Post(address+"/pause", nil, http.StatusSeeOther)
		sitetest.Shows(t, viewer.Get(address, http.StatusOK), "It is paused by Ann", "!Next: ")
		operator.Post(address+"/resume", nil, http.StatusSeeOther)
		sitetest.Shows(t, viewer.Get(address, http.StatusOK), "Next: ", "!It is paused")
		copied := editor.Post(address+"/duplicate", nil, http.StatusSeeOther).Location
		sitetest.Shows(t, editor.Get(copied, http.StatusOK), "Copy of 50% off_all")
		sitetest.Shows(t, editor.Get(address+"/delete", http.StatusOK), "This cannot be undone")
		editor.Post(address+"/delete", nil, http.StatusSeeOther)
		editor.Get(address, http.StatusNotFound)
	})
}

func TestPreviewSaysWhatTheScheduleMeans(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(rich), s.As(auth.Editor)
	form := url.Values{"mode": {"daily"}, "time": {"02:30"}, "time_zone": {"America/New_York"}}
	page := b.Post(address+"/edit/preview", form, http.StatusOK).Body
	sitetest.Shows(t, page, "Every day at 02:30, America/New_York", " in Europe/Berlin", "When the clocks change", "!<html")
	if strings.Count(page, "<tr>") != 6 { // the head and five times
		t.Errorf("the preview shows\n%s", page)
	}
	sitetest.Shows(t, b.Post(address+"/edit/preview", url.Values{"mode": {"cron"}, "cron": {"61 * * * *"}, "time_zone": {"UTC"}}, http.StatusOK).Body, "Minute must be")
	night := b.Submit(address+"/edit/new-trigger", url.Values{"mode": {"every"}, "every": {"15"}, "not_from": {"22:00"}, "not_until": {"06:00"}, "not_more": {"12:00–13:00"}, "time_zone": {"Europe/Berlin"}, "show": {"next"}}, http.StatusOK).Body
	sitetest.Shows(t, night, "Every 15 minutes, not between 22:00 and 06:00 and not between 12:00 and 13:00, Europe/Berlin", `value="22:00"`, `value="12:00–13:00"`)
	without := b.Submit(address+"/edit/new-trigger", url.Values{"mode": {"monthly"}, "day": {"31"}, "show": {"next"}}, http.StatusOK)
	sitetest.Shows(t, without.Body, "Months without a 31st have no run", `value="31"`)
}

func TestScriptInEveryTextIsShownAsText(t *testing.T) {
	s := sitetest.OnSQLite(t)
	const nasty = `<script>alert(1)</script>`
	b := s.As(auth.Editor)
	quoted := strings.ReplaceAll(rich, "Orders", nasty)
	for _, text := range []string{`Two\nlines`, `"label":"Order"`, `"name":"Fetch"`, "text/html", `"t":"text"`, "No <b>order</b>", `"other":""`} {
		name, value, found := strings.Cut(text, ":")
		replacement := nasty
		if found {
			replacement = name + `:"` + nasty + `"`
			_ = value
		}
		quoted = strings.ReplaceAll(quoted, text, replacement)
	}
	quoted = strings.ReplaceAll(quoted, `"options":["a","b"],"default":"a"`, `"help":"`+nasty+`","options":["`+nasty+`"],"default":"`+nasty+`"`)
	address := s.Keep(quoted)
	pages := []string{"", "/edit", "/edit/details", "/edit/inputs", "/edit/steps/fetch", "/edit/steps/large", "/edit/steps/keep", "/edit/steps/end", "/edit/steps/fetch/delete", "/edit/steps/fetch/move", "/edit/new-step?at=@1", "/edit/try?part=fetch", "/publish", "/delete"}
	for _, page := range pages {
		body := b.Get(address+page, http.StatusOK)
		if strings.Contains(body, nasty) || !strings.Contains(body, "alert(1)") {
			t.Errorf("%s shows the script as it is, or not at all", page)
		}
	}
	b.Submit(address+"/publish", nil, http.StatusSeeOther)
	for _, page := range []string{"/workflows", address, address + "/versions", address + "/versions/1"} {
		if strings.Contains(b.Get(page, http.StatusOK), nasty) {
			t.Errorf("%s shows the script as it is", page)
		}
	}
}
