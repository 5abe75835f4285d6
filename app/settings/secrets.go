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
	"workflows/views/ui"
)

// SecretsShow lists the secrets and who uses them.
func (s *Site) SecretsShow(c *gin.Context) (templ.Component, error) {
	page, err := s.secretsPage(c)
	if err != nil {
		return nil, err
	}
	page.Saved, page.Name = c.Query("stored"), c.Query("name")
	return views.Secrets(page), nil
}

func (s *Site) secretsPage(c *gin.Context) (views.SecretsPage, error) {
	ctx := c.Request.Context()
	page := views.SecretsPage{Page: s.Page(c, "Secrets", "settings"), Key: s.Secrets.Keys.First()}
	found, err := models.ListSecrets(ctx, s.DB)
	if err != nil {
		return page, err
	}
	uses, err := s.Catalog.SecretUses(ctx)
	if err != nil {
		return page, err
	}
	if page.Older, page.OlderKeys, err = s.Secrets.Due(ctx, found); err != nil {
		return page, err
	}
	for _, stored := range found {
		row := views.SecretRow{Name: stored.Name, UpdatedBy: stored.UpdatedBy, UpdatedAt: stored.UpdatedAt, DeleteURL: frame.SecretsURL + "/" + stored.Name + "/delete"}
		for _, use := range uses[stored.Name] {
			row.UsedBy = append(row.UsedBy, ui.Link{Label: use.Name, URL: "/workflows/" + use.WorkflowID})
		}
		if stored.PreviousSealed != "" && stored.PreviousUntil != nil && stored.PreviousUntil.After(s.Now()) && len(row.UsedBy) > 0 {
			row.PreviousUntil, row.EndURL = *stored.PreviousUntil, frame.SecretsURL+"/"+stored.Name+"/end-previous"
		}
		page.Rows = append(page.Rows, row)
	}
	if auth.May(ctx, auth.Administrator) {
		page.RotateURL = "/settings/secret-keys"
	}
	return page, nil
}

// SecretPut stores a secret. Its value is never sent back, not even where it has
// to be typed again.
func (s *Site) SecretPut(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	name := form.Get("name")
	_, err = s.Secrets.Put(c.Request.Context(), name, form.Get("value"), auth.By(c.Request.Context()))
	if err == nil {
		return nil, web.SeeOther(frame.SecretsURL + "?stored=" + name)
	}
	var invalid *models.InvalidError
	if !errors.As(err, &invalid) {
		return nil, err
	}
	page, err := s.secretsPage(c)
	if err != nil {
		return nil, err
	}
	page.Name = name
	again := form.Get("value") != ""
	for _, problem := range invalid.Fields {
		page.Errors = append(page.Errors, frame.Message(problem.Path, problem.Message))
		again = again && problem.Path != "value"
	}
	if again {
		page.Errors = append(page.Errors, frame.Message("value", "Enter the value once more: what is kept as a secret is not sent back."))
	}
	return nil, web.Status(http.StatusUnprocessableEntity, views.Secrets(page))
}

// SecretDeleteAsk asks before a secret is deleted.
func (s *Site) SecretDeleteAsk(c *gin.Context) (templ.Component, error) {
	name := c.Param("name")
	found, err := models.SecretsByName(c.Request.Context(), s.DB, []string{name})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, models.ErrNotFound
	}
	return views.SecretDelete(s.Page(c, "Delete a secret", "settings"), views.SecretRow{Name: name, DeleteURL: frame.SecretsURL + "/" + name + "/delete"}), nil
}

// SecretDelete removes a secret that no workflow uses.
func (s *Site) SecretDelete(c *gin.Context) (templ.Component, error) {
	if err := s.Catalog.DeleteSecret(c.Request.Context(), c.Param("name")); err != nil {
		return nil, err
	}
	return nil, web.Done(frame.SecretsURL, "The secret "+c.Param("name")+" is deleted.")
}

// SecretEndPrevious has webhooks believe the present value only.
func (s *Site) SecretEndPrevious(c *gin.Context) (templ.Component, error) {
	if err := s.Secrets.EndPrevious(c.Request.Context(), c.Param("name")); err != nil {
		return nil, err
	}
	return nil, web.Done(frame.SecretsURL, "Only the present value of "+c.Param("name")+" is accepted from now on.")
}

// SecretsRotate encrypts everything with the first of SECRET_KEYS.
func (s *Site) SecretsRotate(c *gin.Context) (templ.Component, error) {
	if _, err := s.Secrets.Rotate(c.Request.Context()); err != nil {
		return nil, err
	}
	return nil, web.Done(frame.SecretsURL, "All secrets are encrypted with the newest key.")
}
