package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"workflows/worker/workflow"
)

// watch is what somebody saw who looked at a zone's clock at every real minute,
// from two days before the window to two days after it.
type watch struct {
	from, to time.Time
	zone     *time.Location
	seen     []glance
	first    map[time.Time]time.Time // when each local time was shown first
}

type glance struct{ real, local time.Time }

func watchClock(zone *time.Location, from, to time.Time) watch {
	w := watch{from: from, to: to, zone: zone, first: map[time.Time]time.Time{}}
	for t := from.Add(-48 * time.Hour); t.Before(to.Add(48 * time.Hour)); t = t.Add(time.Minute) {
		here := t.In(zone)
		local := time.Date(here.Year(), here.Month(), here.Day(), here.Hour(), here.Minute(), 0, 0, time.UTC)
		w.seen = append(w.seen, glance{t, local})
		if _, before := w.first[local]; !before {
			w.first[local] = t
		}
	}
	return w
}

// crontab reads a cron line as the manual of Debian's cron does, word by word and
// without our parser: numbers, ranges, steps and lists; days that match either field, or
// both where one of them begins with a star. It says which local minutes match.
func crontab(text string) func(local time.Time) bool {
	fields := strings.Fields(shorthand(text))
	minutes, hours := named(fields[0], 0, 59), named(fields[1], 0, 23)
	days, months, weekdays := named(fields[2], 1, 31), named(fields[3], 1, 12), named(fields[4], 0, 7)
	weekdays[0] = weekdays[0] || weekdays[7]
	both := fields[2][0] == '*' || fields[4][0] == '*'
	return func(local time.Time) bool {
		onDay := days[local.Day()] || weekdays[local.Weekday()]
		if both {
			onDay = days[local.Day()] && weekdays[local.Weekday()]
		}
		return onDay && minutes[local.Minute()] && hours[local.Hour()] && months[local.Month()]
	}
}

// named are the numbers that a field of a cron line names.
func named(field string, low, high int) (all [60]bool) {
	for part := range strings.SplitSeq(field, ",") {
		base, step := part, 1
		if at := strings.Index(part, "/"); at >= 0 {
			base = part[:at]
			_, _ = fmt.Sscan(part[at+1:], &step)
		}
		from, to := low, high
		if base != "*" {
			if n, _ := fmt.Sscanf(base, "%d-%d", &from, &to); n == 1 {
				to = from
			}
		}
		for ; from <= to; from += step {
			all[from] = true
		}
	}
	return all
}

// oracle is promise 8 in its own words and as slowly as possible. Within the hours that are
// written, what the line names and what the clock shows is left out.
func (w watch) oracle(text string, notBetween ...string) []time.Time {
	names := crontab(text)
	matches := func(local time.Time) bool { return names(local) && !shows(local, notBetween) }
	var fires []time.Time
	if strings.Fields(shorthand(text))[1][0] == '*' {
		for _, m := range w.seen {
			if matches(m.local) {
				fires = append(fires, m.real)
			}
		}
	} else {
		gapEnd := time.Time{}
		for local := w.seen[len(w.seen)-1].local; !local.Before(w.seen[0].local); local = local.Add(-time.Minute) {
			real, exists := w.first[local]
			if exists {
				gapEnd = real // the first moment after any gap that lies before it
			} else {
				real = gapEnd
			}
			if matches(local) {
				fires = append(fires, real)
			}
		}
	}
	slices.SortFunc(fires, time.Time.Compare)
	fires = slices.CompactFunc(fires, time.Time.Equal)
	return slices.DeleteFunc(fires, func(t time.Time) bool { return !t.After(w.from) || t.After(w.to) || shows(t.In(w.zone), notBetween) })
}

func zones(t interface{ Fatal(...any) }) []*time.Location {
	var all []*time.Location
	for _, name := range []string{
		"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut", "Pacific/Apia",
		"UTC", "Asia/Kolkata", "America/Sao_Paulo", "Asia/Kathmandu", "Europe/Dublin", "America/St_Johns", "Africa/Cairo", "Pacific/Kwajalein",
		"America/Edmonton", "America/Vancouver", "America/Winnipeg", "America/Havana", "Europe/Chisinau", // by data of 2026
	} {
		zone, err := workflow.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, zone)
	}
	return all
}

