package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/moment"
)

// Workers beside each other may have time-zone data of different versions. The newest that
// one of them has counts: who has an older one neither fires nor reckons next times anew, and
// what cannot wait (somebody publishes, pauses, changes a calendar) is reckoned anew by who
// has it. Once no such worker has been at work for a while, the next one goes by what it has.

// newerGone is how long after the last look of who has the newest data the others go by theirs.
const newerGone = 5 * time.Minute

// errOlderZones is behind every error about that.
var errOlderZones = errors.New("this program plans nothing")

// zonesAtOnce is of how many schedules the zones are looked at before what is due fires
// again.
const zonesAtOnce = 5000

// HeedZones has the next times in all zones reckoned anew when the time-zone data is
// newer than that by which they were: those of some schedules, and at the next call of
// further ones. It reports whether that was all. Called every minute, since it also tells the
// others that there is such data.
func (s *Scheduler) HeedZones(ctx context.Context, version string, now time.Time) (all bool, err error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	newest, err := models.FindSetting(ctx, s.DB, models.SettingZoneData)
	if err != nil {
		return false, err
	}
	switch older := version < newest.Value; {
	case older && now.Sub(newest.UpdatedAt) < newerGone:
		return true, nil
	case older:
		return false, s.takeOverZones(ctx, newest.Value, version, now)
	}
	// First of all nobody plans by older data any more.
	if err := models.RaiseSetting(ctx, s.DB, models.SettingZoneData, version, now); err != nil {
		return false, err
	}
	heeded, err := models.GetSetting(ctx, s.DB, models.SettingZonesHeeded)
	if err != nil || version <= heeded {
		return err == nil, err
	}
	last, err := schedules.RereadZones(ctx, s.DB, s.heeded, zonesAtOnce)
	if err != nil {
		return false, err
	}
	if s.heeded = last; last != "" {
		return false, nil
	}
	return true, models.RaiseSetting(ctx, s.DB, models.SettingZonesHeeded, version, now)
}

// takeOverZones goes by older data from now on. Whoever comes with newer one reckons all anew.
func (s *Scheduler) takeOverZones(ctx context.Context, newest, version string, now time.Time) error {
	s.log().Warn("no worker with newer time-zone data is at work any more: next times are reckoned by what this one has", "newer", newest, "data", version)
	return models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		if err := models.ReplaceSetting(ctx, tx, models.SettingZoneData, newest, version); err != nil {
			return err
		}
		return models.SetSetting(ctx, tx, models.SettingZonesHeeded, version, now)
	})
}

// mindZones fails with errOlderZones where another process has newer time-zone data. Asked
// once the rows of schedules are locked: who has newer data says so before it looks at them.
func mindZones(ctx context.Context, tx *gorm.DB) error {
	newest, err := models.GetSetting(ctx, tx, models.SettingZoneData)
	if err != nil {
		return err
	}
	if own := moment.FindZoneData().Version; own < newest {
		return fmt.Errorf("%w: its time-zone data is %s, and next times are reckoned by %s; update this program or the machine's tzdata, and start anew; where no such worker is left it goes on after five minutes", errOlderZones, own, newest)
	}
	return nil
}

// leaveToNewer has what was just planned, of workflows whose schedules are locked, reckoned
// anew by who has newer time-zone data, if somebody has.
func leaveToNewer(ctx context.Context, tx *gorm.DB, workflowIDs ...string) error {
	err := mindZones(ctx, tx)
	if !errors.Is(err, errOlderZones) {
		return err
	}
	return schedules.RereadZonesOf(ctx, tx, workflowIDs)
}
