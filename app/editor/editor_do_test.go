package editor_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

// watched is a workflow of a call, a decision and an end, the second version in the making.
const watched = `{"format":1,"name":"Watch","triggers":[{"id":"daily","type":"schedule","cron":"0 9 * * *"}],"steps":[
	{"id":"ask","type":"http_request","config":{"url":"https://example.com/status"}},
	{"id":"decide","type":"condition","config":{"conditions":[{"value":"{{ steps.ask.body.status }}","operator":"equals","other":"down"}]},"then":[{"id":"wait","type":"wait"}]},
	{"id":"end","type":"stop","config":{"message":"stored"}}]}`

// commandsOn are what all the buttons of a page say.
func commandsOn(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	sitetest.Find(root, func(n *html.Node) bool {
		command := sitetest.Attribute(n, "value")
		if n.Data == "button" && sitetest.Attribute(n, "name") == "do" && !sitetest.Has(n, "disabled") && !strings.Contains(command, "__step__") {
			found = append(found, command)
		}
		return false
	})
	return found
}

func TestNoButtonOfTheEditorLosesWhatIsTyped(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	step := s.Keep(watched) + "/edit/steps/end"
	var commands []string
	for _, page := range []string{step, step + "?more=ask", step + "?more=decide"} {
		commands = append(commands, commandsOn(t, b.Get(page, http.StatusOK))...)
	}
	slices.Sort(commands)
	commands = slices.Compact(commands)
	for _, wanted := range []string{"open:ask", "move:end:up", "more:ask", "compose:after:ask", "switch:decide:off", "duplicate:ask", "try", "try-all", "publish", "add", "start:webhook", "add:send_email:@3", "go:/edit/details", "go:/edit/triggers/daily", "go:/edit/steps/ask/delete"} {
		if !slices.Contains(commands, wanted) {
			t.Errorf("no button says %s: %v", wanted, commands)
		}
	}
	for _, command := range append(commands, "") {
		address := s.Keep(watched)
		next := b.Submit(address+"/edit/steps/end", url.Values{"do": {command}, "workflow.name": {"Typed name"}, "config.message": {"typed"}}, http.StatusSeeOther).Location
		_, d := s.Stored(address)
		var end *workflow.Step
		for i := range d.Steps {
			if d.Steps[i].ID == "end" {
				end = &d.Steps[i]
			}
		}
		if d.Name != "Typed name" || end == nil || end.Config["message"] != "typed" {
			t.Errorf("%q loses what is typed: %s", command, d.Marshal())
		}
		b.Get(pageOf(next), http.StatusOK)
	}
}

func TestWhatIsTypedForANewStepIsAddedByEveryButton(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	for _, command := range []string{"", "add", "publish", "open:ask"} {
		address := s.Keep(watched)
		b.Submit(address+"/edit", url.Values{"do": {command}, "add:@3": {" https://example.com/{{ steps.ask.body.id }}?x=1 "}}, http.StatusSeeOther)
		_, d := s.Stored(address)
		if len(d.Steps) != 4 || d.Steps[3].Config["url"] != "https://example.com/{{ steps.ask.body.id }}?x=1" || !strings.HasPrefix(d.Steps[3].Name, "example.com/") {
			t.Errorf("%q made %s", command, d.Marshal())
		}
	}
}

// The page was drawn with the id that the step had before.
func TestANewStepComesIntoABranchOfAStepThatIsRenamedWithIt(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	for _, command := range []string{"", "add", "open:ask", "add:http_request:decide.then@1"} {
		address := s.Keep(watched)
		typed := url.Values{"do": {command}, "id": {"is_it_down"}, "add:decide.then@1": {"https://example.com/orders"}}
		b.Submit(address+"/edit/steps/decide", typed, http.StatusSeeOther)
		_, d := s.Stored(address)
		if d.Steps[1].ID != "is_it_down" || len(d.Steps[1].Then) != 2 || d.Steps[1].Then[1].Config["url"] != "https://example.com/orders" {
			t.Errorf("%q made %s", command, d.Marshal())
		}
		typed.Set("id", "ask") // another step has it
		taken := b.Submit(s.Keep(watched)+"/edit/steps/decide", typed, http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, taken, "There is already a step with this id", `value="https://example.com/orders"`)
		typed.Set("id", "not an id")
		wrong := b.Submit(s.Keep(watched)+"/edit/steps/decide", typed, http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, wrong, `value="not an id"`, `value="https://example.com/orders"`)
		typed.Set("id", "is_it_down")
		typed.Set("add:decide.then@1", "make coffee")
		unknown := b.Submit(s.Keep(watched)+"/edit/steps/decide", typed, map[bool]int{true: 303, false: 422}[strings.HasPrefix(command, "add:")])
		if unknown.Body != "" {
			sitetest.Shows(t, unknown.Body, "No step is called that", `value="make coffee"`, `value="is_it_down"`)
		}
	}
}

