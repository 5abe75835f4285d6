package foreign

import (
	"math/bits"
	"strconv"
	"strings"

	"workflows/worker/pattern"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// joining says which days a system means where both day fields are given.
type joining int

const (
	eitherIsEnough joining = iota
	bothMustMatch
)

// sundayOf is the number of Sunday: 1 for Quartz and Amazon, else 0 (and 7).
func sundayOf(kind Kind) int {
	if kind == Quartz || kind == AWS {
		return 1
	}
	return 0
}

// readAll reads minute, hour, day of month, month and day of week as a system means them,
// and writes them into the trigger. It returns false where that system would not take
// the words; what it takes and our rules cannot say is refused.
func readAll(line *Line, words []string, kind Kind, join joining) bool {
	fields := fieldsOf(sundayOf(kind), kind == Quartz || kind == AWS)
	var sets [5]uint64
	for i, f := range fields {
		word := words[i]
		switch {
		case i == 2 && pickMonthDay(line, word), i == 4 && pickWeekday(line, word, f, kind):
			sets[i] = f.all()
			continue
		case word == "?" && i != 2 && i != 4:
			line.refuse("“?” is no %s.", f.name)
			return false
		}
		set, message := f.read(word)
		if message != "" {
			line.refuse("%s", message)
			return false
		}
		sets[i] = set
	}
	days, weekdays := sets[2] != fields[2].all(), sets[4] != fields[4].all()
	t := &line.Trigger
	if t.MonthDay != "" && t.WeekdayOfMonth != "" || t.MonthDay+t.WeekdayOfMonth != "" && (days || weekdays) {
		line.refuse("It names a day of the month and a day of the week together, which cannot be said here in one schedule.")
	}
	if days && weekdays && join == bothMustMatch && !strings.HasPrefix(words[2], "*") && !strings.HasPrefix(words[4], "*") {
		joinByAnd(line, words, fields, sets)
		return true
	}
	texts := make([]string, 5)
	for i, f := range fields {
		texts[i] = f.keep(words[i], sets[i])
		if join == eitherIsEnough && days && weekdays && strings.HasPrefix(texts[i], "*") && (i == 2 || i == 4) {
			texts[i] = f.write(sets[i])
		}
	}
	t.Cron = strings.Join(texts, " ")
	return true
}

// otherJoining says what two day fields, one of which begins with a star, come to in a
// crontab where either is enough here, and where either is enough if both must match here;
// "" where that is the same.
func (l *Line) otherJoining(words []string, join joining) string {
	other := Line{Trigger: workflow.Trigger{Type: l.Trigger.Type, TimeZone: l.Trigger.TimeZone, Cron: strings.Join(words, " ")}}
	if join == bothMustMatch {
		readAll(&other, words, Kubernetes, eitherIsEnough)
	}
	here, problems := schedule.Parse(l.Trigger)
	there, more := schedule.Parse(other.Trigger)
	if l.Problem+other.Problem != "" || len(problems)+len(more) > 0 || here.Sentence() == there.Sentence() {
		return ""
	}
	return "“" + there.Sentence() + "”."
}

// noteEither says of what is enough in either day field how a crontab would take it.
func (l *Line) noteEither(who string, words []string) {
	if other := l.otherJoining(words, eitherIsEnough); other != "" {
		l.note("Systems differ here: %s starts it on a day that matches one of the two day fields, a crontab only on one that matches both, since one of them begins with “*”. There it would be %s", who, other)
	}
}

// keep returns a field as it was written where our cron lines read it the same.
func (f field) keep(word string, set uint64) string {
	for _, ours := range crontabFields() {
		if ours.name != f.name {
			continue
		}
		if same, message := ours.read(word); message == "" && same == set && set != f.all() && !strings.Contains(word, "?") {
			return word
		}
	}
	return f.write(set)
}

// joinByAnd writes days that must match both fields: as a weekday of the month, or with
// a star that our lines, like crontabs, join by "and".
func joinByAnd(line *Line, words []string, fields [5]field, sets [5]uint64) {
	t := &line.Trigger
	texts := make([]string, 5)
	for i, f := range fields {
		texts[i] = f.keep(words[i], sets[i])
	}
	const week = 1<<8 - 2 // the 1st to the 7th
	for n, word := range []string{"first", "second", "third", "fourth", "fifth"} {
		if bits.OnesCount64(sets[4]) == 1 && sets[2] == week<<(7*n)&fields[2].all() {
			at := 3 * bits.TrailingZeros64(sets[4])
			t.WeekdayOfMonth, texts[2], texts[4] = word+" "+fields[4].names[at:at+3], "*", "*"
			t.Cron = strings.Join(texts, " ")
			return
		}
	}
	switch {
	case sets[2]&2 != 0:
		texts[2] = "*/100," + fields[2].write(sets[2])
	case sets[4]&1 != 0:
		texts[4] = "*/100," + fields[4].write(sets[4])
	default:
		line.refuse("There both the day of the month and the day of the week must match, which cannot be said here for these days.")
	}
	t.Cron = strings.Join(texts, " ")
}

var (
	nearest  = pattern.Of(`^\d{1,2}W$`)
	fromLast = pattern.Of(`^L-\d{1,2}W?$`)
)

// pickMonthDay takes L, LW and 1W as days of the month.
func pickMonthDay(line *Line, word string) bool {
	t := &line.Trigger
	switch upper := strings.ToUpper(word); {
	case upper == "L":
		t.MonthDay = schedule.MonthDayLast
	case upper == "LW", upper == "WL":
		t.MonthDay = schedule.MonthDayLastBusiness
	case upper == "1W":
		t.MonthDay = schedule.MonthDayFirstBusiness
	case nearest().MatchString(upper):
		line.refuse("%s is the working day nearest to a date, which schedules here do not have. Choose a working day by its number instead.", word)
	case fromLast().MatchString(upper):
		line.refuse("%s counts days from the end of the month, of which schedules here have only the last one.", word)
	default:
		return false
	}
	return true
}

// pickWeekday takes 6L, FRIL, 6#3 and FRI#3 as weekdays of the month. L alone is
// Saturday to Quartz and Amazon.
func pickWeekday(line *Line, word string, f field, kind Kind) bool {
	upper := strings.ToUpper(word)
	day, week := upper, ""
	if name, last := strings.CutSuffix(upper, "L"); last && name != "" {
		day, week = name, "last"
	} else if name, n, nth := strings.Cut(upper, "#"); nth {
		number, err := strconv.Atoi(n)
		if err != nil || number < 1 || number > 5 {
			return false
		}
		day, week = name, []string{"first", "second", "third", "fourth", "fifth"}[number-1]
	}
	if upper == "L" && sundayOf(kind) == 1 {
		line.refuse("L alone is every Saturday there. Write SAT.")
		return true
	}
	value, ok := f.value(day)
	if week == "" || !ok {
		return false
	}
	at := 3 * (value % 7)
	line.Trigger.WeekdayOfMonth = week + " " + f.names[at:at+3]
	return true
}
