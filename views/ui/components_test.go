package ui

import (
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"workflows/static"
)

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC) }

// examples is every component with s in each of its texts.
func examples(s string) map[string]templ.Component {
	link := func(name string) templ.Component { return MenuLink(name, "/x?"+s, "copy") }
	field := func(kind string) templ.Component {
		return Field(FieldProps{
			Name: "f", Label: s, Help: s, Error: s, Value: s, Kind: kind, Placeholder: s, Required: true,
			Options: []Option{{s, s}, {"b", "B"}}, Values: []string{s}, Pairs: []Pair{{s, s}}, ShowIf: "g=" + s,
			Choose: Choose{URL: "/data?x=" + s, Words: s, Now: s, Reads: s, Row: "0", Suggest: []Option{{s, s}}},
		})
	}
	with := func(parent templ.Component, children ...templ.Component) templ.Component {
		return within{parent, templ.Join(children...)}
	}
	all := map[string]templ.Component{
		"button":         Button(ButtonProps{Label: s, Icon: "play", Kind: "primary", Name: "n", Value: s, Form: "form", FormAction: "/act?" + s}),
		"button_icon":    Button(ButtonProps{Label: s, Icon: "x", Kind: "quiet", Type: "button", IconOnly: true, Small: true, Disabled: true, Attributes: templ.Attributes{"data-x": s}}),
		"link_button":    LinkButton(s, "/x?"+s, "plus", ""),
		"action_form":    ActionForm("/act", ButtonProps{Label: s}, Pair{"id", s}),
		"confirm_link":   ConfirmLink(s, "/delete?"+s),
		"confirm":        with(Confirm("c", s, s, ConfirmForm{Action: "/delete", Button: ButtonProps{Label: s, Kind: "danger"}, Hidden: []Pair{{"id", s}}}), text(s)),
		"confirm_page":   ConfirmPage(s, s, ConfirmForm{Action: "/delete", Button: ButtonProps{Label: s, Kind: "danger"}, BackURL: "/back"}),
		"badge":          Badge("waiting_retry"),
		"badge_unknown":  Badge(s),
		"tag":            Tag(s, "tag", "neutral"),
		"status_icon":    StatusIcon("failed"),
		"time":           Time(noon()),
		"time_zero":      Time(time.Time{}),
		"time_in":        TimeIn(noon(), time.FixedZone("CET", 3600)),
		"duration":       Duration(3210 * time.Millisecond),
		"card":           with(Card(s), text(s)),
		"card_with":      with(CardWith(s, text(s)), text(s)),
		"header":         with(Header(s, s), text(s)),
		"header_with":    HeaderWith(s, s, Badge("active")),
		"empty":          Empty("workflow", s, s, "/new"),
		"table":          with(Table(s, []Column{{Label: s}, {Label: s, Numeric: true, Hide: true}, {Label: s, Hidden: true}}), templ.Raw("<tr><td>1</td><td>2</td><td>3</td></tr>")),
		"pagination":     Pagination(Pages{NextURL: "?after=1", PrevURL: "?before=1", Note: s}),
		"fieldset":       with(Fieldset(s), text(s)),
		"error_summary":  ErrorSummary([]FieldMessage{{FieldID: "f", Message: s}, {Message: s}, {Message: s, URL: "/step#f"}}),
		"live":           with(Live(LiveProps{ID: "l", URL: "/live/x?" + s, Every: 1500 * time.Millisecond}), text(s)),
		"live_ended":     with(Live(LiveProps{ID: "l", URL: "/live/x"}), text(s)),
		"bars":           Bars(Chart{Title: s, Points: []Point{{s, 3, 0}, {"12:01", 0, 2}, {"12:02", 1200, 30}}}),
		"spark":          Spark(s, []float64{1, 3, 2}),
		"time_bar":       TimeBar(s, 10*time.Second, []Span{{0, time.Second, "good", s}, {time.Second, 2 * time.Second, "waiting", s}}),
		"stat":           Stat(s, s, s, "/runs?"+s, "failed"),
		"definitions":    DefinitionList([]Pair{{s, s}}),
		"code":           CodeBlock(s),
		"code_copy":      CodeWithCopy("code", s),
		"copy_button":    CopyButton("code"),
		"notice":         NoticeBox(Notice{Kind: "problem", Text: s, ActionLabel: s, ActionURL: "/x"}),
		"menu":           with(Menu(MenuProps{ID: "m", Label: s, Icon: "ellipsis", IconOnly: true}), link(s), MenuAction(s, "/act", "copy", Pair{"id", s}), MenuConfirm(s, "/delete", "trash-2")),
		"choose":         ChooseButton("f", s, Choose{URL: "/data?x=1", Reads: s}, false),
		"choose_nothing": Chosen("f", s, Choose{URL: "/data?x=1", Only: true, Focus: true}),
		"steps":          StepList(stepExamples(s)),
		"json":           JSON(JSONProps{ID: "j", Label: s, Data: []byte(`{"a": ` + quote(s) + `, ` + quote(s) + `: [1.10, 9007199254740993, {"deep": true}], "e": {}, "n": null}`)}),
		"json_broken":    JSON(JSONProps{ID: "j", Data: []byte(s)}),
		"json_nothing":   JSON(JSONProps{ID: "j"}),
		"layout":         with(Layout(pageExample(s)), text(s)),
		"layout_bare":    with(Layout(Page{Title: s, Notices: []Notice{{Kind: "good", Text: s}}}), text(s)),
		"field_hidden":   field("hidden"),
		"field_text":     field(""),
		"field_disabled": Field(FieldProps{Name: "f", Label: s, Disabled: true, HideLabel: true}),
	}
	for _, kind := range []string{"password", "number", "multiline", "choice", "radio", "checkbox", "date", "chips", "checks", "file", "pairs", "json"} {
		all["field_"+kind] = field(kind)
	}
	return all
}