func TestANewStepIsFoundByWhatIsTyped(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	for typed, kind := range map[string]string{
		"https://example.com": "http_request", "anna@example.com": "send_email", "E-MAIL": "send_email", "filter": "filter_list", "approval": "approval", "Stop": "stop", "crontab": "", "data": "",
		"send a mail to anna": "send_email", "wait two hours": "wait", "shop.example.com/status": "http_request", "make coffee": "",
	} {
		address := s.Keep(`{"name":"A","steps":[]}`)
		status := http.StatusSeeOther
		if kind == "" {
			status = http.StatusUnprocessableEntity
		}
		answer := b.Submit(address+"/edit", url.Values{"add:@0": {typed}}, status)
		_, d := s.Stored(address)
		if kind == "" {
			sitetest.Shows(t, answer.Body, `value="`+typed+`"`, `aria-invalid="true"`)
		} else if len(d.Steps) != 1 || d.Steps[0].Type != kind {
			t.Errorf("%q made %s", typed, d.Marshal())
		}
	}
}

func TestWhatFitsWhatIsTypedForANewStepIsOffered(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	page := address + "/edit"
	choices := func(typed string) string {
		t.Helper()
		return b.Get(page+"/steps-for?"+url.Values{"add:decide.then@1": {typed}}.Encode(), 200)
	}
	sitetest.Shows(t, b.Get(page, 200), `data-compose="`+page+`/steps-for"`, `<div class="choices">`)
	sitetest.Shows(t, choices(""), `<div class="choices">`, "add:send_email:decide.then@1", "More…", "!add:query_database", "!<html")
	sitetest.Shows(t, choices("ask a da"), "add:approval:", "add:query_database:", "More…", "!add:send_email", "!No step is called that")
	sitetest.Shows(t, choices("anna@example.com"), "add:send_email:", "!add:http_request")
	sitetest.Shows(t, choices("make coffee"), "No step is called that", "add:query_database:", "add:send_email:", "!More…")
	b.Get(page+"/steps-for", 404)
	b.Get(page+"/steps-for?add:nowhere=x", 404)

	unclear := b.Submit(page, url.Values{"add:@3": {"excel"}}, 422).Body // without our script the page shows the same
	sitetest.Shows(t, unclear, "That can be several things", `value="excel"`, "add:read_data:@3", "add:make_data:@3", "!add:approval:@3")
	sitetest.Shows(t, b.Submit(page, url.Values{"add:@3": {"make coffee"}}, 422).Body, "No step is called that", "add:query_database:@3")
	b.Submit(page, url.Values{"add:@3": {"wait 3 days, or send a mail"}, "do": {"add:wait:@3"}}, 303) // which of the two was chosen
	if _, d := s.Stored(address); len(d.Steps) != 4 || d.Steps[3].Type != "wait" || d.Steps[3].Config["for"] != "3d" {
		t.Errorf("it made %s", d.Marshal())
	}
	empty := s.Keep(`{"name":"A","steps":[]}`) + "/edit"
	sitetest.Shows(t, b.Get(empty+"/steps-for?"+url.Values{"add:@0": {"remind people"}}.Encode(), 200), `href="/workflows/new?q=remind+people"`)
	sitetest.Shows(t, b.Get(page+"/steps-for?"+url.Values{"add:@3": {"remind people"}}.Encode(), 200), "!/workflows/new")
	sitetest.Shows(t, b.Get(empty+"/steps-for?"+url.Values{"add:@0": {"xyzzy"}}.Encode(), 200), "!/workflows/new")
}

