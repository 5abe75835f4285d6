package editor

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/views"
	"workflows/views/ui"
)

// NewAddressAsk asks before a webhook or a public form gets a new address.
func (s *Site) NewAddressAsk(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	hook, err := s.webhook(c.Request.Context(), d.workflow.ID, c.Param("trigger"))
	if err != nil {
		return nil, err
	}
	page := views.ConfirmationPage{
		Layout: s.Page(c, "A new address", "workflows"), Title: "Give it a new address?",
		Sentence: "The present address stops working at once, also for those who have it now. Give the new one to everybody who is to have it. What was sent so far, and its runs, stay.",
		Form: ui.ConfirmForm{
			Action: c.Request.URL.Path, BackURL: addressed(c), Hidden: []ui.Pair{{Name: "was", Value: hook.Token}},
			Button: ui.ButtonProps{Label: "Give it a new address", Icon: "rotate-cw", Kind: "danger"},
		},
	}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	return views.Confirmation(page), nil
}

// NewAddress gives it one. The form sent twice gives one.
func (s *Site) NewAddress(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	if err := s.Hooks.ChangeAddress(c.Request.Context(), c.Param("id"), c.Param("trigger"), form.Get("was")); err != nil {
		return nil, err
	}
	return nil, web.Done(addressed(c), "It has a new address. The old one has stopped working.")
}

// addressed is the page of what has the address.
func addressed(c *gin.Context) string { return strings.TrimSuffix(c.Request.URL.Path, "/address") }
