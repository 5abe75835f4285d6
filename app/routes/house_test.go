package routes_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models/modelstest"
)

func picture(t *testing.T, side int) string {
	t.Helper()
	var data bytes.Buffer
	if err := png.Encode(&data, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return data.String()
}

func TestHouseStandsAboveWhatPeopleWithoutAnAccountSee(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		link := s.form(nil)
		outside, inside := s.visitor(), s.signedIn(auth.Administrator)
		if page := outside.get(link); !strings.Contains(page.text(), "Workflow System") {
			t.Errorf("without a name it shows %s", page.text())
		}
		if a := inside.post("/settings/house", url.Values{"name": {"M\u202e"}}); a.StatusCode != 422 || !strings.Contains(a.text(), "at most 80 visible characters") {
			t.Errorf("a name that turns what follows it answered %d %s", a.StatusCode, a.text())
		}
		if a := outside.get("/logo"); a.StatusCode != 404 {
			t.Errorf("a logo that is not there answered %d", a.StatusCode)
		}
		logo := picture(t, 20)
		if a := inside.upload("/settings/house", url.Values{"name": {" Müller & <b>Söhne</b> "}}, sentFile{"logo", "logo.html", "text/html", logo}); a.StatusCode != 303 {
			t.Fatalf("saving it answered %d %s", a.StatusCode, a.text())
		}
		page := outside.get(link)
		if !strings.Contains(page.body, "<span>Müller &amp; &lt;b&gt;Söhne&lt;/b&gt;</span>") || strings.Contains(page.body, "Workflow System") {
			t.Errorf("the form shows %s", page.body)
		}
		_, address, _ := strings.Cut(page.body, `<img class="house-logo" src="`)
		address, _, _ = strings.Cut(address, `"`)
		shown := outside.get(address)
		if shown.StatusCode != 200 || shown.body != logo || shown.Header.Get("Content-Type") != "image/png" || shown.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(shown.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("the logo at %q is %d %v", address, shown.StatusCode, shown.Header)
		}
		if page := inside.get("/"); !strings.Contains(page.text(), "Workflow System") {
			t.Error("people with an account see it too")
		}
		if page := outside.get("/forms/nothing"); !strings.Contains(page.body, "house-logo") {
			t.Errorf("a form that is not there shows %s", page.text())
		}
		if a := inside.upload("/settings/house", url.Values{"name": {"Müller"}}, sentFile{"logo", "", "application/octet-stream", ""}); a.StatusCode != 303 || outside.get("/logo").body != logo {
			t.Errorf("without a new logo the present one does not stay: %d", a.StatusCode)
		}
		if event := s.record("house.changed"); !strings.Contains(string(event.After), `"Müller"`) {
			t.Errorf("it is recorded as %s", event.After)
		}
		inside.upload("/settings/house", url.Values{"name": {""}, "remove": {"true"}})
		if page := outside.get(link); !strings.Contains(page.text(), "Workflow System") || strings.Contains(page.body, "house-logo") || outside.get("/logo").StatusCode != 404 {
			t.Errorf("taken away, the form shows %s", page.text())
		}
	})
}

func TestLogoIsAPictureThatStrangersCanBeShown(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	inside := s.signedIn(auth.Administrator)
	var moving bytes.Buffer
	if err := gif.Encode(&moving, image.NewPaletted(image.Rect(0, 0, 4, 4), []color.Color{color.Black}), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data   string
		status int
	}{
		"a script": {"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422}, "a page": {"<html>", 422}, "nothing": {"", 422},
		"cut off": {picture(t, 20)[:60], 422}, "many points": {picture(t, 1001), 422}, "more than 64 kB": {picture(t, 20) + strings.Repeat("x", 65<<10), 422}, "a GIF": {moving.String(), 303},
	} {
		a := inside.upload("/settings/house", url.Values{"name": {"Kept"}}, sentFile{"logo", "logo.png", "image/png", c.data})
		if a.StatusCode != c.status || c.status == 422 && (!strings.Contains(a.body, `value="Kept"`) || !strings.Contains(a.body, `id="logo-error"`)) {
			t.Errorf("%s answered %d %s", name, a.StatusCode, a.text())
		}
	}
	if a := inside.upload("/settings/house", url.Values{"name": {strings.Repeat("ä", 81)}}); a.StatusCode != 422 || !strings.Contains(a.body, `id="name-error"`) {
		t.Errorf("a long name answered %d", a.StatusCode)
	}
	if a := s.signedIn(auth.Editor).get("/settings/house"); a.StatusCode != http.StatusForbidden {
		t.Errorf("an editor may change it: %d", a.StatusCode)
	}
}