// Browsers give the focus to what the address names, where it can have it.
func TestWhatWasAddedHasTheFocus(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	focused := func(location string) {
		t.Helper()
		_, id, _ := strings.Cut(location, "#")
		root, err := html.Parse(strings.NewReader(b.Get(location, 200)))
		if err != nil {
			t.Fatal(err)
		}
		found := sitetest.Find(root, func(n *html.Node) bool { return sitetest.Attribute(n, "id") == id })
		if found == nil {
			t.Errorf("%s is not on its page", location)
		} else if !slices.Contains([]string{"input", "textarea", "select", "button"}, found.Data) && !sitetest.Has(found, "tabindex") || sitetest.Attribute(found, "type") == "hidden" {
			t.Errorf("%s is a %s", location, found.Data)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Catalog.Checker.Types)) {
		focused(b.Submit(s.Keep(watched)+"/edit", url.Values{"do": {"add:" + kind + ":@3"}}, 303).Location)
	}
	edit := s.Keep(watched) + "/edit"
	for _, command := range []string{"start:hourly", "start:webhook"} {
		location := b.Submit(edit+"/steps/end", url.Values{"do": {command}}, 303).Location
		if !strings.Contains(location, "/steps/end") || !strings.Contains(location, "#trigger-") {
			t.Errorf("%s leads to %s", command, location)
		}
		focused(location)
	}
	focused(b.Submit(edit+"/new-trigger", url.Values{"mode": {"daily"}, "time": {"10:00"}}, 303).Location)
	focused(b.Submit(edit+"/steps/end", url.Values{"do": {"try"}}, 303).Location)
}

