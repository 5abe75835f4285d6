package pages

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
)

const (
	// countedSchedules is how many schedules the pages of planned starts read.
	countedSchedules = 10_000
	// shownCrowds is how many crowds the week names.
	shownCrowds = 3
	// shownStarts is how many starts the page of an hour lists.
	shownStarts = 500
)

// ScheduleWeek shows how many starts are planned in each hour of a week.
func (s *Site) ScheduleWeek(c *gin.Context) (templ.Component, error) {
	zone, now := frame.ViewerLocation(c), s.Now()
	day := now.In(zone)
	if text := c.Query("day"); text != "" {
		typed, err := time.ParseInLocation(time.DateOnly, text, zone)
		if err != nil || typed.Year() < 2000 || typed.Year() > 9000 {
			return nil, models.ErrNotFound
		}
		day = typed
	}
	monday := mondayOf(day)
	found, calendars, left, err := s.plannedSchedules(c)
	if err != nil {
		return nil, err
	}
	load := schedule.LoadOf(plain(found), calendars, monday, monday.AddDate(0, 0, 7), zone)
	page := views.WeekPage{Page: s.Page(c, "The week", "schedules"), Zone: zone.String(), Title: weekTitle(monday)}
	page.Page.Wide, page.MayEdit = true, auth.May(c.Request.Context(), auth.Editor)
	page.PreviousURL, page.NextURL = weekURL(monday.AddDate(0, 0, -7)), weekURL(monday.AddDate(0, 0, 7))
	if !monday.Equal(mondayOf(now.In(zone))) {
		page.ThisURL = "/schedules/week"
	}
	if left || load.Left > 0 {
		page.Left = fmt.Sprintf("%s are counted, not all: the others cannot be read, or are too many and too different to count here.", frame.Count(int64(load.Counted), "schedule"))
	}
	if page.Days, err = s.weekDays(c, monday, day, now.In(zone)); err != nil {
		return nil, err
	}
	page.Hours, page.Total = weekHours(load, day)
	crowds := schedule.Crowds(plain(found))
	for _, crowd := range crowds[:min(len(crowds), shownCrowds)] {
		row := views.CrowdRow{Sentence: frame.Count(int64(len(crowd.Schedules)), "schedule") + " start " + crowd.Words + "."}
		if page.MayEdit {
			row.URL = spreadURL(crowd.Key)
		}
		page.Crowds = append(page.Crowds, row)
	}
	return views.ScheduleWeek(page), nil
}

// plannedSchedules are those that are planned, as many as are counted.
func (s *Site) plannedSchedules(c *gin.Context) (found []schedules.Coming, calendars schedule.Calendars, more bool, err error) {
	found, more, err = schedules.Active(c.Request.Context(), s.DB, countedSchedules)
	if err == nil {
		calendars, err = schedule.CalendarsFor(c.Request.Context(), s.DB, plain(found))
	}
	return found, calendars, more, err
}

func plain(found []schedules.Coming) []models.Schedule {
	stored := make([]models.Schedule, len(found))
	for i, s := range found {
		stored[i] = s.Schedule
	}
	return stored
}

func mondayOf(day time.Time) time.Time {
	since := (int(day.Weekday()) + 6) % 7
	return time.Date(day.Year(), day.Month(), day.Day()-since, 0, 0, 0, 0, day.Location())
}

func weekURL(day time.Time) string { return "/schedules/week?day=" + day.Format(time.DateOnly) }

func weekTitle(monday time.Time) string {
	sunday := monday.AddDate(0, 0, 6)
	switch {
	case monday.Year() != sunday.Year():
		return monday.Format("2 January 2006") + " to " + sunday.Format("2 January 2006")
	case monday.Month() != sunday.Month():
		return monday.Format("2 January") + " to " + sunday.Format("2 January 2006")
	}
	return monday.Format("2") + " to " + sunday.Format("2 January 2006")
}

