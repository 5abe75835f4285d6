package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
)

const pasted = "# backups\nMAILTO=ops\n0 5 * * 1 /usr/bin/backup --all\n@reboot agent\n30 4 31 * * tidy " + sitetest.Evil + "\n"

func TestACrontabBecomesSchedulesWithAReport(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const page = "/schedules/import"
		bob, eve := s.As(auth.Viewer), s.As(auth.Editor)
		bob.Get(page, 403)
		sitetest.Shows(t, bob.Get("/schedules", 200), "!Paste schedules")
		sitetest.Shows(t, eve.Get("/schedules", 200), page)
		sitetest.Shows(t, eve.Get(page, 200), "No command in it is run", "A new workflow for each line", "Show what it means", "!name=\"make\"")
		form := func(more ...string) url.Values {
			form := url.Values{"crontab": {pasted}, "time_zone": {"Europe/Berlin"}}
			for i := 0; i < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			return form
		}
		sitetest.Shows(t, eve.Post(page, form("crontab", "# nothing"), 422).Body, "Nothing of what is written there starts anything")
		sitetest.Shows(t, eve.Post(page, form("crontab", strings.Repeat("* * * * * x\n", 501)), 422).Body, "at most 500 lines")
		shown := eve.Post(page, form(), 200).Body
		sitetest.Shows(t, shown, "Make 2 schedules", "Every Monday at 05:00", "Not taken over", "when a machine starts", "Months without a 31st have no run", "!"+sitetest.Evil)
		if n, _, err := models.WorkflowNames(t.Context(), s.DB, "", 10); err != nil || len(n) != 0 {
			t.Fatalf("%d workflows were made before anybody asked, %v", len(n), err)
		}

		sitetest.Shows(t, shown, "A line of a crontab")
		sitetest.Shows(t, eve.Post(page, form("crontab", "0 0 9 ? * 2"), 200).Body, "It can be read in more than one way", "“Every Tuesday at 09:00", "!name=\"make\"")
		sitetest.Shows(t, eve.Post(page, form("crontab", "0 0 9 ? * 2", "kind", "quartz"), 200).Body, "Every Monday at 09:00", "Quartz (seconds first", "Make 1 schedule")
		sitetest.Shows(t, eve.Post(page, form("crontab", "- cron: '0 9 * * 1-5'"), 200).Body, "Every weekday (Monday to Friday) at 09:00, UTC", "GitHub goes by UTC")
		sitetest.Shows(t, eve.Post(page, form("crontab", "- cron: '0 9\n x: ["), 422).Body, "This looks like YAML")

		sitetest.Shows(t, eve.Post(page, form("make", "yes"), 200).Body, "/usr/bin/backup --all", "Made. Add its steps, then publish it.", "when a machine starts", "!"+sitetest.Evil)
		sitetest.Shows(t, eve.Post(page, form("make", "yes"), 200).Body, "It was taken over before.", "!Made.")
		made, _, err := models.WorkflowNames(t.Context(), s.DB, "", 10)
		if err != nil || len(made) != 2 || made[0].Status != "draft" {
			t.Fatalf("%+v, %v", made, err)
		}
		if _, d := s.Stored("/workflows/" + made[0].ID); d.Triggers[0].Cron != "0 5 * * 1" || d.Triggers[0].TimeZone != "Europe/Berlin" || !strings.Contains(d.Description, "0 5 * * 1 /usr/bin/backup --all") {
			t.Fatalf("made %+v", d)
		}

		target := timed(s, "Target", `"cron": "0 0 * * *"`)
		sitetest.Shows(t, eve.Post(page, form("make", "yes", "workflow", target.ID), 200).Body, "2 schedules added to its draft", "Target")
		sitetest.Shows(t, eve.Post(page, form("make", "yes", "workflow", target.ID), 200).Body, "Its draft has all of them already")
		if _, d := s.Stored("/workflows/" + target.ID); len(d.Triggers) != 3 || d.Triggers[2].ID == d.Triggers[1].ID {
			t.Fatalf("triggers %+v", d.Triggers)
		}
		many := strings.Builder{}
		for i := range 60 {
			many.WriteString(strings.Repeat("1,", i) + "0 * * * * x\n")
		}
		sitetest.Shows(t, eve.Post(page, form("make", "yes", "workflow", target.ID, "crontab", many.String()), 200).Body, "None was added: A workflow has at most 50 triggers")
		eve.Post(page, form("make", "yes", "workflow", models.NewID()), 404)
	})
}
