package pages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/telling"
	"workflows/worker/workflow"
)

const (
	// failingWorkflows is how many workflows with such the overview names, and
	// failingCauses of how many causes it tells for each.
	failingWorkflows, failingCauses = 8, 3
)

// failures are the failed runs that ask for somebody, however old, and a sentence about
// those that are not among them.
func (s *Site) failures(ctx context.Context, mayOperate bool) ([]views.FailureRow, string, error) {
	found, others, err := runs.ListOpenFailures(ctx, s.DB, s.Now(), failingWorkflows)
	if err != nil {
		return nil, "", err
	}
	var ids []string
	for _, failures := range found {
		for _, cause := range failures.Causes[:min(failingCauses, len(failures.Causes))] {
			ids = append(ids, cause.LastID)
		}
	}
	newest, err := runs.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, "", err
	}
	rows := make([]views.FailureRow, len(found))
	for i, failures := range found {
		rows[i] = failureRow(failures, newest, mayOperate)
	}
	if others > 0 {
		return rows, "Runs of " + frame.Count(int64(others), "more workflow") + " have failed.", nil
	}
	return rows, "", nil
}

func failureRow(f runs.OpenFailures, newest map[string]models.Run, mayOperate bool) views.FailureRow {
	row := views.FailureRow{
		WorkflowID: f.WorkflowID, Workflow: f.WorkflowName, WorkflowURL: "/workflows/" + f.WorkflowID,
		Count: frame.Count(int64(f.Number), "run") + " failed", Last: f.Last, LookURL: frame.RunURL(f.LastID),
	}
	if f.More {
		row.Count = "More than " + row.Count
	} else if f.Number > 1 {
		row.First = f.First
	}
	for _, cause := range f.Causes[:min(failingCauses, len(f.Causes))] {
		shown := views.FailureCause{Text: workflow.ReadFailure(newest[cause.LastID].Error).Message}
		if len(f.Causes) > 1 {
			shown.Count = frame.Count(int64(cause.Number), "run")
		}
		row.Causes = append(row.Causes, shown)
	}
	if left := len(f.Causes) - failingCauses; left > 0 {
		row.Causes = append(row.Causes, views.FailureCause{Text: "And for " + frame.Count(int64(left), "other reason") + "."})
	}
	if !mayOperate {
		return row
	}
	row.AgainURL, row.AgainLabel = frame.ManyURL(bulk.Retry, url.Values{"status": {frame.FailedOpen}, "workflow_id": {f.WorkflowID}}), "Run all again …"
	if f.Number == 1 {
		row.AgainURL, row.AgainLabel = "/runs/"+f.LastID+"/retry", "Run it again"
	}
	row.AcknowledgeURL, row.Until = "/workflows/"+f.WorkflowID+"/failures/acknowledge", f.Last.UTC().Format(time.RFC3339Nano)
	return row
}

// FailuresAcknowledge notes that a person has seen a workflow's failures, as far as they
// were shown.
func (s *Site) FailuresAcknowledge(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	until, err := time.Parse(time.RFC3339Nano, form.Get("until"))
	if err != nil {
		return nil, &models.InvalidError{Code: "invalid_time", Message: "It is not said until when failures were seen. Open the overview again and press “Acknowledge” there."}
	}
	settled, more, err := runs.AcknowledgeFailures(ctx, s.DB, id, until, s.Now(), auth.By(ctx))
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/", acknowledged(settled, more))
}

func acknowledged(settled int64, more bool) string {
	switch {
	case settled == 0:
		return "There was nothing left to acknowledge: these runs were repaired, or somebody has seen to them."
	case more:
		return frame.Number(settled) + " failed runs are acknowledged. There are more: press “Acknowledge” once more."
	case settled == 1:
		return "1 failed run is acknowledged. It stays in the list of runs."
	}
	return frame.Number(settled) + " failed runs are acknowledged. They stay in the list of runs."
}

// FailureAcknowledge notes that a person has seen to a group.
func (s *Site) FailureAcknowledge(c *gin.Context) (templ.Component, error) {
	return s.settleFailure(c, failures.Acknowledge, "You have seen to it.")
}

// FailureSolve notes that a group is solved.
func (s *Site) FailureSolve(c *gin.Context) (templ.Component, error) {
	return s.settleFailure(c, failures.Solve, "It is noted as solved. It comes back when the published version, or a later one, fails so again.")
}

func (s *Site) settleFailure(c *gin.Context, do func(context.Context, *gorm.DB, string, failures.Deed) (int64, bool, error), done string) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	settled, more, err := do(c.Request.Context(), s.DB, c.Param("id"), s.deed(c, form))
	if err != nil {
		return nil, s.failureWrong(c, form, err)
	}
	return nil, web.Done(failureBack(c, form), settledWords(done, settled, more))
}

// FailureAssign notes who sees to a group, and what there is to say of it.
func (s *Site) FailureAssign(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	if err := failures.Assign(c.Request.Context(), s.DB, c.Param("id"), s.deed(c, form)); err != nil {
		return nil, s.failureWrong(c, form, err)
	}
	return nil, web.Done(failureBack(c, form), "It is noted.")
}

// failureWrong is the page of a group with what is wrong with its form, where that is why
// something could not be done.
func (s *Site) failureWrong(c *gin.Context, form url.Values, err error) error {
	problems := frame.PauseProblems(err)
	if len(problems) == 0 {
		return err
	}
	page, err := s.failurePage(c, form, problems)
	if err != nil {
		return err
	}
	return web.Status(http.StatusUnprocessableEntity, views.FailureShow(page))
}

