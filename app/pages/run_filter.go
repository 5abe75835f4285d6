package pages

import (
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/frame"
	"workflows/views/ui"
)

// workflowFilter is how a list is narrowed to one workflow.
func workflowFilter(c *gin.Context, db *gorm.DB, chosen string) ([]ui.FieldProps, error) {
	list := ui.FieldProps{Name: "workflow_id", Label: "Workflow", Value: chosen}
	return frame.WorkflowFields(c.Request.Context(), db, list, "Any", strings.TrimSpace(c.Query(frame.FindWorkflow)))
}
