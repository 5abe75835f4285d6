// Package timing is the form in which people say when a workflow runs: what it shows of a
// schedule, what is read of what was typed, and a look at what that means. It knows no page
// and no database.
package timing

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/worker/workflow"
)

// The ways of the schedule builder to say when a workflow runs.
const (
	modeEvery   = "every"
	modeHourly  = "hourly"
	modeDaily   = "daily"
	modeWeekly  = "weekly"
	modeMonthly = "monthly"
	modeNth     = "weekday_of_month"
	modeOnce    = "once"
	modeCron    = "cron"
)

// Form is a schedule as the builder shows it: every way of saying it has
// its entries, the chosen one counts.
type Form struct {
	Mode        string
	Every, Unit string // 15, minutes
	Minute      string // of hourly
	Time        string // 09:00, of daily, weekly, monthly and nth
	More        string // 12:30, 16:30: further times of the same days
	EveryDays   string // of daily, EveryWeeks of weekly, EveryMonths of monthly and nth
	EveryWeeks  string
	EveryMonths string
	Nth         string   // first, of nth
	NthDay      string   // mon
	Days        []string // cron numbers 1–6 and 0, of weekly
	Day         string   // of monthly
	NotFrom     string   // 22:00, NotUntil 06:00: hours without runs
	NotUntil    string
	NotMore     string // 12:00-13:00, 15:00-15:30: further ones
	Date        string // 2026-12-24T18:00, of once, on the zone's clock
	Cron        string
	Zone        string
	Missed      string
	MaxAge      string // 2h; of a missed time that is made up for
	Overlap     string
	First, Last string // days, 2026-12-01
	Jitter      string
	MonthDay    string // of monthly, instead of Day
	Calendar    string
	FreeDays    string
	Off         bool
	Calendars   []string // the names that can be chosen
	zoneGuessed bool     // neither the schedule nor its maker says it
	Stored      workflow.Trigger
	Problems    map[string]string // by the name of the entry
}

// New shows a trigger; the zero trigger gives a daily one.
func New(t workflow.Trigger, zone string) *Form {
	nth, nthDay, _ := strings.Cut(strings.ToLower(t.WeekdayOfMonth), " ")
	f := &Form{
		EveryDays: strconv.Itoa(max(t.DayInterval, 1)), EveryWeeks: strconv.Itoa(max(t.WeekInterval, 1)), EveryMonths: strconv.Itoa(max(t.MonthInterval, 1)),
		Nth: nth, NthDay: frame.Either(nthDay == "", "mon", nthDay),
		Mode: modeDaily, Every: "15", Unit: "m", Minute: "0", Time: "09:00", Days: []string{"1", "2", "3", "4", "5"}, Day: "1",
		Zone: t.TimeZone, Missed: frame.Either(t.Missed == "", "latest", t.Missed), Overlap: frame.Either(t.Overlap == "", "skip", t.Overlap),
		MaxAge: t.MissedMaxAge, First: t.StartDate, Last: t.EndDate, Jitter: t.Jitter, MonthDay: t.MonthDay, Calendar: t.Calendar,
		FreeDays: frame.Either(t.FreeDays == "", "skip", t.FreeDays), Off: t.Disabled,
		Cron: t.Cron, Stored: t, Problems: map[string]string{},
	}
	if len(t.NotBetween) > 0 {
		f.NotFrom, f.NotUntil, _ = strings.Cut(t.NotBetween[0], "-")
		f.NotMore = strings.Join(t.NotBetween[1:], ", ")
	}
	if f.Zone == "" {
		f.Zone = frame.Either(t.ID == "" && zone != "", zone, "UTC")
		f.zoneGuessed = t.ID == "" && zone == ""
	}
	switch {
	case t.Every != "":
		f.showEvery(t.Every)
	case t.At != "":
		f.Mode = modeOnce
		if at, err := time.Parse(time.RFC3339Nano, t.At); err == nil {
			f.Date = at.In(frame.ZoneOr(f.Zone)).Format(frame.DateLayout)
		}
	case t.Cron != "" || len(t.Times) > 0:
		f.showTimes(t)
	}
	return f
}

