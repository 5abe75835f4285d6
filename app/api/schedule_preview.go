package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// PreviewBody is a schedule to try out.
type PreviewBody struct {
	Cron      string     `json:"cron,omitempty" doc:"Five fields, or @hourly, @daily, @weekly, @monthly."`
	Every     string     `json:"every,omitempty" doc:"Such as 15m or 2h; at least 1m."`
	At        string     `json:"at,omitempty" doc:"One time, RFC 3339."`
	TimeZone  string     `json:"time_zone,omitempty" doc:"IANA, such as Europe/Berlin; UTC when absent."`
	StartDate string     `json:"start_date,omitempty" doc:"The first day, such as 2026-12-01, in the time zone."`
	EndDate   string     `json:"end_date,omitempty" doc:"The last day."`
	Times     []string   `json:"times,omitempty" doc:"Times of the day, such as 09:00, in place of those of the cron line, which may be left out."`
	MonthDay  string     `json:"month_day,omitempty" doc:"One day of each month: last_day, first_business_day, last_business_day, or business_day_1 to business_day_20."`
	Weekday   string     `json:"weekday_of_month,omitempty" doc:"One day of each month, such as first mon or last fri."`
	Days      int        `json:"day_interval,omitempty" doc:"Only every so manieth day, counted from start_date."`
	Weeks     int        `json:"week_interval,omitempty" doc:"Only every so manieth week, counted from that of start_date."`
	Months    int        `json:"month_interval,omitempty" doc:"Only every so manieth month, counted from that of start_date."`
	Calendar  string     `json:"calendar,omitempty" doc:"The name of a calendar of free days."`
	FreeDays  string     `json:"free_days,omitempty" enum:"skip,move" doc:"What becomes of times on free days; skip when absent."`
	NotHours  []string   `json:"not_between,omitempty" doc:"Hours of the day such as 22:00-06:00, in which nothing is planned."`
	Jitter    string     `json:"jitter,omitempty" doc:"By how much starts may be delayed, such as 5m."`
	Count     *int       `json:"count,omitempty" doc:"How many times to give, 1 to 50; 5 when absent."`
	After     *time.Time `json:"after,omitempty" doc:"Give times after this one; now when absent."`
}

// Preview is when a schedule would fire.
type Preview struct {
	Sentence     string        `json:"sentence"`
	Next         []string      `json:"next" format:"date-time" doc:"In the schedule's zone."`
	ClockChanges []ClockChange `json:"clock_changes" doc:"The zone's next two clock changes and what they do to the schedule."`
	Warnings     []string      `json:"warnings"`
}

// ClockChange is a moment at which the zone's clock jumps.
type ClockChange struct {
	At     string `json:"at" format:"date-time"`
	Effect string `json:"effect"`
}

func (a *API) previewSchedule(c *gin.Context) (any, error) {
	var sent PreviewBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	count, after := 5, a.Now()
	if sent.Count != nil {
		count = *sent.Count
	}
	if sent.After != nil {
		after = *sent.After
	}
	if count < 1 || count > schedule.MaxPreview {
		return nil, invalid("invalid_body", []workflow.Problem{{Path: "count", Code: "out_of_range", Message: "Give a whole number from 1 to 50."}})
	}
	calendars, err := schedule.LoadCalendars(c.Request.Context(), a.DB, sent.Calendar)
	if err != nil {
		return nil, err
	}
	made, problems := schedule.MakePreview(workflow.Trigger{
		Type: "schedule", Cron: sent.Cron, Every: sent.Every, At: sent.At, TimeZone: sent.TimeZone, StartDate: sent.StartDate, EndDate: sent.EndDate,
		Jitter: sent.Jitter, MonthDay: sent.MonthDay, Calendar: sent.Calendar, FreeDays: sent.FreeDays, NotBetween: sent.NotHours,
		Times: sent.Times, WeekdayOfMonth: sent.Weekday, DayInterval: sent.Days, WeekInterval: sent.Weeks, MonthInterval: sent.Months,
	}, calendars, after, count)
	if err := invalid("invalid_schedule", problems); err != nil {
		return nil, err
	}
	answer := Preview{Sentence: made.Sentence, Next: []string{}, ClockChanges: []ClockChange{}, Warnings: made.Warnings}
	for _, next := range made.Next {
		answer.Next = append(answer.Next, next.Format(time.RFC3339))
	}
	for _, change := range made.ClockChanges {
		answer.ClockChanges = append(answer.ClockChanges, ClockChange{At: change.At.Format(time.RFC3339), Effect: change.Effect})
	}
	if answer.Warnings == nil {
		answer.Warnings = []string{}
	}
	return answer, nil
}
