package schedule

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"workflows/models/columns"
	"workflows/worker/workflow"
)

// MaxFreeDays is how many free days, and how many days of work, a calendar may have.
const MaxFreeDays = 2000

const (
	maxCalendarName = 100
	maxDayName      = 200
)

// CheckCalendar finds everything that is wrong with a calendar. The paths are
// "name", "weekend", "days[3].date" and "working_days[3].date".
func CheckCalendar(name string, days CalendarDays) []workflow.Problem {
	var problems []workflow.Problem
	complain := func(path, code, message string) {
		problems = append(problems, workflow.Problem{Path: path, Code: code, Message: message})
	}
	switch {
	case strings.TrimSpace(name) == "":
		complain("name", "required", "Give the calendar a name, such as Germany.")
	case name != strings.TrimSpace(name) || strings.ContainsFunc(name, columns.Hidden):
		complain("name", "invalid_value", "Leave out spaces at the ends and characters that cannot be seen.")
	case utf8.RuneCountInString(name) > maxCalendarName:
		complain("name", "too_long", "The name is longer than 100 characters. Shorten it.")
	}
	free := [7]bool{}
	for i, weekday := range days.Weekend {
		if weekday < 0 || weekday > 6 {
			complain(fmt.Sprintf("weekend[%d]", i), "out_of_range", "A day of the week must be 0 (Sunday) to 6 (Saturday).")
			continue
		}
		free[weekday] = true
	}
	if free == [7]bool{true, true, true, true, true, true, true} {
		complain("weekend", "invalid_value", "Leave at least one day of the week to work on.")
	}
	if len(days.Free) > MaxFreeDays {
		complain("days", "too_many", "A calendar has at most 2,000 free days. Leave out those that have passed.")
	}
	if len(days.Working) > MaxFreeDays {
		complain("working_days", "too_many", "A calendar has at most 2,000 days of work. Leave out those that have passed.")
	}
	if len(days.Free) > MaxFreeDays || len(days.Working) > MaxFreeDays {
		return problems
	}
	seen := map[string]bool{}
	checkDays := func(list string, days []FreeDay) {
		for i, day := range days {
			path := fmt.Sprintf("%s[%d]", list, i)
			at, err := time.Parse(time.DateOnly, day.Date)
			if err != nil || at.Year() < 1970 || at.Year() >= lastYear {
				complain(path+".date", "invalid_value", wantDate)
			} else if seen[day.Date] {
				complain(path+".date", "duplicate", day.Date+" is listed twice. Leave one out.")
			}
			seen[day.Date] = true
			if utf8.RuneCountInString(day.Name) > maxDayName || strings.ContainsFunc(day.Name, columns.Hidden) {
				complain(path+".name", "invalid_value", "Use at most 200 characters that can be seen.")
			}
		}
	}
	checkDays("days", days.Free)
	checkDays("working_days", days.Working)
	return problems
}
