package schedule

import (
	"strings"
	"testing"
)

const crontab = `# m h dom mon dow command
SHELL=/bin/sh
MAILTO = ops@example.com
0 5 * * 1	/usr/bin/backup --all > /dev/null 2>&1
*/15 9-17 * * mon-fri   /opt/sync "a  b"
@midnight clean
@reboot start-agent
@every 90m poll
TZ="America/New_York"
@yearly happy
0 0 9 * * ? quartz
61 * * * * broken
CRON_TZ=Mars/Olympus
1 2 3 4 5 lost

30 4 * * *`

func TestACrontabIsReadLineByLine(t *testing.T) {
	lines, err := ReadCrontab(strings.ReplaceAll(crontab, "\n", "\r\n"), "Europe/Berlin", false)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		number                       int
		cron, every, zone, cmd, said string
	}{
		{4, "0 5 * * 1", "", "Europe/Berlin", "/usr/bin/backup --all > /dev/null 2>&1", ""},
		{5, "*/15 9-17 * * mon-fri", "", "Europe/Berlin", `/opt/sync "a  b"`, ""},
		{6, "@daily", "", "Europe/Berlin", "clean", ""},
		{7, "", "", "Europe/Berlin", "start-agent", "when a machine starts"},
		{8, "", "90m", "Europe/Berlin", "poll", ""},
		{10, "0 0 1 1 *", "", "America/New_York", "happy", ""},
		{11, "0 0 9 * *", "", "America/New_York", "? quartz", "six fields"},
		{12, "61 * * * *", "", "America/New_York", "broken", "Minute"},
		{14, "1 2 3 4 5", "", "Mars/Olympus", "lost", "“Mars/Olympus” of line 13"},
		{16, "30 4 * * *", "", "Mars/Olympus", "", "of line 13"},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %+v", len(lines), lines)
	}
	for i, w := range want {
		got := lines[i]
		if got.Number != w.number || got.Trigger.Cron != w.cron || got.Trigger.Every != w.every || got.Trigger.TimeZone != w.zone || got.Command != w.cmd ||
			(w.said == "") != (got.Problem == "") || !strings.Contains(got.Problem, w.said) {
			t.Errorf("line %d is %+v", w.number, got)
		}
	}
}

func TestACrontabWithUsersLeavesThemOut(t *testing.T) {
	lines, err := ReadCrontab("17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\n@daily www-data tidy", "", true)
	if err != nil || lines[0].Command != "cd / && run-parts --report /etc/cron.hourly" || lines[0].Trigger.Cron != "17 * * * *" || lines[1].Command != "tidy" {
		t.Fatalf("%+v, %v", lines, err)
	}
}

func TestACrontabThatIsTooLargeIsRefused(t *testing.T) {
	for _, text := range []string{strings.Repeat("\n", MaxCrontabLines), strings.Repeat("x", MaxCrontabBytes+1)} {
		if _, err := ReadCrontab(text, "", false); err == nil || !strings.Contains(err.Error(), "in parts") {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

func FuzzReadCrontab(f *testing.F) {
	f.Add(crontab, "Europe/Berlin", false)
	f.Add("@\n@every\n* * * * * u c\n=\nTZ=", "", true)
	f.Fuzz(func(t *testing.T, text, zone string, users bool) {
		lines, err := ReadCrontab(text, zone, users)
		if err != nil {
			return
		}
		for _, line := range lines {
			if _, problems := Parse(line.Trigger); line.Problem == "" && len(problems) > 0 {
				t.Fatalf("%+v: %v", line, problems)
			}
			if len(line.Command) > len(line.Text) || line.Number < 1 {
				t.Fatalf("%+v", line)
			}
		}
	})
}
