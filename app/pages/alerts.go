package pages

import (
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
)

const alertsPerPage = 50

// AlertsShow lists alerts as the filter in the address says: those that nobody has
// seen to unless it says otherwise.
func (s *Site) AlertsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	page := views.AlertsPage{Page: s.Page(c, "Alerts", "overview"), State: c.DefaultQuery("state", models.AlertOpen), Kind: c.Query("kind"), Workflow: c.Query("workflow_id")}
	page.Page.Crumbs = []ui.Link{{Label: "Overview", URL: "/"}}
	if page.State != "all" && !slices.Contains(models.AlertStates(), page.State) || page.Kind != "" && !slices.Contains(models.AlertKinds(), page.Kind) {
		return nil, models.ErrNotFound
	}
	var err error
	if page.Workflows, err = workflowFilter(c, s.DB, page.Workflow); err != nil {
		return nil, err
	}
	filter := models.AlertFilter{State: page.State, Kind: page.Kind, WorkflowID: page.Workflow, Before: c.Query("cursor"), Limit: alertsPerPage}
	found, next, err := models.ListAlerts(ctx, s.DB, filter)
	if err != nil {
		return nil, err
	}
	page.Rows = alertRows(found, auth.May(ctx, auth.Operator), c.Request.URL.RawQuery)
	page.Pages = ui.Pages{NextURL: web.NextCursor(c, next)}
	if filter.Before != "" {
		page.NewestURL = web.WithQuery(c, "cursor", "")
	}
	return views.Alerts(page), nil
}

// AlertAcknowledge notes that a person has seen an alert, and shows the list that
// they came from.
func (s *Site) AlertAcknowledge(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	if _, err := models.AcknowledgeAlert(ctx, s.DB, c.Param("id"), auth.By(ctx), s.Now()); err != nil {
		return nil, err
	}
	return nil, web.Done("/alerts"+frame.WithQuestion(c.Request.URL.RawQuery), "The alert is acknowledged. It counts again when it happens again.")
}

// alertRows are alerts as a list shows them; query is that of the list, to come
// back to.
func alertRows(found []models.ListedAlert, may bool, query string) []views.AlertRow {
	rows := make([]views.AlertRow, len(found))
	for i, a := range found {
		row := views.AlertRow{
			ID: a.ID, Kind: a.Kind, State: a.State(), Message: a.Message, Workflow: a.WorkflowName, WorkflowURL: "/workflows/" + a.WorkflowID,
			Opened: a.OpenedAt, Closed: frame.TimeOf(a.ClosedAt), Seen: a.AcknowledgedBy, ClosedWhy: a.ClosedWhy,
		}
		if a.Times > 1 {
			row.Times = frame.Count(a.Times, "time")
		}
		switch {
		case a.RunID != nil:
			row.AboutURL, row.About = frame.RunURL(*a.RunID), "Show the run"
		case a.ScheduleID != nil:
			row.AboutURL, row.About = "/schedules/"+*a.ScheduleID, "Show the schedule"
		case a.Kind == models.AlertCalendar:
			if id, _, _ := strings.Cut(a.Subject, "/"); models.ValidID(id) {
				row.AboutURL, row.About = frame.CalendarsURL+"/"+id, "Show the calendar"
			}
		}
		if may && row.State == models.AlertOpen {
			row.AcknowledgeURL = "/alerts/" + a.ID + "/acknowledge" + frame.WithQuestion(query)
		}
		rows[i] = row
	}
	return rows
}

// alertNotices say on the overview what nobody has seen to, a sentence for each
// kind. Late schedules are told of from what Redis and the database say now.
func alertNotices(counts map[string]int64) []ui.Notice {
	var notices []ui.Notice
	for _, kind := range models.AlertKinds() {
		n := counts[kind]
		if n == 0 || kind == models.AlertLate {
			continue
		}
		notices = append(notices, ui.Notice{Kind: "warning", Text: alertSentence(kind, n), ActionLabel: frame.Either(n == 1, "Show it", "Show them"), ActionURL: "/alerts?kind=" + kind})
	}
	return notices
}

func alertSentence(kind string, n int64) string {
	switch kind {
	case models.AlertOverdue:
		return frame.Count(n, "deadline") + frame.Either(n == 1, " has", " have") + " passed without a run that succeeded."
	case models.AlertUnreadable:
		return frame.Either(n == 1, "A schedule, deadline or run holds what the workers do not know; it is", frame.Number(n)+" schedules, deadlines or runs hold what the workers do not know; they are") + " left for a newer worker."
	case models.AlertMissed:
		return frame.Count(n, "schedule") + " missed " + frame.Either(n == 1, "its", "their") + " last planned time."
	case models.AlertCalendar:
		return frame.Count(n, "workflow") + frame.Either(n == 1, " heeds", " heed") + " a calendar of which nothing has come from its address for days."
	case models.AlertMoved:
		return "The next run of " + frame.Count(n, "schedule") + " that nobody changed is at another time now."
	}
	return frame.Count(n, "run") + frame.Either(n == 1, " takes", " take") + " longer than " + frame.Either(n == 1, "it", "they") + " should."
}