// showTimes shows a line with its times of the day, its picked day and its counted days.
func (f *Form) showTimes(t workflow.Trigger) {
	line, first := t.Cron, ""
	if len(t.Times) > 0 {
		if at, err := time.Parse("15:04", t.Times[0]); err == nil {
			first = strconv.Itoa(at.Minute()) + " " + strconv.Itoa(at.Hour()) + " "
		}
	}
	switch days, open := strings.CutPrefix(line, "* * "); {
	case first != "" && line == "":
		line = first + "* * *"
	case first != "" && open:
		line = first + days
	}
	f.showCron(line)
	switch {
	case f.Mode == modeDaily && t.WeekdayOfMonth != "":
		f.Mode = modeNth
	case f.Mode == modeDaily && t.MonthDay != "":
		f.Mode = modeMonthly
	case f.Mode == modeDaily && t.WeekInterval > 1:
		f.Mode, f.Days = modeWeekly, []string{"1", "2", "3", "4", "5", "6", "0"}
	}
	counted := map[string]int{modeDaily: t.DayInterval, modeWeekly: t.WeekInterval, modeMonthly: t.MonthInterval, modeNth: t.MonthInterval}
	picked := map[string]string{modeMonthly: t.MonthDay, modeNth: t.WeekdayOfMonth}
	if f.Mode == modeHourly && len(t.Times) > 0 || counted[f.Mode] != t.DayInterval+t.WeekInterval+t.MonthInterval || picked[f.Mode] != t.MonthDay+t.WeekdayOfMonth {
		f.Mode = modeCron
	}
	f.More = strings.Join(t.Times, ", ")
	if i := slices.Index(t.Times, f.Time); f.Mode != modeCron && i >= 0 {
		f.More = strings.Join(slices.Delete(slices.Clone(t.Times), i, i+1), ", ")
	}
	if f.Mode == modeCron && t.Cron == "" {
		f.Cron = "* * * * *"
	}
}

func (f *Form) showEvery(text string) {
	f.Mode = modeEvery
	length, err := workflow.ParseDuration(text)
	if err != nil {
		f.Every, f.Unit = text, "m"
		return
	}
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}} {
		if length%unit.size == 0 {
			f.Every, f.Unit = strconv.FormatInt(int64(length/unit.size), 10), unit.name
			return
		}
	}
	f.Every, f.Unit = text, "m"
}

var plainCron = regexp.MustCompile(`^(\d{1,2}) (\d{1,2}|\*) (\d{1,2}|\*) \* ([0-7](?:[,-][0-7])*|\*)$`)

// showCron recognises the lines that the builder itself writes; any other stays
// a line.
func (f *Form) showCron(line string) {
	f.Mode = modeCron
	switch line {
	case "@hourly":
		line = "0 * * * *"
	case "@daily":
		line = "0 0 * * *"
	case "@weekly":
		line = "0 0 * * 0"
	case "@monthly":
		line = "0 0 1 * *"
	}
	parts := plainCron.FindStringSubmatch(line)
	if parts == nil {
		return
	}
	minute, hour, day, weekdays := parts[1], parts[2], parts[3], parts[4]
	switch {
	case hour == "*" && day == "*" && weekdays == "*":
		f.Mode, f.Minute = modeHourly, minute
		return
	case hour == "*":
		return
	case day == "*" && weekdays == "*":
		f.Mode = modeDaily
	case day == "*":
		f.Mode, f.Days = modeWeekly, daysOf(weekdays)
	case weekdays == "*":
		f.Mode, f.Day = modeMonthly, day
	default:
		return
	}
	f.Time = twoDigits(hour) + ":" + twoDigits(minute)
}

func twoDigits(number string) string {
	if len(number) == 1 {
		return "0" + number
	}
	return number
}

// daysOf lists the days of a cron field such as "1-5" or "0,6"; 7 is Sunday too.
func daysOf(field string) []string {
	var days []string
	for part := range strings.SplitSeq(field, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for day := first; day <= last; day++ {
			if name := strconv.Itoa(day % 7); !slices.Contains(days, name) {
				days = append(days, name)
			}
		}
	}
	return days
}
