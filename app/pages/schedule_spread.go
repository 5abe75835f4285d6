package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
)

const (
	// spreadAtOnce bounds how many schedules one form moves.
	spreadAtOnce = 200
	// usualWindow is over how many minutes they are spread unless somebody chooses.
	usualWindow = 30
)

func spreadURL(key string) string { return "/schedules/spread?of=" + url.QueryEscape(key) }

// SpreadShow proposes a minute of its own for each of the schedules that start
// together.
func (s *Site) SpreadShow(c *gin.Context) (templ.Component, error) {
	found, _, _, err := s.plannedSchedules(c)
	if err != nil {
		return nil, err
	}
	crowds := schedule.Crowds(plain(found))
	i := slices.IndexFunc(crowds, func(crowd schedule.Crowd) bool { return crowd.Key == c.Query("of") })
	if i < 0 {
		return nil, web.SeeOther("/schedules/week") // they are spread already
	}
	crowd := crowds[i]
	window, err := strconv.Atoi(c.DefaultQuery("window", strconv.Itoa(usualWindow)))
	if err != nil || !slices.Contains(spreadWindows(), window) {
		return nil, models.ErrNotFound
	}
	page := views.SpreadPage{Page: s.spreadPage(c), Key: crowd.Key, Window: strconv.Itoa(window), Sub: frame.Count(int64(len(crowd.Schedules)), "schedule") + " start " + crowd.Words + "."}
	if more := len(crowd.Schedules) - spreadAtOnce; more > 0 {
		page.More = "The first " + strconv.Itoa(spreadAtOnce) + " are shown; spread the other " + frame.Number(int64(more)) + " afterwards."
		crowd.Schedules = crowd.Schedules[:spreadAtOnce]
	}
	names := map[string]string{}
	for _, one := range found {
		names[one.ID] = one.WorkflowName
	}
	for i, minute := range schedule.Spread(crowd.Minute, window, len(crowd.Schedules)) {
		page.Rows = append(page.Rows, spreadRow(crowd.Schedules[i], names[crowd.Schedules[i].ID], minute))
	}
	return views.Spread(page), nil
}

func spreadWindows() []int { return []int{15, 30, 60} }

func spreadRow(s models.Schedule, name string, minute int) views.SpreadRow {
	trigger := schedule.TriggerOf(s)
	return views.SpreadRow{Before: sentenceOf(trigger), ScheduleID: s.ID, Line: trigger.Cron, Minute: strconv.Itoa(minute), Workflow: name, WorkflowURL: "/workflows/" + s.WorkflowID, ScheduleURL: "/schedules/" + s.ID}
}

func (s *Site) spreadPage(c *gin.Context) ui.Page {
	page := s.Page(c, "Spread schedules", "schedules")
	page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}, {Label: "The week", URL: "/schedules/week"}}
	return page
}

// Spread writes the minutes into the drafts, and publishes what had no other
// changes if that is asked for. The page that answers says what became of each.
func (s *Site) Spread(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	ids, lines, minutes := form["schedule"], form["line"], form["minute"]
	if len(ids) == 0 || len(ids) > spreadAtOnce || len(lines) != len(ids) || len(minutes) != len(ids) {
		return nil, web.SeeOther("/schedules/week")
	}
	moves := map[string][]catalog.MinuteMove{}
	var order []string
	report := views.SpreadReportPage{Page: s.spreadPage(c)}
	for i, id := range ids {
		found, err := schedules.Get(ctx, s.DB, id)
		if errors.Is(err, models.ErrNotFound) {
			continue // its workflow was deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		minute, err := strconv.Atoi(minutes[i])
		if err != nil || minute < 0 || minute > 59 {
			report.Rows = append(report.Rows, views.SpreadReport{Workflow: "Line " + strconv.Itoa(i+1), Status: "failed", Sentence: "The minute must be a number from 0 to 59. Nothing of it was changed."})
			continue
		}
		if moves[found.WorkflowID] == nil {
			order = append(order, found.WorkflowID)
		}
		moves[found.WorkflowID] = append(moves[found.WorkflowID], catalog.MinuteMove{TriggerID: found.TriggerID, Line: lines[i], Minute: minute})
	}
	names, err := models.NamesOfWorkflows(ctx, s.DB, order)
	if err != nil {
		return nil, err
	}
	for _, id := range order {
		row, err := s.spreadOne(ctx, id, moves[id], form.Get("publish") != "")
		if err != nil {
			return nil, err
		}
		row.Workflow, row.URL = names[id], "/workflows/"+id
		report.Rows = append(report.Rows, row)
	}
	return nil, web.Status(http.StatusOK, views.SpreadReported(report))
}

// spreadOne moves the schedules of one workflow and says what became of it.
func (s *Site) spreadOne(ctx context.Context, id string, moves []catalog.MinuteMove, publish bool) (views.SpreadReport, error) {
	moved, err := s.Catalog.MoveMinutes(ctx, id, moves, publish, auth.By(ctx))
	var invalid *models.InvalidError
	var conflict *models.ConflictError
	switch {
	case errors.As(err, &conflict):
		return views.SpreadReport{Status: "failed", Sentence: conflict.Message}, nil
	case errors.As(err, &invalid):
		return views.SpreadReport{Status: "changed", Sentence: "Changed in the draft, which cannot be published yet: " + invalid.Message, Publish: true}, nil
	case errors.Is(err, models.ErrNotFound):
		return views.SpreadReport{Status: "failed", Sentence: "It was deleted meanwhile."}, nil
	case err != nil:
		return views.SpreadReport{}, err
	case moved.Schedules == 0:
		return views.SpreadReport{Status: "skipped", Sentence: "Nothing to change: the draft has other times by now, or these already."}, nil
	case moved.Published:
		return views.SpreadReport{Status: "succeeded", Sentence: "Changed and published: it starts at its new time from now on."}, nil
	case publish && moved.OtherChanges:
		return views.SpreadReport{Status: "changed", Sentence: "Changed in the draft. The draft has other changes too, so publish it yourself.", Publish: true}, nil
	}
	return views.SpreadReport{Status: "changed", Sentence: "Changed in the draft. It starts at its new time once the draft is published.", Publish: true}, nil
}
