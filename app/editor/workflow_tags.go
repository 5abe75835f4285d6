package editor

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/listing"
	"workflows/views"
)

// WorkflowFavourite has a workflow be one of the viewer's favourites, or none any more.
func (s *Site) WorkflowFavourite(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	found, err := models.GetWorkflow(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	is := form.Get("favourite") == "1"
	if err := listing.SetFavourite(ctx, s.DB, viewerID(c), found.ID, is); err != nil {
		return nil, err
	}
	said := "“" + found.Name + "” is " + frame.Either(is, "one of your favourites: it stands first in the list.", "no favourite of yours any more.")
	if form.Get("on") == "workflow" {
		return nil, web.Done("/workflows/"+found.ID, said)
	}
	list, _ := url.ParseQuery(form.Get("back")) // what cannot be read is left out
	return nil, web.Done("/workflows"+frame.WithQuestion(list.Encode())+"#workflow-"+found.ID, said)
}

// WorkflowTag puts a tag on a workflow, or takes one off.
func (s *Site) WorkflowTag(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	if tag := form.Get("remove"); tag != "" {
		if _, err := s.Catalog.RemoveTag(ctx, id, tag); err != nil {
			return nil, err
		}
		return nil, web.Done("/workflows/"+id+"#tags", "The tag “"+tag+"” is off.")
	}
	_, err = s.Catalog.AddTag(ctx, id, form.Get("tag"))
	var invalid *models.InvalidError
	if errors.As(err, &invalid) {
		page, err := s.workflowPage(c)
		if err != nil {
			return nil, err
		}
		page.Tags.Typed, page.Tags.Error = form.Get("tag"), invalid.Message
		return nil, web.Status(http.StatusUnprocessableEntity, views.Workflow(page))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/workflows/"+id+"#tags", "The tag “"+form.Get("tag")+"” is on it.")
}

// tagCard is the tags of a workflow, those that can be put on it, and whether it is one of the
// viewer's favourites.
func (s *Site) tagCard(c *gin.Context, id string) (card views.TagCard, favourite bool, err error) {
	ctx := c.Request.Context()
	tags, err := listing.TagsOf(ctx, s.DB, id)
	if err != nil {
		return card, false, err
	}
	card.Tags = tags[id]
	if card.Offered, err = listing.AllTags(ctx, s.DB); err != nil {
		return card, false, err
	}
	favourite, err = listing.IsFavourite(ctx, s.DB, viewerID(c), id)
	return card, favourite, err
}
