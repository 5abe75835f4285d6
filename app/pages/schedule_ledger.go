package pages

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
)

const plannedPerPage = 50

// LedgerShow lists what became of planned times over all schedules, as the filter
// in the address says.
func (s *Site) LedgerShow(c *gin.Context) (templ.Component, error) {
	page := views.LedgerPage{Page: s.Page(c, "The ledger", "schedules")}
	filter, err := s.readLedgerFilter(c, &page)
	if err != nil {
		return nil, err
	}
	if len(page.Errors) > 0 {
		return nil, web.Status(422, views.Ledger(page))
	}
	filter.After, filter.Limit = c.Query("cursor"), plannedPerPage
	found, next, err := schedules.ListPlanned(c.Request.Context(), s.DB, filter)
	if err != nil {
		return nil, err
	}
	became, err := s.became(c.Request.Context(), runsOf(found, listedPlanned))
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		row := views.LedgerRow{PlannedRow: plannedRow(p.PlannedRun, became), ID: p.ID, Workflow: p.WorkflowName, WorkflowURL: "/workflows/" + p.WorkflowID, ScheduleURL: "/schedules/" + p.ScheduleID, Zone: frame.ZoneOr(p.TimeZone), ZoneName: p.TimeZone}
		row.Sentence = sentenceOf(schedule.TriggerOf(models.Schedule{Rule: p.Rule}))
		page.Rows = append(page.Rows, row)
	}
	page.CSVURL = "/schedules/ledger.csv" + frame.WithQuestion(c.Request.URL.RawQuery)
	page.Pages = ui.Pages{NextURL: web.NextCursor(c, next)}
	if filter.After != "" {
		page.NewestURL = web.WithQuery(c, "cursor", "")
	}
	return views.Ledger(page), nil
}

// readLedgerFilter turns the address into a filter, and into the form that shows it.
func (s *Site) readLedgerFilter(c *gin.Context, page *views.LedgerPage) (schedules.PlannedFilter, error) {
	page.Workflow, page.Schedule, page.Outcome, page.From, page.To = c.Query("workflow_id"), c.Query("schedule_id"), c.Query("outcome"), c.Query("from"), c.Query("to")
	page.Any = page.Workflow+page.Schedule+page.Outcome+page.From+page.To != ""
	filter := schedules.PlannedFilter{WorkflowID: page.Workflow, ScheduleID: page.Schedule, Outcome: page.Outcome}
	if page.Outcome != "" && !slices.Contains(schedules.Outcomes(), page.Outcome) {
		return filter, models.ErrNotFound
	}
	var err error
	if page.Workflows, err = workflowFilter(c, s.DB, page.Workflow); err != nil {
		return filter, err
	}
	zone := frame.ViewerLocation(c)
	filter.From, page.FromError = frame.ReadDay(page.From, zone, 0)
	filter.To, page.ToError = frame.ReadDay(page.To, zone, 1)
	if page.FromError != "" {
		page.Errors = append(page.Errors, frame.Message("from", page.FromError))
	}
	if page.ToError != "" {
		page.Errors = append(page.Errors, frame.Message("to", page.ToError))
	}
	return filter, nil
}

// LedgerFile is the same rows as a file for a spreadsheet, times in UTC, at most
// frame.ExportedRows of them.
func (s *Site) LedgerFile(c *gin.Context) {
	var page views.LedgerPage
	filter, err := s.readLedgerFilter(c, &page)
	if err == nil && len(page.Errors) > 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		web.Fail(c, err)
		return
	}
	filter.Limit = schedules.MaxPlanned
	var text strings.Builder
	file := csv.NewWriter(&text)
	_ = file.Write([]string{"planned_at", "workflow", "schedule", "time_zone", "outcome", "late_seconds", "reason", "run_id", "schedule_id", "run_status"}) // a builder takes everything
	for rows := 0; rows < frame.ExportedRows; {
		found, next, err := schedules.ListPlanned(c.Request.Context(), s.DB, filter)
		if err != nil {
			web.Fail(c, err)
			return
		}
		became, err := s.became(c.Request.Context(), runsOf(found, listedPlanned))
		if err != nil {
			web.Fail(c, err)
			return
		}
		for _, p := range found {
			run := ""
			if p.RunID != nil {
				run = *p.RunID
			}
			_ = file.Write([]string{
				p.PlannedAt.UTC().Format(time.RFC3339), frame.Cell(p.WorkflowName), frame.Cell(sentenceOf(schedule.TriggerOf(models.Schedule{Rule: p.Rule}))), p.TimeZone, p.Outcome,
				strconv.FormatFloat(float64(p.LateMS)/1000, 'f', -1, 64), frame.Cell(schedule.LedgerWords(p.PlannedRun)), run, p.ScheduleID, became[run],
			})
		}
		rows += len(found)
		if filter.After = next; next == "" {
			break
		}
	}
	file.Flush()
	c.Header("Content-Disposition", `attachment; filename="ledger.csv"`)
	web.Send(c, http.StatusOK, "text/csv; charset=utf-8", []byte(text.String()))
}
