package e2e

import (
	"fmt"
	"reflect"
	"testing"
)

// preview waits until the form's neighbour says what the schedule means and when it runs next.
func (b *browser) preview(sentence, next string) {
	b.t.Helper()
	b.until("the schedule means “"+sentence+"”", fmt.Sprintf("document.querySelector('#schedule-preview .schedule-sentence')?.innerText === %q", sentence))
	rows := "[...document.querySelectorAll('#schedule-preview tbody tr')].slice(0, 2).map(row => row.querySelector('time').dateTime.slice(0, 16)).join(' ')"
	if got := b.script(rows); got != next {
		b.t.Errorf("%s: the next runs are %s, not %s", sentence, got, next)
	}
}

// 1 September 2031 is a Monday, and Berlin two hours ahead of UTC.
func TestSchedulesThatPeopleMeanAreMadeByChoosing(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b, a := open(t, s.base), &api{t, s.base}
	b.account(s)
	workflow := "/workflows/" + a.call("POST", "/workflows", object{"format": 1, "name": "Report", "steps": []object{}}, 201)["id"].(string)
	for _, c := range []struct {
		choose         func()
		sentence, next string
	}{
		{func() {
			b.choose("mode", "weekday_of_month")
			b.choose("week_of_month", "first")
			b.choose("weekday", "mon")
		}, "On the first Monday of every month at 09:00, Europe/Berlin, from 1 September 2031", "2031-09-01T07:00 2031-10-06T07:00"},
		{func() {
			b.choose("mode", "weekly")
			b.script("document.querySelectorAll('main [name=days]').forEach(day => { if (day.checked !== (day.value === '5')) day.click() })")
			b.choose("week_interval", "2")
		}, "Every other Friday at 09:00, Europe/Berlin, from 1 September 2031, counted from that week", "2031-09-05T07:00 2031-09-19T07:00"},
		{func() {
			b.choose("mode", "monthly")
			b.choose("month_day", "business_day_3")
		}, "On the 3rd working day of every month at 09:00, Europe/Berlin, from 1 September 2031", "2031-09-03T07:00 2031-10-03T07:00"},
		{func() { b.fill("more_times", "16:30") }, "Every day at 09:00 and 16:30, Europe/Berlin, from 1 September 2031", "2031-09-01T07:00 2031-09-01T14:30"},
	} {
		b.visit(workflow + "/edit/new-trigger")
		c.choose()
		b.choose("time_zone", "Europe/Berlin")
		b.choose("start_date", "2031-09-01")
		b.preview(c.sentence, c.next)
		b.shot("schedule-form " + c.sentence)
		b.follow("Add schedule")
		b.sees(c.sentence)
	}
	var got []object
	for _, trigger := range a.call("GET", workflow, nil, 200)["definition"].(object)["triggers"].([]any) {
		trigger := trigger.(object)
		if trigger["start_date"] != "2031-09-01" || trigger["time_zone"] != "Europe/Berlin" {
			t.Errorf("stored %v", trigger)
		}
		for _, same := range []string{"id", "type", "start_date", "time_zone"} {
			delete(trigger, same)
		}
		got = append(got, trigger)
	}
	want := []object{
		{"cron": "0 9 * * *", "weekday_of_month": "first mon"},
		{"cron": "0 9 * * 5", "week_interval": 2.0},
		{"cron": "0 9 * * *", "month_day": "business_day_3"},
		{"cron": "0 9 * * *", "times": []any{"09:00", "16:30"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("stored %v\nwanted %v", got, want)
	}
}