func stepExamples(s string) []StepRow {
	return []StepRow{
		{ID: "a", Number: "1", Title: s, Sentence: s, Icon: "globe", Status: "succeeded", URL: "/x?" + s, Meta: text(s), Below: text(s), Actions: text(s)},
		{ID: "b", Number: "2", Title: s, Icon: "split", Problems: 2},
		{ID: "c", Number: "2.1", Title: s, Depth: 1, Branch: s, Selected: true, URL: "/c"},
		{ID: "d", Number: "2.2", Title: s, Depth: 1, Off: true},
		{Depth: 1, Branch: s, Gap: text(s)},
		{ID: "e", Number: "3", Title: s, Status: "pending"},
	}
}

func pageExample(s string) Page {
	return Page{
		Title: s, Active: "runs", Environment: s, Live: true, Crumbs: []Link{{s, "/x?" + s}},
		Viewer:  &Viewer{Name: s, Email: s, Role: s, Theme: "dark", TimeZone: s, ProfileURL: "/me"},
		Notices: []Notice{{Kind: "warning", Text: s, ActionLabel: s, ActionURL: "/x"}},
	}
}

// within is a component with its children already inside.
type within struct{ parent, children templ.Component }

func (w within) Render(ctx context.Context, out io.Writer) error {
	return w.parent.Render(templ.WithChildren(ctx, w.children), out)
}

// withoutHashes keeps the golden files the same when a style changes or a page
// brings its own sheet.
func withoutHashes(markup string) string {
	for _, sheet := range static.Sheets()[1:] {
		markup = strings.ReplaceAll(markup, `<link rel="stylesheet" href="`+sheet+`">`, "")
	}
	return regexp.MustCompile(`\.[0-9a-f]{12}\.`).ReplaceAllString(markup, ".HASH.")
}

func TestEveryComponentDrawsWhatItDrewBefore(t *testing.T) {
	for name, component := range examples("Fetch & “check”") {
		t.Run(name, func(t *testing.T) {
			golden(t, name, withoutHashes(render(t, component)))
		})
	}
}

