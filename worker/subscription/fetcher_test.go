package subscription_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/subscriptions"
	"workflows/worker/alerts"
	"workflows/worker/catalog"
	"workflows/worker/duty"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/subscription"
	"workflows/worker/workflow"
)

// token is the secret part of the address; it must stand nowhere.
const token = "canary-of-an-address"

// world is an installation whose calendar follows an address, and the site there.
type world struct {
	*testing.T
	db      *gorm.DB
	catalog *catalog.Catalog
	vault   *secrets.Store
	fetcher *subscription.Fetcher
	log     bytes.Buffer
	now     time.Time

	address  string
	requests atomic.Int64
	unsent   atomic.Int64 // answers that the file is what it was
	answers  atomic.Pointer[http.HandlerFunc]
}

func newWorld(t *testing.T, db *gorm.DB) *world {
	w := &world{T: t, db: db, now: models.Now().Add(time.Minute)}
	site := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.requests.Add(1)
		if !strings.Contains(r.URL.Path, token) {
			t.Errorf("asked for %s", r.URL)
		}
		(*w.answers.Load())(out, r)
	}))
	t.Cleanup(site.Close)
	w.address = site.URL + "/" + token + "/basic.ics?key=" + token
	vault, err := secrets.Open(secrets.NewKey("k1"))
	w.check(err)
	vault.DB, vault.Log = db, slog.New(slog.NewTextHandler(&w.log, nil))
	types := steps.All(steps.Options{})
	w.vault, w.catalog = vault, &catalog.Catalog{DB: db, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}, Secrets: vault}
	w.fetcher = w.worker("Ann")
	return w
}

func (w *world) worker(name string) *subscription.Fetcher {
	fetch := steps.Fetcher(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, 400*time.Millisecond)
	return &subscription.Fetcher{DB: w.db, Secrets: w.vault, Name: name, Log: w.vault.Log, Now: func() time.Time { return w.now }, Fetch: func(ctx context.Context, address, etag, modified string) (subscription.Answer, error) {
		file, err := fetch(ctx, address, etag, modified)
		return subscription.Answer(file), err
	}}
}

func (w *world) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// day is so many days ahead of the real one, by which rows are made.
func day(ahead int) string { return models.Now().AddDate(0, 0, ahead).Format(time.DateOnly) }

// file is a calendar whose free days lie so many days ahead.
func file(days ...int) string {
	text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n"
	for _, ahead := range days {
		text += fmt.Sprintf("BEGIN:VEVENT\r\nUID:%d\r\nDTSTART;VALUE=DATE:%s\r\nSUMMARY:Day %d\r\nEND:VEVENT\r\n", ahead, strings.ReplaceAll(day(ahead), "-", ""), ahead)
	}
	return text + "END:VCALENDAR\r\n"
}

func (w *world) sends(answer http.HandlerFunc) { w.answers.Store(&answer) }

func text(body string) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write([]byte(body)) }
}

// versioned sends the file unless the caller has it.
func (w *world) versioned(etag, body string) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		out.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.unsent.Add(1)
			out.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = out.Write([]byte(body))
	}
}

// follows makes a calendar with a free day of a person's own that follows the address.
func (w *world) follows(name string, own ...int) models.Calendar {
	w.Helper()
	days := catalog.CalendarDays{Weekend: []int{}}
	for _, ahead := range own {
		days.Days = append(days.Days, schedule.FreeDay{Date: day(ahead), Name: "Mine"})
	}
	made, err := w.catalog.CreateCalendar(w.Context(), name, days)
	w.check(err)
	w.check(w.catalog.Subscribe(w.Context(), made.ID, w.address, subscription.Choice{}))
	return made
}

func (w *world) round() { w.Helper(); w.check(w.fetcher.Round(w.Context())) }

func (w *world) of(c models.Calendar) subscriptions.Subscription {
	w.Helper()
	found, err := subscriptions.Of(w.Context(), w.db, c.ID)
	w.check(err)
	return *found
}

