package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// FormOutside is a workflow's public form, for people without an account.
func (s *Site) FormOutside(c *gin.Context) (templ.Component, error) {
	target, err := s.formOutside(c)
	if err == nil {
		err = s.Sessions.AllowOutsider(c.Request.Context(), c.ClientIP())
	}
	if err != nil {
		return nil, s.formRefused(c, err)
	}
	page := s.formPage(c, target, nil, nil)
	page.Sent = c.Query("sent") != ""
	return views.FormOutside(page), nil
}

// FormOutsideSend starts a run with what was filled in. What is typed is data and
// nothing else: no reference in it is read. Whatever refuses it, what was typed
// stays in the form.
func (s *Site) FormOutsideSend(c *gin.Context) (templ.Component, error) {
	target, err := s.formOutside(c)
	if err != nil {
		return nil, s.formRefused(c, err)
	}
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.AllowOutsider(c.Request.Context(), c.ClientIP()); err != nil {
		return nil, s.formAgain(c, target, form, err)
	}
	input, problems := readInputs(target.definition.Inputs, form)
	if len(problems) == 0 { // the engine checks too, but what is filled in wrong uses nothing of the form's rate
		_, problems = workflow.CheckInput(target.definition.Inputs, input)
	}
	if len(problems) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.FormOutside(s.formPage(c, target, form, problems)))
	}
	text, _ := json.Marshal(input) // inputs come from JSON or text
	sum := sha256.Sum256(text)
	hash, key := hex.EncodeToString(sum[:]), ""
	if models.ValidID(form.Get("key")) { // a double click makes one run
		key = "form:" + form.Get("key") + ":" + hash[:16]
	}
	run, err := s.Hooks.Submit(c.Request.Context(), c.Param("token"), input, key, hash)
	switch {
	case err != nil:
		return nil, s.formAgain(c, target, form, err)
	case engine.Skipped(run) != "":
		page := s.formPage(c, target, form, nil)
		page.Key = models.NewID() // that of the run that was skipped would find it again
		page.Errors = []ui.FieldMessage{{Message: "It was not taken, because another one is being worked on. Send it again later."}}
		return nil, web.Status(http.StatusConflict, views.FormOutside(page))
	}
	return nil, web.SeeOther(c.Request.URL.Path + "?sent=1")
}

// formOutside finds the workflow of the form in the address.
func (s *Site) formOutside(c *gin.Context) (runTarget, error) {
	found, _, err := s.Hooks.Form(c.Request.Context(), c.Param("token"))
	if err != nil {
		return runTarget{}, err
	}
	return s.runTarget(c.Request.Context(), found.WorkflowID)
}

func (s *Site) formPage(c *gin.Context, target runTarget, typed url.Values, problems []workflow.Problem) views.FormOutsidePage {
	page := views.FormOutsidePage{
		Layout: s.outsideLayout(c, target.definition.Name), Title: target.definition.Name, Description: target.definition.Description,
		Action: c.Request.URL.Path, Key: models.NewID(),
	}
	if typed != nil && models.ValidID(typed.Get("key")) {
		page.Key = typed.Get("key")
	}
	for _, input := range target.definition.Inputs {
		page.Fields = append(page.Fields, inputField(input, typed, problems))
	}
	for _, problem := range problems {
		page.Errors = append(page.Errors, ui.FieldMessage{FieldID: problem.Path, Message: problem.Message})
	}
	return page
}

// outsideLayout shows nothing of the site, also to somebody who is signed in.
func (s *Site) outsideLayout(c *gin.Context, title string) ui.Page {
	layout := s.Page(c, title, "")
	layout.Viewer, layout.Notices = nil, nil
	return layout
}

// formAgain is the form as it was filled in, with the reason why it was not taken.
func (s *Site) formAgain(c *gin.Context, target runTarget, form url.Values, err error) error {
	var invalid *models.InvalidError
	if errors.As(err, &invalid) { // published anew meanwhile
		return web.Status(http.StatusUnprocessableEntity, views.FormOutside(s.formPage(c, target, form, problemsOf(invalid))))
	}
	wait, limited := retryAfter(err)
	if !limited {
		return s.formRefused(c, err)
	}
	page := s.formPage(c, target, form, nil)
	page.Errors = []ui.FieldMessage{{Message: fmt.Sprintf("Too many people are sending this form. Try again in %s.", seconds(wait))}}
	web.RetryAfter(c, wait)
	return web.Status(http.StatusTooManyRequests, views.FormOutside(page))
}

// retryAfter is how long to wait, in whole seconds, if the error is that of a limit.
func retryAfter(err error) (time.Duration, bool) {
	var limit *models.LimitError
	var failure *web.Failure
	wait := time.Duration(0)
	switch {
	case errors.As(err, &limit):
		wait = limit.RetryAfter
	case errors.As(err, &failure) && failure.Status == http.StatusTooManyRequests:
		wait = failure.RetryAfter
	default:
		return 0, false
	}
	return max(time.Second, (wait + time.Second - 1).Truncate(time.Second)), true
}

func seconds(wait time.Duration) string {
	if wait == time.Second {
		return "a second"
	}
	return fmt.Sprintf("%d seconds", wait/time.Second)
}

// formRefused is a page of its own for those who have no account: nothing on it
// leads into the site.
func (s *Site) formRefused(c *gin.Context, err error) error {
	var closed *models.ConflictError
	wait, limited := retryAfter(err)
	switch {
	case errors.As(err, &closed):
		return s.formNotice(c, http.StatusConflict, "This form is closed at the moment.", "Try again later.")
	case errors.Is(err, models.ErrNotFound):
		return s.formNotice(c, http.StatusNotFound, "There is no form here.", "Check the address, or ask whoever gave it to you.")
	case limited:
		web.RetryAfter(c, wait)
		return s.formNotice(c, http.StatusTooManyRequests, "Too many tries.", fmt.Sprintf("Try again in %s.", seconds(wait)))
	}
	return err
}

func (s *Site) formNotice(c *gin.Context, status int, title, sentence string) error {
	return web.Status(status, views.FormNotice(s.outsideLayout(c, "Form"), title, sentence))
}
