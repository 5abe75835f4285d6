package schedule

import (
	"context"
	"time"

	"workflows/models"
	"workflows/worker/duty"
)

const (
	// clearEvery is how often what is too old is taken out of the ledger.
	clearEvery = time.Hour
	// clearAtOnce bounds one statement, clearRounds how many there are in a row.
	clearAtOnce = 1000
	clearRounds = 100
	dutyClear   = "clear the ledger"
)

// clear takes out of the ledger what is older than Retention, now and then, and
// the deliveries of webhooks with it; one scheduler does it at a time. The newest
// rows of each schedule stay.
func (s *Scheduler) clear(ctx context.Context, now time.Time, last *time.Time) error {
	if s.Retention == 0 || now.Sub(*last) < clearEvery && !now.Before(*last) {
		return nil
	}
	*last = now
	// It is kept until it runs out: whoever starts next need not clear again so soon.
	clearing := duty.Duty{DB: s.DB, Name: dutyClear, Holder: s.Name, Length: clearEvery / 2}
	mine, err := clearing.Mine(ctx)
	if err != nil || !mine {
		return err
	}
	if _, err = s.Clear(ctx, now); err != nil {
		return err
	}
	for range clearRounds {
		cleared, err := models.ClearDeliveries(ctx, s.DB, now.Add(-s.Retention), clearAtOnce)
		if err != nil || cleared < clearAtOnce {
			return err
		}
	}
	return nil
}

// Clear takes out of the ledger what was planned longer ago than Retention and is
// not among the newest of its schedule, and reports how much.
func (s *Scheduler) Clear(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for range clearRounds {
		cleared, err := models.ClearPlannedRuns(ctx, s.DB, now.Add(-s.Retention), clearAtOnce)
		total += cleared
		if err != nil || cleared < clearAtOnce {
			return total, err
		}
	}
	return total, nil
}