// transitions lists the zone's changes between two years.
func transitions(zone *time.Location, from, to int) []time.Time {
	var all []time.Time
	_, end, offset := period(time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC), zone)
	for !end.IsZero() && end.Year() < to {
		at := end
		_, next, now := period(at, zone)
		if now != offset {
			all = append(all, at)
		}
		end, offset = next, now
	}
	return all
}

func drawField(t *rapid.T, label string, low, high int) string {
	number := func() int { return rapid.IntRange(low, high).Draw(t, label) }
	switch rapid.IntRange(0, 6).Draw(t, label+" kind") {
	case 0, 1:
		return "*"
	case 2:
		return fmt.Sprintf("*/%d", rapid.IntRange(1, high-low).Draw(t, label))
	case 3:
		a, b := number(), number()
		return fmt.Sprintf("%d-%d", min(a, b), max(a, b))
	case 4:
		return fmt.Sprintf("%d,%d,%d", number(), number(), number())
	}
	return fmt.Sprint(number())
}

func drawLine(t *rapid.T) string {
	parts := []string{drawField(t, "minute", 0, 59), drawField(t, "hour", 0, 23), "*", "*", "*"}
	if rapid.Bool().Draw(t, "hour of the change") {
		parts[1] = rapid.SampledFrom([]string{"0", "1", "2", "3", "0-4", "1,2,3", "*/2", "23"}).Draw(t, "hour")
	}
	if rapid.IntRange(0, 3).Draw(t, "days") == 0 {
		parts[2], parts[4] = drawField(t, "dom", 1, 31), drawField(t, "dow", 0, 6)
		if first := rapid.SampledFrom([]string{"", "*/100,", "*/2,", "3,*/9,"}).Draw(t, "list of days"); first != "" && parts[2] != "*" {
			parts[2] = first + parts[2]
		}
	}
	return strings.Join(parts, " ")
}

// Clock changes: every planned time of the rule is what the slow oracle finds,
// around every kind of change.
func TestNextAgreesWithTheMinuteByMinuteOracle(t *testing.T) {
	all := zones(t)
	changes := map[*time.Location][]time.Time{}
	for _, zone := range all {
		changes[zone] = transitions(zone, 1975, 2060)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(all).Draw(t, "zone")
		middle := time.Unix(rapid.Int64Range(200_000_000, 2_800_000_000).Draw(t, "middle"), 0)
		if len(changes[zone]) > 0 && rapid.IntRange(0, 9).Draw(t, "near a change") > 0 {
			middle = rapid.SampledFrom(changes[zone]).Draw(t, "change")
		}
		before := time.Duration(rapid.IntRange(0, 36*60).Draw(t, "before")) * time.Minute
		from := middle.UTC().Truncate(time.Minute).Add(-before)
		text := drawLine(t)
		l, message := parseLine(text)
		if message != "" {
			t.Skip(message)
		}
		agree(t, text, l, zone, watchClock(zone, from, from.Add(40*time.Hour)))
	})
}

type failer interface{ Fatalf(string, ...any) }

func agree(t failer, text string, l line, zone *time.Location, w watch) {
	rule := Rule{cron: &l, zone: zone}
	want := w.oracle(text)
	var got []time.Time
	for at, ok := rule.Next(w.from); ok && !at.After(w.to); at, ok = rule.Next(at) {
		got = append(got, at)
		if len(got) > len(want)+1 {
			break
		}
	}
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Fatalf("%q in %s from %s:\n got %s\nwant %s", text, zone, w.from.In(zone), brief(got, zone), brief(want, zone))
	}
}

func brief(times []time.Time, zone *time.Location) string {
	var words []string
	for i, at := range times {
		if i == 12 {
			words = append(words, "…")
			break
		}
		words = append(words, at.In(zone).Format("02T15:04-0700"))
	}
	return strings.Join(words, " ")
}

