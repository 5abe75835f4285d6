package pages_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/schedules"
)

func TestTheLedgerIsFilteredPagedAndSaved(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const page = "/schedules/ledger"
		bob := s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get(page, 200), "No time has been planned yet.")
		w := timed(s, "=Formula "+sitetest.Evil, `"cron": "0 5 * * *"`)
		other := timed(s, "Other", `"cron": "30 5 * * *"`)
		start := time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)
		var rows []models.PlannedRun
		for i, of := range []models.Workflow{w, other} {
			found, err := schedules.Of(t.Context(), s.DB, of.ID)
			s.Check(err)
			for day := range 40 {
				row := models.PlannedRun{ID: models.NewID(), ScheduleID: found[0].ID, WorkflowID: of.ID, PlannedAt: start.AddDate(0, 0, day).Add(time.Duration(i) * 30 * time.Minute), Outcome: "ran", LateMS: 250, CreatedAt: start}
				if day == 3 {
					row.Outcome, row.Reason = "missed", "Nobody was there. "+sitetest.Evil
				}
				rows = append(rows, row)
			}
		}
		_, err := schedules.InsertPlanned(t.Context(), s.DB, rows)
		s.Check(err)

		first := bob.Get(page, 200)
		sitetest.Shows(t, first, "cursor=", "Every day at 05:00, Europe/Berlin", "Ran", "!Nobody was there", "!Back to the newest", "!"+sitetest.Evil)
		next := first[strings.Index(first, `rel="next" href="`)+len(`rel="next" href="`):]
		second := bob.Get(strings.ReplaceAll(next[:strings.Index(next, `"`)], "&amp;", "&"), 200)
		sitetest.Shows(t, second, "Nobody was there", "Back to the newest")
		if strings.Count(first, `id="planned-`) != 50 || strings.Count(second, `id="planned-`) != 30 {
			t.Errorf("%d and %d rows", strings.Count(first, `id="planned-`), strings.Count(second, `id="planned-`))
		}
		if missed := bob.Get(page+"?outcome=exceptions&workflow_id="+other.ID, 200); strings.Count(missed, `id="planned-`) != 1 {
			t.Errorf("the exceptions are %s", sitetest.MainOf(missed))
		}
		if days := bob.Get(page+"?from=2026-11-02&to=2026-11-03", 200); strings.Count(days, `id="planned-`) != 4 {
			t.Errorf("two days are %s", sitetest.MainOf(days))
		}
		sitetest.Shows(t, bob.Get(page+"?from=2027-01-01", 200), "No planned time matches this filter.")
		sitetest.Shows(t, bob.Get(page+"?schedule_id="+rows[0].ScheduleID, 200), "Only of the schedule: Every day at 05:00")
		sitetest.Shows(t, bob.Get(page+"?from=x", 422), "Enter a date, such as")
		bob.Get(page+"?outcome=x", 404)
		sitetest.Shows(t, bob.Get("/schedules/"+rows[0].ScheduleID, 200), page+"?schedule_id="+rows[0].ScheduleID)

		table, err := csv.NewReader(strings.NewReader(bob.Get(page+".csv?outcome=missed", 200))).ReadAll()
		if err != nil || len(table) != 3 || table[2][1] != "'=Formula "+sitetest.Evil || table[2][0] != "2026-11-04T04:00:00Z" || table[1][4] != "missed" {
			t.Errorf("the file is %q, %v", table, err)
		}
		bob.Get(page+".csv?from=x", 404)
	})
}
