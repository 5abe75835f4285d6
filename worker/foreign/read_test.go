package foreign

import (
	"strings"
	"testing"
	"time"

	"workflows/worker/schedule"
)

// want is what becomes of one line: its sentence, or a part of why it is refused.
type want struct {
	kind     Kind
	text     string
	sentence string // "" when it is refused
	says     string // in what it is taken for, its notes or its problem
}

func (w want) check(t *testing.T) {
	t.Helper()
	lines, err := Read(w.text, Options{Kind: w.kind, Zone: "Europe/Berlin"})
	if err != nil || len(lines) == 0 {
		t.Errorf("%s %q: %d lines, %v", w.kind, w.text, len(lines), err)
		return
	}
	line := lines[len(lines)-1]
	got := ""
	if line.Problem == "" {
		rule, _ := schedule.Parse(line.Trigger)
		got = rule.Sentence()
	}
	told := line.Taken + " | " + strings.Join(line.Notes, " ") + " | " + line.Problem
	if got != w.sentence || !strings.Contains(told, w.says) {
		t.Errorf("%s %q:\n got %q (%s)\nwant %q (%s)", w.kind, w.text, got, told, w.sentence, w.says)
	}
}

func TestSixAndSevenFieldsAreRecognisedOrAskedAbout(t *testing.T) {
	for _, w := range []want{
		{FindOut, "0 0 9 * * MON", "Every Monday at 09:00, Europe/Berlin", "Spring"},
		{FindOut, "0 0 9-17 * * MON-FRI", "Every hour on the hour from 09:00 to 17:00, every weekday (Monday to Friday), Europe/Berlin", "Spring"},
		{FindOut, "0 0 9 ? * MON", "Every Monday at 09:00, Europe/Berlin", "Quartz"},
		{FindOut, "0 0 9 ? * 2", "", "It can be read in more than one way. Quartz (seconds first, 1 is Sunday): “Every Monday at 09:00, Europe/Berlin”. Spring and the like (seconds first, 1 is Monday): “Every Tuesday at 09:00"},
		{Quartz, "0 0 9 ? * 2", "Every Monday at 09:00, Europe/Berlin", "Quartz"},
		{Spring, "0 0 9 ? * 2", "Every Tuesday at 09:00, Europe/Berlin", "Spring"},
		{FindOut, "0 0 9 * * 1", "Every Monday at 09:00, Europe/Berlin", "Spring"}, // Quartz wants a “?”
		{FindOut, "0 0 9 * * *", "", "“On the 9th of every month at 00:00"},
		{Spring, "0 0 9 * * *", "Every day at 09:00, Europe/Berlin", ""},
		{YearLast, "0 0 9 * * *", "On the 9th of every month at 00:00, Europe/Berlin", ""},
		{FindOut, "15 10 * * 2 *", "", "more than one way"},
		{FindOut, "15 10 ? * 2 *", "Every Monday at 10:15, UTC", "Amazon"},
		{FindOut, "0 15 10 ? * 6L", "", "more than one way"},
		{Quartz, "0 15 10 ? * 6L", "On the last Friday of every month at 10:15, Europe/Berlin", ""},
		{FindOut, "0 15 10 ? * FRIL", "On the last Friday of every month at 10:15, Europe/Berlin", ""},
		{Quartz, "0 15 10 ? * 6#3", "On the third Friday of every month at 10:15, Europe/Berlin", ""},
		{FindOut, "0 0 9 ? * MON#1", "On the first Monday of every month at 09:00, Europe/Berlin", ""},
		{FindOut, "0 15 10 L * ?", "On the last day of every month at 10:15, Europe/Berlin", ""},
		{FindOut, "0 15 10 LW * ?", "On the last working day of every month at 10:15, Europe/Berlin", ""},
		{FindOut, "0 0 9 1W * ?", "On the first working day of every month at 09:00, Europe/Berlin", ""},
		{FindOut, "0 0 9 15W * ?", "", "nearest to a date"},
		{Quartz, "0 0 9 L-3 * ?", "", "from the end of the month"},
		{Quartz, "0 0 9 ? * FRI-MON", "Every Monday, Friday, Saturday and Sunday at 09:00, Europe/Berlin", ""},
		{Quartz, "0 0 9 ? * 1-7", "Every day at 09:00, Europe/Berlin", ""},
		{Quartz, "0 0/5 14,18 * * ?", "Every day at minute 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50 and 55 of hour 14 and 18, Europe/Berlin", ""},
		{Quartz, "*/10 * * * * ?", "", "is seconds"},
		{FindOut, "0 0 12 * * ? 2027", "Every day at 12:00, Europe/Berlin, from 1 January 2027, until 31 December 2027", "Quartz"},
		{FindOut, "0 0 12 1 1 ? 2027-2029", "Every year on 1 January at 12:00, Europe/Berlin, from 1 January 2027, until 31 December 2029", "Quartz"},
		{FindOut, "0 0 12 1 1 ? 2027,2030", "", "years 2027,2030"},
		{FindOut, `@Scheduled(cron = "0 0 9 * * 1-5", zone = "America/New_York")`, "Every weekday (Monday to Friday) at 09:00, America/New_York", "Spring"},
		{Spring, "0 0 9 1-7 * MON", "On the first Monday of every month at 09:00, Europe/Berlin", ""},
		{Spring, "0 0 9 13 * FRI", "", "both the day of the month and the day of the week must match"},
		{Spring, "0 0 9 1,15 * MON", "Every Monday that falls on the 1st and 15th of the month at 09:00, Europe/Berlin", ""},
		{Quartz, "0 9 * * 1", "", "It has 5 fields"},
		{FindOut, "0 0 9 * * MON /usr/bin/report", "Every Monday at 09:00, Europe/Berlin", "Spring"},
	} {
		w.check(t)
	}
}

