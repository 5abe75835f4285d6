package web_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
)

// unpacked is what a browser makes of an answer, and whether it came compressed.
func unpacked(t *testing.T, a *httptest.ResponseRecorder) (string, bool) {
	t.Helper()
	body := io.Reader(a.Body)
	packed := a.Header().Get("Content-Encoding") == "gzip"
	if packed {
		reader, err := gzip.NewReader(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = reader
	}
	plain, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain), packed
}

func TestAnswersAreCompressedForThoseWhoTakeThat(t *testing.T) {
	long, short := strings.Repeat("all of it ", 1000), "a word"
	page := func(shown string) gin.HandlerFunc {
		return web.Page(func(*gin.Context) (templ.Component, error) { return text(shown), nil })
	}
	refused := web.Page(func(*gin.Context) (templ.Component, error) {
		return nil, web.Status(http.StatusUnprocessableEntity, text(long))
	})
	value := web.JSON(http.StatusOK, func(*gin.Context) (any, error) { return long, nil })
	for name, c := range map[string]struct {
		handler gin.HandlerFunc
		status  int
		body    string
		headers []string
		packed  bool
	}{
		"a page":                            {page(long), 200, long, []string{"Accept-Encoding", "gzip, deflate, br"}, true},
		"a page that was asked for by hand": {page(long), 200, long, []string{"Accept-Encoding", "gzip", "Sec-Fetch-Site", "none"}, true},
		"a part of a page":                  {page(long), 200, long, []string{"Accept-Encoding", "gzip", "Sec-Fetch-Site", "same-origin", "HX-Request", "true"}, true},
		"a form that comes back":            {refused, 422, long, []string{"Accept-Encoding", "gzip"}, true},
		"JSON":                              {value, 200, `"` + long + "\"\n", []string{"Accept-Encoding", "gzip"}, true},
		"a short page":                      {page(short), 200, short, []string{"Accept-Encoding", "gzip"}, false},
		"nobody takes it":                   {page(long), 200, long, nil, false},
		"it is refused":                     {page(long), 200, long, []string{"Accept-Encoding", "gzip;q=0, br"}, false},
		// BREACH: what another site has a browser ask for tells nothing by its length.
		"a link from another site":    {page(long), 200, long, []string{"Accept-Encoding", "gzip", "Sec-Fetch-Site", "cross-site"}, false},
		"a link from the same domain": {page(long), 200, long, []string{"Accept-Encoding", "gzip", "Sec-Fetch-Site", "same-site"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(serve(io.Discard, c.handler), c.headers...)
			varies := slices.Contains(a.Header().Values("Vary"), "Accept-Encoding")
			sent := a.Body.Len()
			body, packed := unpacked(t, a)
			if a.Code != c.status || body != c.body || packed != c.packed || packed && sent > len(body)/10 {
				t.Errorf("it answered %d with %d bytes for %d, compressed: %v", a.Code, sent, len(body), packed)
			}
			if varies != (len(c.body) > len(short)) {
				t.Errorf("that it depends on who asks is said: %v", varies)
			}
		})
	}
}

func TestAPageThatFailsIsOneAnswer(t *testing.T) {
	failing := serve(io.Discard, web.Page(func(*gin.Context) (templ.Component, error) { panic(errors.New("half-way")) }))
	a := ask(failing, "Accept-Encoding", "gzip")
	if body, packed := unpacked(t, a); a.Code != 500 || !packed || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
		t.Errorf("it answered %d, compressed %v: %s", a.Code, packed, body)
	}
}