// ahead are the free days of a calendar by how many days they lie ahead.
func (w *world) ahead(c models.Calendar) string {
	w.Helper()
	stored, err := models.GetCalendar(w.Context(), w.db, c.ID)
	w.check(err)
	days, err := schedule.CalendarDaysOf(stored)
	w.check(err)
	var parts []string
	for _, free := range days.Free {
		at, _ := time.Parse(time.DateOnly, free.Date)
		today, _ := time.Parse(time.DateOnly, day(0))
		parts = append(parts, fmt.Sprint(int(at.Sub(today).Hours()/24)))
	}
	return strings.Join(parts, " ")
}

// heeds publishes a workflow that runs every day but for the calendar's free ones.
func (w *world) heeds(c models.Calendar) (schedule func() models.Schedule) {
	w.Helper()
	d, problems, err := workflow.Parse([]byte(`{"format": 1, "name": "Daily", "triggers": [{"id": "daily", "type": "schedule", "cron": "0 9 * * *", "time_zone": "UTC", "calendar": "` + c.Name + `"}],
		"steps": [{"id": "end", "type": "stop", "config": {"outcome": "succeeded"}}]}`))
	w.check(err)
	if len(problems) > 0 {
		w.Fatal(problems)
	}
	made, err := w.catalog.Create(w.Context(), d, true, "Ann")
	w.check(err)
	return func() models.Schedule {
		w.Helper()
		var found models.Schedule
		w.check(w.db.Where("workflow_id = ?", made.ID).Take(&found).Error)
		return found
	}
}

// nowhere looks for the secret part of the address in all that is stored, logged and raised.
func (w *world) nowhere() {
	w.Helper()
	for table, rows := range modelstest.Everything(w, w.db) {
		if strings.Contains(rows, token) {
			w.Errorf("the address stands in the table %s", table)
		}
	}
	if strings.Contains(w.log.String(), token) {
		w.Error("the address stands in the log")
	}
}

func TestCalendarFollowsItsAddress(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWorld(t, db)
		w.sends(w.versioned(`"v1"`, file(20, 30)))
		calendar := w.follows("Germany", 20, 25)
		if w.round(); w.ahead(calendar) != "20 25 30" || w.requests.Load() != 1 {
			t.Fatalf("at first: %s after %d requests", w.ahead(calendar), w.requests.Load())
		}
		if w.round(); w.requests.Load() != 1 {
			t.Fatal("it is fetched again on the same day")
		}

		w.now = w.now.AddDate(0, 0, 1)
		if w.round(); w.requests.Load() != 2 || w.unsent.Load() != 1 || w.ahead(calendar) != "20 25 30" || !w.of(calendar).FetchedAt.Equal(w.now) || w.of(calendar).Problem != "" {
			t.Fatalf("not changed: %s, %+v", w.ahead(calendar), w.of(calendar))
		}

		_, _, err := w.catalog.UpdateCalendar(t.Context(), calendar.ID, catalog.CalendarDays{
			Weekend: []int{}, Days: []schedule.FreeDay{{Date: day(25), Name: "Mine"}}, Working: []schedule.FreeDay{}, Beside: true, Excluded: []string{day(30)},
		})
		w.check(err)
		if got := w.ahead(calendar); got != "20 25" {
			t.Fatalf("with one left out: %s", got)
		}
		w.sends(w.versioned(`"v2"`, file(22, 30, 40)))
		w.now = w.now.AddDate(0, 0, 5) // the workers were away: once, and not five times
		if w.round(); w.ahead(calendar) != "22 25 40" || w.requests.Load() != 3 {
			t.Fatalf("changed: %s after %d requests", w.ahead(calendar), w.requests.Load())
		}
		if w.round(); w.requests.Load() != 3 {
			t.Fatal("the days that were missed are fetched one by one")
		}
		w.nowhere()
		events, _, err := models.ListAuditEvents(t.Context(), db, models.AuditFilter{Action: "calendar.changed", Limit: 5})
		w.check(err)
		if len(events) != 3 || events[0].ActorKind != models.ActorSystem || !strings.Contains(string(events[0].After), `"from":"127.0.0.1:`) {
			t.Errorf("the audit log says %+v", events)
		}

		w.check(w.catalog.EndSubscription(t.Context(), calendar.ID))
		w.now = w.now.AddDate(0, 0, 2)
		if w.round(); w.requests.Load() != 3 || w.ahead(calendar) != "22 25 40" {
			t.Errorf("once it has ended: %s after %d requests", w.ahead(calendar), w.requests.Load())
		}
	})
}

