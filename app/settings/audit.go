package settings

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
)

const auditPerPage = 50

// AuditShow lists who did what, as the filter in the address says.
func (s *Site) AuditShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	page := views.AuditPage{Page: s.Page(c, "Audit log", "settings"), Actor: c.Query("actor"), Action: c.Query("action"), From: c.Query("from"), To: c.Query("to"), Object: c.Query("object")}
	filter, problems := auditFilter(c)
	names, err := models.AuditActors(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	page.Actors = []ui.Option{{Value: "", Label: "Anybody"}}
	for _, name := range names {
		page.Actors = append(page.Actors, ui.Option{Value: name, Label: name})
	}
	if page.Errors = problems; len(problems) > 0 {
		return nil, web.Status(422, views.Audit(page))
	}
	filter.Before, filter.Limit = c.Query("cursor"), auditPerPage
	found, next, err := models.ListAuditEvents(ctx, s.DB, filter)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		page.Rows = append(page.Rows, auditRow(e))
	}
	page.CSVURL = "/settings/audit.csv" + frame.WithQuestion(c.Request.URL.RawQuery)
	page.Pages = ui.Pages{NextURL: web.NextCursor(c, next)}
	return views.Audit(page), nil
}

func auditFilter(c *gin.Context) (models.AuditFilter, []ui.FieldMessage) {
	var problems []ui.FieldMessage
	filter := models.AuditFilter{Actor: c.Query("actor"), Action: c.Query("action"), Object: c.Query("object")}
	zone := frame.ViewerLocation(c)
	var wrong string
	if filter.From, wrong = frame.ReadDay(c.Query("from"), zone, 0); wrong != "" {
		problems = append(problems, frame.Message("from", wrong))
	}
	if filter.To, wrong = frame.ReadDay(c.Query("to"), zone, 1); wrong != "" {
		problems = append(problems, frame.Message("to", wrong))
	}
	return filter, problems
}

func auditRow(e models.AuditEvent) views.AuditRow {
	row := views.AuditRow{
		ID: e.ID, At: e.HappenedAt, Who: e.ActorName, Kind: e.ActorKind, Address: e.Address, Request: e.RequestID,
		What: auditWords(e.Action), Object: e.ObjectName, ObjectURL: auditURL(e),
	}
	var flat bool
	if row.Facts, flat = auditFacts(e.Before, e.After); !flat {
		row.Before, row.After = string(e.Before), string(e.After)
	}
	return row
}

// auditWords says an action as people read it: "workflow.published" is
// "workflow: published".
func auditWords(action string) string {
	object, deed, _ := strings.Cut(action, ".")
	if object == "bulk" {
		object, deed = "many runs", frame.Either(deed == "retry", "run again", deed)
	}
	return object + ": " + strings.ReplaceAll(deed, "_", " ")
}

// auditURL leads to what was changed, if it has a page; it may be gone.
func auditURL(e models.AuditEvent) string {
	folders := map[string]string{"workflow": "/workflows/", "run": "/runs/", "schedule": "/schedules/", "calendar": frame.CalendarsURL + "/", "delivery": "/deliveries/", "bulk": frame.BulkURL + "/"}
	folder, known := folders[e.ObjectKind]
	if !known || !models.ValidID(e.ObjectID) || strings.HasSuffix(e.Action, ".deleted") {
		return ""
	}
	return folder + e.ObjectID
}

// AuditFile is the same rows as a file for a spreadsheet, times in UTC, at most
// frame.ExportedRows of them; where there are more, the last row says so. It is sent as
// it is read.
func (s *Site) AuditFile(c *gin.Context) {
	filter, problems := auditFilter(c)
	if len(problems) > 0 {
		web.Fail(c, models.ErrNotFound)
		return
	}
	filter.Limit = models.MaxAuditEvents
	found, next, err := models.ListAuditEvents(c.Request.Context(), s.DB, filter)
	if err != nil {
		web.Fail(c, err)
		return
	}
	c.Header("Content-Disposition", `attachment; filename="audit.csv"`)
	c.Header("Content-Type", "text/csv; charset=utf-8")
	file := csv.NewWriter(c.Writer)
	_ = file.Write(auditColumns()) // whoever went away is noticed at Flush
	for rows := 0; ; {
		for _, e := range found {
			_ = file.Write(auditCells(e))
		}
		rows += len(found)
		if filter.Before = next; next == "" {
			break
		}
		if rows >= frame.ExportedRows {
			_ = file.Write(lastCell(fmt.Sprintf("There are more. This file holds the newest %d: choose a time to get the others.", rows)))
			break
		}
		if file.Flush(); file.Error() != nil {
			return
		}
		if found, next, err = models.ListAuditEvents(c.Request.Context(), s.DB, filter); err != nil {
			_ = file.Write(lastCell("The rest could not be read. Save the file again."))
			_ = c.Error(err)
			break
		}
	}
	file.Flush()
}

// auditColumns are the columns of the file.
func auditColumns() []string {
	return []string{"happened_at", "actor_kind", "actor", "actor_id", "address", "action", "object_kind", "object_id", "object", "before", "after", "request_id"}
}

func auditCells(e models.AuditEvent) []string {
	return []string{
		e.HappenedAt.UTC().Format(time.RFC3339Nano), e.ActorKind, frame.Cell(e.ActorName), e.ActorID, e.Address, e.Action, e.ObjectKind, e.ObjectID, frame.Cell(e.ObjectName),
		frame.Cell(string(e.Before)), frame.Cell(string(e.After)), e.RequestID,
	}
}

// lastCell is a row that holds a sentence.
func lastCell(sentence string) []string {
	return append([]string{sentence}, make([]string, len(auditColumns())-1)...)
}
