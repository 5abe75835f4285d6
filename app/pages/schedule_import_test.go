package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
)

const pasted = "# backups\nMAILTO=ops\n0 5 * * 1 /usr/bin/backup --all\n@reboot agent\n30 4 31 * * tidy " + evil + "\n"

func TestACrontabBecomesSchedulesWithAReport(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		const page = "/schedules/import"
		bob, eve := s.as(auth.Viewer), s.as(auth.Editor)
		bob.get(page, 403)
		shows(t, bob.get("/schedules", 200), "!Paste a crontab")
		shows(t, eve.get("/schedules", 200), page)
		shows(t, eve.get(page, 200), "No command in it is run", "A new workflow for each line", "Show what it means", "!name=\"make\"")
		form := func(more ...string) url.Values {
			form := url.Values{"crontab": {pasted}, "time_zone": {"Europe/Berlin"}}
			for i := 0; i < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			return form
		}
		shows(t, eve.post(page, form("crontab", "# nothing"), 422).body, "No line of this starts anything")
		shows(t, eve.post(page, form("crontab", strings.Repeat("* * * * * x\n", 501)), 422).body, "at most 500 lines")
		shown := eve.post(page, form(), 200).body
		shows(t, shown, "Make 2 schedules", "Every Monday at 05:00", "Not taken over", "when a machine starts", "Months without a 31st have no run", "!"+evil)
		if n, err := models.WorkflowNames(t.Context(), s.db, 10); err != nil || len(n) != 0 {
			t.Fatalf("%d workflows were made before anybody asked, %v", len(n), err)
		}

		shows(t, eve.post(page, form("make", "yes"), 200).body, "/usr/bin/backup --all", "Made. Add its steps, then publish it.", "when a machine starts", "!"+evil)
		shows(t, eve.post(page, form("make", "yes"), 200).body, "It was taken over before.", "!Made.")
		made, err := models.WorkflowNames(t.Context(), s.db, 10)
		if err != nil || len(made) != 2 || made[0].Status != "draft" {
			t.Fatalf("%+v, %v", made, err)
		}
		if _, d := s.stored("/workflows/" + made[0].ID); d.Triggers[0].Cron != "0 5 * * 1" || d.Triggers[0].TimeZone != "Europe/Berlin" || !strings.Contains(d.Description, "0 5 * * 1 /usr/bin/backup --all") {
			t.Fatalf("made %+v", d)
		}

		target := s.timed("Target", `"cron": "0 0 * * *"`)
		shows(t, eve.post(page, form("make", "yes", "workflow", target.ID), 200).body, "2 schedules added to its draft", "Target")
		shows(t, eve.post(page, form("make", "yes", "workflow", target.ID), 200).body, "Its draft has all of them already")
		if _, d := s.stored("/workflows/" + target.ID); len(d.Triggers) != 3 || d.Triggers[2].ID == d.Triggers[1].ID {
			t.Fatalf("triggers %+v", d.Triggers)
		}
		many := strings.Builder{}
		for i := range 60 {
			many.WriteString(strings.Repeat("1,", i) + "0 * * * * x\n")
		}
		shows(t, eve.post(page, form("make", "yes", "workflow", target.ID, "crontab", many.String()), 200).body, "None was added: A workflow has at most 50 triggers")
		eve.post(page, form("make", "yes", "workflow", models.NewID()), 404)
	})
}