func TestDaysThatAreLeftOutStaySoWhereNobodySawThem(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	w.catalog.Now = func() time.Time { return w.now }
	saves := func(c models.Calendar, out ...string) {
		t.Helper()
		_, _, err := w.catalog.UpdateCalendar(t.Context(), c.ID, catalog.CalendarDays{Weekend: []int{}, Days: []schedule.FreeDay{}, Working: []schedule.FreeDay{}, Beside: true, Excluded: out})
		w.check(err)
	}
	w.sends(text(file(3, 20, 30)))
	calendar := w.follows("Germany")
	w.round()
	saves(calendar, day(3), day(20), day(30))
	w.sends(text(file(20, 40))) // for a while without one of them
	w.now = w.now.AddDate(0, 0, 5)
	w.round()
	saves(calendar) // 3 has passed, 30 does not come: only 20 is taken back
	w.sends(text(file(20, 30, 40)))
	w.now = w.now.AddDate(0, 0, 1)
	if w.round(); w.ahead(calendar) != "20 40" {
		t.Errorf("the days are %s", w.ahead(calendar))
	}
}

func TestChangedAddressMovesTheNextTimes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWorld(t, db)
		w.sends(text(file(20)))
		calendar := w.follows("Germany")
		planned := w.heeds(calendar)
		w.round()
		before := *planned().NextAt
		ahead := int(before.Truncate(24*time.Hour).Sub(models.Now().Truncate(24*time.Hour)).Hours() / 24)
		w.sends(text(file(ahead, ahead+1)))
		w.check(w.catalog.FetchCalendar(t.Context(), calendar.ID))
		if w.round(); !planned().NextAt.Equal(before.AddDate(0, 0, 2)) {
			t.Errorf("the next time is %s, and was %s", planned().NextAt, before)
		}
		modelstest.RefuseAudit(t, db)
		w.sends(text(file(20)))
		w.now = w.now.AddDate(0, 0, 1)
		if err := w.fetcher.Round(t.Context()); err == nil || !planned().NextAt.Equal(before.AddDate(0, 0, 2)) {
			t.Errorf("without a line in the audit log: %v, next %s", err, planned().NextAt)
		}
	})
}

func TestDaysThatWereTakenOverBeforeComeFromTheAddressThen(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	w.sends(text(file(20, 30)))
	calendar, err := w.catalog.CreateCalendar(t.Context(), "Germany", catalog.CalendarDays{Days: []schedule.FreeDay{{Date: day(20), Name: "Day 20"}, {Date: day(25), Name: "Mine"}}})
	w.check(err)
	w.check(w.catalog.Subscribe(t.Context(), calendar.ID, w.address, subscription.Choice{}))
	w.round()
	w.sends(text(file(30)))
	w.now = w.now.AddDate(0, 0, 1)
	if w.round(); w.ahead(calendar) != "25 30" {
		t.Errorf("once the address has one fewer: %s", w.ahead(calendar))
	}
}

