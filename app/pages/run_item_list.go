package pages

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

const itemsPerPage = 100

// RunItems lists all items of a loop, a page at a time.
func (s *Site) RunItems(c *gin.Context) (templ.Component, error) {
	sheet, err := s.runSheet(c.Request.Context(), c)
	if err != nil {
		return nil, err
	}
	loop := sheet.chosen()
	if loop == nil || len(loop.Items) == 0 {
		return nil, models.ErrNotFound
	}
	data, run := sheet.loopData(*loop), "/runs/"+sheet.run.ID
	page := views.RunItemsPage{
		Page: s.Page(c, "Items of "+loop.Name, "runs"), Loop: loop.Name, RunURL: sheet.page(loop.StepID, loop.Iteration, 0), URL: run + "/items",
		Hidden: []ui.Pair{{Name: "step", Value: loop.StepID}, {Name: "in", Value: loop.Iteration}}, Sentence: itemTally(loop.Items, data.total), Status: c.Query("status"),
	}
	page.Page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}, {Label: sheet.run.WorkflowName, URL: run}}
	if !slices.Contains([]string{"", workflow.StepFailed, workflow.StepRunning, workflow.StepWaiting, workflow.StepSucceeded, workflow.StepCancelled}, page.Status) {
		return nil, &web.Failure{Status: http.StatusUnprocessableEntity, Code: "invalid_parameter", Message: "There is no such state. Choose one of the list."}
	}
	after, err := strconv.Atoi(c.DefaultQuery("after", "-1"))
	if err != nil {
		return nil, models.ErrNotFound
	}
	for _, item := range loop.Items {
		if item.Index <= after || page.Status != "" && item.Status != page.Status {
			continue
		}
		if len(page.Rows) == itemsPerPage {
			page.Pages.NextURL = web.WithQuery(c, "after", strconv.Itoa(after))
			break
		}
		after = item.Index
		row := views.RunItemRow{
			Name: itemName(item.Index), Label: data.label(item), URL: sheet.itemPage(*loop, item), Status: stepBadge(item.Status, item.WaitingFor), Took: itemTook(item),
		}
		if item.Status == workflow.StepFailed {
			row.Reason = "At “" + sheet.title(item.StepID) + "”: " + workflow.ReadFailure(item.Error).Message
		}
		page.Rows = append(page.Rows, row)
	}
	return views.RunItems(page), nil
}
