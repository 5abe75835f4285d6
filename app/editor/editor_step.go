package editor

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/worker/workflow"
)

// StepFormShow is the form of one step.
func (s *Site) StepFormShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	step, path, found := workflow.FindStep(&d.definition, c.Param("step"))
	if !found {
		return nil, models.ErrNotFound
	}
	form := newStepForm(*step, s.Types[step.Type])
	problems, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	problems = mine(problems, path+".")
	if c.Query("check") == "" { // nothing is missing yet in a form that was just opened
		problems = wrong(problems)
	}
	form.take(problems)
	page, err := s.stepFormPage(c, d, form)
	if err != nil {
		return nil, err
	}
	return views.StepForm(page), nil
}

// StepFormSave puts the form into the draft.
func (s *Site) StepFormSave(c *gin.Context) (templ.Component, error) {
	d, sent, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	id := c.Param("step")
	step, _, found := workflow.FindStep(&d.definition, id)
	if !found {
		return nil, s.gone(c, d, sent, "step")
	}
	disabled := step.Disabled
	if command := sent.Get("row"); command != "" {
		return s.stepFormRows(c, d, *step, command, sent)
	}
	form := readStepForm(sent, *step, s.Types[step.Type])
	if to := sent.Get("switch"); to != "" { // with all that is typed
		form.step.Disabled = to == "off"
	}
	newID := form.put(&d.definition, step, s.Types[step.Type])
	_, path, _ := workflow.FindStep(&d.definition, newID)
	problems, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	form.take(wrong(mine(problems, path+".")))
	if len(form.problems) > 0 {
		present, err := newDraft(d.workflow)
		if err != nil {
			return nil, err
		}
		form.step.Disabled = disabled
		page, err := s.stepFormPage(c, present, form)
		if err != nil {
			return nil, err
		}
		page.Unsaved = true
		return nil, web.Status(http.StatusUnprocessableEntity, views.StepForm(page))
	}
	part := func(definition workflow.Definition) any {
		for _, candidate := range []string{newID, id} {
			if step, _, found := workflow.FindStep(&definition, candidate); found {
				return step
			}
		}
		return nil
	}
	if err := s.save(c, d, proposal{form: sent, part: part, again: d.stepURL(id)}); err != nil {
		return nil, err
	}
	if do := sent.Get("do"); do == doTry || do == doAct {
		return nil, s.tryStep(c, d, newID, do == doAct)
	}
	if sent.Get("switch") != "" {
		return nil, web.Done(d.stepURL(newID), switchedWords(form.step.Disabled)+" What was typed is saved in the draft too.")
	}
	return nil, web.Done(d.url("/edit#step-", newID), "The step “"+workflow.StepTitle(form.step, s.Types)+"” is saved in the draft. "+notYet(d))
}

// stepFormRows shows the form with a row more or less; nothing is saved.
func (s *Site) stepFormRows(c *gin.Context, d draft, step workflow.Step, command string, sent url.Values) (templ.Component, error) {
	changeRows(sent, command)
	t := s.Types[step.Type]
	form := readStepForm(sent, step, t)
	form.problems = map[string]string{}
	form.keepEmptyRows(sent, "config", t.Fields)
	page, err := s.stepFormPage(c, d, form)
	if err != nil {
		return nil, err
	}
	page.Revision, page.Unsaved = sent.Get("revision"), true
	return views.StepForm(page), nil
}

// take keeps the first sentence for each place.
func (f *stepForm) take(problems []workflow.Problem) {
	for _, problem := range problems {
		if f.problems[problem.Path] == "" {
			f.problems[problem.Path] = problem.Message
		}
	}
}

// put writes the form into the definition and returns the step's id, which
// follows a changed one, or the first name as long as nothing refers to the step.
func (f *stepForm) put(d *workflow.Definition, step *workflow.Step, t workflow.StepType) string {
	old, firstName := step.ID, step.Name == "" && f.step.Name != ""
	f.step.ID = old
	*step = f.step
	step.Config = t.Tidied(f.step.Config)
	id := f.id
	switch {
	case id == old && firstName && len(workflow.BrokenBy(*d, old, nil)) == 0:
		id = freeID(*d, step, f.step.Name)
	case id != old:
		if _, _, taken := workflow.FindStep(d, id); taken {
			f.problems["id"] = "There is already a step with this id. Choose another."
			return old
		}
	}
	if id != old {
		workflow.RenameStep(d, old, id)
	}
	return id
}

// freeID makes an id from a name that no other step has.
func freeID(d workflow.Definition, step *workflow.Step, name string) string {
	old := step.ID
	step.ID = "" // it does not stand in its own way
	id := workflow.NewStepID(d, name)
	step.ID = old
	return id
}
