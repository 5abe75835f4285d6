package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
)

// Alert is something that a person should know of.
type Alert struct {
	ID             string  `json:"id" format:"uuid"`
	Kind           string  `json:"kind" enum:"overdue,unreadable,missed,late,slow,moved,calendar" doc:"overdue: no run has succeeded by a deadline; unreadable: a schedule or a run holds what the workers do not know, and is left for a newer one; missed: a planned time did not run; late: no worker has taken up a planned time; slow: a run takes longer than it should; moved: the next run of a schedule that nobody changed is planned for another moment, since clocks have changed or its rule is read otherwise; calendar: nothing has come for a calendar that the workflow heeds from the calendar's address for days."`
	State          string  `json:"state" enum:"open,acknowledged,closed"`
	WorkflowID     string  `json:"workflow_id" format:"uuid"`
	WorkflowName   string  `json:"workflow_name"`
	ScheduleID     *string `json:"schedule_id" format:"uuid"`
	RunID          *string `json:"run_id" format:"uuid"`
	Message        string  `json:"message"`
	Times          int64   `json:"times" doc:"How often it has happened while the alert was open."`
	HappenedAt     Time    `json:"happened_at" doc:"The deadline, planned time or start of the run that it is about; the last one."`
	OpenedAt       Time    `json:"opened_at"`
	AcknowledgedAt *Time   `json:"acknowledged_at"`
	AcknowledgedBy string  `json:"acknowledged_by"`
	ClosedAt       *Time   `json:"closed_at" doc:"When it was over; null while it is not."`
	ClosedWhy      string  `json:"closed_why"`
}

func (a *API) alertOperations() []Operation {
	const group = "Alerts"
	lists := paged(query("state", "string", "Only alerts in this state.", models.AlertStates()...), query("kind", "string", "Only alerts of this kind.", models.AlertKinds()...), query("workflow_id", "uuid", "Only alerts of this workflow."))
	return []Operation{
		{
			Method: http.MethodGet, Path: "/alerts", Name: "listAlerts", Group: group, Summary: "List alerts, newest first.", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[Alert]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listAlerts(c, lists) },
		},
		{Method: http.MethodGet, Path: "/alerts/:id", Name: "getAlert", Group: group, Summary: "Read one alert.", Scope: auth.ScopeRead, Status: 200, Answer: Alert{}, Errors: []int{404}, Handle: a.getAlert},
		{Method: http.MethodPost, Path: "/alerts/:id/acknowledge", Name: "acknowledgeAlert", Group: group, Summary: "Note that somebody has seen an alert. It closes by itself when it is over, and opens again when it happens again.", Scope: auth.ScopeWrite, Status: 200, Answer: Alert{}, Errors: []int{404, 409}, Handle: a.acknowledgeAlert},
	}
}

func (a *API) listAlerts(c *gin.Context, known []Parameter) (any, error) {
	return listed(c, a.DB, known, func(p *parameters) models.AlertFilter {
		return models.AlertFilter{
			State: p.choice("state", models.AlertStates()...), Kind: p.choice("kind", models.AlertKinds()...),
			WorkflowID: p.id("workflow_id", "Give the id of a workflow."), Before: p.cursor(), Limit: p.limit(),
		}
	}, models.ListAlerts, alertOf)
}

func (a *API) getAlert(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	return a.alert(c, id)
}

func (a *API) acknowledgeAlert(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	if _, err := models.AcknowledgeAlert(c.Request.Context(), a.DB, id, by(c), a.Now()); err != nil {
		return nil, err
	}
	return a.alert(c, id)
}

func (a *API) alert(c *gin.Context, id string) (any, error) {
	found, err := models.GetAlert(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	return alertOf(found), nil
}

func alertOf(a models.ListedAlert) Alert {
	return Alert{
		ID: a.ID, Kind: a.Kind, State: a.State(), WorkflowID: a.WorkflowID, WorkflowName: a.WorkflowName, ScheduleID: a.ScheduleID, RunID: a.RunID,
		Message: a.Message, Times: a.Times, HappenedAt: Time(a.HappenedAt), OpenedAt: Time(a.OpenedAt),
		AcknowledgedAt: at(a.AcknowledgedAt), AcknowledgedBy: a.AcknowledgedBy, ClosedAt: at(a.ClosedAt), ClosedWhy: a.ClosedWhy,
	}
}
