package editor

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// PublishShow says what publishing the draft changes, or what is wrong with it.
func (s *Site) PublishShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	page, err := s.publishPage(c, d)
	if err != nil {
		return nil, err
	}
	return views.Publish(page), nil
}

// Publish makes the draft the version that runs, if it is still the draft that
// the person has seen.
func (s *Site) Publish(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	seen, err := strconv.ParseInt(form.Get("revision"), 10, 64)
	if err != nil {
		seen = -1 // no revision
	}
	problems, err := s.Catalog.Check(ctx, d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	if seen == d.workflow.DraftRevision && len(problems) > 0 { // also those that Catalog lets programs publish with
		return nil, s.publishAgain(c, d, http.StatusUnprocessableEntity, "")
	}
	published, err := s.Catalog.Publish(ctx, d.workflow.ID, &seen, auth.By(ctx))
	var invalid *models.InvalidError
	if errors.As(err, &invalid) {
		return nil, s.publishAgain(c, d, http.StatusUnprocessableEntity, "")
	}
	var conflict *models.ConflictError
	if errors.As(err, &conflict) && conflict.Code == "conflict" {
		if d, err = s.draft(c); err != nil {
			return nil, err
		}
		return nil, s.publishAgain(c, d, http.StatusConflict, "The draft has changed since you looked at it. Look at what changes now, then publish.")
	}
	if err != nil {
		return nil, err
	}
	said, err := s.publishedWords(c, d.workflow, published)
	if err != nil {
		return nil, err
	}
	return nil, web.Done(d.url(), said+headedForm(d.definition))
}

// headedForm says how a form is headed whose workflow nobody has named.
func headedForm(d workflow.Definition) string {
	if workflow.GivenName(d.Name) != "" || !slices.ContainsFunc(d.Triggers, func(t workflow.Trigger) bool { return t.Type == "form" }) {
		return ""
	}
	return " Nobody has named it yet, so its form is headed “Form”."
}

// publishedWords say what publishing has come to, and when it runs next.
func (s *Site) publishedWords(c *gin.Context, before, after models.Workflow) (string, error) {
	number := "Version " + strconv.Itoa(*after.Version)
	if before.Version != nil && *before.Version == *after.Version {
		return number + " is published already, and the draft is the same.", nil
	}
	if after.Status == workflow.StatusPaused {
		return number + " is published. The workflow stays paused: no schedule starts it until somebody resumes it.", nil
	}
	next, err := s.nextRun(c, after.ID)
	if err != nil {
		return "", err
	}
	return number + " is published." + next, nil
}

// nextRun says in a sentence of its own when a schedule starts the workflow next; ""
// where none will.
func (s *Site) nextRun(c *gin.Context, id string) (string, error) {
	planned, err := schedules.Of(c.Request.Context(), s.DB, id)
	if err != nil {
		return "", err
	}
	var next time.Time
	for _, row := range planned {
		if row.Status == models.ScheduleActive && row.NextAt != nil && (next.IsZero() || row.NextAt.Before(next)) {
			next = *row.NextAt
		}
	}
	if next.IsZero() {
		return "", nil
	}
	return " It runs next " + frame.When(next, s.Now(), frame.ViewerLocation(c)) + ".", nil
}

func (s *Site) publishAgain(c *gin.Context, d draft, status int, warning string) error {
	page, err := s.publishPage(c, d)
	if err != nil {
		return err
	}
	page.Warning = warning
	return web.Status(status, views.Publish(page))
}

func (s *Site) publishPage(c *gin.Context, d draft) (views.PublishPage, error) {
	ctx := c.Request.Context()
	problems, err := s.Catalog.Check(ctx, d.workflow.ID, d.definition)
	if err != nil {
		return views.PublishPage{}, err
	}
	page := views.PublishPage{
		Layout: s.editorLayout(c, d, "Publish "+d.workflow.Name), WorkflowID: d.workflow.ID, Name: d.definition.Name, Revision: d.revision(),
		Problems: s.problemLinks(d, problems, ""),
	}
	page.Layout.Wide = false
	var before workflow.Definition
	if d.workflow.VersionID != nil {
		version, err := models.VersionByID(ctx, s.DB, *d.workflow.VersionID)
		if err != nil {
			return page, err
		}
		if before, err = workflow.Load(version.Definition); err != nil {
			return page, err
		}
		page.Version = version.Number
		if page.Changes, err = s.changes(ctx, before, d.definition); err != nil {
			return page, err
		}
		if len(page.Changes) == 0 && string(version.Definition) != string(d.definition.Marshal()) {
			page.Changes = []views.Change{{Sentence: onlyWritten}}
		}
	} else {
		types, err := s.typesNaming(ctx, d.definition)
		if err != nil {
			return page, err
		}
		page.Steps = stepRows(d.definition, types)
	}
	if len(page.Problems) > 0 {
		return page, nil
	}
	page.Consequences, err = s.consequences(ctx, d, page.Version)
	return page, err
}

// consequences say what publishing means beyond the definition itself.
func (s *Site) consequences(ctx context.Context, d draft, version int) ([]string, error) {
	var sentences []string
	planned, err := schedules.Of(ctx, s.DB, d.workflow.ID)
	if err != nil {
		return nil, err
	}
	was := map[string]time.Time{}
	for _, row := range planned {
		if row.Status == models.ScheduleActive {
			was[row.TriggerID] = frame.TimeOf(row.NextAt)
		}
	}
	for _, trigger := range d.definition.Triggers {
		if sentence := nextWords(trigger, was[trigger.ID], s.Now()); sentence != "" {
			sentences = append(sentences, sentence)
		}
	}
	workflow.Walk(d.definition.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		var words string
		if words, err = s.askedWords(ctx, step); words != "" {
			sentences = append(sentences, "“"+workflow.StepTitle(*step, s.Types)+"”: "+words)
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	if d.workflow.Status == workflow.StatusPaused {
		sentences = append(sentences, "The workflow stays paused: no schedule starts it until somebody resumes it.")
	}
	if version == 0 {
		return sentences, nil
	}
	found, _, err := runs.List(ctx, s.DB, runs.Filter{WorkflowID: d.workflow.ID, Status: []string{workflow.RunQueued, workflow.RunRunning, workflow.RunWaiting}, Limit: 100})
	if err != nil {
		return nil, err
	}
	if n := len(found); n > 0 {
		words := frame.Count(int64(n), "run") + " in progress"
		if n == 100 {
			words = "At least 100 runs in progress"
		}
		sentences = append(sentences, words+" go on with the version they were started with.")
	}
	return sentences, nil
}

// nextWords says when a schedule fires next once the draft is published.
func nextWords(trigger workflow.Trigger, was, now time.Time) string {
	rule, problems := schedule.Parse(trigger)
	if len(problems) > 0 {
		return ""
	}
	next, ok := rule.Next(now)
	const layout = "Mon 2 Jan 2006 15:04"
	sentence := rule.Sentence() + ": "
	switch {
	case !ok:
		return sentence + "it has no further run."
	case was.IsZero():
		return sentence + "the next run is on " + next.In(rule.Zone()).Format(layout) + "."
	case trigger.Every != "" || was.Equal(next):
		return sentence + "the next run stays on " + was.In(rule.Zone()).Format(layout) + "."
	}
	return sentence + "the next run moves from " + was.In(rule.Zone()).Format(layout) + " to " + next.In(rule.Zone()).Format(layout) + "."
}
