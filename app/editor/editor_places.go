package editor

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// StepNewShow offers the kinds of steps for the place in the address.
func (s *Site) StepNewShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	at, ok := edit.ReadPlace(c.Query("at"))
	if !ok || edit.ListAt(&d.definition, at, s.Types) == nil {
		at = edit.Place{Index: len(d.definition.Steps)}
	}
	page := views.StepNewPage{
		Layout: s.editorLayout(c, d, "Add a step"), WorkflowID: d.workflow.ID, Revision: d.revision(),
		Place: at.String(), Where: s.placeWords(d, at),
	}
	if step, _, found := workflow.FindStep(&d.definition, at.Step); found {
		page.Layout.Crumbs = append(page.Layout.Crumbs, append(s.stepsAround(d, at.Step), ui.Link{Label: workflow.StepTitle(*step, s.Types), URL: d.stepURL(at.Step)})...)
	}
	for _, t := range s.Types.List() {
		page.Types = append(page.Types, views.StepTypeCard{Name: t.Name, Title: t.Title, Summary: t.Summary, Icon: t.Icon})
	}
	return views.StepNew(page), nil
}

// placeWords says where a new step would stand.
func (s *Site) placeWords(d draft, at edit.Place) string {
	list := edit.ListAt(&d.definition, at, s.Types)
	within := ""
	if at.Step != "" {
		step, _, _ := workflow.FindStep(&d.definition, at.Step)
		within = ", in “" + frame.BranchWords(at.Block) + "” of “" + workflow.StepTitle(*step, s.Types) + "”"
	}
	if at.Index == 0 || len(*list) == 0 {
		return "As the first step" + within + "."
	}
	before := (*list)[min(at.Index, len(*list))-1]
	return "After “" + workflow.StepTitle(before, s.Types) + "”" + within + "."
}

// StepMoveShow lists the places that a step can move to.
func (s *Site) StepMoveShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	id := c.Param("step")
	step, _, found := workflow.FindStep(&d.definition, id)
	if !found {
		return nil, models.ErrNotFound
	}
	_, from, _ := edit.ListOf(&d.definition, id)
	page := views.StepMovePage{
		Layout: s.editorLayout(c, d, "Move a step"), WorkflowID: d.workflow.ID, Action: d.stepURL(id) + "/move", Revision: d.revision(),
		Title: workflow.StepTitle(*step, s.Types), Present: from.String(),
	}
	for _, at := range s.places(&d.definition.Steps, edit.Place{}, id) {
		words := strings.TrimSuffix(s.placeWords(d, at), ".")
		if at == from {
			words = "Where it is now"
		}
		page.Places = append(page.Places, ui.Option{Value: at.String(), Label: words})
	}
	return views.StepMove(page), nil
}

// places lists the gaps that a step can move into, in the order of the document;
// the two gaps beside the step itself are one.
func (s *Site) places(list *[]workflow.Step, at edit.Place, moving string) []edit.Place {
	at.Index = 0
	found := []edit.Place{at}
	for i := range *list {
		step := &(*list)[i]
		if step.ID == moving {
			found[len(found)-1] = edit.Place{Step: at.Step, Block: at.Block, Index: i}
			continue
		}
		for _, block := range s.Types[step.Type].Blocks {
			found = append(found, s.places(step.Block(block), edit.Place{Step: step.ID, Block: block}, moving)...)
		}
		found = append(found, edit.Place{Step: at.Step, Block: at.Block, Index: i + 1})
	}
	return found
}
