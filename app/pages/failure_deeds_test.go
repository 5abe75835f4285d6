package pages_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/failures"
)

// formsOf are the forms of a page that are sent to addresses below one, and where their buttons
// send them.
func formsOf(t *testing.T, page, below string) (forms []*html.Node, sent []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if action := sitetest.Attribute(node, "action"); node.Data == "form" && strings.HasPrefix(action, below+"/") {
			forms, sent = append(forms, node), append(sent, action)
		}
		if action := sitetest.Attribute(node, "formaction"); node.Data == "button" && action != "" {
			sent = append(sent, action)
		}
	}
	return forms, sent
}

func TestWhatIsTypedBesideAReasonGoesAlongWithEveryButton(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		otto := models.User{ID: models.NewID(), Name: "Otto", Email: "otto@example.com", PasswordHash: "-", Role: string(auth.Viewer), CreatedAt: models.Now()}
		s.Check(s.DB.Create(&otto).Error)
		w := s.Order()
		s.Shop.Fails.Store(true)
		s.Execute(s.Start(w, `{"order_id": 1}`).ID)
		group := "/failures/" + gathered(t, s)[0].ID
		stored := func() failures.Listed {
			t.Helper()
			f, err := failures.Get(t.Context(), s.DB, strings.TrimPrefix(group, "/failures/"))
			s.Check(err)
			return f
		}
		for _, c := range []struct{ deed, note, owner, says string }{
			{"owner", "He asks them.", otto.ID, "It is noted."},
			{"snooze", "They are away.", "", "It is snoozed until"},
			{"acknowledge", "They are back.", otto.ID, "You have seen to it."},
			{"solve", "It was the address.", otto.ID, "It is noted as solved."},
		} {
			forms, sent := formsOf(t, ann.Get(group, 200), group)
			if len(forms) != 1 || !strings.Contains(strings.Join(sent, " "), group+"/"+c.deed) {
				t.Fatalf("there are %d forms, whose buttons send to %v", len(forms), sent)
			}
			form := sitetest.ValuesOf(forms[0])
			form.Set("note", c.note)
			form.Set("owner", c.owner)
			led := ann.Post(group+"/"+c.deed, form, 303).Location
			sitetest.Shows(t, ann.Get(led, 200), c.says, c.note)
			if f := stored(); led != group || f.Note != c.note || (f.OwnerName == "Otto") != (c.owner != "") {
				t.Errorf("%s led to %s and left %q, of %q", c.deed, led, f.Note, f.OwnerName)
			}
			who := "!Otto sees to it"
			if c.owner != "" {
				who = "Otto sees to it"
			}
			sitetest.Shows(t, ann.Get("/failures?state=all", 200), "Note: "+c.note, who)
			s.Check(s.DB.Model(&failures.Failure{}).Where("id = ?", stored().ID).Updates(map[string]any{"state": "new", "snoozed_until": nil}).Error)
		}
		sitetest.Shows(t, ann.Get(group, 200), "Runs that failed so, by day", "At most 1 run")
		s.Check(s.DB.Model(&failures.Failure{}).Where("1 = 1").Update("owner_id", otto.ID).Error)
		var told []string
		s.Check(s.DB.Raw("SELECT subject || ' ' || text FROM messages WHERE event = 'owner' ORDER BY id").Scan(&told).Error)
		if len(told) != 2 || !strings.Contains(told[0], "you see to why it fails") || !strings.Contains(told[0], "Ann has given this to you to see to:") || !strings.Contains(told[0], "Note: He asks them.") || !strings.Contains(told[0], group) {
			t.Errorf("told is %q", told)
		}
		for owner, shown := range map[string]bool{"": true, otto.ID: true, failures.Nobody: false, models.NewID(): false, "lost": false} {
			want := "!" + group
			if shown {
				want = group
			}
			sitetest.Shows(t, ann.Get("/failures?owner="+owner, 200), want, "I do", ">Otto<", ">Nobody yet<")
		}
		s.Check(s.DB.Model(&failures.Failure{}).Where("1 = 1").Update("owner_id", nil).Error)
		// What is wrong comes back with all that was typed.
		long := strings.Repeat("x", 2001)
		for _, deed := range []string{"owner", "acknowledge", "snooze", "solve"} {
			wrong := ann.Post(group+"/"+deed, url.Values{"note": {long}, "until": {"2999-01-01"}, "owner": {otto.ID}}, 422).Body
			if deed == "snooze" { // the date is looked at first
				sitetest.Shows(t, wrong, "Choose a time within a year.", long, `value="`+otto.ID+`" selected`)
				continue
			}
			sitetest.Shows(t, wrong, "Write at most 2,000 characters.", long, `value="2999-01-01"`, `value="`+otto.ID+`" selected`)
			sitetest.Shows(t, ann.Post(group+"/"+deed, url.Values{"note": {"Well."}, "owner": {models.NewID()}}, 422).Body, "Choose a person of this installation, or nobody.", "Well.")
		}
		bob := s.As(auth.Viewer)
		bob.Post(group+"/owner", url.Values{"owner": {otto.ID}}, 403)
		if forms, _ := formsOf(t, bob.Get(group, 200), group); len(forms) != 0 {
			t.Errorf("who may only look has %d forms", len(forms))
		}
		ann.Post("/failures/"+models.NewID()+"/owner", url.Values{"owner": {otto.ID}}, 404)
	})
}

func TestTheSameMomentIsSaidOnce(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob := s.As(auth.Viewer)
		w := s.Order()
		s.Shop.Fails.Store(true)
		for range 2 {
			s.Execute(s.Start(w, `{"order_id": 1}`).ID)
		}
		group := "/failures/" + gathered(t, s)[0].ID
		at := models.Now()
		for _, c := range []struct {
			first, last time.Duration // ago
			once        bool
		}{
			{2 * time.Minute, 2 * time.Minute, true},
			{2*time.Minute + 40*time.Second, 2*time.Minute + 10*time.Second, true},
			{3*time.Hour + 50*time.Minute, 3*time.Hour + 10*time.Minute, true},
			{3*time.Minute + 20*time.Second, 2*time.Minute + 20*time.Second, false},
			{25 * time.Hour, 23 * time.Hour, false},
			{90 * 24 * time.Hour, 40 * 24 * time.Hour, false},
		} {
			s.Check(s.DB.Model(&failures.Failure{}).Where("workflow_id = ?", w.ID).Updates(map[string]any{"first_seen_at": at.Add(-c.first), "last_seen_at": at.Add(-c.last)}).Error)
			list, page := sitetest.MainOf(bob.Get("/failures", 200)), sitetest.MainOf(bob.Get(group, 200))
			if once := !strings.Contains(list, "first "); once != c.once {
				t.Errorf("the list says of %v and %v ago that it is one: %v", c.first, c.last, once)
			}
			if once := strings.Contains(page, "When"); once != c.once || once == strings.Contains(page, ">First<") {
				t.Errorf("the page says of %v and %v ago that it is one: %v", c.first, c.last, once)
			}
		}
	})
}
