package schedule

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"workflows/models"
)

// minCrowd is from how many schedules on that one minute they are a crowd.
const minCrowd = 3

// Crowd are schedules that start at the same minute of the same hours, by the
// clock of one place: those that were set to 00:00 because that is what one sets. What has
// hours without runs is in none, since another minute could lie in them.
type Crowd struct {
	Key       string // names it
	Words     string // "at 00:00, Europe/Berlin"
	Minute    int
	Schedules []models.Schedule
}

// Crowds finds them among schedules, the largest first. Intervals and lines with
// several minutes are in none.
func Crowds(schedules []models.Schedule) []Crowd {
	found := map[string]*Crowd{}
	for _, s := range schedules {
		t := TriggerOf(s)
		l, message := parseLine(t.Cron)
		if t.Cron == "" || len(t.Times)+len(t.NotBetween) > 0 || message != "" || bits.OnesCount64(l.minute) != 1 {
			continue
		}
		minute := bits.TrailingZeros64(l.minute)
		key := fmt.Sprintf("%d-%x-%s", minute, l.hour, zoneName(t))
		if found[key] == nil {
			words := l.times()
			if l.hour == allHours {
				words = fmt.Sprintf("at minute %d of every hour", minute)
			}
			found[key] = &Crowd{Key: key, Words: words + ", " + zoneName(t), Minute: minute}
		}
		found[key].Schedules = append(found[key].Schedules, s)
	}
	var crowds []Crowd
	for _, crowd := range found {
		if len(crowd.Schedules) >= minCrowd {
			crowds = append(crowds, *crowd)
		}
	}
	slices.SortFunc(crowds, func(a, b Crowd) int {
		return cmp.Or(cmp.Compare(len(b.Schedules), len(a.Schedules)), cmp.Compare(a.Key, b.Key))
	})
	return crowds
}

// Spread gives each of so many schedules a minute of its own in a window of so
// many minutes from one on, within the hour: the hours of a schedule stay.
func Spread(minute, window, count int) []int {
	window = min(window, 60-minute)
	minutes := make([]int, count)
	for i := range minutes {
		minutes[i] = minute + i*window/count
	}
	return minutes
}

// AtMinute is a cron line with another minute; false when it cannot be read or has
// several.
func AtMinute(text string, minute int) (string, bool) {
	l, message := parseLine(text)
	if message != "" || bits.OnesCount64(l.minute) != 1 || minute < 0 || minute > 59 {
		return "", false
	}
	fields := strings.Fields(shorthand(strings.TrimSpace(text)))
	return fmt.Sprintf("%d %s", minute, strings.Join(fields[1:], " ")), true
}