// The zones of the promise and those that changed in 2026, through every change of four
// years and of their strangest days, for fixed, list, step and every-minute lines.
func TestClockChangesOfTheNamedZonesFollowTheRule(t *testing.T) {
	lines := []string{"30 2 * * *", "0 0 * * *", "15,45 1,2,3 * * *", "*/20 0-4 * * *", "* * * * *", "0 * * * *", "*/15 */2 * * *", "* 2 * * *", "@hourly", "@daily"}
	all := zones(t)
	for _, zone := range append(all[:6:6], all[len(all)-5:]...) {
		days := transitions(zone, 2024, 2028)
		days = append(days, transitions(zone, 2009, 2013)...)
		for _, day := range days {
			from := day.UTC().Truncate(time.Minute).Add(-26 * time.Hour)
			seen := watchClock(zone, from, from.Add(52*time.Hour))
			for _, text := range lines {
				l, message := parseLine(text)
				if message != "" {
					t.Fatal(message)
				}
				agree(t, text, l, zone, seen)
			}
		}
	}
}

// Each day of ten years, for lines whose days are the question.
func TestDaysOfACronLineAreThoseOfACrontab(t *testing.T) {
	for _, text := range []string{
		"0 9 */2 * 1", "0 9 1-7 * */7", "0 9 */100,1-7 * 1", "0 9 1-7 * 1", "0 9 1 * */2", "0 9 * * 1", "0 9 1,*/9 * 1", "0 9 1,* * 1", "0 9 1-31 * 1",
		"0 9 13 * *", "0 9 13 * 0-6", "0 9 */5 * 1-5", "0 9 * * */3", "0 9 */31 2 0", "0 9 29 2 */7", "0 9 * * 5-7", "0 9 * * 0-0", "0 9 * * 7-7", "0 9 8-14 * */100,2",
	} {
		rule, problems := Parse(workflow.Trigger{Cron: text})
		if len(problems) > 0 {
			t.Fatal(text, problems)
		}
		at, says := time.Date(2023, 12, 31, 12, 0, 0, 0, time.UTC), crontab(text)
		for local := at.Add(21 * time.Hour); local.Year() < 2034; local = local.AddDate(0, 0, 1) {
			if !says(local) {
				continue
			}
			next, ok := rule.Next(at)
			if !ok || !next.Equal(local) {
				t.Fatalf("%s after %s: %s, want %s", text, at, next, local)
			}
			at = next
		}
	}
}

func TestNextForAThousandYearsIsBounded(t *testing.T) {
	for _, text := range []string{"0 0 29 2 *", "0 0 29 2 1", "0 3 31 12 *", "5 4 31 1,3 *", "* * 29 2 *"} {
		rule, problems := Parse(workflow.Trigger{Cron: text, TimeZone: "Africa/Casablanca"})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for range 1000 {
			next, ok := rule.Next(at)
			if !ok || !next.After(at) {
				t.Fatalf("%s after %s: %s, %v", text, at, next, ok)
			}
			at = next
		}
	}
}

func TestScheduleEndsWithTheCalendar(t *testing.T) {
	rule, _ := Parse(workflow.Trigger{Cron: "0 0 29 2 *"})
	if at, ok := rule.Next(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Fatalf("planned %s, which RFC 3339 cannot write", at)
	}
}

// Go says that a rule's last period of a leap year ends a day before the year does.
func TestLastDayOfALeapYearIsNoDeadEnd(t *testing.T) {
	rule, _ := Parse(workflow.Trigger{Cron: "0 12 * * *", TimeZone: "Europe/Berlin"})
	at, ok := rule.Next(time.Date(2040, 12, 31, 0, 0, 0, 0, time.UTC))
	if want := time.Date(2040, 12, 31, 11, 0, 0, 0, time.UTC); !ok || !at.Equal(want) {
		t.Fatalf("planned %s, %v, want %s", at, ok, want)
	}
}
