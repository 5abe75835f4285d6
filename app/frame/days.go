package frame

import (
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// DateLayout is what an entry of the kind datetime-local sends.
const DateLayout = "2006-01-02T15:04"

// ZoneOr is the time zone of that name, or UTC.
func ZoneOr(name string) *time.Location {
	if zone, err := workflow.LoadZone(name); err == nil {
		return zone
	}
	return time.UTC
}

// ViewerZone is the time zone that the reader has chosen; "" for none.
func ViewerZone(c *gin.Context) string {
	if user := auth.User(c.Request.Context()); user != nil {
		return user.TimeZone
	}
	return ""
}

// ViewerLocation is the time zone that the person has chosen, else UTC.
func ViewerLocation(c *gin.Context) *time.Location {
	return ZoneOr(ViewerZone(c))
}

// ReadDay reads a date as the beginning of that day, or of a later one.
func ReadDay(text string, zone *time.Location, later int) (*time.Time, string) {
	if text == "" {
		return nil, ""
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return nil, "Enter a date, such as 2026-12-24."
	}
	at := day.AddDate(0, 0, later).UTC()
	return &at, ""
}

// WeekdayChips offer the days of a week, as numbers of which 0 is Sunday.
func WeekdayChips() []ui.Option {
	return []ui.Option{
		{Value: "1", Label: "Mon"},
		{Value: "2", Label: "Tue"},
		{Value: "3", Label: "Wed"},
		{Value: "4", Label: "Thu"},
		{Value: "5", Label: "Fri"},
		{Value: "6", Label: "Sat"},
		{Value: "0", Label: "Sun"},
	}
}

// When is a coming moment as people say it, on a zone's clock: "today at 09:00", "on
// Monday at 09:00", and with the date where it is a week away or more.
func When(t, now time.Time, zone *time.Location) string {
	t, now = t.In(zone), now.In(zone)
	days := int(midnight(t).Sub(midnight(now)).Hours()+12) / 24
	switch {
	case days == 0:
		return "today at " + t.Format("15:04")
	case days == 1:
		return "tomorrow at " + t.Format("15:04")
	case days > 1 && days < 7:
		return "on " + t.Format("Monday") + " at " + t.Format("15:04")
	}
	return "on " + t.Format("Mon 2 Jan 2006") + " at " + t.Format("15:04")
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
