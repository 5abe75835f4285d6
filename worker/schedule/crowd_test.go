package schedule

import (
	"slices"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

func TestSchedulesOfTheSameMinuteAreACrowd(t *testing.T) {
	var schedules []models.Schedule
	for _, line := range []string{"0 0 * * *", "@daily", "00 0 * * 1-5", "0 0,12 * * *", "@hourly", "0 * * * 1", "0 */1 1 * *", "0 0-23 * * *", "5 0 * * *", "0,30 0 * * *"} {
		schedules = append(schedules, stored(t, workflow.Trigger{Cron: line, TimeZone: "Europe/Berlin"}, time.Time{}))
	}
	for range 3 {
		schedules = append(schedules, stored(t, workflow.Trigger{Every: "15m"}, time.Time{}), stored(t, workflow.Trigger{Cron: "0 0 * * *"}, time.Time{}))
	}
	crowds := Crowds(schedules)
	var words []string
	for _, crowd := range crowds {
		words = append(words, crowd.Words)
	}
	if !slices.Equal(words, []string{"at minute 0 of every hour, Europe/Berlin", "at 00:00, Europe/Berlin", "at 00:00, UTC"}) || len(crowds[0].Schedules) != 4 {
		t.Fatalf("%q", words)
	}
}

func TestSpreadStaysWithinItsHour(t *testing.T) {
	for _, c := range []struct {
		minute, window, count int
		want                  []int
	}{
		{0, 60, 4, []int{0, 15, 30, 45}},
		{0, 15, 4, []int{0, 3, 7, 11}},
		{50, 60, 3, []int{50, 53, 56}},
		{59, 15, 3, []int{59, 59, 59}},
	} {
		if got := Spread(c.minute, c.window, c.count); !slices.Equal(got, c.want) {
			t.Errorf("%+v gives %v", c, got)
		}
	}
	for line, want := range map[string]string{"@daily": "7 0 * * *", " 0 9-17 * * mon-fri": "7 9-17 * * mon-fri", "*/5 * * * *": "", "x": ""} {
		if got, ok := AtMinute(line, 7); got != want || ok != (want != "") {
			t.Errorf("%q becomes %q, %v", line, got, ok)
		}
	}
}
