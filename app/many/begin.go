package many

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/views"
	"workflows/views/ui"
)

// Begin has done with many runs what was asked. Where more than a tenth more runs are meant
// than the form said, it asks once more.
func (s *Site) Begin(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	o := readOrder(form, frame.ViewerLocation(c), s.Now())
	if !slices.Contains(bulk.Actions(), o.action) { // of no page of ours
		return nil, web.Done("/runs", "Nothing was done. Choose once more what to do with which runs.")
	}
	if !frame.MayDo(ctx, o.action) {
		return nil, models.ErrForbidden
	}
	request, problems := o.request()
	before, err := s.begunBefore(ctx, request.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	if before != "" {
		return nil, web.SeeOther(frame.BulkURL + "/" + before)
	}
	page, number, err := s.ask(ctx, c, o, true)
	if err != nil {
		return nil, err
	}
	if page.None == "" {
		page.Errors = problems
	}
	if len(page.Errors) == 0 && page.None == "" && number > o.shown+o.shown/10 {
		page.Errors = []ui.FieldMessage{{Message: "Meanwhile more runs match than were shown. Look once more, then press the button."}}
	}
	if len(page.Errors) > 0 || page.None != "" {
		return nil, web.Status(http.StatusUnprocessableEntity, views.ManyAsk(page))
	}
	begun, err := bulk.Create(ctx, s.DB, request, s.Now())
	var invalid *models.InvalidError
	if errors.As(err, &invalid) { // so many have come to match in this moment
		page.Errors = []ui.FieldMessage{{Message: invalid.Message}}
		return nil, web.Status(http.StatusUnprocessableEntity, views.ManyAsk(page))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done(frame.BulkURL+"/"+begun.ID, begunWords(begun.Total, o.shown))
}

// begunBefore is the id of what this key was used for, "" for nothing: it was sent twice.
func (s *Site) begunBefore(ctx context.Context, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	newest, err := bulk.Newest(ctx, s.DB)
	for _, b := range newest {
		if b.IdempotencyKey != nil && *b.IdempotencyKey == key {
			return b.ID, nil
		}
	}
	return "", err
}

func begunWords(total, shown int64) string {
	words := "It has begun, and goes on when you leave this page."
	switch {
	case total > shown:
		words += " Meanwhile " + ui.Count(total-shown) + " more had come to match."
	case total < shown:
		words += " Meanwhile " + ui.Count(shown-total) + " had ended, or been seen to otherwise: they are left out."
	}
	return words
}
