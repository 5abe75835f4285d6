package pages

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/workflow"
)

// The ways of the schedule builder to say when a workflow runs.
const (
	modeEvery   = "every"
	modeHourly  = "hourly"
	modeDaily   = "daily"
	modeWeekly  = "weekly"
	modeMonthly = "monthly"
	modeOnce    = "once"
	modeCron    = "cron"
)

// scheduleForm is a schedule as the builder shows it: every way of saying it has
// its entries, the chosen one counts.
type scheduleForm struct {
	Mode        string
	Every, Unit string   // 15, minutes
	Minute      string   // of hourly
	Time        string   // 09:00, of daily, weekly and monthly
	Days        []string // cron numbers 1–6 and 0, of weekly
	Day         string   // of monthly
	Date        string   // 2026-12-24T18:00, of once, on the zone's clock
	Cron        string
	Zone        string
	Missed      string
	Overlap     string
	stored      workflow.Trigger
	problems    map[string]string // by the name of the entry
}

// newScheduleForm shows a trigger; the zero trigger gives a daily one.
func newScheduleForm(t workflow.Trigger, zone string) *scheduleForm {
	f := &scheduleForm{
		Mode: modeDaily, Every: "15", Unit: "m", Minute: "0", Time: "09:00", Days: []string{"1", "2", "3", "4", "5"}, Day: "1",
		Zone: t.TimeZone, Missed: either(t.Missed == "", "latest", t.Missed), Overlap: either(t.Overlap == "", "skip", t.Overlap),
		Cron: t.Cron, stored: t, problems: map[string]string{},
	}
	if f.Zone == "" {
		f.Zone = either(t.ID == "" && zone != "", zone, "UTC")
	}
	switch {
	case t.Every != "":
		f.showEvery(t.Every)
	case t.At != "":
		f.Mode = modeOnce
		if at, err := time.Parse(time.RFC3339Nano, t.At); err == nil {
			f.Date = at.In(zoneOr(f.Zone)).Format(dateLayout)
		}
	case t.Cron != "":
		f.showCron(t.Cron)
	}
	return f
}

const dateLayout = "2006-01-02T15:04"

func zoneOr(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		return zone
	}
	return time.UTC
}

func (f *scheduleForm) showEvery(text string) {
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
func (f *scheduleForm) showCron(line string) {
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

// readScheduleForm reads what was sent.
func readScheduleForm(form url.Values, was workflow.Trigger) *scheduleForm {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	return &scheduleForm{
		Mode: get("mode"), Every: get("every"), Unit: get("unit"), Minute: get("minute"), Time: get("time"), Days: form["days"], Day: get("day"),
		Date: get("date"), Cron: get("cron"), Zone: get("time_zone"), Missed: get("missed"), Overlap: get("overlap"),
		stored: was, problems: map[string]string{},
	}
}

// trigger is what the form says, with the rest of the stored trigger kept. What
// cannot be said at all is a problem at its entry.
func (f *scheduleForm) trigger() workflow.Trigger {
	t := workflow.Trigger{ID: f.stored.ID, Type: "schedule", TimeZone: f.Zone}
	if f.stored.Type != "" {
		t.TimeZone = chosen(f.Zone, f.stored.TimeZone, "UTC")
	}
	t.Missed = chosen(f.Missed, f.stored.Missed, "latest")
	t.Overlap = chosen(f.Overlap, f.stored.Overlap, "skip")
	if f.Zone == "" {
		f.problems["time_zone"] = "Choose a time zone by its place, such as Europe/Berlin, or UTC."
	}
	switch f.Mode {
	case modeEvery:
		t.Every = f.every()
	case modeOnce:
		t.At = f.at()
	case modeCron:
		t.Cron = f.Cron
		if f.Cron == "" {
			f.problems["cron"] = "Enter five fields, such as 0 9 * * 1-5."
		}
	case modeHourly, modeDaily, modeWeekly, modeMonthly:
		t.Cron = f.line()
	default:
		f.problems["mode"] = "Choose how often it runs."
	}
	if len(f.problems) == 0 && sameRule(t, f.stored) { // @daily stays @daily
		t.Cron, t.Every, t.At = f.stored.Cron, f.stored.Every, f.stored.At
	}
	return t
}

// sameRule reports whether the builder shows both triggers alike.
func sameRule(t, stored workflow.Trigger) bool {
	if stored.Type == "" || t.TimeZone != stored.TimeZone {
		return false
	}
	a, b := newScheduleForm(t, ""), newScheduleForm(stored, "")
	return a.Mode == b.Mode && a.Mode != modeCron && a.Every+a.Unit == b.Every+b.Unit && a.Minute == b.Minute && a.Time == b.Time &&
		slices.Equal(a.Days, b.Days) && a.Day == b.Day && a.Date == b.Date
}

func (f *scheduleForm) every() string {
	n, err := strconv.Atoi(f.Every)
	if err != nil {
		if _, err := workflow.ParseDuration(f.Every); err == nil { // 1h30m, as it is stored
			return f.Every
		}
		f.problems["every"] = "Enter a whole number, such as 15."
		return ""
	}
	if n < 1 || !slices.Contains([]string{"m", "h", "d"}, f.Unit) {
		f.problems["every"] = "Enter a number of 1 or more."
		return ""
	}
	return strconv.Itoa(n) + f.Unit
}

// at is the moment at which the zone's clock shows the date that was typed.
func (f *scheduleForm) at() string {
	for _, layout := range []string{dateLayout, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, f.Date, zoneOr(f.Zone)); err == nil {
			return at.Format(time.RFC3339)
		}
	}
	f.problems["date"] = "Enter a date and a time, such as 2026-12-24T18:00."
	return ""
}

// line writes the cron line of an hourly, daily, weekly or monthly schedule.
func (f *scheduleForm) line() string {
	if f.Mode == modeHourly {
		return f.number("minute", f.Minute, 0, 59, "Enter a minute from 0 to 59.") + " * * * *"
	}
	at, err := time.Parse("15:04", f.Time)
	if err != nil {
		f.problems["time"] = "Enter a time of day, such as 09:00."
	}
	clock := strconv.Itoa(at.Minute()) + " " + strconv.Itoa(at.Hour())
	switch f.Mode {
	case modeWeekly:
		return clock + " * * " + f.weekdays()
	case modeMonthly:
		return clock + " " + f.number("day", f.Day, 1, 31, "Enter a day from 1 to 31.") + " * *"
	}
	return clock + " * * *"
}

func (f *scheduleForm) number(name, text string, least, most int, problem string) string {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		f.problems[name] = problem
	}
	return strconv.Itoa(n)
}

func (f *scheduleForm) weekdays() string {
	var days []string
	for _, day := range []string{"1", "2", "3", "4", "5", "6", "0"} { // Monday first
		if slices.Contains(f.Days, day) {
			days = append(days, day)
		}
	}
	switch line := strings.Join(days, ","); line {
	case "":
		f.problems["days"] = "Choose at least one day."
	case "1,2,3,4,5":
		return "1-5"
	case "1,2,3,4,5,6,0":
		return "*"
	default:
		return line
	}
	return "*"
}
