package timing

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Read reads what was sent.
func Read(form url.Values, was workflow.Trigger) *Form {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	return &Form{
		More: get("more_times"), EveryDays: get("day_interval"), EveryWeeks: get("week_interval"), EveryMonths: get("month_interval"),
		Nth: get("week_of_month"), NthDay: get("weekday"), NotFrom: get("not_from"), NotUntil: get("not_until"), NotMore: get("not_more"),
		Mode: get("mode"), Every: get("every"), Unit: get("unit"), Minute: get("minute"), Time: get("time"), Days: form["days"], Day: get("day"),
		Date: get("date"), Cron: get("cron"), Zone: get("time_zone"), Missed: get("missed"), Overlap: get("overlap"),
		MaxAge: frame.ReadLength(form, "missed_max_age", was.MissedMaxAge), First: get("start_date"), Last: get("end_date"), Jitter: frame.ReadLength(form, "jitter", was.Jitter), MonthDay: get("month_day"),
		Calendar: get("calendar"), FreeDays: get("free_days"), Off: form.Get("disabled") != "",
		Stored: was, Problems: map[string]string{},
	}
}

// Trigger is what the form says, with the rest of the stored trigger kept. What
// cannot be said at all is a problem at its entry.
func (f *Form) Trigger() workflow.Trigger {
	t := workflow.Trigger{
		ID: f.Stored.ID, Type: "schedule", TimeZone: f.Zone, MissedMaxAge: f.MaxAge, StartDate: f.First, EndDate: f.Last, Jitter: f.Jitter,
		Calendar: f.Calendar, Disabled: f.Off,
	}
	if f.Mode == modeMonthly || f.Mode == modeCron {
		t.MonthDay = f.MonthDay
	}
	if f.Calendar != "" {
		t.FreeDays = frame.Chosen(f.FreeDays, f.Stored.FreeDays, schedule.FreeDaysSkip)
	}
	if f.Stored.Type != "" {
		t.TimeZone = frame.Chosen(f.Zone, f.Stored.TimeZone, "UTC")
	}
	t.Missed = frame.Chosen(f.Missed, f.Stored.Missed, "latest")
	t.Overlap = frame.Chosen(f.Overlap, f.Stored.Overlap, "skip")
	if f.Zone == "" {
		f.Problems["time_zone"] = "Choose a time zone by its place, such as Europe/Berlin, or UTC."
	}
	switch f.Mode {
	case modeEvery:
		t.Every = f.every()
	case modeOnce:
		t.At = f.at()
	case modeCron:
		t.Cron = f.Cron
		if f.Cron == "" {
			f.Problems["cron"] = "Enter five fields, such as 0 9 * * 1-5."
		}
	case modeHourly, modeDaily, modeWeekly, modeMonthly, modeNth:
		t.Cron = f.line()
	default:
		f.Problems["mode"] = "Choose how often it runs."
	}
	f.setDays(&t)
	t.NotBetween = f.notBetween()
	if len(f.Problems) == 0 && sameRule(t, f.Stored) { // @daily stays @daily
		t.Cron, t.Every, t.At, t.Times = f.Stored.Cron, f.Stored.Every, f.Stored.At, f.Stored.Times
	}
	return t
}

// setDays writes what the cron line has no room for: further times, counted and picked
// days.
func (f *Form) setDays(t *workflow.Trigger) {
	cron := f.Mode == modeCron
	t.Times = f.moreTimes()
	if at, err := time.Parse("15:04", f.Time); err == nil && !cron && len(t.Times) > 0 {
		t.Times = slices.Insert(t.Times, 0, at.Format("15:04"))
	}
	if cron || f.Mode == modeDaily {
		t.DayInterval = f.count("day_interval", f.EveryDays)
	}
	if cron || f.Mode == modeWeekly {
		t.WeekInterval = f.count("week_interval", f.EveryWeeks)
	}
	if cron || f.Mode == modeMonthly || f.Mode == modeNth {
		t.MonthInterval = f.count("month_interval", f.EveryMonths)
	}
	switch {
	case f.Mode == modeNth && f.Nth == "":
		f.Problems["week_of_month"] = "Choose which one of the month."
	case f.Mode == modeNth || cron && f.Nth != "":
		t.WeekdayOfMonth = f.Nth + " " + f.NthDay
	}
}

// moreTimes reads "12:30, 16:30".
func (f *Form) moreTimes() (times []string) {
	if f.Mode == modeEvery || f.Mode == modeHourly || f.Mode == modeOnce {
		return nil
	}
	for _, text := range strings.FieldsFunc(f.More, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		at, err := time.Parse("15:04", text)
		if err != nil {
			f.Problems["more_times"] = "Enter times of the day with commas between them, such as 12:30, 16:30."
			return nil
		}
		times = append(times, at.Format("15:04"))
	}
	return times
}