// FailureSnooze has nobody look at a group for a time.
func (s *Site) FailureSnooze(c *gin.Context) (templ.Component, error) {
	ctx, zone := c.Request.Context(), frame.ViewerLocation(c)
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	deed := s.deed(c, form)
	until, err := snoozeUntil(form, deed.Now.In(zone))
	if err == nil {
		err = failures.Snooze(ctx, s.DB, c.Param("id"), until, deed)
	}
	if err != nil {
		return nil, s.failureWrong(c, form, err)
	}
	return nil, web.Done(failureBack(c, form), "It is snoozed until "+until.In(zone).Format("Mon 2 Jan 2006")+", and then shown again.")
}

// snoozeUntil is the beginning of the day that was chosen, by the clock of now.
func snoozeUntil(form url.Values, now time.Time) (time.Time, error) {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch form.Get("for") {
	case "day":
		return day.AddDate(0, 0, 1).UTC(), nil
	case "week":
		return day.AddDate(0, 0, 7).UTC(), nil
	}
	until, problem := frame.ReadDay(form.Get("until"), now.Location(), 0)
	if problem == "" && until == nil {
		problem = "Enter until when, a date such as " + day.AddDate(0, 0, 7).Format(time.DateOnly) + "."
	}
	if problem != "" {
		return time.Time{}, &models.InvalidError{Code: "invalid_time", Message: problem, Fields: []models.FieldError{{Path: "until", Code: "invalid_time", Message: problem}}}
	}
	return *until, nil
}

// deed is what somebody does about a group, with what they typed beside.
func (s *Site) deed(c *gin.Context, form url.Values) failures.Deed {
	deed := failures.Deed{By: auth.By(c.Request.Context()), Now: s.Now(), Note: strings.TrimSpace(form.Get("note")), Tell: telling.Owners(s.Settings.BaseURL)}
	if form.Has("owner") { // the forms of lists do not ask
		owner := form.Get("owner")
		deed.Owner = &owner
	}
	return deed
}

// failureForm is the one form on a group's page: what is typed goes along with each of its buttons.
func (s *Site) failureForm(c *gin.Context, f *failures.Listed, form url.Values, problems []ui.FieldMessage) (views.FailureForm, error) {
	people, err := models.ListUsers(c.Request.Context(), s.DB)
	if err != nil {
		return views.FailureForm{}, err
	}
	asked := views.FailureForm{
		Note:  ui.FieldProps{Name: "note", Label: "Note", Optional: true, Value: form.Get("note"), Help: "Everybody who looks here reads it. It takes the place of the one before."},
		Owner: ui.FieldProps{Name: "owner", Label: "Who sees to it", Kind: "choice", Options: []ui.Option{{Label: "Nobody yet"}}},
		Until: ui.FieldProps{Name: "until", Label: "Snooze until", Kind: "date", Width: "medium", Value: form.Get("until"), Help: "From that day on it is shown again."},
	}
	if f.OwnerID != nil {
		asked.Owner.Value = *f.OwnerID
	}
	if form != nil {
		asked.Owner.Value = form.Get("owner")
	} else {
		asked.Until.Value = s.Now().In(frame.ViewerLocation(c)).AddDate(0, 0, 7).Format(time.DateOnly)
	}
	asked.Owner.Options = append(asked.Owner.Options, namedPeople(people)...)
	for i := range problems {
		for _, field := range []*ui.FieldProps{&asked.Note, &asked.Owner, &asked.Until} {
			if field.Name == problems[i].FieldID {
				problems[i].Label, field.Error = field.Label, problems[i].Message
			}
		}
	}
	return asked, nil
}

// namedPeople are people to choose from, those of one name told apart.
func namedPeople(people []models.User) (options []ui.Option) {
	names := map[string]int{}
	for _, user := range people {
		names[user.Name]++
	}
	for _, user := range people {
		label := cmp.Or(user.Name, user.Email)
		if names[label] > 1 {
			label += " (" + user.Email + ")"
		}
		options = append(options, ui.Option{Value: user.ID, Label: label})
	}
	return options
}

// ownerFilter is the choice of who sees to the reasons that are listed.
func (s *Site) ownerFilter(ctx context.Context, owner string) (ui.FieldProps, error) {
	people, err := models.ListUsers(ctx, s.DB)
	own := auth.User(ctx).ID
	others := slices.DeleteFunc(people, func(u models.User) bool { return u.ID == own })
	options := append([]ui.Option{{Label: "Any"}, {Value: own, Label: "I do"}, {Value: failures.Nobody, Label: "Nobody yet"}}, namedPeople(others)...)
	return ui.FieldProps{Name: "owner", Kind: "choice", Label: "Who sees to it", Value: owner, Options: options}, err
}

// failureBack is where somebody was who did something about a group.
func failureBack(c *gin.Context, form url.Values) string {
	back := form.Get("back")
	if back == fromGroup {
		return failuresURL + "/" + c.Param("id")
	}
	query, err := url.ParseQuery(back)
	if err != nil {
		return failuresURL
	}
	return failuresURL + frame.WithQuestion(query.Encode())
}

func settledWords(done string, settled int64, more bool) string {
	switch {
	case settled == 0:
		return done
	case more:
		return done + " " + frame.Number(settled) + " failed runs are acknowledged, and there are more: do it once more."
	}
	return done + " " + frame.Count(settled, "failed run") + frame.Either(settled == 1, " is", " are") + " acknowledged."
}
