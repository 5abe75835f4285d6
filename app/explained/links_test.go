package explained_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/runs"
)

var address = regexp.MustCompile(`<code id="made-link">http://127\.0\.0\.1(/shared/[0-9a-z]+)</code>`)

// link makes a link to a run and returns its path.
func link(b *sitetest.Browser, run, days string) string {
	b.Site.T.Helper()
	made := b.Post("/runs/"+run+"/links", url.Values{"days": {days}}, http.StatusCreated)
	found := address.FindStringSubmatch(made.Body)
	if found == nil {
		b.Site.T.Fatal(sitetest.MainOf(made.Body))
	}
	return found[1]
}

func stored(s *sitetest.Site, run string) []runs.RunLink {
	s.T.Helper()
	found, err := runs.RunLinks(s.T.Context(), s.DB, run, models.Now())
	s.Check(err)
	return found
}

func TestALinkShowsOneRunAndNothingElseUntilItsEnd(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, w, stranger := s.As(auth.Viewer), s.Order(), s.Stranger()
		s.Shop.Fails.Store(true)
		run := s.Execute(s.Start(w, `{"order_id": 7, "note": "`+strings.Repeat("many words ", 10_000)+`"}`).ID)
		at := "/runs/" + run.ID
		sitetest.Shows(t, bob.Get(at, http.StatusOK), `href="`+at+`/links"`, "Send this run to a colleague", "!Links that show this run")
		sitetest.Shows(t, bob.Get(at+"/links", http.StatusOK), "Whoever has it sees", "7 days", "1 day", "30 days", "!Links to this run")
		bob.Post(at+"/links", url.Values{"days": {"400"}}, http.StatusUnprocessableEntity)
		shared := link(bob, run.ID, "1")
		kept := stored(s, run.ID)
		token := strings.TrimPrefix(shared, "/shared/")
		if len(kept) != 1 || kept[0].MadeBy != "Ann" || strings.Contains(kept[0].Hash, token) || kept[0].ExpiresAt.Sub(kept[0].CreatedAt) != 24*time.Hour || kept[0].Opened != 0 {
			t.Fatalf("%+v", kept)
		}
		sitetest.Shows(t, bob.Get(at+"/links", http.StatusOK), "never", "Take it back", "!"+token)

		answer := stranger.Send(http.MethodGet, shared, nil, nil)
		if answer.Status != http.StatusOK || answer.Header.Get("Referrer-Policy") != "no-referrer" || answer.Header.Get("Cache-Control") != "no-store" || !strings.Contains(answer.Header.Get("X-Robots-Tag"), "noindex") {
			t.Errorf("%d %v", answer.Status, answer.Header)
		}
		sitetest.Shows(t, answer.Body, "Orders &lt;script&gt;", "Failed", "Send the order", "Is it large?", "What it was given", "order_id", shared+"/values/input", "By hand", "!Ann", "!/workflows/", `!href="/runs`, "!/login", "!"+sitetest.Evil, "!"+run.ID)
		for _, step := range regexp.MustCompile(`href="([^"]+)#values"`).FindAllStringSubmatch(answer.Body, -1) {
			if !strings.HasPrefix(step[1], shared) {
				t.Errorf("it leads to %s", step[1])
			}
		}
		sitetest.Shows(t, stranger.Get(shared+"?step=fetch", http.StatusOK), "What it gave", "Why it failed", "customer", "Show the run’s own input and output")
		sitetest.Shows(t, stranger.Get(shared+"?step=nothing&in=9", http.StatusOK), "Choose a step to see")
		if whole := stranger.Get(shared+"/values/input", http.StatusOK); !strings.Contains(whole, `"order_id":7`) {
			t.Errorf("%.200s", whole)
		}
		stranger.Send(http.MethodHead, shared, nil, nil)
		if once := stored(s, run.ID)[0]; once.Opened != 1 || once.OpenedAt == nil {
			t.Errorf("it was opened %d times", once.Opened)
		}
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "Links that show this run to people without an account", "once,", "Make another one")

		other := s.Execute(s.Start(w, `{"order_id": 8}`).ID)
		steps, err := runs.Steps(t.Context(), s.DB, other.ID)
		s.Check(err)
		over := stranger.Get("/shared/nothing", http.StatusNotFound)
		sitetest.Shows(t, over, "This link shows nothing.", "Ask whoever sent it", "!/login")
		for _, path := range []string{shared + "x", shared + "/values/trigger", shared + "/values/" + steps[0].ID + ".input", shared + "/values/nothing", "/shared/nothing/values/input"} {
			if same := stranger.Get(path, http.StatusNotFound); same != over {
				t.Errorf("%s answers otherwise: %s", path, sitetest.MainOf(same))
			}
		}

		s.Check(s.DB.Model(&runs.RunLink{}).Where("run_id = ?", run.ID).Update("expires_at", models.Now().Add(-time.Second)).Error)
		for _, path := range []string{shared, shared + "/values/input"} {
			if same := stranger.Get(path, http.StatusNotFound); same != over {
				t.Error(sitetest.MainOf(same))
			}
		}
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "!Links that show this run", "Send this run to a colleague")
	})
}

