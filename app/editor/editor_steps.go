package editor

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// StepMove moves a step to another place.
func (s *Site) StepMove(c *gin.Context) (templ.Component, error) {
	id := c.Param("step")
	err := s.changeSteps(c, func(d *draft, form url.Values) error {
		target, ok := edit.ReadPlace(form.Get("to"))
		if !ok {
			return &models.InvalidError{Code: "invalid_place", Message: "Choose where the step should go."}
		}
		return edit.MoveTo(&d.definition, id, target, s.Types)
	})
	return toStep(c, id, "The step is moved.", err)
}

// StepDelete takes a step out, together with the steps inside it.
func (s *Site) StepDelete(c *gin.Context) (templ.Component, error) {
	title := ""
	err := s.changeSteps(c, func(d *draft, _ url.Values) error {
		if step, _, found := workflow.FindStep(&d.definition, c.Param("step")); found {
			title = workflow.StepTitle(*step, s.Types)
		}
		_, err := edit.Remove(&d.definition, c.Param("step"))
		return err
	})
	return toStep(c, "", "The step “"+title+"” is deleted from the draft.", err)
}

func switchedWords(off bool) string {
	if off {
		return "The step is switched off: it is passed over once the draft is published."
	}
	return "The step is switched on again, once the draft is published."
}

// toStep goes back to the list of steps, to the step named, and says what was done.
func toStep(c *gin.Context, id, said string, err error) (templ.Component, error) {
	if err != nil {
		return nil, err
	}
	address := "/workflows/" + c.Param("id") + "/edit"
	if id != "" {
		address += "#step-" + id
	}
	return nil, web.Done(address, said)
}

// changeSteps changes the list of steps and saves the draft.
func (s *Site) changeSteps(c *gin.Context, change func(d *draft, form url.Values) error) error {
	d, form, err := s.draftAndForm(c)
	if err != nil {
		return err
	}
	if err := change(&d, form); err != nil {
		return err
	}
	if workflow.CountSteps(d.definition.Steps) > workflow.MaxSteps {
		return &models.InvalidError{Code: "too_many", Message: "A workflow has at most " + strconv.Itoa(workflow.MaxSteps) + " steps. Split it into two workflows."}
	}
	return s.save(c, d, proposal{form: form})
}

// StepDeleteAsk asks before a step is deleted and lists what breaks.
func (s *Site) StepDeleteAsk(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	step, _, found := workflow.FindStep(&d.definition, c.Param("step"))
	if !found {
		return nil, models.ErrNotFound
	}
	title := workflow.StepTitle(*step, s.Types)
	page := views.ConfirmationPage{
		Layout: s.editorLayout(c, d, "Delete “"+title+"”"), Title: "Delete the step “" + title + "”?", Sentence: "What is published keeps running until you publish again.",
		Form: ui.ConfirmForm{
			Action: d.stepURL(step.ID) + "/delete", BackURL: d.url("/edit"), Hidden: []ui.Pair{{Name: "revision", Value: d.revision()}},
			Button: ui.ButtonProps{Label: "Delete step", Icon: "trash-2", Kind: "danger"},
		},
	}
	if inside := workflow.CountSteps([]workflow.Step{*step}) - 1; inside > 0 {
		page.Sentence = "The " + frame.Count(int64(inside), "step") + " inside it go too. " + page.Sentence
		page.Form.Button.Label = "Delete " + frame.Count(int64(inside+1), "step")
	}
	for _, problem := range workflow.BrokenBy(d.definition, step.ID, s.Types) {
		page.Details = append(page.Details, problem.Message)
	}
	if len(page.Details) > 0 {
		page.Sentence += " These steps use what it gives and must be changed afterwards:"
	}
	return views.Confirmation(page), nil
}
