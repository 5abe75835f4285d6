package editor

import (
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// What the buttons of a step's form send that try it once it is saved.
const (
	doTry = "try"
	doAct = "act"
)

// tryStep starts the try and leads to the step's form.
func (s *Site) tryStep(c *gin.Context, d draft, id string, acts bool) error {
	run, err := s.try(c, d, id, acts)
	if err != nil {
		return err
	}
	return web.SeeOther(d.stepURL(id) + "?try=" + run.ID + "#try")
}

// WorkflowTry tries the whole draft; the page of the run shows what comes of it.
func (s *Site) WorkflowTry(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	run, err := s.try(c, d, "", false)
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/runs/" + run.ID)
}

func (s *Site) try(c *gin.Context, d draft, id string, acts bool) (models.Run, error) {
	ctx := c.Request.Context()
	return s.Engine.Try(ctx, engine.TryRequest{WorkflowID: d.workflow.ID, Draft: d.definition, StepID: id, Acts: acts, By: auth.By(ctx)})
}

// tried is what a step's form shows of the try that its address names; nil for none.
func (s *Site) tried(c *gin.Context, d draft, step workflow.Step) *views.StepTried {
	run := c.Query("try")
	if !models.ValidID(run) {
		return nil
	}
	look := url.Values{"step": {step.ID}}
	if inLoop(d.definition, step.ID) {
		look.Set("in", "0")
	}
	query := "?" + look.Encode()
	return &views.StepTried{
		URL: "/runs/" + run + query, DetailURL: "/live/runs/" + run + "/detail" + query,
		MayAct: s.Types[step.Type].MayAct,
	}
}

func inLoop(d workflow.Definition, id string) (in bool) {
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, around []*workflow.Step) bool {
		if step.ID == id {
			for _, holder := range around {
				in = in || len(holder.Do) > 0
			}
		}
		return true
	})
	return in
}
