package sitetest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
)

// Browser is one signed-in person, without JavaScript.
type Browser struct {
	Site   *Site
	client *http.Client
}

// As is a browser of a new person with the role.
func (s *Site) As(role auth.Role) *Browser {
	s.T.Helper()
	jar, err := cookiejar.New(nil)
	s.Check(err)
	b := &Browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	b.Post("/enter/"+string(role), nil, http.StatusNoContent)
	return b
}

// Stranger is a browser of somebody who is not signed in.
func (s *Site) Stranger() *Browser {
	return &Browser{s, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Answer is what came back.
type Answer struct {
	Status   int
	Location string
	Tag      string
	Body     string
	Header   http.Header
}

// Send sends a request and reads the answer, whatever its status.
func (b *Browser) Send(method, path string, form url.Values, header http.Header) Answer {
	b.Site.T.Helper()
	kind := ""
	if method == http.MethodPost {
		kind = "application/x-www-form-urlencoded"
	}
	return b.send(method, path, kind, form.Encode(), header)
}

// Upload sends a form with files, whose content type says how it is written.
func (b *Browser) Upload(path, contentType string, body []byte, status int) Answer {
	b.Site.T.Helper()
	a := b.send(http.MethodPost, path, contentType, string(body), nil)
	if a.Status != status {
		b.Site.T.Fatalf("POST %s answered %d instead of %d: %s", path, a.Status, status, a.Body)
	}
	return a
}

func (b *Browser) send(method, path, contentType, body string, header http.Header) Answer {
	b.Site.T.Helper()
	request, err := http.NewRequest(method, b.Site.Server.URL+path, strings.NewReader(body))
	b.Site.Check(err)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := b.client.Do(request)
	b.Site.Check(err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	b.Site.Check(err)
	return Answer{response.StatusCode, response.Header.Get("Location"), response.Header.Get("ETag"), string(content), response.Header}
}

// Get expects a page and returns its HTML.
func (b *Browser) Get(path string, status int) string {
	b.Site.T.Helper()
	a := b.Send(http.MethodGet, path, nil, nil)
	if a.Status != status {
		b.Site.T.Fatalf("GET %s answered %d instead of %d: %s", path, a.Status, status, a.Body)
	}
	return a.Body
}

// Post expects a status and returns what came back.
func (b *Browser) Post(path string, form url.Values, status int) Answer {
	b.Site.T.Helper()
	a := b.Send(http.MethodPost, path, form, nil)
	if a.Status != status {
		b.Site.T.Fatalf("POST %s answered %d instead of %d: %s", path, a.Status, status, a.Body)
	}
	return a
}

// Shows fails unless the page holds every text, and not those that begin with "!".
func Shows(t testing.TB, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		unwanted, not := strings.CutPrefix(text, "!")
		if not == strings.Contains(page, unwanted) {
			t.Errorf("the page shows %q: %v, which is wrong\n%s", unwanted, not, MainOf(page))
		}
	}
}

// MainOf leaves out what surrounds every page.
func MainOf(page string) string {
	if _, after, found := strings.Cut(page, "<main"); found {
		page, _, _ = strings.Cut(after, "</main>")
	}
	return page
}

// Contains reports whether the page holds every text.
func Contains(page string, texts ...string) bool {
	for _, text := range texts {
		if !strings.Contains(page, text) {
			return false
		}
	}
	return true
}
