package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
)

// Maintenance is whether all work is stopped.
type Maintenance struct {
	Stopped bool    `json:"stopped"`
	Since   *Time   `json:"since" doc:"null while work is not stopped."`
	By      *string `json:"by"`
	Reason  *string `json:"reason"`
}

// MaintenanceBody says why work is stopped.
type MaintenanceBody struct {
	Reason string `json:"reason,omitempty" doc:"Read by everybody who looks at a page; at most 500 characters."`
}

func (a *API) maintenanceOperations() []Operation {
	const group = "Queue"
	return []Operation{
		{Method: http.MethodGet, Path: "/maintenance", Name: "getMaintenance", Group: group, Summary: "Read whether all work is stopped for maintenance.", Scope: auth.ScopeRead, Status: 200, Answer: Maintenance{}, Handle: a.getMaintenance},
		{Method: http.MethodPost, Path: "/maintenance", Name: "beginMaintenance", Group: group, Summary: "Stop all work: workers take nothing new, steps that run have 20 seconds to end, no schedule fires. What is started meanwhile is accepted, and starts when work goes on.", Scope: auth.ScopeWrite, Status: 200, Body: MaintenanceBody{}, BodyOptional: true, Answer: Maintenance{}, Errors: []int{400, 409, 413, 415, 422}, Handle: a.beginMaintenance},
		{Method: http.MethodPost, Path: "/maintenance/end", Name: "endMaintenance", Group: group, Summary: "Let work go on. Schedules make up for the times that have passed, as each of their rules says.", Scope: auth.ScopeWrite, Status: 200, Answer: Maintenance{}, Errors: []int{409}, Handle: a.endMaintenance},
	}
}

func (a *API) getMaintenance(c *gin.Context) (any, error) {
	if _, err := read(c, nil); err != nil {
		return nil, err
	}
	return a.maintenance(c)
}

func (a *API) beginMaintenance(c *gin.Context) (any, error) {
	var sent MaintenanceBody
	if _, err := optionalBody(c, &sent); err != nil {
		return nil, err
	}
	if err := models.BeginMaintenance(c.Request.Context(), a.DB, models.Maintenance{Since: a.Now(), By: by(c), Why: sent.Reason}); err != nil {
		return nil, err
	}
	a.Board.Invalidate()
	return a.maintenance(c)
}

func (a *API) endMaintenance(c *gin.Context) (any, error) {
	if err := noBody(c); err != nil {
		return nil, err
	}
	if err := models.EndMaintenance(c.Request.Context(), a.DB); err != nil {
		return nil, err
	}
	a.Board.Invalidate()
	return a.maintenance(c)
}

func (a *API) maintenance(c *gin.Context) (any, error) {
	still, err := models.StandstillOf(c.Request.Context(), a.DB)
	if err != nil {
		return nil, err
	}
	m := still.Maintenance
	if m == nil {
		return Maintenance{}, nil
	}
	return Maintenance{Stopped: true, Since: at(&m.Since), By: &m.By, Reason: text(m.Why)}, nil
}
