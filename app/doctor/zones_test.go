package doctor

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/moment"
)

func TestDoctorTellsOfTimeZoneData(t *testing.T) {
	data := moment.FindZoneData()
	for name, c := range map[string]struct {
		age    int // months
		newest string
		status string
		words  []string
	}{
		"new":                     {5, data.Version, Fine, []string{"version " + data.Version + " of " + data.Made.UTC().Format("2 January 2006") + ", " + data.Source + ".", "It is 5 months old."}},
		"just made":               {0, "", Fine, []string{"It is less than a month old."}},
		"old":                     {6, "", Warning, []string{"It is 6 months old", "apt-get install tzdata"}},
		"older than that another": {1, "2099a", Problem, []string{"Another program here has 2099a, by which next times are reckoned: while it is at work this one starts nothing that is planned.", "apt-get install tzdata"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &examination{newestZones: c.newest}
			d.zones(data.Made.AddDate(0, c.age, 1))
			if len(d.findings) != 1 || d.findings[0].Status != c.status {
				t.Fatalf("%+v", d.findings)
			}
			for _, words := range c.words {
				if !strings.Contains(d.findings[0].Message, words) {
					t.Errorf("%q is missing in %s", words, d.findings[0].Message)
				}
			}
		})
	}
}

func TestDoctorNamesZonesOfSchedulesWhoseClocksHaveChanged(t *testing.T) {
	db := modelstest.SQLite(t)
	w := models.Workflow{ID: models.NewID(), Name: "A", Status: "active", Draft: models.JSON("{}"), CreatedAt: models.Now(), UpdatedAt: models.Now()}
	if err := db.Create(&w).Error; err != nil {
		t.Fatal(err)
	}
	for i, zone := range []string{"UTC", "America/Edmonton", "America/Edmonton", "Europe/Berlin"} {
		s := models.Schedule{
			ID: models.NewID(), WorkflowID: w.ID, TriggerID: string(rune('a' + i)), Rule: models.JSON("{}"), TimeZone: zone, Status: models.ScheduleActive,
			AccountedUntil: models.Now(), AnchorAt: models.Now(), CreatedAt: models.Now(), UpdatedAt: models.Now(),
		}
		if err := db.Create(&s).Error; err != nil {
			t.Fatal(err)
		}
	}
	d := &examination{}
	d.zonesInUse(t.Context(), db)
	if len(d.findings) > 0 || d.inZones["America/Edmonton"] != 2 || d.inZones["Europe/Berlin"] != 1 {
		t.Fatalf("%v, %+v", d.inZones, d.findings)
	}
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for older, want := range map[string]string{"": "", "2025b": " Schedules in zones whose clocks have changed since 2025b: ", "2026e": " No schedule is in a zone"} {
		changed := []string{"America/Edmonton", "Europe/Berlin"}
		if older == "2026e" {
			changed = nil
		}
		if got := d.changedClocks(moment.ZoneData{Older: older}, changed); !strings.HasPrefix(got, want) || older == "2025b" && !strings.HasSuffix(got, ": America/Edmonton (2 schedules), Europe/Berlin (1 schedule).") {
			t.Errorf("beside %q: %q", older, got)
		}
	}
	d.zones(now)
	if len(d.findings) != 1 {
		t.Errorf("%+v", d.findings)
	}
}
