package editor_test

import (
	"net/http"
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

const daily = `{"format": 1, "name": "Daily <b>", "triggers": [{"id": "daily", "type": "schedule", "cron": "0 9 * * *", "time_zone": "Europe/Berlin"}],
	"steps": [{"id": "a", "type": "set_values", "name": "Note", "config": {"values": {"x": 1}}}]}`

func TestWhatWasDoneIsSaidOnThePageThatComesNextOnce(t *testing.T) {
	s := sitetest.OnSQLite(t)
	eve := s.As(auth.Editor)
	address := s.Keep(daily)
	for _, c := range []struct {
		action string
		form   func() url.Values
		said   string
	}{
		{"/publish", func() url.Values { return eve.Fill(address+"/publish", address+"/publish", nil) }, "Version 1 is published. It runs next to"}, // today or tomorrow
		{"/publish", func() url.Values { return url.Values{"revision": {"1"}} }, "Version 1 is published already, and the draft is the same."},
		{"/pause", func() url.Values { return url.Values{"until": {"2199-12-24T18:00"}} }, "“Daily &lt;b&gt;” is paused: until Tue 24 Dec 2199 18:00."},
		{"/resume", func() url.Values { return nil }, "“Daily &lt;b&gt;” goes on. It runs next to"},
		{"/edit", func() url.Values { return url.Values{"do": {"switch:a:off"}, "revision": {"1"}} }, "The step is switched off"},
		{"/duplicate", func() url.Values { return nil }, "This is the copy"},
		{"/delete", func() url.Values { return nil }, "The workflow “Daily &lt;b&gt;” is deleted."},
	} {
		next := eve.Post(address+c.action, c.form(), 303).Location
		sitetest.Shows(t, eve.Get(next, 200), c.said)
		sitetest.Shows(t, eve.Get(next, 200), "!"+c.said)
	}
}

func TestNobodyElsePutsASentenceOnAPage(t *testing.T) {
	s := sitetest.OnSQLite(t)
	eve := s.As(auth.Editor)
	for _, forged := range []string{"WW91ciBwYXNzd29yZCBoYXMgZXhwaXJlZA.AAAA", "WW91ciBwYXNzd29yZCBoYXMgZXhwaXJlZA", "%", "."} {
		page := eve.Send(http.MethodGet, "/workflows", nil, http.Header{"Cookie": {"said=" + forged}})
		sitetest.Shows(t, page.Body, "!Your password has expired", `class="notices"`)
	}
}

func TestARefusalLeadsBackToWhereOneCameFrom(t *testing.T) {
	s := sitetest.OnSQLite(t)
	eve := s.As(auth.Editor)
	address := s.Keep(daily)
	from := func(referer string) string {
		a := eve.Send(http.MethodPost, address+"/resume", nil, http.Header{"Referer": {referer}})
		if a.Status != http.StatusConflict {
			t.Fatalf("resuming a draft answered %d", a.Status)
		}
		return a.Body
	}
	sitetest.Shows(t, from(s.Server.URL+address+"/versions?x=1"), "Not possible now", "!It has changed", "has never been published", `href="`+address+`/versions?x=1"`, "Go back", "To the overview")
	for _, elsewhere := range []string{"https://evil.example/login", "javascript:alert(1)", "%", s.Server.URL} {
		sitetest.Shows(t, from(elsewhere), "!Go back", "!evil.example")
	}
}
