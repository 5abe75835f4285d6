package notify_test

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/told"
	"workflows/worker/moment"
	"workflows/worker/notify"
)

func TestEventsAreCalledAsWhatIsStoredOfThem(t *testing.T) {
	for ours, stored := range map[string]string{
		notify.Failed: told.Failed, notify.Recovered: told.Recovered, notify.Waiting: told.Waiting,
		notify.Overdue: models.AlertOverdue, notify.Missed: models.AlertMissed, notify.Late: models.AlertLate, notify.Slow: models.AlertSlow,
	} {
		if ours != stored {
			t.Errorf("%s is stored as %s", ours, stored)
		}
	}
	if len(notify.Events()) != 7 {
		t.Errorf("the contract has seven events: %v", notify.Events())
	}
}

func TestEachMistakeIsSaidAtItsField(t *testing.T) {
	anna := []string{"anna@example.com"}
	failed := []string{"failed"}
	for name, test := range map[string]struct {
		rules      []notify.Rule
		path, says string
	}{
		"nothing to tell":     {[]notify.Rule{{Email: anna}}, "[0].on", "Say of what"},
		"unknown event":       {[]notify.Rule{{On: []string{"failed", "faild"}, Email: anna}}, "[0].on[1]", "“faild”"},
		"the same event":      {[]notify.Rule{{On: []string{"failed", "failed"}, Email: anna}}, "[0].on[1]", "there already"},
		"nobody":              {[]notify.Rule{{On: failed}}, "[0].email", "Say who"},
		"no address":          {[]notify.Rule{{On: failed, Email: []string{"anna@example.com", "a@@b.c"}}}, "[0].email[1]", "“a@@b.c”"},
		"address with a line": {[]notify.Rule{{On: failed, Email: []string{"a@example.com\r\nBcc: x@y.zz"}}}, "[0].email[0]", "not an e-mail address"},
		"too many addresses":  {[]notify.Rule{{On: failed, Email: strings.Split(strings.Repeat("a@example.com ", 51), " ")[:51]}}, "[0].email", "more than 50"},
		"too many entries":    {make([]notify.Rule, 11), "", "at most 10"},
		"no web address":      {[]notify.Rule{{On: failed, WebhookURL: "ftp://x"}}, "[0].webhook_url", "not a web address"},
		"password in it":      {[]notify.Rule{{On: failed, WebhookURL: "https://a:b@example.com"}}, "[0].webhook_url", "without a user name"},
		"signed for nobody":   {[]notify.Rule{{On: failed, Email: anna, WebhookSecret: "K"}}, "[0].webhook_secret", "signed"},
		"bad quiet hours":     {[]notify.Rule{{On: failed, Email: anna, Quiet: "22-7"}}, "[0].quiet", "22:00-07:00"},
		"empty quiet hours":   {[]notify.Rule{{On: failed, Email: anna, Quiet: "22:00-22:00"}}, "[0].quiet", "22:00-07:00"},
		"hour 24":             {[]notify.Rule{{On: failed, Email: anna, Quiet: "22:00-24:00"}}, "[0].quiet", "22:00-07:00"},
		"bad zone":            {[]notify.Rule{{On: failed, Email: anna, Quiet: "22:00-07:00", TimeZone: "Europe/Atlantis"}}, "[0].time_zone", "Europe/Atlantis"},
		"zone of nothing":     {[]notify.Rule{{On: failed, Email: anna, TimeZone: "Europe/Berlin"}}, "[0].time_zone", "Only quiet hours"},
	} {
		problems := notify.Check(test.rules)
		if len(problems) != 1 || problems[0].Path != test.path || !strings.Contains(problems[0].Message, test.says) {
			t.Errorf("%s: %+v", name, problems)
		}
	}
	whole := []notify.Rule{{On: notify.Events(), Email: anna, ChatSecret: "TEAM", WebhookURL: "https://ops.example.com/told?x=1", WebhookSecret: "KEY", Quiet: "22:00-07:00", TimeZone: "Europe/Berlin"}}
	if problems := notify.Check(whole); len(problems) > 0 {
		t.Errorf("the whole form: %+v", problems)
	}
}

// The ends are reckoned by hand: Berlin is at +1 in winter and at +2 from 29 March to
// 25 October 2026, 01:00 UTC.
func TestQuietHoursEndByTheClocksOfTheirZone(t *testing.T) {
	for _, test := range []struct{ quiet, zone, now, until string }{
		{"22:00-07:00", "UTC", "2026-11-29T21:59:59Z", ""},
		{"22:00-07:00", "UTC", "2026-11-29T22:00:00Z", "2026-11-30T07:00:00Z"},
		{"22:00-07:00", "UTC", "2026-11-30T06:59:59Z", "2026-11-30T07:00:00Z"},
		{"22:00-07:00", "UTC", "2026-11-30T07:00:00Z", ""},
		{"22:00-07:00", "UTC", "2026-12-31T23:00:00Z", "2027-01-01T07:00:00Z"},
		{"12:00-13:30", "UTC", "2026-11-29T12:10:00Z", "2026-11-29T13:30:00Z"},
		{"12:00-13:30", "UTC", "2026-11-29T13:30:00Z", ""},
		{"22:00-07:00", "Europe/Berlin", "2026-11-29T21:30:00Z", "2026-11-30T06:00:00Z"},
		{"22:00-07:00", "Europe/Berlin", "2026-03-28T22:30:00Z", "2026-03-29T05:00:00Z"}, // the night is an hour shorter
		{"22:00-07:00", "Europe/Berlin", "2026-10-24T21:30:00Z", "2026-10-25T06:00:00Z"}, // and longer
		{"22:00-02:30", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T01:30:00Z"}, // 02:30 is not there: 03:30
	} {
		zone, err := moment.LoadZone(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if until, quiet := (notify.Rule{Quiet: test.quiet}).QuietUntil(now, zone); quiet {
			got = until.Format(time.RFC3339)
		}
		if got != test.until {
			t.Errorf("%s in %s at %s: until %q instead of %q", test.quiet, test.zone, test.now, got, test.until)
		}
	}
	if _, quiet := (notify.Rule{}).QuietUntil(time.Now(), time.UTC); quiet {
		t.Error("hours without an entry are quiet")
	}
}

func TestWhoIsToldIsSaidInWords(t *testing.T) {
	rules := []notify.Rule{
		{On: []string{"recovered", "failed"}, Email: []string{"Anna@example.com", "otto@shop.example"}, ChatSecret: "TEAM", Quiet: "22:00-07:00", TimeZone: "Europe/Berlin"},
		{On: []string{"waiting"}, Email: []string{"boss@shop.example"}},
	}
	got := strings.Join(notify.Words(rules, map[string]string{"anna@example.com": "Anna Kowalczyk"}), " ")
	want := "Anna Kowalczyk, otto@shop.example and the chat TEAM are told when a run fails and when it works again, but not from 22:00 to 07:00 (Europe/Berlin). boss@shop.example is told when a run waits for a person."
	if got != want {
		t.Errorf("%s", got)
	}
	if got := notify.Words(nil, nil); len(got) != 1 || got[0] != "Nobody is told." {
		t.Errorf("%v", got)
	}
}
