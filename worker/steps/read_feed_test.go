package steps

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/worker/document"
)

// entries writes a feed with entries of these ids.
func entries(ids string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Blog</title>`)
	for _, id := range strings.Fields(ids) {
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><title>Title %s</title><link>/%s</link></item>`, id, id, id)
	}
	return b.String() + `</channel></rss>`
}

// ids are those of the items that a step gave.
func ids(t *testing.T, output any) string {
	t.Helper()
	value := valueOf(t, string(document.JSON(output))).(map[string]any)
	var found []string
	for _, item := range value["items"].([]any) {
		found = append(found, item.(map[string]any)["id"].(string))
	}
	if document.Text(value["count"]) != fmt.Sprint(len(found)) {
		t.Errorf("count is %v of %v", value["count"], found)
	}
	return strings.Join(found, " ")
}

func TestReadFeedGivesEntriesWithTheirFields(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Blog</title><item><title>A</title><link>/a</link><guid isPermaLink="false">1</guid>
			<pubDate>Mon, 06 Sep 2021 10:00:00 CEST</pubDate><enclosure url="/a.mp3" type="audio/mpeg" length="7"/></item></channel></rss>`)
	})
	outcome, err := execute(t, loopback(), "read_feed", map[string]any{"url": url + "/feed"})
	want := `{"count":1,"items":[{"author":"","categories":[],"content":"","enclosures":[{"length":7,"type":"audio/mpeg","url":"` + url + `/a.mp3"}],"id":"1","link":"` + url + `/a","published":"2021-09-06T08:00:00Z","summary":"","title":"A","updated":null}],"title":"Blog"}`
	if got := string(document.JSON(outcome.Output)); err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
	if len(outcome.Leaves) > 0 {
		t.Error("what is not asked for is remembered")
	}
}

func TestReadFeedGivesOnlyWhatIsNew(t *testing.T) {
	shown, asked := "", ""
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("If-None-Match") + r.Header.Get("If-Modified-Since")
		if shown == "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"`+shown+`"`)
		fmt.Fprint(w, entries(shown))
	})
	p := newPast(t, loopback(), "read_feed")
	for i, c := range []struct {
		shown string
		limit int
		new   string
		asked string // what the site was told that is known
	}{
		{"3 2 1", 0, "3 2 1", ""},
		{"3 2 1", 0, "", `"3 2 1"`},
		{"", 0, "", `"3 2 1"`}, // nothing has changed, says the site
		{"6 5 4 3", 2, "6 5", `"3 2 1"`},
		{"6 5 4 3", 2, "4", ""}, // what was left is asked for anew
		{"7 6 5 4", 0, "7", `"6 5 4 3"`},
	} {
		shown = c.shown
		outcome, err := p.kind.Execute(t.Context(), p.call(map[string]any{"url": url, "only_new": true, "limit": c.limit}))
		if err != nil {
			t.Fatal(i, err)
		}
		p.leave(outcome)
		if got := ids(t, outcome.Output); got != c.new || asked != c.asked {
			t.Errorf("%d: new are %q, asked with %q", i, got, asked)
		}
	}
	shown = "9"
	other, err := p.kind.Execute(t.Context(), p.call(map[string]any{"url": url + "/other", "only_new": true}))
	if err != nil || ids(t, other.Output) != "9" || asked != "" {
		t.Errorf("another feed: %v %v, asked with %q", other.Output, err, asked)
	}
}

func TestReadFeedCanBeginWithWhatComesLater(t *testing.T) {
	shown := "2 1"
	url := server(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, entries(shown)) })
	p := newPast(t, loopback(), "read_feed")
	for _, c := range []struct{ shown, new string }{{"2 1", ""}, {"3 2 1", "3"}} {
		shown = c.shown
		outcome, err := p.kind.Execute(t.Context(), p.call(map[string]any{"url": url, "only_new": true, "first_run": "none", "limit": 1}))
		if err != nil {
			t.Fatal(err)
		}
		if p.leave(outcome); ids(t, outcome.Output) != c.new {
			t.Errorf("%s: %v", c.shown, outcome.Output)
		}
	}
}

func TestOfAFeedOf50MBNoMoreIsReadThanIsKept(t *testing.T) {
	sent := make(chan int, 1)
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		written := 0
		defer func() { sent <- written }()
		for part := []byte(strings.Repeat("<item><title>x</title></item>", 3000)); written < 50<<20; {
			n, err := w.Write(part)
			if written += n; err != nil {
				return
			}
		}
	})
	_, err := execute(t, loopback(), "read_feed", map[string]any{"url": url})
	if failed := assertFails(t, err, "response_too_large", true); !strings.Contains(failed.Message, "The feed is larger than 5 MB") {
		t.Errorf("it says %s", failed.Message)
	}
	if written := <-sent; written > 25<<20 { // what is on its way is more than what was read
		t.Errorf("%d MB were taken", written>>20)
	}
}

func TestReadFeedSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		code    string
		lasting bool
	}{
		"gone":            {410, "", "feed_gone", true},
		"asked too often": {429, "", "unexpected_status", false},
		"not there":       {404, "", "unexpected_status", true},
		"in trouble":      {503, "", "unexpected_status", false},
		"a web page":      {200, "<html><head><title>x</title></head></html>", "not_a_feed", true},
		"too large":       {200, entries("1") + strings.Repeat(" ", maxResponse), "response_too_large", true},
	} {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		_, err := execute(t, loopback(), "read_feed", map[string]any{"url": url})
		if failed := assertFails(t, err, c.code, c.lasting); c.status == 429 && failed.RetryAfter != time.Minute {
			t.Errorf("%s: %+v", name, failed)
		}
	}
	_, err := execute(t, Options{}, "read_feed", map[string]any{"url": "http://127.0.0.1:1/"})
	assertFails(t, err, "blocked_address", true)
	for path, config := range map[string]map[string]any{"url": {"url": "ftp://example.com"}, "limit": {"url": "https://example.com", "limit": 0}} {
		if problems := problemsOf(Options{}, "read_feed", config); len(problems) != 1 || problems[0].Path != "steps[0].config."+path {
			t.Errorf("%s: %+v", path, problems)
		}
	}
}
