package foreign

import (
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/worker/schedule"
)

func TestOddWordsOfCrontabsAreReadAsTheirCronsDo(t *testing.T) {
	for _, w := range []want{
		{FindOut, "0 9 * * 1#2 x", "", "Debian's cron reads 1#2 as every week"},
		{Debian, "0 9 * * 1#2 x", "Every Monday at 09:00, Europe/Berlin", "reads 1#2 as 1: it passes over"},
		{Cronie, "0 9 * * 1#2 x", "", "cronie refuses 1#2"},
		{FindOut, "0~30 9 * * * x", "", "cronie takes a random value for 0~30, Debian's cron the first one"},
		{Debian, "0~30 9 * * * x", "Every day at 09:00, Europe/Berlin", "reads 0~30 as 0: it passes over"},
		{Cronie, "0~30 9 * * * x", "", "a random value for 0~30"},
		{Debian, "9:30 9 * * * x", "Every day at 09:09, Europe/Berlin", "reads 9:30 as 9: it passes over"},
		{Debian, "5~ 9 1-7#2 * * x", "On the 1st to the 7th of every month at 09:05, Europe/Berlin", "reads 1-7#2 as 1-7: it passes over"},
		{FindOut, "~ 9 * * * x", "", "cronie takes a random value for ~, Debian's cron refuses it"},
		{Debian, "~ 9 * * * x", "", "Debian's cron refuses ~."},
		{Cronie, "~ 9 * * * x", "", "a random value for ~"},
		{FindOut, "0 9 1,3, * * x", "", "Day of month must be 1–31"},
		{FindOut, "*/70 * * * * x", "", "The step after “/” in minute must be 1–60"},
		{FindOut, "0 9 31 2 * x", "", "This never happens: no chosen month has the chosen day"},
		{FindOut, "0 9 * * 0-7 x", "Every day at 09:00, Europe/Berlin", ""},
		{Debian, "0 9 * * 0-7 x", "Every day at 09:00, Europe/Berlin", ""},
		{Cronie, "0 9 * * 0-7 x", "Every day at 09:00, Europe/Berlin", ""},
		{FindOut, "0 9 * * 7 x", "Every Sunday at 09:00, Europe/Berlin", ""},
		{FindOut, "0 9 * jan-mar * x", "Every day in January, February and March at 09:00, Europe/Berlin", ""},
		{FindOut, "0 9 * * fri-sun x", "Every Friday, Saturday and Sunday at 09:00, Europe/Berlin", "To Debian's cron and to cronie up to 1.7.2 fri-sun is no day at all, since sun is 0; a newer cronie runs to Sunday, and so it is read."},
		{Cronie, "0 9 * * fri-sun x", "Every Friday, Saturday and Sunday at 09:00, Europe/Berlin", "cronie up to 1.7.2 never ran fri-sun, since sun is 0; a newer one runs to Sunday, and so it is read."},
		{Cronie, "0 9 * * fri-sun/2 x", "", "The range fri-sun/2 goes backwards: this line never ran there."},
		{Debian, "0 9 * * fri-mon x", "", "The range fri-mon goes backwards: this line never ran there."},
		{Cronie, "0 9 * * fri-mon x", "", "The range fri-mon goes backwards: this line never ran there."},
		{Debian, "0 9 * * 6-1 x", "", "The range 6-1 goes backwards: this line never ran there."},
		{Cronie, "0 9 * * 6-1 x", "", "The range 6-1 goes backwards: this line never ran there."},
		{Debian, "0 9 */2 * 6-1 x", "", "The range 6-1 goes backwards: this line never ran there."}, // both must match
		{FindOut, "0 9 1 * 1 x", "On the 1st of every month, and also every Monday at 09:00, Europe/Berlin", ""},
		{SystemdCron, "0 9 1 * 1 x", "Every Monday that falls on the 1st of the month at 09:00, Europe/Berlin", ""},
		{FindOut, "0 9 */100,1-7 * TUE x", "On the first Tuesday of the month at 09:00, Europe/Berlin", ""},
		{FindOut, "0 9 */100,1-7 * 1 x", "On the first Monday of the month at 09:00, Europe/Berlin", ""},
		{SystemdCron, "CRON_TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, Europe/Berlin", "CRON_TZ=America/New_York of line 1 only reaches the command there."},
		{Debian, "TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, Europe/Berlin", "TZ=America/New_York of line 1 only reaches the command there."},
		{Cronie, "TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, Europe/Berlin", "TZ=America/New_York of line 1 only reaches the command there."},
		{SystemdCron, "TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, Europe/Berlin", "TZ=America/New_York of line 1 only reaches the command there."},
	} {
		w.check(t)
	}
}

