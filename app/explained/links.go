package explained

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
)

// usualDays is what is chosen at first.
const usualDays = "7"

// lasts are the lengths of time that can be chosen for a link.
var lasts = []struct {
	value, label string
	length       time.Duration
}{
	{"1", "1 day", 24 * time.Hour},
	{usualDays, "7 days", 7 * 24 * time.Hour},
	{"30", "30 days", 30 * 24 * time.Hour},
}

// LinksShow is the page on which a link is made that shows a run to somebody without an account.
func (s *Site) LinksShow(c *gin.Context) (templ.Component, error) {
	page, err := s.linksPage(c)
	if err != nil {
		return nil, err
	}
	return views.RunLinksShow(page), nil
}

// LinkMake makes one and shows it, this once.
func (s *Site) LinkMake(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	length, chosen := time.Duration(0), form.Get("days")
	for _, one := range lasts {
		if one.value == chosen {
			length = one.length
		}
	}
	if length == 0 {
		page, err := s.linksPage(c)
		if err != nil {
			return nil, err
		}
		page.Errors = []ui.FieldMessage{frame.Message("days", "Choose for how long the link works.")}
		return nil, web.Status(http.StatusUnprocessableEntity, views.RunLinksShow(page))
	}
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	token, now := newToken(), s.Now()
	link := runs.RunLink{
		ID: models.NewID(), RunID: id, Hash: hashed(token), MadeByID: auth.User(ctx).ID, MadeBy: auth.By(ctx), CreatedAt: now, ExpiresAt: now.Add(length),
	}
	if err := runs.MakeRunLink(ctx, s.DB, &link); err != nil {
		return nil, err
	}
	page, err := s.linksPage(c)
	if err != nil {
		return nil, err
	}
	page.LinkURL, page.LinkUntil, page.Zone = s.Settings.BaseURL+"/shared/"+token, link.ExpiresAt, frame.ViewerLocation(c)
	return nil, web.Status(http.StatusCreated, views.RunLinksShow(page))
}

// LinkEnd takes a link back: who made it may, and whoever operates.
func (s *Site) LinkEnd(c *gin.Context) (templ.Component, error) {
	if _, err := web.Form(c); err != nil {
		return nil, err
	}
	run, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	link, err := web.ID(c, "link")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	links, err := runs.RunLinks(ctx, s.DB, run, s.Now())
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(links, func(one runs.RunLink) bool { return one.ID == link && frame.MayEndRunLink(ctx, one) }) {
		return nil, models.ErrNotFound
	}
	if err := runs.EndRunLink(ctx, s.DB, run, link); err != nil && !errors.Is(err, models.ErrNotFound) {
		return nil, err
	}
	return nil, web.Done("/runs/"+run+"/links", "The link is taken back: it shows nothing any more.")
}

func (s *Site) linksPage(c *gin.Context) (views.RunLinksPage, error) {
	run, _, err := s.run(c)
	if err != nil {
		return views.RunLinksPage{}, err
	}
	page := views.RunLinksPage{Page: s.page(c, run, "Send this run to a colleague"), RunURL: "/runs/" + run.ID, Days: usualDays}
	for _, one := range lasts {
		page.Choices = append(page.Choices, ui.Option{Value: one.value, Label: one.label})
	}
	page.Links, err = s.RunLinks(c.Request.Context(), run.ID)
	return page, err
}

// newToken is what a link's address holds, of 160 bits: nobody guesses it.
func newToken() string { return strings.ToLower(rand.Text() + rand.Text()[:6]) }

// hashed is what is kept of it.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