func TestDaysStayWhileTheAddressIsAwayOrSendsNonsense(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWorld(t, db)
		w.sends(text(file(20, 30)))
		calendar := w.follows("Germany")
		w.heeds(calendar)
		w.round()
		var sent atomic.Int64 // of the endless body
		status := func(code int) http.HandlerFunc {
			return func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(code) }
		}
		for i, c := range []struct {
			name string
			send http.HandlerFunc
			want string
		}{
			{"away", status(404), "answered “Not Found” (nothing is there)"},
			{"a sign-in", status(401), "does not give the calendar to everybody"},
			{"HTML", text("<!doctype html><title>Sign in</title>"), "this is not a calendar"},
			{"cut off", text(strings.TrimSuffix(file(9), "END:VCALENDAR\r\n")), "is cut off"},
			{"empty", text(file()), "has no day any more"},
			{"only past days", text(file(-30, -20)), "has no day any more"},
			{"unasked 304", status(304), "answered “Not Modified”"},
			{"nothing at all", text(""), "this is not a calendar"},
			{"an endless body", func(out http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					n, err := out.Write(bytes.Repeat([]byte("X:1\r\n"), 10_000))
					if sent.Add(int64(n)); err != nil {
						return
					}
				}
			}, "more than 1 MB"},
			{"a slow body", func(out http.ResponseWriter, r *http.Request) {
				_, _ = out.Write([]byte("BEGIN:VCALENDAR\r\n"))
				_ = http.NewResponseController(out).Flush()
				<-r.Context().Done()
			}, "did not send all of the calendar within 400 milliseconds"},
			{"a redirect to a private address", func(out http.ResponseWriter, r *http.Request) {
				http.Redirect(out, r, "http://169.254.169.254/"+token, http.StatusFound)
			}, "private network"},
			{"a redirect to a file", func(out http.ResponseWriter, r *http.Request) {
				http.Redirect(out, r, "file:///etc/"+token, http.StatusFound)
			}, "must begin with https://"},
			{"redirects without an end", func(out http.ResponseWriter, r *http.Request) {
				http.Redirect(out, r, r.URL.String(), http.StatusFound)
			}, "redirected more than 5 times"},
			{"more days than a calendar has", text(everyDay()), "at most 2,000 free days"},
		} {
			w.sends(c.send)
			w.now = w.now.AddDate(0, 0, 1)
			w.round()
			s := w.of(calendar)
			if w.ahead(calendar) != "20 30" || !strings.Contains(s.Problem, c.want) || s.FailedDays != i+1 || !s.DueAt.Equal(w.now.AddDate(0, 0, 1)) {
				t.Errorf("%s: the days are %s, on day %d it says %s", c.name, w.ahead(calendar), s.FailedDays, s.Problem)
			}
			w.nowhere()
		}
		if sent.Load() > 16<<20 { // what waits in sockets included
			t.Errorf("%d MB of the endless body were taken", sent.Load()>>20)
		}
		w.sends(text(file(21)))
		w.check(w.catalog.FetchCalendar(t.Context(), calendar.ID))
		if w.round(); !strings.HasSuffix(w.ahead(calendar), "21") || w.of(calendar).Problem != "" || w.of(calendar).FailedDays != 0 {
			t.Errorf("once it works again: %s, %+v", w.ahead(calendar), w.of(calendar))
		}
	})
}

func everyDay() string {
	var days []int
	for n := range 2001 {
		days = append(days, n+60)
	}
	return file(days...)
}

