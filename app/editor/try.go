package editor

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

// What the buttons of a step's form send that try it once it is saved.
const (
	doTry = "try"
	doAct = "act"
)

// tryPart starts the try and leads to what comes of it.
func (s *Site) tryPart(c *gin.Context, d draft, r engine.TryRequest) error {
	switch {
	case r.Part.Block != "":
		return s.tryBranch(c, d, r)
	case r.Part.StepID != "":
		return s.tryStep(c, d, r)
	}
	run, err := s.try(c, d, r)
	if err != nil {
		return err
	}
	return web.Done("/runs/"+run.ID, "The draft is being tried.")
}

// tryStep gives the try a moment, and leads to the step with what came of it.
func (s *Site) tryStep(c *gin.Context, d draft, r engine.TryRequest) error {
	run, err := s.try(c, d, r)
	if err != nil {
		return err
	}
	if err := s.await(c.Request.Context(), run.ID); err != nil {
		return err
	}
	query := url.Values{"try": {run.ID}}
	if r.Acts {
		query.Set("acts", "yes")
	}
	return web.SeeOther(d.stepURL(r.Part.StepID) + "?" + query.Encode() + "#try")
}

// tryBranch does the same with the steps of a branch, and leads to the run, opened on the
// first of them that would act: what that would send is told there, and only what was told
// in the try that is shown is done then.
func (s *Site) tryBranch(c *gin.Context, d draft, r engine.TryRequest) error {
	run, err := s.try(c, d, r)
	if err != nil {
		return err
	}
	if err := s.await(c.Request.Context(), run.ID); err != nil {
		return err
	}
	holder, _, _ := workflow.FindStep(&d.definition, r.Part.StepID)
	for _, step := range *holder.Block(r.Part.Block) {
		if s.Types[step.Type].Effects(step.Config) && !step.Disabled {
			return web.SeeOther("/runs/" + run.ID + "?" + lookAt(d, step.ID).Encode())
		}
	}
	return web.SeeOther("/runs/" + run.ID)
}

// lookAt is what the address of a try holds to show a step of it.
func lookAt(d draft, id string) url.Values {
	look := url.Values{"step": {id}}
	if inLoop(d.definition, id) {
		look.Set("in", "0")
	}
	return look
}

// await waits until a try is over, as long as Patience says.
func (s *Site) await(ctx context.Context, run string) error {
	return frame.Await(ctx, s.Patience, 10*time.Millisecond, func(ctx context.Context) (bool, error) {
		found, err := runs.Get(ctx, s.DB, run)
		return err == nil && workflow.Final(found.Status), err
	})
}

func (s *Site) try(c *gin.Context, d draft, r engine.TryRequest) (models.Run, error) {
	ctx := c.Request.Context()
	r.WorkflowID, r.Draft, r.By = d.workflow.ID, d.definition, auth.By(ctx)
	return s.Engine.Try(ctx, r)
}

// StepTried is the live part of the editor that says what came of a try.
func (s *Site) StepTried(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	step, _, found := workflow.FindStep(&d.definition, c.Param("step"))
	if !found {
		return nil, models.ErrNotFound
	}
	known, err := s.knowledge(c.Request.Context(), d)
	if err != nil {
		return nil, err
	}
	tried, err := s.tried(c, d, *step, known)
	if err != nil {
		return nil, err
	}
	if tried == nil {
		return nil, models.ErrNotFound
	}
	return views.Tried(*tried), nil
}

// tried is what the editor shows of the try that its address names; nil for none.
func (s *Site) tried(c *gin.Context, d draft, step workflow.Step, known offer.Knowledge) (*views.TriedProps, error) {
	id := c.Query("try")
	if !models.ValidID(id) {
		return nil, nil
	}
	run, err := runs.Get(c.Request.Context(), s.DB, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && run.WorkflowID != d.workflow.ID {
		return nil, nil // it is kept for a day
	}
	if err != nil {
		return nil, err
	}
	look := lookAt(d, step.ID)
	acts := c.Query("acts")
	var trigger engine.Trigger
	_ = document.Decode(run.Trigger, &trigger) // what cannot be read chose nothing
	tried := &views.TriedProps{
		URL: d.stepURL(step.ID) + "/tried?" + url.Values{"try": {id}, "acts": {acts}}.Encode(), RunURL: "/runs/" + id + "?" + look.Encode(),
		DetailURL: "/live/runs/" + id + "/detail?" + look.Encode(), Over: workflow.Final(run.Status), Act: doAct,
	}
	if trigger.TriedOn != "" {
		tried.Act, tried.Chosen = doAct+"::"+id, true
	}
	if run.Status == workflow.RunSucceeded && acts != "" && s.Types[step.Type].Effects(step.Config) {
		if tried.Done, err = s.doneWords(c.Request.Context(), id, step); err != nil {
			return nil, err
		}
	}
	if run.Status == workflow.RunSucceeded && (acts != "" || !s.Types[step.Type].Effects(step.Config)) {
		tried.Given = s.givenRows(known, step)
	}
	return tried, nil
}

// doneWords say what a step did really, and to whom where that is known.
func (s *Site) doneWords(ctx context.Context, run string, step workflow.Step) (string, error) {
	done, _, err := runs.ListSteps(ctx, s.DB, run, runs.StepFilter{StepID: step.ID, Status: workflow.StepSucceeded, Limit: 1})
	if err != nil || len(done) == 0 {
		return "", err
	}
	var given map[string]any
	if document.Decode(done[0].Input, &given) != nil {
		return "It was done just now.", nil // it was too much to be kept
	}
	if did := s.Types[step.Type].Did; did != nil {
		return did(given), nil
	}
	return "It was done just now.", nil
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