// What its generator writes for these lines was tried with the package of Debian 12, 1.15.19-5.
func TestSystemdCronReadsFieldsInItsOwnWay(t *testing.T) {
	const daily, never = "systemd-cron cannot read %s and ran this line every day.", "systemd-cron cannot read %s: this line never ran there."
	for _, w := range []want{
		{SystemdCron, "0 9 * * 0-7 x", "Every Sunday at 09:00, Europe/Berlin", "systemd-cron reads 0-7 as 0, unlike other crons."},
		{SystemdCron, "0 9 * * 0-7,3 x", "Every Wednesday and Sunday at 09:00, Europe/Berlin", "reads 0-7,3 as 0,3"},
		{SystemdCron, "0 9 * * 7 x", "Every Sunday at 09:00, Europe/Berlin", ""},
		{SystemdCron, "0 9 * * 1,5-7 x", "Every Monday at 09:00, Europe/Berlin", "reads 1,5-7 as 1"},
		{SystemdCron, "0 9 * * 8 x", "Every Monday at 09:00, Europe/Berlin", "reads 8 as 1"},
		{SystemdCron, "0 9 * * monday x", "Every Monday at 09:00, Europe/Berlin", "reads monday as 1"},
		{SystemdCron, "0 9 * * 5-7 x", "", daily},
		{SystemdCron, "0 9 * * fri-sun x", "", daily},
		{SystemdCron, "0 9 * * fri-mon x", "", daily},
		{SystemdCron, "0 9 * * 6-1 x", "", daily},
		{SystemdCron, "0 9 * * 1#2 x", "", daily},
		{SystemdCron, "0 9 * * mon-fri x", "Every weekday (Monday to Friday) at 09:00, Europe/Berlin", ""},
		{SystemdCron, "0 22-2 * * * x", "", never},
		{SystemdCron, "0 22-2,5 * * * x", "Every day at 05:00, Europe/Berlin", "reads 22-2,5 as 5"},
		{SystemdCron, "0 20-30 * * * x", "Every hour on the hour from 20:00 to 23:00, Europe/Berlin", "reads 20-30 as 20-23"},
		{SystemdCron, "0~30 9 * * * x", "", never},
		{SystemdCron, "0 9 1,3, * * x", "", never},
		{SystemdCron, "0 9 0-5 * * x", "", never},
		{SystemdCron, "*/0 9 * * * x", "", never},
		{SystemdCron, "0 9 L * * x", "", never},
		{SystemdCron, "-*/15 * * * * x", "", never},
		{SystemdCron, "5/15 * * * * x", "Every hour at 5 minutes past the hour, Europe/Berlin", "reads 5/15 as 5"},
		{SystemdCron, "0 9 1 oct * x", "", never},
		{SystemdCron, "0 9 1 nov * x", "Every year on 1 October at 09:00, Europe/Berlin", "reads nov as 10"},
		{SystemdCron, "0 9 1 sep-dec * x", "On the 1st of September, October and November at 09:00, Europe/Berlin", "reads sep-dec as 9-11"},
		{SystemdCron, "0 9 1 jan-mar * x", "On the 1st of January, February and March at 09:00, Europe/Berlin", ""},
		{SystemdCron, "0 9 1-7 * */7 x", "On the first Sunday of the month at 09:00, Europe/Berlin", ""},
		{SystemdCron, "0 9 */2 * 1 x", "Every Monday with an odd date at 09:00, Europe/Berlin", ""},
		{SystemdCron, "0 9 */9,30-40 * 1 x", "Every Monday that falls on the 1st, 10th, 19th, 28th, 30th and 31st of the month at 09:00, Europe/Berlin", "reads */9,30-40 as 1,10,19,28,30,31"},
		{SystemdCron, "0 9 */100,1-7 * TUE x", "On the first Tuesday of the month at 09:00, Europe/Berlin", ""},
	} {
		w.says = strings.ReplaceAll(w.says, "%s", oddWord(w.text))
		w.check(t)
	}
}