func TestAddressThatFailsForDaysRaisesAnAlertUntilItWorks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWorld(t, db)
		w.sends(text(file(20)))
		calendar := w.follows("Germany")
		unused := w.follows("Nobody's")
		w.heeds(calendar)
		w.round()
		watcher := &alerts.Watcher{DB: db, Now: func() time.Time { return w.now }}
		open := func() []models.Alert {
			t.Helper()
			w.check(watcher.Round(t.Context(), w.now))
			found, err := models.OpenAlertsOf(t.Context(), db, models.AlertCalendar, "", 10)
			w.check(err)
			return found
		}
		w.sends(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusInternalServerError) })
		for n := range 4 {
			w.now = w.now.AddDate(0, 0, 1)
			w.round()
			w.check(w.catalog.FetchCalendar(t.Context(), calendar.ID)) // again on the same day
			w.round()
			if found := open(); len(found) != map[bool]int{false: 0, true: 1}[n >= 2] {
				t.Fatalf("after %d days: %+v", n+1, found)
			}
		}
		found := open()[0]
		if want := "Nothing has come for the calendar “Germany” from 127.0.0.1:"; !strings.HasPrefix(found.Message, want) || !strings.Contains(found.Message, "“Internal Server Error” (the fault is on its side)") || found.Times != 1 || w.of(unused).FailedDays != 4 {
			t.Errorf("the alert is %+v", found)
		}
		w.nowhere()
		w.sends(text(file(20)))
		w.now = w.now.AddDate(0, 0, 1)
		if w.round(); len(open()) != 0 {
			t.Error("it is open although the address works again")
		}
	})
}

func TestTwoWorkersFetchAnAddressOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWorld(t, db)
		w.sends(text(file(20)))
		var calendars []models.Calendar
		for _, name := range []string{"A", "B", "C", "D"} {
			calendars = append(calendars, w.follows(name))
		}
		var group sync.WaitGroup
		for _, worker := range []*subscription.Fetcher{w.fetcher, w.worker("Bob")} {
			group.Go(func() {
				if err := worker.Round(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := w.requests.Load(); n != 4 {
			t.Errorf("%d requests for four addresses", n)
		}
		for _, c := range calendars {
			if w.ahead(c) != "20" {
				t.Errorf("%s has %s", c.Name, w.ahead(c))
			}
		}
		// One that was taken by a worker that is gone is fetched once its time is over.
		s := w.of(calendars[0])
		w.check(w.catalog.FetchCalendar(t.Context(), calendars[0].ID))
		if mine, err := subscriptions.Take(t.Context(), db, &s, w.now.Add(time.Minute)); err != nil || !mine {
			t.Fatal(mine, err)
		}
		if w.round(); w.requests.Load() != 4 {
			t.Error("it is fetched while another worker does so")
		}
		w.now = w.now.Add(2 * time.Minute)
		if w.round(); w.requests.Load() != 5 {
			t.Error("it is not fetched although the worker that did so is gone")
		}
	})
}

func TestStoppedWorkerGivesAFetchBack(t *testing.T) {
	db := modelstest.SQLite(t)
	w := newWorld(t, db)
	ctx, stop := context.WithCancel(t.Context())
	began := make(chan struct{})
	w.sends(func(_ http.ResponseWriter, r *http.Request) { close(began); <-r.Context().Done() })
	calendar := w.follows("Germany")
	go func() { <-began; stop() }()
	w.check(w.fetcher.Round(ctx))
	if s := w.of(calendar); s.Begun || s.Problem != "" || s.DueAt.After(w.now) {
		t.Errorf("it is %+v", s)
	}
	w.sends(text(file(20)))
	if w.round(); w.ahead(calendar) != "20" {
		t.Error("nobody goes on")
	}
}

func TestOneWorkerLooksForWhatIsDue(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		if !models.IsPostgres(db) {
			t.Skip("the embedded database belongs to one process")
		}
		w := newWorld(t, db)
		w.sends(text(file(20)))
		calendar := w.follows("Germany")
		other := duty.Duty{DB: db, Name: "subscriptions", Holder: "Bob", Length: time.Minute}
		if mine, err := other.Mine(t.Context()); err != nil || !mine {
			t.Fatal(mine, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.fetcher.Run(ctx) }()
		w.check(other.Leave(t.Context()))
		modelstest.Eventually(t, "it is fetched once the duty is free", func() bool { return w.of(calendar).FetchedAt != nil })
		stop()
		w.check(<-ended)
	})
}

