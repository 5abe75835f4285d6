package routes_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"workflows/app/routes"
	"workflows/models/modelstest"
	"workflows/worker/catalog"
	"workflows/worker/workflow"
)

func TestTheTemplateThatWatchesAddressesTellsOfThoseThatFail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		var mu sync.Mutex
		var told []string
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/hooks/team":
				var body struct{ Text string }
				data, _ := io.ReadAll(r.Body)
				_ = json.Unmarshal(data, &body)
				mu.Lock()
				told = append(told, body.Text)
				mu.Unlock()
				_, _ = io.WriteString(w, "ok")
			case "/broken":
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
		t.Cleanup(other.Close)
		s := newSite(t, db, func(p *routes.Parts) { p.Settings.OutboundAllow = loopback() })
		templates := catalog.Templates()
		d := templates[slices.IndexFunc(templates, func(t catalog.Template) bool { return t.ID == "watch_addresses" })].Definition
		d.Steps[0].Config["text"] = other.URL + "/fine\r\n" + other.URL + "/broken\n\nhttp://127.0.0.1:1/gone\n"
		workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
			step.Retry = nil
			return true
		})
		var document object
		if err := json.Unmarshal(d.Marshal(), &document); err != nil {
			t.Fatal(err)
		}
		document["publish"] = true
		if a := s.api("POST", "/workflows", document); a.StatusCode != 422 || !strings.Contains(a.body, "unknown_secret") || !strings.Contains(a.body, "config.webhook_secret") {
			t.Fatalf("published without its secret: %d %s", a.StatusCode, a.body)
		}
		s.api("POST", "/secrets", object{"name": "TEAM_CHAT", "value": other.URL + "/hooks/team"})
		created := s.api("POST", "/workflows", document)
		if created.StatusCode != 201 {
			t.Fatalf("making it answered %d %s", created.StatusCode, created.body)
		}
		run := s.api("POST", "/workflows/"+created.decoded(t)["id"].(string)+"/runs", object{"input": object{}}).decoded(t)["id"].(string)
		s.execute(run)
		slices.Sort(told)
		if status := s.api("GET", "/runs/"+run, nil).decoded(t)["status"]; status != "succeeded" || len(told) != 2 || !strings.Contains(told[0], "/broken\n") && !strings.Contains(told[1], "/broken\n") {
			t.Errorf("the run has %v, the chat was told %q", status, told)
		}
		for _, message := range told {
			if !strings.HasPrefix(message, "**An address does not answer well**\n") || !strings.HasSuffix(message, ".") {
				t.Errorf("the chat was told %q", message)
			}
		}
	})
}

func TestTheTemplateThatWatchesAFeedTellsEachNewEntryOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		var mu sync.Mutex
		var told []string
		entries := "one"
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.URL.Path == "/hooks/team" {
				data, _ := io.ReadAll(r.Body)
				told = append(told, string(data))
				_, _ = io.WriteString(w, "ok")
				return
			}
			_, _ = io.WriteString(w, `<rss version="2.0"><channel><title>Blog</title>`)
			for entry := range strings.FieldsSeq(entries) {
				_, _ = io.WriteString(w, `<item><guid isPermaLink="false">`+entry+`</guid><title>Entry `+entry+`</title><link>/`+entry+`</link></item>`)
			}
			_, _ = io.WriteString(w, `</channel></rss>`)
		}))
		t.Cleanup(other.Close)
		s := newSite(t, db, func(p *routes.Parts) { p.Settings.OutboundAllow = loopback() })
		templates := catalog.Templates()
		d := templates[slices.IndexFunc(templates, func(t catalog.Template) bool { return t.ID == "feed_to_chat" })].Definition
		d.Steps[0].Config["url"] = other.URL + "/feed.xml"
		var document object
		if err := json.Unmarshal(d.Marshal(), &document); err != nil {
			t.Fatal(err)
		}
		document["publish"] = true
		s.api("POST", "/secrets", object{"name": "TEAM_CHAT", "value": other.URL + "/hooks/team"})
		created := s.api("POST", "/workflows", document)
		if created.StatusCode != 201 {
			t.Fatalf("making it answered %d %s", created.StatusCode, created.body)
		}
		for i, c := range []struct {
			entries string
			told    int
		}{{"one", 0}, {"three two one", 2}, {"three two one", 2}, {"four three", 3}} {
			entries = c.entries
			run := s.api("POST", "/workflows/"+created.decoded(t)["id"].(string)+"/runs", object{"input": object{}}).decoded(t)["id"].(string)
			s.execute(run)
			if status := s.api("GET", "/runs/"+run, nil).decoded(t)["status"]; status != "succeeded" || len(told) != c.told {
				t.Errorf("%d: the run has %v, the chat was told %q", i, status, told)
			}
		}
		if len(told) != 3 || !strings.Contains(told[2], "Entry four") || !strings.Contains(told[2], other.URL+"/four") {
			t.Errorf("the chat was told %q", told)
		}
	})
}