// weekDays are the columns, with the names of their free days.
func (s *Site) weekDays(c *gin.Context, monday, chosen, now time.Time) ([]views.WeekDay, error) {
	calendars, err := models.ListCalendars(c.Request.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	days := make([]views.WeekDay, 7)
	for i := range days {
		day := monday.AddDate(0, 0, i)
		days[i] = views.WeekDay{Name: day.Format("Monday 2 January"), Short: day.Format("Mon 2"), URL: weekURL(day), Chosen: sameDay(day, chosen), Today: sameDay(day, now)}
	}
	for _, stored := range calendars {
		written, err := schedule.CalendarDaysOf(stored)
		if err != nil {
			return nil, err
		}
		for _, day := range written.Free {
			for i := range days {
				if day.Date == monday.AddDate(0, 0, i).Format(time.DateOnly) {
					days[i].Free = append(days[i].Free, cmp.Or(day.Name, "Free")+" ("+stored.Name+")")
				}
			}
		}
	}
	return days, nil
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// weekHours are the rows. An hour that the clock goes through twice is one cell, an
// hour that it leaves out has no starts.
func weekHours(load schedule.Load, chosen time.Time) (rows []views.WeekHour, total int) {
	rows = make([]views.WeekHour, 24)
	for i := range rows {
		rows[i] = views.WeekHour{Label: fmt.Sprintf("%02d:00", i), Cells: make([]views.WeekCell, 7)}
	}
	most := 0
	for _, hour := range load.Hours {
		cell := &rows[hour.Start.Hour()].Cells[(int(hour.Start.Weekday())+6)%7]
		cell.Starts += hour.Starts
		if cell.URL == "" {
			cell.URL = "/schedules/hour?at=" + hour.Start.Format("2006-01-02T15")
		}
		cell.Chosen = sameDay(hour.Start, chosen)
		most, total = max(most, cell.Starts), total+hour.Starts
	}
	for i := range rows {
		for j := range rows[i].Cells {
			if cell := &rows[i].Cells[j]; cell.Starts > 0 {
				cell.Level = 1 + 3*cell.Starts/most
			}
		}
	}
	return rows, total
}

// ScheduleHour lists what is planned in one hour, minute by minute.
func (s *Site) ScheduleHour(c *gin.Context) (templ.Component, error) {
	zone := frame.ViewerLocation(c)
	from, err := time.ParseInLocation("2006-01-02T15", c.Query("at"), zone)
	if err != nil || from.Year() < 2000 || from.Year() > 9000 {
		return nil, models.ErrNotFound
	}
	to := from.Add(time.Hour)
	for to.Hour() == from.Hour() { // the clock goes through it twice
		to = to.Add(30 * time.Minute)
	}
	found, calendars, left, err := s.plannedSchedules(c)
	if err != nil {
		return nil, err
	}
	page := views.HourPage{Page: s.Page(c, "Planned starts", "schedules"), Title: from.Format("Monday 2 January 2006, 15:04") + " to " + to.Format("15:04"), Zone: zone}
	page.Page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}, {Label: "The week", URL: weekURL(from)}}
	for _, one := range found {
		rule, problems := schedule.RuleOf(one.Schedule, calendars)
		if len(problems) > 0 {
			continue
		}
		for _, at := range rule.Within(from, to, shownStarts+1) {
			page.Rows = append(page.Rows, views.HourRow{
				At: at, Workflow: one.WorkflowName, WorkflowURL: "/workflows/" + one.WorkflowID, Sentence: rule.Sentence(), ScheduleURL: "/schedules/" + one.ID,
			})
		}
	}
	slices.SortStableFunc(page.Rows, func(a, b views.HourRow) int { return a.At.Compare(b.At) })
	page.Sub = frame.Count(int64(len(page.Rows)), "start") + ", by the clock of " + zone.String() + "."
	if left || len(page.Rows) > shownStarts {
		page.More = "The first ones are shown, not all."
		page.Rows = page.Rows[:min(len(page.Rows), shownStarts)]
	}
	return views.ScheduleHour(page), nil
}