func TestTwoCallsOfOneAddressHaveNamesOfTheirOwn(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"name":"A","steps":[]}`), s.As(auth.Editor)
	for range 3 {
		b.Submit(address+"/edit", url.Values{"add:@0": {"https://shop.example.com/status"}}, 303)
	}
	_, d := s.Stored(address)
	if d.Steps[2].Name != "shop.example.com/status" || d.Steps[1].Name != "shop.example.com/status (2)" || d.Steps[0].Name != "shop.example.com/status (3)" {
		t.Errorf("they are %s", d.Marshal())
	}
}

func TestPeopleOfTheHouseAreOfferedAsRecipients(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	s.Check(models.CreateUser(t.Context(), s.DB, &models.User{ID: models.NewID(), Email: "anna@example.com", Name: "Anna Berg", Role: "viewer", PasswordHash: "-", CreatedAt: models.Now()}))
	for kind, field := range map[string]string{"send_email": "config.to", "approval": "config.assignees"} {
		page := b.Get(pageOf(b.Submit(address+"/edit", url.Values{"do": {"add:" + kind + ":@3"}}, 303).Location), 200)
		sitetest.Shows(t, page, `<datalist id="people"><option value="anna@example.com">Anna Berg (anna@example.com)</option>`)
		if !regexp.MustCompile(`<input[^>]* name="` + field + `"[^>]* list="people"`).MatchString(page) {
			t.Errorf("%s offers nobody", field)
		}
	}
	sitetest.Shows(t, b.Get(address+"/edit/steps/end", 200), "!<datalist")
}

func TestANewWorkflowAsksNothingAndIsNamedAfterItsFirstAddress(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	edit := submitTo(b, "/workflows/new", "/workflows", nil, http.StatusSeeOther).Location
	name := func() string { _, d := s.Stored(edit); return d.Name }
	if name() != "New workflow" {
		t.Errorf("it is called %s", name())
	}
	press(b, edit, "start:working_days")
	sitetest.Shows(t, b.Get(edit, 200), "!start:working_days", "start:hourly", "No time limit")
	b.Submit(edit, url.Values{"add:@0": {"https://shop.example.com/status"}}, http.StatusSeeOther)
	if _, d := s.Stored(edit); name() != "shop.example.com" || d.Triggers[0].Cron != "0 9 * * 1-5" || d.Triggers[0].TimeZone != "Europe/Berlin" {
		t.Errorf("it is %s", d.Marshal())
	}
	b.Submit(edit, url.Values{"add:@1": {"https://other.example.com"}}, http.StatusSeeOther)
	if name() != "shop.example.com" {
		t.Errorf("it is renamed to %s", name())
	}
	for _, want := range []string{"shop.example.com/status", "shop.example.com/status (2)", "shop.example.com/status (3)"} {
		edit = submitTo(b, "/workflows/new", "/workflows", nil, http.StatusSeeOther).Location
		b.Submit(edit, url.Values{"add:@0": {"https://shop.example.com/status/?key=x"}}, http.StatusSeeOther)
		if name() != want {
			t.Errorf("it is called %s and not %s", name(), want)
		}
	}
	sitetest.Shows(t, b.Get(edit, 200), "Your change", ": Step “shop.example.com/status” is added: Reads")
}

func TestWhatIsWrongIsKeptAndMarkedWhereThePersonGoesOn(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	step := address + "/edit/steps/ask"
	next := b.Submit(step, url.Values{"do": {"open:end"}, "config.url": {"ftp://typed"}}, http.StatusSeeOther).Location
	if _, d := s.Stored(address); d.Steps[0].Config["url"] != "ftp://typed" {
		t.Fatalf("the draft is %s", d.Marshal())
	}
	sitetest.Shows(t, b.Get(pageOf(next), 200), "1 problem")
	sitetest.Shows(t, b.Get(step, 200), `value="ftp://typed"`, `href="#config-url"`)
	unkept := b.Submit(step, url.Values{"do": {"open:end"}, "retry.max_attempts": {"many"}, "workflow.name": {"Typed too"}, "add:@3": {"https://example.com/later"}}, 422).Body
	sitetest.Shows(t, unkept, `value="many"`, `value="Typed too"`, `value="https://example.com/later"`, "between 1 and 50")
}

func TestProblemsOfAStepAreListedAsTheyStandBelow(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	page := b.Submit(address+"/edit/steps/ask", url.Values{"config.url": {"ftp://typed"}, "config.expect_status": {"many"}, "retry.max_attempts": {"many"}, "name": {"\u202e"}}, 422).Body
	at := 0
	for _, entry := range []string{"config-url", "retry-max_attempts", "name", "config-expect_status"} {
		found := strings.Index(page[at:], `href="#`+entry+`"`)
		if found < 0 {
			t.Fatalf("%s is not listed, or too early, in %s", entry, sitetest.MainOf(page))
		}
		at += found
	}
}

func TestANameThatNobodyTypedFollowsTheAddress(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"format":1,"name":"Calls","steps":[{"id":"first","type":"http_request","name":"b.example.com","config":{"url":"https://b.example.com"}}]}`), s.As(auth.Editor)
	step := pageOf(b.Submit(address+"/edit", url.Values{"add:@1": {"https://a.example.com/x"}}, http.StatusSeeOther).Location)
	now := func() string { _, d := s.Stored(address); return d.Steps[1].Name }
	ann := typing{b, step, b.Fill(step, step, nil)}
	for _, c := range []struct{ url, name, is string }{
		{"https://a2.example.com/x", "", "a2.example.com/x"},
		{"https://a3.example.com/x", "", "a3.example.com/x"},
		{"https://b.example.com", "", "b.example.com (2)"},
		{"https://c.example.com", "", "c.example.com"},
		{"https://c.example.com", "Ask them", "Ask them"},
		{"https://d.example.com", "", "Ask them"},
	} {
		changes := url.Values{"config.url": {c.url}}
		if c.name != "" {
			changes.Set("name", c.name)
		}
		saved := ann.saves(changes).Body
		if now() != c.is {
			t.Errorf("with the address %s and the name %q it is called %q", c.url, c.name, now())
		}
		if c.is == "Ask them" { // it was typed, and nothing is put in its place
			sitetest.Shows(t, saved, `!name="name"`)
			continue
		}
		sitetest.Shows(t, saved, `id="step-name"`, `name="name" value="`+c.is+`"`, `name="name.was" value="`+c.is+`"`)
	}
	first := address + "/edit/steps/first"
	b.Submit(first, url.Values{"config.url": {"https://e.example.com"}}, http.StatusSeeOther)
	if _, d := s.Stored(address); d.Steps[0].Name != "e.example.com" || d.Steps[0].ID != "first" {
		t.Errorf("after Done it is called %q", d.Steps[0].Name)
	}
	b.Submit(first, url.Values{"config.url": {""}}, http.StatusSeeOther)
	if _, d := s.Stored(address); d.Steps[0].Name != "" {
		t.Errorf("without an address it is called %q", d.Steps[0].Name)
	}
}

