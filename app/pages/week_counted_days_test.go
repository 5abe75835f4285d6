package pages_test

import (
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

// 1 April 2030 is a Monday.
func TestTheWeekCountsDaysThatAreCountedAndPicked(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob := s.As(auth.Viewer)
		timed(s, "First Monday", `"cron": "0 9 * * *", "weekday_of_month": "first mon"`)
		timed(s, "Other Friday", `"cron": "0 10 * * 5", "week_interval": 2, "start_date": "2030-04-01"`)
		timed(s, "Third days", `"cron": "0 11 * * *", "day_interval": 3, "start_date": "2030-04-02"`)
		timed(s, "Other month", `"cron": "0 12 3 * *", "month_interval": 2, "start_date": "2030-02-01"`)
		timed(s, "Third working day", `"cron": "0 13 * * *", "month_day": "business_day_3"`)
		timed(s, "Twice", `"times": ["14:05", "14:35"]`)
		for day, all := range map[string]string{"2030-04-07": "20 in all", "2030-04-08": "17 in all", "2030-04-22": "16 in all", "2030-05-01": "19 in all"} {
			sitetest.Shows(t, bob.Get("/schedules/week?day="+day, 200), all)
		}
		for hour, name := range map[string]string{
			"2030-04-01T09": "First Monday", "2030-04-05T10": "Other Friday", "2030-04-19T10": "Other Friday", "2030-04-05T11": "Third days",
			"2030-04-03T12": "Other month", "2030-04-03T13": "Third working day",
		} {
			sitetest.Shows(t, bob.Get("/schedules/hour?at="+hour, 200), "1 start,", name)
		}
		sitetest.Shows(t, bob.Get("/schedules/hour?at=2030-04-02T14", 200), "2 starts,", "14:05", "14:35", "Twice")
		for _, empty := range []string{"2030-04-08T09", "2030-04-12T10", "2030-04-03T11", "2030-05-03T12", "2030-04-02T13"} {
			sitetest.Shows(t, bob.Get("/schedules/hour?at="+empty, 200), "0 starts,")
		}
	})
}