// notBetween writes hours without runs as a definition has them. What cannot be read stays
// as it was typed: what is wrong with it is said at its entry.
func (f *Form) notBetween() (hours []string) {
	if f.Mode == modeOnce {
		return nil
	}
	if f.NotFrom+f.NotUntil != "" {
		hours = append(hours, clockText(f.NotFrom)+"-"+clockText(f.NotUntil))
	}
	for text := range strings.SplitSeq(f.NotMore, ",") {
		from, until, both := strings.Cut(strings.ReplaceAll(text, "–", "-"), "-")
		switch {
		case both:
			hours = append(hours, clockText(from)+"-"+clockText(until))
		case strings.TrimSpace(text) != "":
			hours = append(hours, strings.TrimSpace(text))
		}
	}
	return hours
}

// clockText writes 9:30 as 09:30.
func clockText(text string) string {
	text = strings.TrimSpace(text)
	if at, err := time.Parse("15:04", text); err == nil {
		return at.Format("15:04")
	}
	return text
}

// count reads every how many days, weeks or months; 0 for each one.
func (f *Form) count(name, text string) int {
	if text == "" || text == "1" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		f.Problems[name] = "Enter a whole number of 1 or more."
		return 0
	}
	return n
}

// sameRule reports whether the builder shows both triggers alike.
func sameRule(t, stored workflow.Trigger) bool {
	if stored.Type == "" || t.TimeZone != stored.TimeZone || t.MonthDay != stored.MonthDay || t.WeekdayOfMonth != stored.WeekdayOfMonth ||
		t.DayInterval != stored.DayInterval || t.WeekInterval != stored.WeekInterval || t.MonthInterval != stored.MonthInterval {
		return false
	}
	a, b := New(t, ""), New(stored, "")
	return a.Mode == b.Mode && a.Mode != modeCron && a.Every+a.Unit == b.Every+b.Unit && a.Minute == b.Minute && a.Time == b.Time && a.More == b.More &&
		slices.Equal(a.Days, b.Days) && a.Day == b.Day && a.Date == b.Date
}

func (f *Form) every() string {
	n, err := strconv.Atoi(f.Every)
	if err != nil {
		length := workflow.ReadLength(f.Every)
		if _, err := workflow.ParseDuration(length); err == nil { // 1h30m, as it is stored
			return length
		}
		f.Problems["every"] = "Enter a whole number, such as 15."
		return ""
	}
	if n < 1 || !slices.Contains([]string{"m", "h", "d"}, f.Unit) {
		f.Problems["every"] = "Enter a number of 1 or more."
		return ""
	}
	return strconv.Itoa(n) + f.Unit
}

// at is the moment at which the zone's clock shows the date that was typed.
func (f *Form) at() string {
	for _, layout := range []string{frame.DateLayout, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, f.Date, frame.ZoneOr(f.Zone)); err == nil {
			return at.Format(time.RFC3339)
		}
	}
	f.Problems["date"] = "Enter a date and a time, such as 2026-12-24T18:00."
	return ""
}

// line writes the cron line of an hourly, daily, weekly or monthly schedule.
func (f *Form) line() string {
	if f.Mode == modeHourly {
		return f.number("minute", f.Minute, 0, 59, "Enter a minute from 0 to 59.") + " * * * *"
	}
	at, err := time.Parse("15:04", f.Time)
	if err != nil {
		f.Problems["time"] = "Enter a time of day, such as 09:00."
	}
	clock := strconv.Itoa(at.Minute()) + " " + strconv.Itoa(at.Hour())
	switch f.Mode {
	case modeWeekly:
		return clock + " * * " + f.weekdays()
	case modeMonthly:
		if f.MonthDay != "" {
			return clock + " * * *"
		}
		return clock + " " + f.number("day", f.Day, 1, 31, "Enter a day from 1 to 31.") + " * *"
	}
	return clock + " * * *"
}

func (f *Form) number(name, text string, least, most int, problem string) string {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		f.Problems[name] = problem
	}
	return strconv.Itoa(n)
}

func (f *Form) weekdays() string {
	var days []string
	for _, day := range []string{"1", "2", "3", "4", "5", "6", "0"} { // Monday first
		if slices.Contains(f.Days, day) {
			days = append(days, day)
		}
	}
	switch line := strings.Join(days, ","); line {
	case "":
		f.Problems["days"] = "Choose at least one day."
	case "1,2,3,4,5":
		return "1-5"
	case "1,2,3,4,5,6,0":
		return "*"
	default:
		return line
	}
	return "*"
}
