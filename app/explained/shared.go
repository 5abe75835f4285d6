package explained

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// Shared shows a run to whoever has a link to it, and nothing else.
func (s *Site) Shared(c *gin.Context) (templ.Component, error) {
	counted := c.Request.Method == http.MethodGet && c.Request.URL.RawQuery == ""
	run, err := s.shared(c, counted)
	if err != nil {
		return nil, err
	}
	page, err := s.sharedPage(c, run)
	if err != nil {
		return nil, err
	}
	return views.RunShared(page), nil
}

// SharedValue is one of the values on that page, whole.
func (s *Site) SharedValue(c *gin.Context) {
	data, err := s.sharedValue(c)
	if err != nil {
		web.Page(func(*gin.Context) (templ.Component, error) { return nil, err })(c)
		return
	}
	parts := strings.Split(c.Param("value"), ".")
	frame.SendJSON(c, parts[len(parts)-1]+".json", data)
}

func (s *Site) sharedValue(c *gin.Context) ([]byte, error) {
	run, err := s.shared(c, false)
	if err != nil {
		return nil, err
	}
	if c.Param("value") == frame.ValueTrigger { // who calls, and with which headers, is not a stranger's
		return nil, s.over(c)
	}
	data, err := s.RunValue(c.Request.Context(), run, c.Param("value"))
	if errors.Is(err, models.ErrNotFound) {
		return nil, s.over(c)
	}
	return s.hidden(data), err
}

// shared is the run of the link in the address. Whatever is wrong with that, the answer is one and
// the same.
func (s *Site) shared(c *gin.Context, counted bool) (models.Run, error) {
	c.Header("Referrer-Policy", "no-referrer") // nothing is sent from here, so nothing needs it
	c.Header("X-Robots-Tag", "noindex, nofollow")
	ctx := c.Request.Context()
	if err := s.Sessions.AllowOutsider(ctx, c.ClientIP()); err != nil {
		return models.Run{}, err
	}
	link, err := runs.RunLinkBy(ctx, s.DB, hashed(c.Param("token")), counted, s.Now())
	if errors.Is(err, models.ErrNotFound) {
		return models.Run{}, s.over(c)
	}
	if err != nil {
		return models.Run{}, err
	}
	run, err := runs.Get(ctx, s.DB, link.RunID)
	if errors.Is(err, models.ErrNotFound) {
		return models.Run{}, s.over(c)
	}
	return run, err
}

func (s *Site) over(c *gin.Context) error {
	return web.Status(http.StatusNotFound, views.FormNotice(s.OutsideLayout(c, "Link"), "This link shows nothing.",
		"Its time is over, it was taken back, or a letter of it is missing. Ask whoever sent it to you for a new one."))
}

func (s *Site) sharedPage(c *gin.Context, run models.Run) (views.RunSharedPage, error) {
	ctx, at := c.Request.Context(), c.Request.URL.Path
	definition, err := s.readable(ctx, run)
	if err != nil {
		return views.RunSharedPage{}, err
	}
	page := views.RunSharedPage{
		Page: s.OutsideLayout(c, run.WorkflowName), Title: run.WorkflowName, Status: frame.RunBadge(run), URL: at, GoesOn: !workflow.Final(run.Status),
		Error: s.words(workflow.ReadFailure(run.Error).Message), Facts: sharedFacts(run),
	}
	page.Page.Wide = true
	rows, more, err := runs.FirstStepMarks(ctx, s.DB, run.ID, 5*attemptsShown)
	if err != nil {
		return page, err
	}
	outline, cut := plan.FirstSteps(plan.Outline(definition, s.Types, run.Status, engine.Attempts(rows), nil), attemptsShown)
	page.More = more || cut
	step, in := c.Query("step"), c.Query("in")
	var chosen *plan.Attempt
	for _, one := range outline {
		selected := one.StepID == step && one.Iteration == in && one.Latest() != nil
		page.Steps = append(page.Steps, s.sharedStep(at, one, selected))
		if selected {
			chosen, page.Chosen = one.Latest(), page.Steps[len(page.Steps)-1].Title
		}
	}
	if chosen != nil {
		page.Values, err = s.attemptValues(c, run, *chosen)
		return page, err
	}
	if len(run.Input) > 0 {
		page.Values = append(page.Values, frame.ValueOf("run-input", "What it was given", at, frame.ValueInput, s.hidden(run.Input)))
	}
	if len(run.Output) > 0 {
		page.Values = append(page.Values, frame.ValueOf("run-output", "What it gave", at, frame.ValueOutput, s.hidden(run.Output)))
	}
	return page, nil
}

