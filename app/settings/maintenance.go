package settings

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
)

// MaintenanceShow says whether work is stopped, and lets administrators stop it.
func (s *Site) MaintenanceShow(c *gin.Context) (templ.Component, error) {
	page, err := s.maintenance(c)
	if err != nil {
		return nil, err
	}
	return views.Maintenance(page), nil
}

// MaintenanceBegin stops all work.
func (s *Site) MaintenanceBegin(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	err = models.BeginMaintenance(ctx, s.DB, models.Maintenance{Since: s.Now(), By: auth.By(ctx), Why: form.Get("reason")})
	if invalid := new(models.InvalidError); errors.As(err, &invalid) {
		page, err := s.maintenance(c)
		if err != nil {
			return nil, err
		}
		page.Why = form.Get("reason")
		page.Errors = append(page.Errors, frame.Message("reason", invalid.Message))
		return nil, web.Status(http.StatusUnprocessableEntity, views.Maintenance(page))
	}
	if err != nil {
		return nil, err
	}
	s.Board.Invalidate()
	return nil, web.Done(frame.MaintenanceURL, "Work is stopped: steps that run have 20 seconds to end, and nothing else starts.")
}

// MaintenanceEnd has workers work again.
func (s *Site) MaintenanceEnd(c *gin.Context) (templ.Component, error) {
	if err := models.EndMaintenance(c.Request.Context(), s.DB); err != nil {
		return nil, err
	}
	s.Board.Invalidate()
	return nil, web.Done(frame.MaintenanceURL, "Work goes on: workers take runs again within a few seconds.")
}

func (s *Site) maintenance(c *gin.Context) (views.MaintenancePage, error) {
	ctx := c.Request.Context()
	still, err := models.StandstillOf(ctx, s.DB)
	if err != nil {
		return views.MaintenancePage{}, err
	}
	page := views.MaintenancePage{Layout: s.Page(c, "Maintenance", "settings"), Asks: auth.May(ctx, auth.Administrator)}
	if still.Maintenance != nil {
		page.Since, page.By, page.Why = still.Maintenance.Since, still.Maintenance.By, still.Maintenance.Why
	}
	return page, nil
}
