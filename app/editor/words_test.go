package editor_test

import (
	"net/http"
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

func TestWordsAreWrittenByAForm(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	for _, c := range []struct {
		query url.Values
		shows []string
	}{
		{nil, []string{"Change a value", "Choose one", "round 2", "2.345", "!words-result"}},
		{url.Values{"reference": {"{{ input.a }}"}, "word": {"upper"}}, []string{"{{ input.a | upper }}"}},
		{url.Values{"reference": {"{{ input.a }}"}, "word": {"round"}}, []string{"Digits after the point", "!words-result"}},
		{url.Values{"reference": {"{{ input.a | default 0 }}"}, "word": {"round"}, "argument.round": {"2"}}, []string{"{{ input.a | default 0 | round 2 }}"}},
		{url.Values{"reference": {"{{ input.a }}"}, "word": {"round"}, "argument.round": {"two"}}, []string{"needs a whole number", `id="words-round-0-error"`, "!words-result"}},
		{url.Values{"reference": {"{{ input.a }}"}, "word": {"replace"}, "argument.replace": {`say "}}"`, "<b>"}}, []string{`{{ input.a | replace &#34;say \&#34;}}\&#34;&#34; &#34;&lt;b&gt;&#34; }}`}},
		{url.Values{"reference": {"{{ input.a }}"}, "word": {"upper"}, "then": {"yes"}}, []string{`value="{{ input.a | upper }}"`, "!words-result"}},
		{url.Values{"reference": {"{{ input.a }} and {{ input.b }}"}, "word": {"upper"}}, []string{"Write one value between braces and nothing else", "!words-result"}},
		{url.Values{"reference": {"{{ input"}, "word": {"upper"}}, []string{"opened and not closed", "!words-result"}},
		{url.Values{"reference": {"{{ input.a }}"}, "word": {"nothing"}}, []string{"!words-result"}},
	} {
		sitetest.Shows(t, b.Get("/words?"+c.query.Encode(), http.StatusOK), c.shows...)
	}
}

func TestExamplesInEmptyFieldsHoldNoBraces(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	edit := submitTo(b, "/workflows/new", "/workflows", url.Values{"name": {"Orders"}}, http.StatusSeeOther).Location
	sitetest.Shows(t, b.Get(added(b, edit, "@0", "send_email"), http.StatusOK), `placeholder="Order … is over the limit"`, `!placeholder="{{`)
	sitetest.Shows(t, b.Get(added(b, edit, "@0", "read_data"), http.StatusOK), `!placeholder="{{`, `!placeholder="…`)
}