func TestAmazonsLinesAreInUTCUnlessTheyNameAZone(t *testing.T) {
	for _, w := range []want{
		{FindOut, "cron(15 10 ? * 2 *)", "Every Monday at 10:15, UTC", "Amazon goes by UTC"},
		{FindOut, `schedule_expression = "cron(0 9 ? * MON-FRI *)"`, "Every weekday (Monday to Friday) at 09:00, UTC", "Amazon"},
		{FindOut, "ScheduleExpressionTimezone: Europe/Paris\nScheduleExpression: cron(0 9 L * ? *)", "On the last day of every month at 09:00, Europe/Paris", "Amazon"},
		{FindOut, "cron(0 9 * * * *)", "", "wants “?”"},
		{FindOut, "rate(5 minutes)", "Every 5 minutes", "rate()"},
		{FindOut, "rate(1 day)", "Every day", "rate()"},
		{FindOut, "at(2027-03-01T09:00:00)", "Once, on Monday, 1 March 2027 at 09:00, UTC", "at()"},
		{AWS, "0 9 ? * 1 *", "Every Sunday at 09:00, UTC", "Amazon"},
	} {
		w.check(t)
	}
}

func TestCrontabsAreReadAsTheirCronsDo(t *testing.T) {
	for _, w := range []want{
		{FindOut, "0 9 */2 * 1 x", "Every Monday with an odd date at 09:00, Europe/Berlin", "crontab"},
		{FindOut, "0 9 1-7 * */7 x", "On the first Sunday of the month at 09:00, Europe/Berlin", ""},
		{FindOut, "0 9 * * fri-mon x", "", "this line never ran there"},
		{FindOut, "0 9 * * 6-1 x", "", "this line never ran there"},
		{FindOut, "0 9 1 * 6-1 x", "", "it never counted there"},
		{FindOut, "0 22-2 * * * x", "", "this line never ran there"},
		{FindOut, "0 9 * * fri-sun x", "Every Friday, Saturday and Sunday at 09:00, Europe/Berlin", "sun is 0"},
		{Debian, "0 9 * * fri-sun x", "", "never ran there"},
		{Cronie, "0 9 * * fri-sun x", "Every Friday, Saturday and Sunday at 09:00, Europe/Berlin", ""},
		{FindOut, "-*/15 * * * * x", "Every 15 minutes, Europe/Berlin", "not to log"},
		{FindOut, "\"MAILTO\"=\"x\"\n0 9 * * * x", "Every day at 09:00, Europe/Berlin", ""},
		{FindOut, "TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, Europe/Berlin", "only reaches the command"},
		{FindOut, "CRON_TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, America/New_York", "Debian's cron ignores it"},
		{Debian, "CRON_TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, Europe/Berlin", "only reaches the command"},
		{Cronie, "CRON_TZ=America/New_York\n0 9 * * * x", "Every day at 09:00, America/New_York", ""},
		{Cronie, "CRON_TZ=Mars/Olympus\n0 9 * * * x", "", "is not known"},
		{FindOut, "5/15 * * * * x", "Every day at minute 5, 20, 35 and 50 of hour 0–23, Europe/Berlin", "refuse 5/15"},
		{FindOut, "0~30 9 * * * x", "", "random"},
		{FindOut, "0 9 * * mon#1 x", "", "as every week"},
		{Debian, "0 9 * * mon#1 x", "Every Monday at 09:00, Europe/Berlin", "passes over"},
		{FindOut, "0 9 L * * x", "On the last day of every month at 09:00, Europe/Berlin", "L or W"},
		{Debian, "0 9 L * * x", "", "refuses L"},
		{SystemdCron, "@weekly x", "Every Monday at 00:00, Europe/Berlin", "Monday"},
		{SystemdCron, "0 9 1-7 * 1 x", "On the first Monday of every month at 09:00, Europe/Berlin", ""},
		{SystemdCron, "0 9 * * 5-7 x", "", "ran this line every day"},
		{FindOut, "0 9 1-7 * 1 x", "On the 1st to the 7th of every month, and also every Monday at 09:00, Europe/Berlin", ""},
		{FindOut, "61 * * * * x", "", "Minute"},
		{FindOut, "@reboot x", "", "when a machine starts"},
		{FindOut, "@every 90m x", "Every 1 hour 30 minutes", ""},
	} {
		w.check(t)
	}
}

