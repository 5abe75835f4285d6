package foreign

import (
	"strings"
	"testing"

	"workflows/worker/schedule"
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
	lines, err := Read(strings.ReplaceAll(crontab, "\n", "\r\n"), Options{Zone: "Europe/Berlin"})
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
		{10, "0 0 1 1 *", "", "Europe/Berlin", "happy", ""},
		{11, "0 9 * * *", "", "Europe/Berlin", "quartz", ""},
		{12, "61 * * * *", "", "Europe/Berlin", "broken", "Minute"},
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
	lines, err := Read("17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\n@daily www-data tidy", Options{Users: true})
	if err != nil || lines[0].Command != "cd / && run-parts --report /etc/cron.hourly" || lines[0].Trigger.Cron != "17 * * * *" || lines[1].Command != "tidy" {
		t.Fatalf("%+v, %v", lines, err)
	}
}

func TestACrontabThatIsTooLargeIsRefused(t *testing.T) {
	for _, text := range []string{strings.Repeat("\n", MaxLines), strings.Repeat("x", MaxBytes+1)} {
		if _, err := Read(text, Options{}); err == nil || !strings.Contains(err.Error(), "in parts") {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(crontab, "Europe/Berlin", false, "")
	f.Add("H H * * *\n0 0 9 ? * 2 2027\ncron(0 9 L * ? *)\nMon *-*~07/1 1:2", "UTC", false, "jenkins")
	f.Add("kind: CronJob\nspec: {schedule: 1}\n- cron: x", "UTC", false, "quartz")
	f.Add("*/9,30-40 0-5 1,3, nov-feb 5-7 x\n0~3 9:30 1#2 * ~ x", "UTC", false, "systemd_cron")
	f.Add("0~3 9:30 1#2 * ~ x\n1 1 *#1 * * x", "UTC", false, "debian")
	f.Add("@\n@every\n* * * * * u c\n=\nTZ=", "", true, "cronie")
	f.Fuzz(func(t *testing.T, text, zone string, users bool, kind string) {
		lines, err := Read(text, Options{Zone: zone, Users: users, Kind: Kind(kind)})
		if err != nil {
			return
		}
		for _, line := range lines {
			if _, problems := schedule.Parse(line.Trigger); line.Problem == "" && len(problems) > 0 {
				t.Fatalf("%+v: %v", line, problems)
			}
			if line.Number < 1 || line.Taken == "" {
				t.Fatalf("%+v", line)
			}
		}
	})
}