// oddWord is the one of five fields that is not plain.
func oddWord(text string) string {
	for _, word := range strings.Fields(text)[:5] {
		if !slices.Contains([]string{"0", "9", "1", "*"}, word) {
			return word
		}
	}
	return ""
}

// robfig/cron, which Kubernetes reads with, joins by "or" where a crontab joins by "and".
func TestOfDaysThatSystemsJoinOtherwiseTheOtherReadingIsSaid(t *testing.T) {
	const (
		either  = "Systems differ here: Kubernetes starts it on a day that matches one of the two day fields, a crontab only on one that matches both, since one of them begins with “*”. "
		both    = "Systems differ here, and GitHub does not say which it follows. It is read as a crontab: only a day that matches both day fields counts, since one of them begins with “*”. "
		cronJob = "kind: CronJob\nspec:\n  timeZone: UTC\n  schedule: "
	)
	for _, w := range []want{
		{Kubernetes, "0 9 1-7 * */7", "On the 1st to the 7th of every month, and also every Sunday at 09:00, UTC", either + "There it would be “On the first Sunday of the month at 09:00, UTC”."},
		{FindOut, cronJob + "'0 9 */2 * 1'", "On the 1st, 3rd, 5th, 7th, 9th, 11th, 13th, 15th, 17th, 19th, 21st, 23rd, 25th, 27th, 29th and 31st of every month, and also every Monday at 09:00, UTC", either + "There it would be “Every Monday with an odd date at 09:00, UTC”."},
		{GitHub, "0 9 1-7 * */7", "On the first Sunday of the month at 09:00, UTC", both + "Where one is enough, it would be “On the 1st to the 7th of every month, and also every Sunday at 09:00, UTC”."},
		{FindOut, "- cron: '0 9 */2 * 1'", "Every Monday with an odd date at 09:00, UTC", both},
		{YearLast, "0 9 1-7 * */7 *", "On the 1st to the 7th of every month, and also every Sunday at 09:00, Europe/Berlin", "There it would be “On the first Sunday of the month at 09:00, Europe/Berlin”."},
	} {
		w.check(t)
	}
	for kind, text := range map[Kind]string{Kubernetes: "0 9 1-7 * 1", GitHub: "0 9 1-7 * 1", YearLast: "0 9 */2 * * *", Spring: "0 0 9 1-7 * */7", FindOut: "kind: CronJob\nspec: {schedule: 0 9 */1 * 1, timeZone: UTC}"} {
		lines, err := Read(text, Options{Kind: kind, Zone: "UTC"})
		if err != nil || len(lines) != 1 || lines[0].Problem != "" || strings.Contains(strings.Join(lines[0].Notes, " "), "differ") {
			t.Errorf("%s %q: %+v, %v", kind, text, lines, err)
		}
	}
}

func TestLeapDaysGoOnAfterAYearWithoutOne(t *testing.T) {
	lines, err := Read("30 2 29 2 * x", Options{Zone: "Europe/Berlin"})
	if err != nil || len(lines) != 1 || lines[0].Problem != "" {
		t.Fatalf("%+v, %v", lines, err)
	}
	rule, _ := schedule.Parse(lines[0].Trigger)
	next, ok := rule.Next(time.Date(2096, 3, 1, 0, 0, 0, 0, time.UTC))
	if got := next.In(rule.Zone()).Format(time.RFC3339); !ok || got != "2104-02-29T02:30:00+01:00" {
		t.Errorf("after 2096 comes %s", got)
	}
}

func TestOfACommandWithAPercentIsSaidWhatRunsThere(t *testing.T) {
	lines, _ := Read("0 9 * * * echo 100% done >> log", Options{Zone: "UTC"})
	const says = "cron runs what stands before the first % and gives it the rest as input."
	if lines[0].Command != "echo 100" || len(lines[0].Notes) != 1 || lines[0].Notes[0] != says {
		t.Errorf("%+v", lines[0])
	}
}