func TestJenkinsTimersKubernetesAndGitHubAreRead(t *testing.T) {
	const unit = "[Unit]\nDescription=Backup\n[Timer]\nPersistent=true\nRandomizedDelaySec=5min\nOnCalendar="
	for _, w := range []want{
		{Jenkins, "0 9 1-7 * 1", "On the first Monday of every month at 09:00, Europe/Berlin", "Jenkins"},
		{Jenkins, "TZ=Europe/London\n0 9 * * 1-5", "Every weekday (Monday to Friday) at 09:00, Europe/London", ""},
		{FindOut, "TZ=Europe/London\nH 9 * * 1-5", "", "Choose Jenkins above"},
		{Jenkins, "H(0-4294967295) 9 * * *", "", "is no minute"},
		{Jenkins, "H(30-10) 9 * * *", "Every day at 09:30, Europe/Berlin", ""},
		{FindOut, "0 H(9-9) * * 1-5", "Every weekday (Monday to Friday) at 09:00, Europe/Berlin", "Another one is chosen here: 0 9 * * 1-5"},
		{FindOut, "Mon *-*-1..7 10:00", "On the first Monday of every month at 10:00, Europe/Berlin", "systemd"},
		{FindOut, "OnCalendar=Mon..Fri 09:00", "Every weekday (Monday to Friday) at 09:00, Europe/Berlin", "systemd"},
		{FindOut, "OnCalendar=Mon,Wed *-*-* 09:00:00 America/New_York", "Every Monday and Wednesday at 09:00, America/New_York", ""},
		{FindOut, "OnCalendar=*:0/15", "Every 15 minutes, Europe/Berlin", ""},
		{FindOut, "OnCalendar=*-*~01 08:00", "On the last day of every month at 08:00, Europe/Berlin", ""},
		{FindOut, "OnCalendar=Mon *-05~07/1", "On the last Monday of May at 00:00, Europe/Berlin", ""},
		{FindOut, "OnCalendar=weekly", "Every Monday at 00:00, Europe/Berlin", ""},
		{FindOut, "weekly", "Every Monday at 00:00, Europe/Berlin", "systemd"},
		{FindOut, "Hourly UTC", "Every hour on the hour, UTC", "systemd"},
		{FindOut, "OnCalendar=quarterly", "On the 1st of January, April, July and October at 00:00, Europe/Berlin", ""},
		{FindOut, "OnCalendar=*-*-* 09:00:30", "", "seconds are 30"},
		{FindOut, "OnCalendar=sometimes", "", "cannot be read"},
		{FindOut, "OnBootSec=5min", "", "when a machine"},
		{FindOut, "OnUnitActiveSec=15min", "Every 15 minutes", ""},
		{FindOut, unit + "Sat 09:00", "Every Saturday at 09:00, Europe/Berlin, up to 5 minutes later", ""},
		{FindOut, "- cron: '0 9 * * 1'", "Every Monday at 09:00, UTC", "GitHub goes by UTC"},
		{FindOut, "on:\n  schedule:\n    - cron: '0 9 * * 1-5'\n      timezone: 'Europe/Paris'\n", "Every weekday (Monday to Friday) at 09:00, Europe/Paris", "GitHub"},
		{FindOut, "kind: CronJob\nmetadata: {name: tidy}\nspec:\n  schedule: \"0 9 1-7 * */7\"\n  timeZone: Asia/Tokyo\n", "On the 1st to the 7th of every month, and also every Sunday at 09:00, Asia/Tokyo", "Kubernetes"},
		{Kubernetes, "CRON_TZ=Asia/Tokyo 0 9 * * *", "Every day at 09:00, Asia/Tokyo", ""},
		{GitHub, "0 9 * * *", "Every day at 09:00, UTC", ""},
	} {
		w.check(t)
	}
}

