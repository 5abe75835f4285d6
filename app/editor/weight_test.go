package editor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

// hundredSteps is a workflow of a hundred steps of four kinds, every fourth of them a decision
// with one inside.
func hundredSteps() string {
	var steps []string
	for n := range 25 {
		steps = append(steps, fmt.Sprintf(`{"id":"ask_%[1]d","type":"http_request","name":"Ask shop %[1]d","config":{"method":"POST","body_type":"json","url":"https://shop.example.com/orders/%[1]d","headers":{"Accept":"application/json"},"body":{"order":"{{ trigger.body.order_%[1]d }}"}}}`, n),
			fmt.Sprintf(`{"id":"keep_%[1]d","type":"set_values","name":"Keep what order %[1]d costs","config":{"values":{"total":"{{ steps.ask_%[1]d.body.total | round 2 }}","customer":"{{ steps.ask_%[1]d.body.customer }}"}}}`, n),
			fmt.Sprintf(`{"id":"large_%[1]d","type":"condition","name":"Is order %[1]d large?","config":{"match":"all","conditions":[{"value":"{{ steps.keep_%[1]d.total }}","operator":"greater_than","other":%[2]d}]},"then":[
				{"id":"tell_%[1]d","type":"send_email","name":"Tell about order %[1]d","config":{"to":"sales-%[1]d@example.com","subject":"Order %[1]d is large","text":"It is {{ steps.keep_%[1]d.total }} for {{ steps.keep_%[1]d.customer }}."}}]}`, n, 100+n))
	}
	return `{"format":1,"name":"A hundred steps","triggers":[{"id":"daily","type":"schedule","cron":"0 9 * * *"}],"steps":[` + strings.Join(steps, ",") + `]}`
}

// onTheWire is how many bytes an answer has with its headers.
func onTheWire(a sitetest.Answer) int {
	bytes := len("HTTP/1.1 200 OK\r\n\r\n") + len(a.Body)
	for name, values := range a.Header {
		for _, value := range values {
			bytes += len(name) + len(": \r\n") + len(value)
		}
	}
	return bytes
}

// loads are the addresses of what a browser fetches for a page.
func loads(t *testing.T, page string) map[string]bool {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	sitetest.Find(root, func(n *html.Node) bool {
		switch n.Data {
		case "link":
			found[sitetest.Attribute(n, "href")] = true
		case "script", "img":
			found[sitetest.Attribute(n, "src")] = true
		case "use":
			file, _, _ := strings.Cut(sitetest.Attribute(n, "href"), "#")
			found[file] = true
		}
		return false
	})
	return found
}

// The most are those of issue 17 for the page with the longest form open, and less for the others.
func TestAPageOfAHundredStepsIsLight(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(hundredSteps()), s.As(auth.Editor)
	asBrowsersDo := http.Header{"Accept-Encoding": {"gzip, deflate, br, zstd"}}
	fetch := func(path string) int {
		a := b.Send(http.MethodGet, path, nil, asBrowsersDo)
		if a.Status != http.StatusOK {
			t.Fatalf("GET %s answered %d", path, a.Status)
		}
		if strings.HasPrefix(path, "/static/") && !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s is fetched again with each page", path)
		}
		return onTheWire(a)
	}
	for path, most := range map[string]int{"/edit": 10_000, "/edit/steps/ask_12": 15_000, "/edit/steps/tell_12": 13_000, "": 7_000} {
		warm := fetch(address + path)
		cold, requests := warm, 1
		for asset := range loads(t, b.Get(address+path, http.StatusOK)) {
			cold += fetch(asset)
			requests++
		}
		if cold > 100_000 || requests > 10 || warm > most {
			t.Errorf("%q takes %d bytes in %d requests at first, and %d bytes then", path, cold, requests, warm)
		}
	}
}
