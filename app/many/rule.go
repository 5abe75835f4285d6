package many

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// RuleShow is the page on which somebody has the runs of a reason run again by themselves.
func (s *Site) RuleShow(c *gin.Context) (templ.Component, error) {
	rule, _, err := failures.RuleOf(c.Request.Context(), s.DB, c.Param("id"))
	stands := err == nil
	if errors.Is(err, models.ErrNotFound) {
		rule = failures.Rule{AfterSeconds: int(time.Hour / time.Second), AtMost: 3, RetryFrom: engine.FromFailedStep, RetryVersion: engine.VersionCurrent}
		err = nil
	}
	if err != nil {
		return nil, err
	}
	form := url.Values{
		"after": {workflow.DurationWords(rule.After())}, "at_most": {strconv.Itoa(rule.AtMost)},
		"from": {rule.RetryFrom}, "version": {rule.RetryVersion},
	}
	page, err := s.rulePage(c, form, stands, nil)
	if err != nil {
		return nil, err
	}
	return views.RuleShow(page), nil
}

// RuleSet has the runs of a reason run again by themselves as the form says.
func (s *Site) RuleSet(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	rule, problems := readRule(form)
	if len(problems) == 0 {
		err = failures.SetRule(ctx, s.DB, c.Param("id"), rule, failures.Deed{By: auth.By(ctx), Now: s.Now()})
		if err != nil && len(frame.PauseProblems(err)) == 0 {
			return nil, err
		}
		problems = frame.PauseProblems(err)
	}
	if len(problems) > 0 {
		_, _, err := failures.RuleOf(ctx, s.DB, c.Param("id"))
		page, err := s.rulePage(c, form, err == nil, problems)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, views.RuleShow(page))
	}
	return nil, web.Done(groupURL(c), "What fails so from now on is run again by itself.")
}

// RuleRemove has nothing of a reason run again by itself any more.
func (s *Site) RuleRemove(c *gin.Context) (templ.Component, error) {
	if err := failures.RemoveRule(c.Request.Context(), s.DB, c.Param("id")); err != nil {
		return nil, err
	}
	return nil, web.Done(groupURL(c), "Nothing of this is run again by itself any more.")
}

func groupURL(c *gin.Context) string { return "/failures/" + c.Param("id") }

// readRule is the rule that a form asks for, and what of it cannot be read.
func readRule(form url.Values) (rule failures.Rule, problems []ui.FieldMessage) {
	after, err := workflow.ParseDuration(workflow.ReadLength(form.Get("after")))
	if err != nil {
		problems = append(problems, frame.Message("after", "Enter how long to wait, such as 1 hour."))
	}
	rule = failures.Rule{AfterSeconds: int(after / time.Second), RetryFrom: form.Get("from"), RetryVersion: form.Get("version")}
	if rule.AtMost, err = strconv.Atoi(strings.TrimSpace(form.Get("at_most"))); err != nil {
		problems = append(problems, frame.Message("at_most", "Enter how often at most, from 1 to 10."))
	}
	if sentence := problem(rule.RetryFrom, true, engine.FromStart, engine.FromFailedStep, "Choose where to begin."); sentence != "" {
		problems = append(problems, frame.Message("from", sentence))
	}
	if sentence := problem(rule.RetryVersion, true, engine.VersionSame, engine.VersionCurrent, "Choose which version they run on."); sentence != "" {
		problems = append(problems, frame.Message("version", sentence))
	}
	return rule, problems
}

func (s *Site) rulePage(c *gin.Context, form url.Values, stands bool, problems []ui.FieldMessage) (views.RulePage, error) {
	ctx := c.Request.Context()
	f, err := failures.Get(ctx, s.DB, c.Param("id"))
	if err != nil {
		return views.RulePage{}, err
	}
	page := views.RulePage{
		Page: s.Page(c, "Run again by itself", "failures"), Errors: problems, Cause: cmp.Or(f.Sentence, "They did not say why."), Workflow: f.WorkflowName, WorkflowURL: "/workflows/" + f.WorkflowID,
		Stands: stands, SaveURL: groupURL(c) + "/rule", RemoveURL: groupURL(c) + "/rule/remove", BackURL: groupURL(c),
	}
	page.Page.Crumbs = []ui.Link{{Label: "Failures", URL: "/failures"}, {Label: "Why runs failed", URL: groupURL(c)}}
	page.Fields = []ui.FieldProps{
		{Name: "after", Label: "How long after it failed", Width: "medium", Value: form.Get("after"), Help: "From a minute to 30 days, such as 15 minutes, 1 hour or 2 days."},
		{Name: "at_most", Kind: "number", Label: "How often at most", Width: "short", Value: form.Get("at_most"), Help: "Each time that it is run again and fails counts. From 1 to 10."},
		{Name: "from", Kind: "radio", Label: beginLabel, Value: form.Get("from"), Options: []ui.Option{
			{Value: engine.FromFailedStep, Label: "From the step that failed"}, {Value: engine.FromStart, Label: "From the start"},
		}, Help: "From the step that failed, what was finished before it is not repeated. Its results are taken over."},
		{Name: "version", Kind: "radio", Label: versionLabel, Value: form.Get("version"), Options: []ui.Option{
			{Value: engine.VersionCurrent, Label: "The one that is published then"}, {Value: engine.VersionSame, Label: "The one on which it failed"},
		}},
	}
	for i := range page.Errors {
		for j := range page.Fields {
			if page.Fields[j].Name == page.Errors[i].FieldID {
				page.Errors[i].Label, page.Fields[j].Error = page.Fields[j].Label, page.Errors[i].Message
			}
		}
	}
	if f.ExampleRunID == nil {
		return page, nil
	}
	portions, err := runs.Portions(ctx, s.DB, []string{*f.ExampleRunID})
	if err != nil {
		return page, err
	}
	var asked views.ManyAskPage
	_, err = s.actors(ctx, portions, &asked)
	page.Actors = asked.Actors
	return page, err
}