func TestWhatElseADocumentSaysIsKept(t *testing.T) {
	lines, err := Read("# a\nname: Nightly\non:\n  schedule:\n    - cron: '0 1 * * *'\n    - cron: '0 2 * * *'\n", Options{})
	if err != nil || len(lines) != 2 || lines[0].Number != 5 || lines[1].Number != 6 || lines[1].Command != "Nightly" {
		t.Fatalf("%+v, %v", lines, err)
	}
	lines, err = Read("apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: tidy\nspec:\n  schedule: \"*/5 * * * *\"\n  concurrencyPolicy: Forbid\n  suspend: true\n  startingDeadlineSeconds: 200\n---\nkind: CronJob\nspec: {schedule: \"@hourly\"}\n", Options{})
	if err != nil || len(lines) != 2 || lines[0].Command != "tidy" || lines[0].Trigger.Overlap != schedule.OverlapSkip || !lines[0].Trigger.Disabled || lines[0].Trigger.MissedMaxAge != "200s" || lines[1].Trigger.Overlap != schedule.OverlapAllow || lines[1].Number != 12 {
		t.Fatalf("%+v, %v", lines, err)
	}
	lines, err = Read("[Timer]\nOnCalendar=daily\n[Unit]\nDescription=B\n[Timer]\nOnCalendar=hourly\nPersistent=yes\n", Options{Zone: "UTC"})
	if err != nil || len(lines) != 2 || lines[0].Trigger.Missed != schedule.MissedSkip || lines[1].Trigger.Missed != schedule.MissedLatest || lines[1].Command != "B" {
		t.Fatalf("%+v, %v", lines, err)
	}
	if _, err := Read("- cron: '0 9\n  x: [", Options{}); err == nil || !strings.Contains(err.Error(), "looks like YAML") {
		t.Fatal(err)
	}
}

func TestOfACommandOnlyWhatCronRunsIsKept(t *testing.T) {
	for text, want := range map[string]string{
		`* * * * * /bin/echo 100\% done`: "/bin/echo 100% done", "* * * * * mail -s Hi ada%Dear Ada,%bye": "mail -s Hi ada", "* * * * * a": "a",
	} {
		lines, _ := Read(text, Options{Zone: "UTC"})
		if lines[0].Command != want || strings.Contains(text, "ada%") != (len(lines[0].Notes) == 1) {
			t.Errorf("%s: %+v", text, lines[0])
		}
	}
	if lines, _ := Read("* * * * * date +%F", Options{Kind: SystemdCron, Zone: "UTC"}); lines[0].Command != "date +%F" {
		t.Errorf("%+v", lines[0])
	}
}

func TestTheValueOfAnHIsTheSameEachTimeAndInItsRange(t *testing.T) {
	first, _ := Read("H H(1-4) * * 1-5\nH/15 * * * *\nH(0-29)/10 * * * *\n@daily", Options{Kind: Jenkins, Zone: "UTC"})
	second, _ := Read("H H(1-4) * * 1-5\nH/15 * * * *\nH(0-29)/10 * * * *\n@daily", Options{Kind: Jenkins, Zone: "UTC"})
	for i, line := range first {
		if line.Problem != "" || line.Trigger.Cron != second[i].Trigger.Cron {
			t.Fatalf("%+v, then %+v", line, second[i])
		}
		rule, _ := schedule.Parse(line.Trigger)
		times := rule.Within(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), 1000)
		if want := []int{1, 96, 72, 1}[i]; len(times) != want || i == 0 && (times[0].Hour() < 1 || times[0].Hour() > 4) {
			t.Errorf("%s has %d times in a day, as %s", line.Text, len(times), line.Trigger.Cron)
		}
	}
}
