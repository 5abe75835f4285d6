package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
)

// front is a web site of which the system is a part: it hands on what is asked below
// /flows, and nothing of the system leads to anything else.
type front struct {
	*httptest.Server
	system atomic.Pointer[url.URL]
}

// inFront makes one that takes /flows off every second request that it hands on, and leaves it
// on the others: some proxies do, some do not.
func inFront(t *testing.T) *front {
	t.Helper()
	f := &front{}
	var handOn http.Handler = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(f.system.Load())
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}}
	takesOff, asked := http.StripPrefix("/flows", handOn), atomic.Int64{}
	site := http.NewServeMux()
	site.HandleFunc("/flows/", func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1)%2 == 0 {
			takesOff.ServeHTTP(w, r)
		} else {
			handOn.ServeHTTP(w, r)
		}
	})
	site.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s is asked for, out of /flows", r.Method, r.URL)
		http.NotFound(w, r)
	})
	f.Server = httptest.NewServer(site)
	t.Cleanup(f.Close)
	return f
}

func TestAPersonBuildsAndRunsAWorkflowUnderASubPath(t *testing.T) {
	t.Parallel()
	front := inFront(t)
	base := front.URL + "/flows"
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "BASE_URL="+base)
	system, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}
	front.system.Store(system)
	b := open(t, base)
	target, _ := shop(t)
	b.account(s)
	b.quiet("overview")
	workflow := b.build(target.URL)
	b.words(workflow + "/edit/steps/fetch_the_order")
	b.visit(workflow + "/publish")
	b.follow("Publish")
	b.visit(b.runByHand(workflow))
	b.follow("Run again")
	b.sees("From the start")
	b.quiet("run again")

	a := &api{t, base}
	_, form := asking(a, object{"thanks": "Thank you."})
	b.visit(form)
	b.fill("input.name", "Ann")
	b.script("document.querySelector('#input\\\\.extras-1').click(), document.querySelector('#input\\\\.terms').click()")
	b.press("Send")
	b.sees("Thank you.")
	made := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Takes orders", "triggers": []object{{"id": "shop", "type": "webhook"}, {"id": "hub", "type": "webhook"}}, "steps": []object{
		{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}},
	}}, 201)
	b.visit("/deliveries/" + delivered(t, a, made))
	b.follow("Replay: start a run with it")
	b.until("the run of the replay is shown", b.at("/runs/"))

	b.visit("/settings")
	b.script(`document.querySelector('button[name=theme][value=dark]').click()`)
	b.until("the theme has changed", "document.documentElement.dataset.theme === 'dark' && "+b.at("/settings"))
	b.script(`document.querySelector('form[action$="/logout"] button').click()`)
	b.until("the person is signed out", b.at("/login"))
	b.visit("/runs?status=failed")
	b.fill("email", "ann@example.com")
	b.fill("password", "correct horse battery")
	b.follow("Sign in")
	b.until("the page that was asked for is shown", b.at("/runs?status=failed"))
}
