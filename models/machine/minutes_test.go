package machine_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models/machine"
	"workflows/models/modelstest"
)

func TestTheHistoryHasWhatQueuesWereLike(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		at := time.Date(2026, 3, 29, 0, 50, 0, 0, time.UTC)
		keep := func(now time.Time, minutes ...machine.QueueMinute) {
			t.Helper()
			if err := machine.KeepMinutes(t.Context(), db, minutes, now); err != nil {
				t.Fatal(err)
			}
		}
		keep(at.AddDate(0, 0, -9), machine.QueueMinute{Minute: at.AddDate(0, 0, -9), Queue: "high", Succeeded: 1})
		keep(
			at,
			machine.QueueMinute{Minute: at, Queue: "default", Waiting: 5, OldestMS: 900, Succeeded: 2, Started: 3, WaitedMS: 60},
			machine.QueueMinute{Minute: at, Queue: "high", Waiting: 2, OldestMS: 1500, Failed: 1},
			machine.QueueMinute{Minute: at, Queue: "low"},
			machine.QueueMinute{Minute: at.Add(time.Minute), Queue: "default", Waiting: 6, Succeeded: 4},
			machine.QueueMinute{Minute: at.Add(10 * time.Minute), Queue: "default", Succeeded: 8, Failed: 1},
		)
		keep(at, machine.QueueMinute{Minute: at, Queue: "default", Waiting: 0, OldestMS: 0, Succeeded: 7, Started: 3, WaitedMS: 60}) // counted since
		for name, want := range map[string][3]machine.QueueMinute{
			"default": {{Waiting: 6, OldestMS: 900, Succeeded: 11, Started: 3, WaitedMS: 60}, {}, {Succeeded: 8, Failed: 1}},
			"":        {{Waiting: 7, OldestMS: 1500, Succeeded: 11, Failed: 1, Started: 3, WaitedMS: 60}, {}, {Succeeded: 8, Failed: 1}},
			"low":     {},
		} {
			got, err := machine.History(t.Context(), db, name, at, 5*time.Minute, 3)
			if err != nil || len(got) != 3 {
				t.Fatal(got, err)
			}
			for i := range want {
				want[i].Minute, want[i].Queue = at.Add(time.Duration(i)*5*time.Minute), name
				if got[i] != want[i] {
					t.Errorf("%q, piece %d: %+v, not %+v", name, i, got[i], want[i])
				}
			}
		}
		var kept int64
		if err := db.Table("queue_minutes").Count(&kept).Error; err != nil || kept != 4 {
			t.Errorf("%d minutes are kept, %v", kept, err)
		}
	})
}
