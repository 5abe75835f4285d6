package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// withoutScripts lets no page run a script from now on; the test itself still can.
func (b *browser) withoutScripts() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// shows fails unless the page holds every text.
func (b *browser) shows(texts ...string) {
	b.t.Helper()
	body := b.script("document.body.innerText")
	for _, text := range texts {
		if !strings.Contains(body, text) {
			b.shot("scripts-off")
			b.t.Fatalf("%s does not show %q:\n%s", b.script("location.pathname"), text, body)
		}
	}
}

func TestSchedulesAreUsedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	b.withoutScripts()
	b.account(s)
	(&api{t, s.base}).call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Nightly", "triggers": []object{
		{"id": "a", "type": "schedule", "cron": "0 0 * * *"}, {"id": "b", "type": "schedule", "cron": "0 0 * * *"}, {"id": "c", "type": "schedule", "cron": "0 0 * * *"},
	}, "steps": []object{{"id": "wait", "type": "wait", "config": object{"for": "1s"}}}}, 201)

	b.visit("/schedules/week")
	b.follow("Next") // in which they exist from its beginning
	b.shows("This week", "3 schedules start at 00:00, UTC.", "21 in all")
	b.shot("scripts-off-week")
	b.follow("Spread these")
	b.follow("Change them")
	b.shows("Changed and published")

	b.visit("/schedules")
	b.follow("Every day at 00:10")
	b.shows("Its first time has not come")
	b.follow("Pause")
	b.fill("reason", "Holidays")
	b.follow("Pause")
	b.shows("Holidays", "until somebody resumes it")
	b.shot("scripts-off-schedule")
	b.follow("Resume")
	b.shows("Its first time has not come")

	b.visit("/schedules/calendars/new")
	b.fill("name", "Germany")
	b.follow("Make the calendar")
	b.shows("Germany", "Saturday, Sunday")

	b.visit("/alerts")
	b.follow("Show all alerts")
	b.shows("No alert matches this filter.")
	b.visit("/schedules/ledger")
	b.follow("Filter")
	b.shows("No time")
}
