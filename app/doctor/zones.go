package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/app/frame"
	"workflows/models"
	"workflows/worker/moment"
)

// zonesInUse notes what the database says about time zones.
func (d *examination) zonesInUse(ctx context.Context, db *gorm.DB) {
	var err error
	if d.inZones, err = models.SchedulesByZone(ctx, db); err == nil {
		d.newestZones, err = models.GetSetting(ctx, db, models.SettingZoneData)
	}
	if err != nil {
		d.say("time zones", Problem, "In which of them schedules are cannot be asked: %s", err)
	}
}

// changesShown bounds the zones that are named, and changesAhead is how far ahead clocks
// are compared.
const (
	changesShown = 5
	changesAhead = 2 // years
)

// zones tells by which data clocks are reckoned, and whose schedules it concerns.
func (d *examination) zones(now time.Time) {
	data := moment.FindZoneData()
	words := fmt.Sprintf("The data is version %s of %s, %s.", data.Version, data.Made.UTC().Format("2 January 2006"), data.Source)
	if data.Passed != "" {
		words += " The machine's is passed over: " + data.Passed + "."
	}
	words += d.changedClocks(data, moment.ChangedZones(slices.Sorted(maps.Keys(d.inZones)), now, now.AddDate(changesAhead, 0, 0)))
	const remedy = "Update the machine's tzdata (apt-get install tzdata) or this program, and start anew."
	switch {
	case data.Version < d.newestZones:
		d.say("time zones", Problem, "%s Another program here has %s, by which next times are reckoned: while it is at work this one starts nothing that is planned. %s", words, d.newestZones, remedy)
	case data.Old(now):
		d.say("time zones", Warning, "%s It is %d months old, and clocks may have changed since. %s", words, data.Months(now), remedy)
	default:
		age := "less than a month"
		if months := data.Months(now); months > 0 {
			age = frame.Count(int64(months), "month")
		}
		d.say("time zones", Fine, "%s It is %s old.", words, age)
	}
}

// changedClocks names the zones that schedules are in and whose clocks are others than by
// older data that is at hand.
func (d *examination) changedClocks(data moment.ZoneData, zones []string) string {
	if data.Older == "" {
		return ""
	}
	changed := make([]string, len(zones))
	for i, zone := range zones {
		changed[i] = zone + " (" + frame.Count(int64(d.inZones[zone]), "schedule") + ")"
	}
	if len(changed) == 0 {
		return " No schedule is in a zone whose clocks have changed since " + data.Older + "."
	}
	more := ""
	if n := len(changed) - changesShown; n > 0 {
		changed, more = changed[:changesShown], fmt.Sprintf(" and %d more", n)
	}
	return " Schedules in zones whose clocks have changed since " + data.Older + ": " + strings.Join(changed, ", ") + more + "."
}
