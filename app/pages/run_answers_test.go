package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/workflow"
)

var plain = []workflow.Step{{ID: "keep", Type: "set_values", Config: map[string]any{"values": map[string]any{"a": 1}}}}

func TestARunsPageShowsAnswersUnderTheirQuestions(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w := s.Order(func(d *workflow.Definition) {
			d.Steps = plain
			d.Inputs = []workflow.Input{
				{Name: "order_id", Type: "number", Label: "Order number"},
				{Name: "urgent", Type: "boolean", Label: "Is it urgent?"},
				{Name: "day", Type: "date", Label: "From which day?"},
				{Name: "at", Type: "date_time", Label: "Until when?", TimeZone: "Europe/Berlin"},
				{Name: "toppings", Type: "choices", Label: "With", Options: []string{"ham", "figs", "rue"}},
				{Name: "story", Type: "long_text", Label: "What happened?"},
				{Name: "empty", Type: "text", Label: "Anything else?"},
				{Name: "cv", Type: "file", Label: "CV"},
				{Name: "photos", Type: "files", Label: "Photos"},
				{Name: "extra", Type: "json", Label: "Extra"},
			}
		})
		run := s.Start(w, `{"order_id": 12345678901234567890, "urgent": true, "day": "2026-02-03", "at": "2026-07-01T10:00:00Z",
			"toppings": ["ham", "rue"], "story": "`+sitetest.Evil+`", "empty": null, "extra": {"a": 1},
			"cv": {"name": "C\u00dc V.pdf", "type": "text/html", "size": 3, "data": "YWJj"},
			"photos": [{"name": "a.png", "type": "image/png", "size": 2000, "data": null}, {"name": "b.png", "type": "image/png", "size": 1, "data": "eg=="}]}`)
		ann, files := s.As(auth.Viewer), "/runs/"+run.ID+"/files/"
		page := ann.Get("/runs/"+run.ID, http.StatusOK)
		sitetest.Shows(t, page, "What it was started with", "Order number</dt><dd>12345678901234567890", "Is it urgent?</dt><dd>Yes", "3 February 2026",
			"1 July 2026, 12:00 (Europe/Berlin)", "ham, rue", "!"+sitetest.Evil, "Anything else?</dt><dd>–", `href="`+files+`cv/0">CÜ V.pdf, 3 bytes</a>`,
			"a.png, 2.0 kB", "!"+files+"photos/0", files+"photos/1", "!Extra</dt>")

		sent := ann.Send(http.MethodGet, files+"cv/0", nil, nil)
		if sent.Status != http.StatusOK || sent.Body != "abc" {
			t.Errorf("the file is %d %q", sent.Status, sent.Body)
		}
		for _, none := range []string{"cv/1", "cv/-1", "cv/x", "photos/0", "order_id/0", "nobody/0"} {
			ann.Get(files+none, http.StatusNotFound)
		}
		other := ann.Get("/runs/"+s.Start(s.Order(), `{"order_id": 7}`).ID+"?step=large", http.StatusOK)
		sitetest.Shows(t, other, "!What it was started with")
	})
}

// What strangers have sent must not be shown by a browser as a page of ours.
func TestAFileOfAFormIsKeptAndNotShown(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w := s.Order(func(d *workflow.Definition) { d.Steps, d.Inputs = plain, []workflow.Input{{Name: "cv", Type: "file"}} })
		run := s.Start(w, `{"cv": {"name": "a\"\n; b.html", "type": "text/html", "size": 3, "data": "YWJj"}}`)
		sent := s.As(auth.Viewer).Send(http.MethodGet, "/runs/"+run.ID+"/files/cv/0", nil, nil).Header
		if kind := sent.Get("Content-Type"); kind != "application/octet-stream" {
			t.Errorf("it is sent as %q", kind)
		}
		if how := sent.Get("Content-Disposition"); !strings.HasPrefix(how, "attachment; filename") || strings.ContainsAny(how, "\r\n") {
			t.Errorf("it is sent with %q", how)
		}
	})
}
