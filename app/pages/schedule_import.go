package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/foreign"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// CrontabShow is the form into which a crontab is pasted.
func (s *Site) CrontabShow(c *gin.Context) (templ.Component, error) {
	page, err := s.crontabPage(c, url.Values{"time_zone": {frame.ViewerZone(c)}}, "")
	if err != nil {
		return nil, err
	}
	return views.Crontab(page), nil
}

// Crontab says what each line of a crontab means, and, when that is asked for,
// makes schedules of those that can be taken over. None of its commands is run.
func (s *Site) Crontab(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	lines, err := foreign.Read(form.Get("crontab"), foreign.Options{
		Kind: foreign.Kind(form.Get("kind")), Zone: strings.TrimSpace(form.Get("time_zone")), Users: form.Get("users") != "",
	})
	problem := ""
	switch {
	case err != nil:
		problem = capital(err.Error()) + "."
	case len(lines) == 0:
		problem = "Nothing of what is written there starts anything. Paste lines such as 0 5 * * 1 /usr/bin/backup, a timer, or the file of a CronJob or a workflow of GitHub."
	}
	if problem == "" && form.Get("make") != "" {
		report, err := s.takeOver(c, lines, form.Get("workflow"))
		if err != nil {
			return nil, err
		}
		return views.CrontabTaken(report), nil
	}
	page, err := s.crontabPage(c, form, problem)
	if err != nil {
		return nil, err
	}
	if problem != "" {
		return nil, web.Status(http.StatusUnprocessableEntity, views.Crontab(page))
	}
	for _, line := range lines {
		row := views.CrontabRow{Number: strconv.Itoa(line.Number), Text: line.Text, Taken: line.Taken, Notes: line.Notes, Problem: line.Problem}
		if preview, problems := schedule.MakePreview(line.Trigger, nil, s.Now(), 1); line.Problem == "" && len(problems) == 0 {
			page.Good++
			row.Sentence, row.Warnings = preview.Sentence, preview.Warnings
			if len(preview.Next) > 0 {
				row.Next, row.Zone = preview.Next[0], preview.Next[0].Location()
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return views.Crontab(page), nil
}

// crontabPage is the form as it was sent.
func (s *Site) crontabPage(c *gin.Context, form url.Values, problem string) (views.CrontabPage, error) {
	page := views.CrontabPage{Page: s.crontabLayout(c)}
	list := ui.FieldProps{Name: "workflow", Label: "What the lines start", Value: form.Get("workflow"), Help: "A new workflow is a draft that is named after the command and still needs its steps."}
	starts, err := frame.WorkflowFields(c.Request.Context(), s.DB, list, "A new workflow for each line", strings.TrimSpace(form.Get(frame.FindWorkflow)))
	if err != nil {
		return page, err
	}
	page.Fields = []ui.FieldProps{
		{Name: "crontab", Label: "What is written there", Kind: "multiline", Rows: 10, Mono: true, Value: form.Get("crontab"), Error: problem, Help: "What “crontab -l” prints, lines of Quartz, Spring, Amazon or Jenkins, timers of systemd, CronJobs of Kubernetes, workflows of GitHub: at most 500 lines. No command in it is run."},
		{Name: "kind", Label: "Where it comes from", Kind: "choice", Value: form.Get("kind"), Options: kindChoices(), Help: "The same line means different times in different systems. What can be read in two ways asks for this."},
		{Name: "time_zone", Label: "Time zone", Value: form.Get("time_zone"), Help: "The zone of the machine that it comes from, where what is written names none.", Attributes: map[string]any{"list": "time-zones"}},
		{Name: "users", Label: "The lines name a user after the times", Kind: "checkbox", Value: "on", Checked: form.Get("users") != "", Help: "As /etc/crontab does."},
	}
	page.Fields = append(page.Fields, starts...)
	for i := range page.Fields {
		page.Fields[i].ID, page.Fields[i].Autocomplete = page.Fields[i].Name, "off"
	}
	if problem != "" {
		page.Errors = []ui.FieldMessage{frame.Message("crontab", problem)}
	}
	return page, nil
}

func (s *Site) crontabLayout(c *gin.Context) ui.Page {
	page := s.Page(c, "Paste schedules of other systems", "schedules")
	page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}}
	return page
}

func kindChoices() []ui.Option {
	var choices []ui.Option
	for _, kind := range foreign.Kinds() {
		choices = append(choices, ui.Option{Value: kind.Value, Label: kind.Label})
	}
	return choices
}

// takeOver makes schedules of the lines, in one workflow or a new one for each, and
// reports what became of every line.
func (s *Site) takeOver(c *gin.Context, lines []foreign.Line, target string) (views.CrontabReport, error) {
	ctx := c.Request.Context()
	report := views.CrontabReport{Page: s.crontabLayout(c)}
	var good []foreign.Line
	for _, line := range lines {
		if line.Problem != "" {
			report.Rows = append(report.Rows, views.CrontabTakenRow{Number: strconv.Itoa(line.Number), Text: line.Text, Status: "failed", Sentence: line.Problem})
			continue
		}
		good = append(good, line)
	}
	if target != "" {
		row, err := s.takeInto(ctx, target, good)
		report.Rows = append(report.Rows, row)
		return report, err
	}
	taken, err := s.Catalog.TakeOver(ctx, good, auth.By(ctx))
	if err != nil {
		return report, err
	}
	for i, line := range good {
		row := views.CrontabTakenRow{Number: strconv.Itoa(line.Number), Text: line.Text, Status: "draft", Sentence: "Made. Add its steps, then publish it."}
		row.Workflow, row.URL = taken[i].Workflow.Name, "/workflows/"+taken[i].Workflow.ID+"/edit"
		invalid := new(models.InvalidError)
		switch {
		case errors.As(taken[i].Err, &invalid):
			row.Status, row.Sentence, row.URL = "failed", invalid.Fields[0].Message, ""
		case taken[i].Err != nil:
			return report, taken[i].Err
		case !taken[i].New:
			row.Status, row.Sentence = "skipped", "It was taken over before."
		}
		report.Rows = append(report.Rows, row)
	}
	return report, nil
}

// takeInto adds the lines to the draft of one workflow, all or none.
func (s *Site) takeInto(ctx context.Context, id string, lines []foreign.Line) (views.CrontabTakenRow, error) {
	triggers := make([]workflow.Trigger, len(lines))
	for i, line := range lines {
		triggers[i] = line.Trigger
	}
	row := views.CrontabTakenRow{Text: frame.Count(int64(len(lines)), "line"), Status: "failed"}
	added, err := s.Catalog.AddTriggers(ctx, id, triggers, auth.By(ctx))
	invalid, conflict := new(models.InvalidError), new(models.ConflictError)
	switch {
	case errors.As(err, &invalid):
		row.Sentence = "None was added: " + invalid.Fields[0].Message
		return row, nil
	case errors.As(err, &conflict):
		row.Sentence = conflict.Message
		return row, nil
	case err != nil:
		return row, err
	}
	names, err := models.NamesOfWorkflows(ctx, s.DB, []string{id})
	row.Workflow, row.URL = names[id], "/workflows/"+id+"/edit"
	row.Status, row.Sentence = "changed", frame.Count(int64(added), "schedule")+" added to its draft. They start it once it is published."
	if added == 0 {
		row.Status, row.Sentence = "skipped", "Its draft has all of them already."
	}
	return row, err
}