func TestTheNameOfAWorkflowFollowsItsFirstAddressUntilItIsPublishedOrTyped(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	begun := func() (string, *typing) {
		address := s.Keep(`{"format":1,"name":"` + workflow.Unnamed + `"}`)
		step := pageOf(b.Submit(address+"/edit", url.Values{"add:@0": {"https://shop.exmaple.com/a"}}, http.StatusSeeOther).Location)
		return address, &typing{b, step, b.Fill(step, step, nil)}
	}
	called := func(address, name string) {
		t.Helper()
		if _, d := s.Stored(address); d.Name != name {
			t.Errorf("it is called %q instead of %q", d.Name, name)
		}
	}
	address, ann := begun()
	called(address, "shop.exmaple.com")
	sitetest.Shows(t, ann.saves(url.Values{"config.url": {"https://shop.example.com/a"}}).Body, `id="draft-name"`, `name="workflow.name" value="shop.example.com"`, `name="workflow.name.was" value="shop.example.com"`)
	called(address, "shop.example.com")
	ann.saves(url.Values{"config.url": {""}})
	called(address, "shop.example.com")
	sitetest.Shows(t, ann.saves(url.Values{"config.url": {"https://shop.example.org"}, "workflow.name": {"Mine"}}).Body, "!draft-name")
	called(address, "Mine")
	ann.saves(url.Values{"config.url": {"https://shop.example.net"}})
	called(address, "Mine")

	address, ann = begun()
	b.Submit(ann.page, url.Values{"do": {""}, "config.url": {"https://done.example.com"}}, http.StatusSeeOther)
	called(address, "done.example.com")
	b.Submit(ann.page, url.Values{"do": {"publish"}}, http.StatusSeeOther)
	b.Submit(ann.page, url.Values{"config.url": {"https://later.example.com"}}, http.StatusSeeOther)
	called(address, "done.example.com")
}

