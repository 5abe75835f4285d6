package pages

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/entry"
	"workflows/worker/workflow"
)

// sentMark is the parameter of the address that says that the form was sent.
const sentMark = "sent"

// formTarget is the workflow of a public form, and the form's own rules.
type formTarget struct {
	runTarget
	rule workflow.Trigger
}

// FormOutside is a workflow's public form, for people without an account. Its address
// may fill it in beforehand; it is sent by a person alone.
func (s *Site) FormOutside(c *gin.Context) (templ.Component, error) {
	target, err := s.formOutside(c)
	if err == nil {
		err = s.Sessions.AllowOutsider(c.Request.Context(), c.ClientIP())
	}
	if err != nil {
		return nil, s.formRefused(c, err)
	}
	target.definition.Inputs = prefilled(target.definition.Inputs, c.Request.URL.Query())
	page := s.formPage(c, target, nil, lacking(target.definition.Inputs))
	if c.Query(sentMark) != "" {
		page.Sent, page.Thanks, page.Errors = true, target.rule.Thanks, nil
	}
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
	sent, err := web.FormWithFiles(c, entry.MaxFiles)
	if err != nil {
		return nil, s.formUnread(c, target, err)
	}
	form := sent.Values
	if err := s.Sessions.AllowOutsider(c.Request.Context(), c.ClientIP()); err != nil {
		return nil, s.formAgain(c, target, form, err)
	}
	// The engine checks too, but what is filled in wrong uses nothing of the form's rate.
	input, problems := readInputs(target.definition.Inputs, sent)
	if len(problems) == 0 {
		problems = blank(target.definition.Inputs, input)
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
	return nil, web.SeeOther(target.afterwards(c.Request.URL.Path, form))
}

// afterwards is where the browser goes once the form was sent: what the author has
// written, or back to the form, which says thank you and keeps what its address held.
func (t formTarget) afterwards(path string, form url.Values) string {
	if entry.Onward(t.rule.Redirect) != "" {
		return t.rule.Redirect
	}
	query := url.Values{sentMark: {"1"}}
	for _, input := range t.definition.Inputs {
		if values := form["input."+input.Name]; input.Hidden && len(values) > 0 && input.Name != sentMark {
			query[input.Name] = values
		}
	}
	return path + "?" + query.Encode()
}

// formOutside finds the workflow of the form in the address.
func (s *Site) formOutside(c *gin.Context) (formTarget, error) {
	found, rule, err := s.Hooks.Form(c.Request.Context(), c.Param("token"))
	if err != nil {
		return formTarget{}, err
	}
	target, err := s.runTarget(c.Request.Context(), found.WorkflowID)
	if origin := entry.Onward(rule.Redirect); origin != "" {
		web.AllowFormTo(c, origin)
	}
	return formTarget{target, rule}, err
}

func (s *Site) formPage(c *gin.Context, target formTarget, typed url.Values, problems []workflow.Problem) views.FormOutsidePage {
	title := cmp.Or(workflow.GivenName(target.definition.Name), "Form")
	page := views.FormOutsidePage{
		Layout: s.OutsideLayout(c, title), Title: title, Description: target.definition.Description,
		Action: c.Request.URL.Path, AgainURL: c.Request.URL.Path, Key: models.NewID(),
	}
	if typed != nil && models.ValidID(typed.Get("key")) {
		page.Key = typed.Get("key")
	}
	again, hidden := url.Values{}, map[string]bool{}
	for _, input := range target.definition.Inputs {
		field := frame.InputField(input, typed, problems)
		page.Files = page.Files || input.Uploaded()
		if !input.Hidden {
			page.Fields = append(page.Fields, field)
			continue
		}
		hidden[field.ID] = true
		values := hiddenValues(input, field, typed)
		for _, value := range values {
			page.Hidden = append(page.Hidden, ui.Pair{Name: field.Name, Value: value})
		}
		if len(values) > 0 && c.Query(input.Name) != "" && input.Name != sentMark {
			again[input.Name] = values
		}
	}
	if len(again) > 0 {
		page.AgainURL += "?" + again.Encode()
	}
	for _, problem := range problems {
		message := ui.FieldMessage{FieldID: problem.Path, Message: problem.Message}
		if hidden[problem.Path] {
			message = ui.FieldMessage{Message: "The address of this form is not whole. Open it by the link that you were given. (" + problem.Message + ")"}
		}
		page.Errors = append(page.Errors, message)
	}
	return page
}

// hiddenValues are what a form carries along for an input that it does not show.
func hiddenValues(input workflow.Input, field ui.FieldProps, typed url.Values) []string {
	switch {
	case typed != nil:
		return typed[field.Name]
	case field.Kind == "checks":
		return field.Values
	case field.Kind == "checkbox":
		if given, isAnswer := input.Default.(bool); isAnswer {
			return []string{strconv.FormatBool(given)}
		}
	case field.Value != "":
		return []string{field.Value}
	}
	return nil
}

// lacking are the hidden inputs that the address of the form should have given.
func lacking(inputs []workflow.Input) []workflow.Problem {
	var problems []workflow.Problem
	for _, input := range inputs {
		if input.Hidden && input.Required && input.Default == nil {
			_, missing := workflow.CheckInput([]workflow.Input{input}, nil)
			problems = append(problems, missing...)
		}
	}
	return problems
}

// formUnread is the form anew where what was sent is too large to be read: nothing of
// it is known.
func (s *Site) formUnread(c *gin.Context, target formTarget, err error) error {
	if large := new(http.MaxBytesError); !errors.As(err, &large) {
		return err
	}
	page := s.formPage(c, target, nil, nil)
	page.Errors = []ui.FieldMessage{{Message: "What was sent is too large, so nothing of it was read. Go back in your browser, choose smaller files or write less, and send it again."}}
	return web.Status(http.StatusRequestEntityTooLarge, views.FormOutside(page))
}

// formAgain is the form as it was filled in, with the reason why it was not taken.
func (s *Site) formAgain(c *gin.Context, target formTarget, form url.Values, err error) error {
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
	return web.Status(status, views.FormNotice(s.OutsideLayout(c, "Form"), title, sentence))
}
