package pages_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/workflow"
)

// kestra#329, camunda-modeler#5760
func TestEveryCutValueSaysItsSizeAndLeadsToAllOfIt(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		long := strings.Repeat("a text of many words. ", 4000) // 88 kB
		large := `{"rows":["` + strings.Repeat(`row","`, 600_000) + `end"]}`
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(large))
		}))
		defer server.Close()
		listed, err := json.Marshal([]string{"short", long})
		s.Check(err)
		d, problems, err := workflow.Parse(fmt.Appendf(nil, `{"format": 1, "name": "Large", "inputs": [{"name": "note", "type": "text"}], "steps": [
			{"id": "note", "type": "set_values", "config": {"values": {"text": "{{ input.note }}"}}},
			{"id": "each", "type": "for_each", "config": {"list": %s}, "do": [{"id": "one", "type": "set_values", "config": {"values": {"n": "{{ index }}"}}}]},
			{"id": "shop", "type": "http_request", "config": {"method": "GET", "url": %q}}
		]}`, listed, server.URL))
		if s.Check(err); len(problems) > 0 {
			t.Fatal(problems)
		}
		run := s.Start(s.Publish(d), fmt.Sprintf(`{"note": %q}`, long))
		if done := s.Execute(run.ID); done.Status != workflow.RunSucceeded {
			t.Fatalf("the run has %s: %s", done.Status, done.Error)
		}
		b := s.As(auth.Viewer)
		link := regexp.MustCompile(`href="(/runs/[^"]+/values/[^"?]+)" download>Download it`)
		for look, want := range map[string][]struct{ size, holds string }{
			"":                  {{"88 kB", long}, {"3.6 MB", large}},
			"?step=note":        {{"88 kB", long}, {"88 kB", long}},
			"?step=shop":        {{"3.6 MB", large}},
			"?step=each&item=1": {{"88 kB", long}},
		} {
			page := b.Get("/runs/"+run.ID+look, http.StatusOK)
			if len(page) > 600_000 {
				t.Errorf("%q is a page of %d bytes", look, len(page))
			}
			links := map[string]bool{}
			for _, l := range link.FindAllStringSubmatch(page, -1) { // details lead there too
				links[l[1]] = true
			}
			if len(links) != len(want) {
				t.Fatalf("%q leads to %d whole values instead of %d: %s", look, len(links), len(want), sitetest.MainOf(page))
			}
			found := map[string]int{}
			for l := range links {
				whole := b.Get(l, http.StatusOK)
				shown := b.Get(l+"?show=all", http.StatusOK)
				for i, w := range want {
					if strings.Contains(whole, w.holds) && strings.Contains(strings.NewReplacer("\n", "", " ", "").Replace(shown), strings.ReplaceAll(w.holds, " ", "")) {
						found[w.size+fmt.Sprint(i)]++
					}
				}
			}
			for i, w := range want {
				if found[w.size+fmt.Sprint(i)] == 0 || !strings.Contains(page, "the whole value has "+w.size+".") {
					t.Errorf("%q does not say that a value has %s, or does not lead to it: %s", look, w.size, sitetest.MainOf(page)[:2000])
				}
			}
		}
		for _, wrong := range []string{"x", "x.output", run.ID + ".output", run.ID, "input.x"} {
			b.Get("/runs/"+run.ID+"/values/"+wrong, http.StatusNotFound)
		}
	})
}