func TestTextIsNeverMarkup(t *testing.T) {
	const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
	for name, component := range examples(attack) {
		markup := render(t, component)
		walk(t, markup, func(node *html.Node) {
			if node.Data == "script" && attribute(node, "src") == "" || node.Data == "img" && attribute(node, "src") == "x" {
				t.Errorf("%s lets text through as <%s>", name, node.Data)
			}
			for _, a := range node.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s lets text through as the attribute %s", name, a.Key)
				}
			}
		})
	}
}

func TestAddressesCannotRunScripts(t *testing.T) {
	const attack = "javascript:alert(1)"
	for _, component := range []templ.Component{
		LinkButton("x", attack, "", ""), ActionForm(attack, ButtonProps{Label: "x"}), ConfirmLink("x", attack),
		Button(ButtonProps{Label: "x", FormAction: attack}), Stat("x", "1", "", attack, ""), Empty("workflow", "x", "x", attack),
		Pagination(Pages{NextURL: attack, PrevURL: attack}), StepList([]StepRow{{Title: "x", URL: attack}}),
		ErrorSummary([]FieldMessage{{Message: "x", URL: attack}}), NoticeBox(Notice{Text: "x", ActionURL: attack, ActionLabel: "x"}),
		JSON(JSONProps{ID: "j", Data: []byte("[" + strings.Repeat("1,", 2000) + "1]"), URL: attack}),
	} {
		if markup := render(t, component); strings.Contains(markup, "javascript:") {
			t.Errorf("an address runs a script: %s", markup)
		}
	}
}

func TestNothingNeedsInlineStyleOrScript(t *testing.T) {
	for name, component := range examples("x") {
		walk(t, render(t, component), func(node *html.Node) {
			if node.Data == "style" || node.Data == "script" && attribute(node, "src") == "" {
				t.Errorf("%s holds an inline <%s>", name, node.Data)
			}
			for _, a := range node.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(a.Val, "js:") {
					t.Errorf("%s uses %s=%q, which the security policy forbids", name, a.Key, a.Val)
				}
			}
		})
	}
}

func TestEveryControlHasAName(t *testing.T) {
	for name, component := range examples("x") {
		markup := render(t, component)
		labels := map[string]bool{}
		walk(t, markup, func(node *html.Node) {
			if node.Data == "label" {
				labels[attribute(node, "for")] = true
			}
		})
		walk(t, markup, func(node *html.Node) {
			control := node.Data == "textarea" || node.Data == "select" || node.Data == "input" && attribute(node, "type") != "hidden"
			if control && attribute(node, "aria-label") == "" && !labels[attribute(node, "id")] {
				t.Errorf("%s has a <%s> without label", name, node.Data)
			}
		})
	}
}

func TestIdsAreUniqueAndDescriptionsExist(t *testing.T) {
	for name, component := range examples("x") {
		markup := render(t, component)
		ids := map[string]bool{}
		walk(t, markup, func(node *html.Node) {
			if id := attribute(node, "id"); id != "" && ids[id] {
				t.Errorf("%s has two elements with id %s", name, id)
			} else {
				ids[id] = true
			}
		})
		walk(t, markup, func(node *html.Node) {
			for _, key := range []string{"aria-describedby", "aria-labelledby", "popovertarget"} {
				for id := range strings.FieldsSeq(attribute(node, key)) {
					if !ids[id] {
						t.Errorf("%s: %s names %s, which does not exist", name, key, id)
					}
				}
			}
		})
	}
}

func TestAMarkBesideALabelIsReadAsAWordOfItsOwn(t *testing.T) {
	for _, kind := range []string{"", "choice", "checkbox", "radio"} {
		shown := render(t, Field(FieldProps{Name: "f", Label: "Your name", Kind: kind, Required: true, Suggested: true}))
		if read := strings.Join(strings.Fields(tags.ReplaceAllString(shown, "")), " "); !strings.Contains(read, "Your name required suggested") {
			t.Errorf("a field of kind %q is read as %q", kind, read)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)