// What nobody could fill in yet is no fault of theirs.
func TestWhatANewStepLacksIsSaidCalmlyUntilItIsLeft(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"format":1,"name":"Rests","steps":[{"id":"end","type":"stop"}]}`), s.As(auth.Editor)
	const calm, red = "Still to fill in", ">1 problem<"
	added := press(b, address+"/edit", "add:wait:@1")
	path := pageOf(added)
	sitetest.Shows(t, b.Get(path, 200), calm, "!"+red, "Before it can be published")
	ann := typing{b, path, b.Fill(path, path, nil)}
	sitetest.Shows(t, ann.saves(url.Values{"name": {"Rest"}}).Body, calm, "!"+red)
	sitetest.Shows(t, b.Get(address+"/edit", 200), red, "!"+calm)
	tried, _, _ := strings.Cut(b.Submit(path, url.Values{"do": {"publish"}}, http.StatusSeeOther).Location, "#")
	sitetest.Shows(t, b.Get(tried, 200), red, "!"+calm)
	checked := typing{b, path, b.Fill(tried, path, nil)}
	sitetest.Shows(t, checked.saves(url.Values{"name": {"Rest well"}}).Body, red, "!"+calm)
}

func TestAStalePageThatChangesNothingIsNoConflict(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	stale := b.Fill(address+"/edit/steps/end", address+"/edit/steps/end", url.Values{"do": {"open:ask"}})
	b.Submit(address+"/edit/steps/ask", url.Values{"config.url": {"https://example.com/new"}, "workflow.name": {"New name"}}, 303)
	b.Post(address+"/edit/steps/end", stale, 303)
	if _, d := s.Stored(address); d.Name != "New name" || d.Steps[0].Config["url"] != "https://example.com/new" {
		t.Errorf("it is again %s", d.Marshal())
	}
}

func TestTheFirstVersionIsPublishedFromThePageAndLaterOnesAreCompared(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, b := s.Keep(watched), s.As(auth.Editor)
		wrong := b.Submit(address+"/edit/steps/end", url.Values{"do": {"publish"}}, 303).Location
		if !strings.Contains(wrong, "/edit/steps/end?check=1#problems") {
			t.Errorf("with problems it leads to %s", wrong)
		}
		sitetest.Shows(t, b.Get(wrong, 200), `id="problems" tabindex="-1"`) // the keys go on from there
		stale := b.Fill(address+"/edit", address+"/edit", url.Values{"do": {"publish"}})
		b.Submit(address+"/edit/steps/wait", url.Values{"config.for": {"2m"}}, 303)
		if next := b.Post(address+"/edit", stale, 303).Location; next != address+"/publish" {
			t.Errorf("what nobody has seen on the page is not shown first: it leads to %s", next)
		}
		b.Submit(address+"/edit/steps/wait", url.Values{"do": {"publish"}, "config.for": {"1m"}}, 303)
		if found, _ := s.Stored(address); found.Version == nil || *found.Version != 1 {
			t.Fatal("it is not published")
		}
		if next := press(b, address+"/edit", "publish"); next != address+"/publish" {
			t.Errorf("the second version leads to %s", next)
		}
	})
}

func TestWhatAStepGaveBecomesStepsByOnePress(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(`{"format":1,"name":"Orders","steps":[{"id":"fetch","type":"set_values","config":{"values":{"orders":[{"id":7,"total":20.5,"mail":"ben@example.com"}],"state":"down"}}}]}`)
	step := address + "/edit/steps/fetch"
	s.Execute(tryOf(t, b.Submit(step, url.Values{"do": {"try"}}, 303).Location))
	page := b.Get(step, 200)
	sitetest.Shows(t, page, "It gave lately", "decide:{{ steps.fetch.state }}", "foreach:{{ steps.fetch.orders }}", "only:{{ steps.fetch.orders }} each {{ item.total }}")

	leads := func(page, command string) string { return b.Submit(page, url.Values{"do": {command}}, 303).Location }
	decide := leads(step, "decide:{{ steps.fetch.state }}")
	loop := press(b, step, "foreach:{{ steps.fetch.orders }}")
	sitetest.Shows(t, b.Get(loop, 200), "Each item", "only:{{ item.total }}", "decide:{{ item.mail }}")
	mail := press(b, loop, "add:send_email:for_each.do@0")
	kept := leads(loop, "only:{{ item.total }}")
	_, d := s.Stored(address)
	want := `"steps":[{"id":"fetch","type":"set_values","config":{"values":{"orders":[{"id":7,"mail":"ben@example.com","total":20.5}],"state":"down"}}},` +
		`{"id":"filter_a_list","type":"filter_list","config":{"conditions":[{"operator":"greater_than","value":"{{ item.total }}"}],"list":"{{ steps.fetch.orders }}"}},` +
		`{"id":"for_each","type":"for_each","config":{"list":"{{ steps.filter_a_list.items }}"},"do":[{"id":"send_an_e_mail","type":"send_email","config":{"subject":"Orders","text":"id: {{ item.id }}\nmail: {{ item.mail }}\ntotal: {{ item.total }}","to":"{{ item.mail }}"}}]},` +
		`{"id":"decide","type":"condition","config":{"conditions":[{"operator":"equals","value":"{{ steps.fetch.state }}"}]}}]}`
	if got := string(d.Marshal()); !strings.HasSuffix(got, want) {
		t.Errorf("it made\n%s\nand not\n%s", got, want)
	}
	for _, page := range []string{decide, mail, kept} {
		b.Get(page, 200)
	}
	for _, next := range []string{decide, kept} { // of what is compared is known
		if !strings.HasSuffix(next, "#config-conditions-0-operator") || !strings.Contains(b.Get(next, 200), `id="config-conditions-0-operator"`) {
			t.Errorf("it leads to %s", next)
		}
	}
	filter := address + "/edit/steps/filter_a_list"
	sitetest.Shows(t, b.Get(filter, 200), "It chooses from", "1 entry", "!It gave lately") // there is nothing to compare with yet
	for other, says := range map[string]string{"20": "1 entry", "21": "an empty list"} {
		b.Submit(filter, url.Values{"config.conditions.other": {other}}, 303)
		sitetest.Shows(t, b.Get(filter, 200), "Of what came last it would keep", says, "!It gave lately")
	}
}

func TestAMoveAnswersOurScriptWithThePage(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(watched), s.As(auth.Editor)
	page := address + "/edit/steps/end"
	form := b.Fill(page, page, url.Values{"do": {"move:end:up"}, "config.message": {"typed"}})
	answer := b.Send(http.MethodPost, page, form, http.Header{"HX-Request": {"true"}})
	sitetest.Shows(t, answer.Body, "The step is moved.", `value="typed"`, `id="draft"`, `name="revision" value="2"`)
	if _, d := s.Stored(address); answer.Status != http.StatusOK || d.Steps[1].ID != "end" || d.Steps[1].Config["message"] != "typed" {
		t.Errorf("%d: %s", answer.Status, d.Marshal())
	}
	twice := b.Send(http.MethodPost, page, form, http.Header{"HX-Request": {"true"}})
	sitetest.Shows(t, twice.Body, `id="draft"`, `name="revision" value="2"`)
}