func TestALinkIsTakenBackByWhoMadeItAndByOperators(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, other, operator, stranger := s.As(auth.Viewer), s.As(auth.Viewer), s.As(auth.Operator), s.Stranger()
		w := s.Order()
		run := s.Execute(s.Start(w, `{"order_id": 7}`).ID)
		first, second := link(bob, run.ID, "7"), link(bob, run.ID, "30")
		links := stored(s, run.ID)
		end := func(n int) string { return "/runs/" + run.ID + "/links/" + links[n].ID + "/end" }
		sitetest.Shows(t, other.Get("/runs/"+run.ID, http.StatusOK), "Links that show this run", "!Take it back")
		other.Post(end(0), nil, http.StatusNotFound)
		elsewhere := s.Execute(s.Start(w, `{"order_id": 8}`).ID)
		operator.Post("/runs/"+elsewhere.ID+"/links/"+links[0].ID+"/end", nil, http.StatusNotFound)
		stranger.Get(second, http.StatusOK)
		bob.Post(end(0), nil, http.StatusSeeOther)
		operator.Post(end(1), nil, http.StatusSeeOther)
		stranger.Get(first, http.StatusNotFound)
		stranger.Get(second, http.StatusNotFound)
		var events []models.AuditEvent
		s.Check(s.DB.Where("action IN ?", []string{"run.link_made", "run.link_ended"}).Find(&events).Error)
		if len(events) != 4 || events[0].ObjectID != run.ID {
			t.Errorf("%+v", events)
		}
		for _, event := range events {
			if text := string(event.Before) + string(event.After); strings.Contains(text, strings.TrimPrefix(first, "/shared/")) {
				t.Error(text)
			}
		}
	})
}

func TestLinksAreSwitchedOffBoundedAndGoWithRunAndMaker(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, admin, stranger := s.As(auth.Viewer), s.As(auth.Administrator), s.Stranger()
		run := s.Execute(s.Start(s.Order(), `{"order_id": 7}`).ID)
		shared := link(bob, run.ID, "7")
		bob.Post("/settings/house/links", nil, http.StatusForbidden)
		admin.Post("/settings/house/links", url.Values{}, http.StatusSeeOther)
		stranger.Get(shared, http.StatusNotFound)
		sitetest.Shows(t, bob.Get("/runs/"+run.ID, http.StatusOK), "An administrator has switched them off", "Take it back")
		bob.Post("/runs/"+run.ID+"/links", url.Values{"days": {"1"}}, http.StatusConflict)
		sitetest.Shows(t, bob.Get("/runs/"+run.ID+"/links", http.StatusOK), "An administrator has switched links to runs off", "!Make the link")
		admin.Post("/settings/house/links", url.Values{"allowed": {"on"}}, http.StatusSeeOther)
		stranger.Get(shared, http.StatusOK)
		for range runs.MaxRunLinks - 1 {
			link(bob, run.ID, "1")
		}
		sitetest.Shows(t, bob.Post("/runs/"+run.ID+"/links", url.Values{"days": {"1"}}, http.StatusConflict).Body, "There are 20 links to this run already.")

		maker := stored(s, run.ID)[0].MadeByID
		s.Check(models.DeleteUser(t.Context(), s.DB, maker))
		if left := stored(s, run.ID); len(left) > 0 {
			t.Errorf("%d links are left of somebody who is gone", len(left))
		}
		stranger.Get(shared, http.StatusNotFound)
		shared = link(admin, run.ID, "7")
		s.Check(s.DB.Exec("DELETE FROM runs WHERE id = ?", run.ID).Error)
		stranger.Get(shared, http.StatusNotFound)
		admin.Post("/runs/"+run.ID+"/links", url.Values{"days": {"1"}}, http.StatusNotFound)
	})
}

func TestARunThatGoesOnIsSharedAsFarAsItIs(t *testing.T) {
	s := sitetest.OnSQLite(t)
	bob, stranger := s.As(auth.Viewer), s.Stranger()
	w := published(s, tryTwice)
	run := s.Start(w, `{}`)
	shared := link(bob, run.ID, "7")
	sitetest.Shows(t, stranger.Get(shared, http.StatusOK), "It has not ended.", "Look again", "Waiting")
	s.Execute(run.ID)
	sitetest.Shows(t, stranger.Get(shared, http.StatusOK), "One, item 2", "Needs approval")
	sitetest.Shows(t, stranger.Get(shared+"?step=one&in=1", http.StatusOK), "<h2 class=\"card-title\">One, item 2</h2>")
}

func TestWhoeverGuessesLinksIsSlowedDown(t *testing.T) {
	s := sitetest.OnSQLite(t)
	stranger, refused := s.Stranger(), false
	for range 100 {
		if answer := stranger.Send(http.MethodGet, "/shared/guess", nil, nil); answer.Status == http.StatusTooManyRequests {
			refused = true
			if answer.Header.Get("Retry-After") == "" {
				t.Error("it does not say how long to wait")
			}
			break
		}
	}
	if !refused {
		t.Error("a hundred guesses were answered")
	}
}
