package pages

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// decisionsShown bounds the forms on a run's page; the next ones come up as soon
// as these are decided.
const decisionsShown = 3

// decisions are the steps about which a person has to decide.
func (r *runSheet) decisions() views.RunDecisions {
	d := views.RunDecisions{URL: "/runs/" + r.run.ID + "/decisions", May: r.mayOperate}
	for _, row := range r.undecided() {
		if len(d.Cases) == decisionsShown {
			d.More++
			continue
		}
		one := views.RunDecision{
			ID: strconv.Itoa(len(d.Cases)), StepID: row.StepID, Iteration: row.Iteration, Step: row.Name,
			StartedAt: frame.TimeOf(row.StartedAt), Stopped: wasStopped(row), InputURL: r.page(row.StepID, row.Iteration, 0),
		}
		if row.Iteration != "" {
			one.Item = frame.ItemWords(row.Iteration)
		}
		d.Cases = append(d.Cases, one)
	}
	return d
}

// undecided are the attempts of which it is not known whether they acted, and
// about which nobody has decided yet.
func (r *runSheet) undecided() []plan.Attempt {
	var rows []plan.Attempt
	if r.run.Status != workflow.RunWaiting {
		return nil
	}
	for _, row := range r.rows {
		if row.Status == workflow.StepWaiting && unknown(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// decideURL leads from the part that polls to the forms, which are on the page
// only once it is loaded anew: so it differs for each decision.
func (r *runSheet) decideURL() string {
	if r.run.Status == workflow.RunWaiting && r.run.WaitingFor == workflow.WaitApproval {
		return inboxURL + "?run_id=" + r.run.ID
	}
	undecided := r.undecided()
	if len(undecided) == 0 {
		return ""
	}
	return "/runs/" + r.run.ID + "?decide=" + undecided[0].ID + "#decision"
}

// RunDecide takes a person's decision about a step of which it is not known
// whether it acted.
func (s *Site) RunDecide(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	decision := engine.Decision{StepID: form.Get("step_id"), Iteration: form.Get("iteration"), Action: form.Get("action"), By: auth.By(ctx)}
	var problem *workflow.Problem
	if decision.Action == engine.DecideSucceed {
		decision.Output, problem = workflow.ParseFormInput(workflow.Input{Name: "output", Label: "Output", Type: "json"}, form.Get("output"))
	}
	if problem != nil {
		return s.refuseDecision(c, http.StatusUnprocessableEntity, func(d *views.RunDecisions) {
			d.Keep(decision.StepID, decision.Iteration, form.Get("output"), problem.Message)
		})
	}
	run, err := s.Engine.Decide(ctx, c.Param("id"), decision)
	var conflict *models.ConflictError
	if errors.As(err, &conflict) {
		return s.refuseDecision(c, http.StatusConflict, func(d *views.RunDecisions) { d.Errors = []ui.FieldMessage{{Message: conflict.Message}} })
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/runs/"+run.ID, "Your decision is noted, and the run goes on from there.")
}

// refuseDecision shows the run's page with what stands in the way, and what was
// typed.
func (s *Site) refuseDecision(c *gin.Context, status int, say func(d *views.RunDecisions)) (templ.Component, error) {
	page, err := s.runPage(c)
	if err != nil {
		return nil, err
	}
	say(&page.Decisions)
	return nil, web.Status(status, views.RunShow(page))
}