func TestAddressesAreRotatedAndForgottenWithTheKeys(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWorld(t, db)
		w.sends(text(file(20)))
		old, fresh := secrets.NewKey("old"), secrets.NewKey("new")
		with := func(keys string) {
			t.Helper()
			vault, err := secrets.Open(keys)
			w.check(err)
			vault.DB, vault.Log = db, w.vault.Log
			w.vault, w.catalog.Secrets, w.fetcher = vault, vault, nil
			w.fetcher = w.worker("Ann")
		}
		with(old)
		calendar := w.follows("Germany")
		with(fresh + "," + old)
		due, older, err := w.vault.Due(t.Context(), nil)
		w.check(err)
		count, err := w.vault.Rotate(t.Context())
		w.check(err)
		if due != 1 || count != 1 || strings.Join(older, "") != "old" {
			t.Errorf("%d due by %v, %d encrypted again", due, older, count)
		}
		with(fresh)
		w.check(w.vault.Keys.Fits(t.Context(), db))
		if w.round(); w.ahead(calendar) != "20" {
			t.Errorf("by the new key: %+v", w.of(calendar))
		}

		with(secrets.NewKey("other"))
		w.now = w.now.AddDate(0, 0, 1)
		if w.round(); !strings.Contains(w.of(calendar).Problem, "key is not in SECRET_KEYS") || w.ahead(calendar) != "20" {
			t.Errorf("without the key: %+v", w.of(calendar))
		}
		names, all, err := w.vault.Keys.Unreadable(t.Context(), db)
		w.check(err)
		gone, err := w.vault.Forget(t.Context())
		w.check(err)
		if want := "the address of the calendar “Germany”"; strings.Join(names, "") != want || all != 1 || strings.Join(gone, "") != want {
			t.Errorf("unreadable %v of %d, forgotten %v", names, all, gone)
		}
		if s := w.of(calendar); s.Sealed != "" || s.DueAt != nil || !strings.Contains(s.Problem, "Enter the address again") || s.FailingSince == nil || s.FailedDays < models.FailedDaysAlert {
			t.Errorf("forgotten it is %+v", s)
		}
	})
}

func TestLookIsFetchedOnceAndChangesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWorld(t, db)
		w.sends(text(file(20)))
		id, err := w.catalog.LookAt(t.Context(), "", w.address)
		w.check(err)
		w.round()
		look, err := subscriptions.Look(t.Context(), db, id)
		w.check(err)
		if look.Content != file(20) || look.DueAt != nil || look.Problem != "" {
			t.Errorf("it is %+v", look)
		}
		if _, err := w.catalog.CreateCalendar(t.Context(), "Germany", catalog.CalendarDays{Look: id}); err != nil {
			t.Fatal(err)
		}
		found, err := models.ListCalendars(t.Context(), db)
		w.check(err)
		if s := w.of(found[0]); w.ahead(found[0]) != "20" || s.Content != "" || s.ID != id || s.DueAt == nil {
			t.Errorf("followed it is %+v", s)
		}
		if _, err := w.catalog.CreateCalendar(t.Context(), "Twice", catalog.CalendarDays{Look: id}); err == nil {
			t.Error("what is followed already is followed twice")
		}
		other := w.follows("Other")
		w.check(w.catalog.DeleteCalendar(t.Context(), other.ID))
		if left, err := subscriptions.Of(t.Context(), db, other.ID); err != nil || left != nil {
			t.Errorf("of a calendar that is deleted: %+v %v", left, err)
		}
		if _, err := w.catalog.LookAt(t.Context(), found[0].ID, ""); err != nil { // the same address again
			t.Error(err)
		}
		w.now = w.now.Add(time.Minute)
		if w.round(); w.requests.Load() != 2 {
			t.Errorf("%d requests", w.requests.Load())
		}
		w.nowhere()
	})
}