func sharedFacts(run models.Run) []views.RunFact {
	facts := []views.RunFact{{Term: "Started by", Text: frame.StartedBy(run)}, {Term: "Accepted", At: run.QueuedAt}}
	if run.StartedAt != nil {
		facts = append(facts, views.RunFact{Term: "Started", At: *run.StartedAt})
	}
	if run.FinishedAt != nil {
		facts = append(facts, views.RunFact{Term: "Ended", At: *run.FinishedAt})
	}
	if took := frame.RunTook(run); took >= 0 {
		facts = append(facts, views.RunFact{Term: "Took", Text: ui.DurationText(took)})
	}
	if run.Version > 0 {
		facts = append(facts, views.RunFact{Term: "Version", Text: strconv.Itoa(run.Version)})
	}
	return facts
}

// sharedStep is a step in the list, with the way to what it was given and gave.
func (s *Site) sharedStep(at string, step plan.OutlineStep, selected bool) ui.StepRow {
	row := ui.StepRow{
		ID: step.StepID + "-" + strings.ReplaceAll(step.Iteration, ".", "-"), Title: step.Name, Depth: step.Depth, Status: step.Status, Icon: s.Types[step.Type].Icon, Selected: selected,
		Off: step.Disabled && len(step.Attempts) == 0,
	}
	if step.Status == workflow.StepWaiting && step.WaitingFor != "" {
		row.Status += "_" + step.WaitingFor
	}
	if row.Off {
		row.Status = ""
	}
	if step.Iteration != "" {
		row.Title += ", " + frame.ItemWords(step.Iteration)
	}
	last := step.Latest()
	if last == nil {
		return row
	}
	row.URL = at + "?step=" + step.StepID
	if step.Iteration != "" {
		row.URL += "&in=" + step.Iteration
	}
	row.URL += "#values"
	if last.Status == workflow.StepFailed {
		row.Sentence = s.words(workflow.ReadFailure(last.Error).Message)
	}
	if last.StartedAt != nil && last.FinishedAt != nil {
		tries := ""
		if n := len(step.Attempts); n > 1 {
			tries = frame.Count(int64(n), "attempt")
		}
		row.Meta = views.RunStepMeta(max(last.FinishedAt.Sub(*last.StartedAt), 0), tries)
	}
	return row
}

// attemptValues are what a step's newest attempt was given, and what it gave or failed with.
func (s *Site) attemptValues(c *gin.Context, run models.Run, attempt plan.Attempt) ([]views.RunValue, error) {
	found, err := runs.StepsByID(c.Request.Context(), s.DB, run.ID, []string{attempt.ID})
	row, there := found[attempt.ID]
	if err != nil || !there {
		return nil, err
	}
	at, whole := c.Request.URL.Path, engine.AttemptOf(&row)
	values := []views.RunValue{frame.ValueOf("step-input", "What it was given", at, row.ID+"."+frame.ValueInput, s.hidden(row.Input))}
	if result := whole.Result(); len(result) > 0 {
		values = append(values, frame.ValueOf("step-output", "What it gave", at, row.ID+"."+frame.ValueOutput, s.hidden(result)))
	}
	if len(row.Error) > 0 {
		values = append(values, frame.ValueOf("step-error", "Why it failed", at, row.ID+"."+frame.ValueError, s.hidden(row.Error)))
	}
	return values, nil
}

// hidden takes out what is a secret by now: what is stored was without those of its time.
func (s *Site) hidden(data []byte) []byte {
	if s.Secrets == nil || s.Secrets.Redactor == nil {
		return data
	}
	return s.Secrets.Redactor.JSON(data)
}

func (s *Site) words(text string) string {
	if s.Secrets == nil || s.Secrets.Redactor == nil {
		return text
	}
	return s.Secrets.Redactor.Text(text)
}
