package editor_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

func TestWorkflowsAreFoundByTheirTags(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		flow := s.Keep(`{"format":1,"name":"Orders","steps":[]}`)
		s.Keep(`{"format":1,"name":"Reports","steps":[]}`)
		b := s.As(auth.Editor)
		revision, _ := s.Stored(flow)
		for _, tag := range []string{"Big customers", " shop "} {
			b.Post(flow+"/tags", url.Values{"tag": {tag}}, http.StatusSeeOther)
		}
		again := b.Post(flow+"/tags", url.Values{"tag": {"a,b"}}, http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, again, "A tag has no comma", `value="a,b"`)
		sitetest.Shows(t, b.Get(flow, http.StatusOK), `href="/workflows?tag=Big+customers"`, "Take off “shop”", `<option value="shop">`)
		list := b.Get("/workflows?tag=BIG+customers", http.StatusOK)
		sitetest.Shows(t, list, "Orders", "!Reports")
		sitetest.Shows(t, b.Get("/workflows?tag=gone", http.StatusOK), "No workflow matches", "gone")
		b.Post(flow+"/tags", url.Values{"remove": {"shop"}}, http.StatusSeeOther)
		sitetest.Shows(t, s.As(auth.Viewer).Get(flow, http.StatusOK), "Big customers", "!Take off", "!shop", "!Put it on")
		s.As(auth.Viewer).Post(flow+"/tags", url.Values{"tag": {"x"}}, http.StatusForbidden)
		if after, _ := s.Stored(flow); after.DraftRevision != revision.DraftRevision || !after.UpdatedAt.Equal(revision.UpdatedAt) {
			t.Error("a tag has changed the workflow itself")
		}
		copied := b.Post(flow+"/duplicate", nil, http.StatusSeeOther).Location
		sitetest.Shows(t, b.Get(strings.TrimSuffix(copied, "/edit"), http.StatusOK), "Copy of Orders", "Big customers")
	})
}

func TestFavouritesStandFirstForWhoeverChoseThem(t *testing.T) {
	s := sitetest.OnSQLite(t)
	first := s.Keep(`{"format":1,"name":"First","steps":[]}`)
	s.Keep(`{"format":1,"name":"Second","steps":[]}`)
	ann, otto := s.As(auth.Viewer), s.As(auth.Viewer)
	sitetest.Shows(t, ann.Get("/workflows?favourites=1", http.StatusOK), "You have no favourites yet.")
	answer := ann.Post(first+"/favourite", url.Values{"favourite": {"1"}, "back": {"sort=failing&q=i"}}, http.StatusSeeOther)
	if answer.Location != "/workflows?q=i&sort=failing#workflow-"+first[len("/workflows/"):] {
		t.Error(answer.Location)
	}
	before := func(b *sitetest.Browser) bool {
		page := sitetest.MainOf(b.Get("/workflows", http.StatusOK))
		return strings.Index(page, ">First</a>") < strings.Index(page, ">Second</a>")
	}
	if !before(ann) || before(otto) {
		t.Error("Ann's favourite stands first for", before(ann), before(otto))
	}
	sitetest.Shows(t, ann.Get("/workflows?favourites=1", http.StatusOK), "First", "!Second")
	ann.Post(first+"/favourite", url.Values{"favourite": {"0"}, "on": {"workflow"}}, http.StatusSeeOther)
	if before(ann) {
		t.Error("it is still a favourite")
	}
	ann.Post("/workflows/"+first[len(first)-36:len(first)-1]+"0/favourite", url.Values{"favourite": {"1"}}, http.StatusNotFound)
}

func TestTheListOfWorkflowsSaysWhatFailsAndSinceWhen(t *testing.T) {
	s := sitetest.OnSQLite(t)
	order := s.Order()
	b := s.As(auth.Viewer)
	sitetest.Shows(t, b.Get("/workflows?status=failing", http.StatusOK), "No workflow fails")
	sitetest.Shows(t, b.Get("/workflows", http.StatusOK), "Never")
	run := s.Start(order, `{"order_id": 1}`)
	s.Check(s.DB.Exec("UPDATE runs SET status = 'failed', finished_at = ? WHERE id = ?", run.QueuedAt, run.ID).Error)
	sitetest.Shows(t, b.Get("/workflows?status=failing", http.StatusOK), "Orders", "Fails since ")
	s.Start(order, `{"order_id": 2}`)
	sitetest.Shows(t, b.Get("/workflows?sort=last_run", http.StatusOK), "Fails since ", "Waiting</span>")
	s.Check(s.DB.Exec("UPDATE runs SET status = 'succeeded', finished_at = ? WHERE status = 'queued'", run.QueuedAt).Error)
	sitetest.Shows(t, b.Get("/workflows?sort=failing", http.StatusOK), "Orders", "!Fails since")
}
