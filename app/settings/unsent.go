package settings

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
)

// unsentBytes bounds what the sign-in page carries: with it, what is sent to sign in
// stays below web.MaxForm.
const unsentBytes = 180 << 10

// unsent is a form that a person has sent after their session had ended. The sign-in
// page that answers it carries it, sealed for that person and kept nowhere else: who
// comes to the page reads nothing, and no other site can make one up. Of a browser without
// any cookie nobody knows whose it is: it is sealed for whoever signs in on that very page.
type unsent struct {
	to, back string // where it was sent, and the page that it stands on
	form     url.Values
}

func unsentPlace(person string) string { return "unsent/" + person }

// seal returns "" for what is too long to be carried, and where there are no keys.
func (s *Site) seal(person string, u unsent) string {
	if s.Secrets == nil {
		return ""
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, url.Values{"to": {u.to}, "back": {u.back}, "form": {u.form.Encode()}}.Encode())
	if errors.Join(err, w.Close()) != nil {
		return "" // never: it is written to memory
	}
	sealed := s.Secrets.Keys.Seal(unsentPlace(person), packed.String())
	if len(url.QueryEscape(sealed)) > unsentBytes {
		return ""
	}
	return sealed
}

// unseal opens what was sealed for this person, or "" for anybody, and nothing else.
func (s *Site) unseal(person, sealed string) (unsent, bool) {
	if sealed == "" || s.Secrets == nil {
		return unsent{}, false
	}
	packed, err := s.Secrets.Keys.Open(unsentPlace(person), sealed)
	if err != nil {
		return unsent{}, false
	}
	r, err := gzip.NewReader(bytes.NewReader([]byte(packed)))
	if err != nil {
		return unsent{}, false
	}
	text, err := io.ReadAll(r) // it was a form: bounded when it was sealed
	if err != nil {
		return unsent{}, false
	}
	all, err := url.ParseQuery(string(text))
	if err != nil {
		return unsent{}, false
	}
	form, err := url.ParseQuery(all.Get("form"))
	return unsent{to: all.Get("to"), back: all.Get("back"), form: form}, err == nil
}

// SignInFirst leads who is signed out to the sign-in page and from there back. A
// form that somebody has sent whose session has ended meanwhile is answered with
// that page at once, so that it can carry the form. secret: the form holds a
// password or a key, which no page carries.
func (s *Site) SignInFirst(c *gin.Context, secret bool) {
	c.Abort()
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	switch {
	case web.IsHX(c) && reads:
		// htmx would put the page into a part of the present one, so it is told to leave.
		web.Leave(c, http.StatusUnauthorized, loginURL(cameFrom(c)))
	case web.IsHX(c): // what is typed stays where it is, in the page
		message := "Your session has ended. Nothing that you typed is lost: send the form, and you sign in first."
		if s.Secrets == nil {
			message = "Your session has ended. Copy what you typed, then sign in."
		}
		web.Fail(c, &web.Failure{Status: http.StatusUnauthorized, Code: "signed_out", Message: message})
	case reads:
		web.Fail(c, web.SeeOther(loginURL(c.Request.URL.RequestURI())))
	case s.Sessions.Last(c) == "" && (!fromHere(c) || c.Request.ContentLength == 0): // a program, of which nothing is read, or a button alone
		web.Fail(c, web.SeeOther(loginURL(cameFrom(c))))
	default:
		if s.Sessions.Last(c) == "" {
			if err := s.Sessions.AllowOutsider(c.Request.Context(), c.ClientIP()); err != nil {
				web.Fail(c, err)
				return
			}
		}
		web.Page(func(c *gin.Context) (templ.Component, error) { return s.signInAgain(c, secret) })(c)
	}
}

// fromHere reports whether a browser says that a form stands on a page of ours: what it says
// was looked at by web.SameOrigin, and a program has nothing to lose.
func fromHere(c *gin.Context) bool {
	return c.GetHeader("Sec-Fetch-Site") == "same-origin" || c.GetHeader("Origin") != ""
}

// signInAgain is the sign-in page as the answer to a form.
func (s *Site) signInAgain(c *gin.Context, secret bool) (templ.Component, error) {
	page := s.loginPage(c, cameFrom(c))
	if secret {
		page.Ended = "Your session has ended. What you sent holds a password or a key, so it was not kept. Sign in, then type it again."
		return nil, web.Status(http.StatusUnauthorized, views.Login(page))
	}
	sent, err := web.FormWithFiles(c, 0) // no page carries files: their names say that they are to be chosen again
	if err != nil {
		return nil, err
	}
	form := sent.Values
	page.Unsent = s.seal(s.Sessions.Last(c), unsent{to: c.Request.URL.RequestURI(), back: page.Next, form: form})
	switch {
	case len(form) == 0:
		page.Unsent, page.Ended = "", "Your session has ended, so this was not done. Sign in, then do it again."
	case s.Secrets == nil:
		page.Ended = "Your session has ended, and what you typed cannot be kept here. Go back in your browser and copy it, then sign in."
	case page.Unsent == "":
		page.Ended = "Your session has ended, and what you typed is too long to be kept here. Go back in your browser and copy it, then sign in."
	case len(sent.Files) > 0:
		page.Ended = "Your session has ended. Sign in to go on: what you typed is kept, but files have to be chosen again."
	default:
		page.Ended = "Your session has ended. Sign in to go on: what you typed is kept."
	}
	return nil, web.Status(http.StatusUnauthorized, views.Login(page))
}

// goOn is what a person sees who has signed in: what they had sent before, to send
// it now, or the page where they were.
func (s *Site) goOn(c *gin.Context, user models.User, page views.LoginPage) (templ.Component, error) {
	kept, ok := s.unseal(user.ID, page.Unsent)
	if !ok {
		kept, ok = s.unseal("", page.Unsent)
	}
	if !ok {
		return nil, web.SeeOther(page.Next)
	}
	shown := views.UnsentPage{
		Layout: page.Layout, To: kept.to, Back: localPath(kept.back), Typed: s.typedWords(c.Request.Context(), kept), Deed: kept.deed(),
	}
	shown.Layout.Title = "Signed in again"
	for _, name := range slices.Sorted(maps.Keys(kept.form)) {
		for _, value := range kept.form[name] {
			shown.Fields = append(shown.Fields, ui.Pair{Name: name, Value: value})
		}
	}
	return views.Unsent(shown), nil
}

func loginURL(next string) string {
	if next == "/" || next == "" {
		return "/login"
	}
	return "/login?" + url.Values{"next": {next}}.Encode()
}

// cameFrom is the page of ours on which something was pressed, else the overview.
func cameFrom(c *gin.Context) string {
	page := c.GetHeader("HX-Current-URL")
	if !web.IsHX(c) {
		page = c.GetHeader("Referer")
	}
	if address, err := url.Parse(page); err == nil && page != "" {
		return localPath(web.Inside(c, address).RequestURI())
	}
	return "/"
}
