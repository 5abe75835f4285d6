package editor_test

import (
	"fmt"
	"math"
	"net/http"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models/modelstest"
)

func TestListOfWorkflowsAsksTheSameNumberOfQuestionsWhateverItsLength(t *testing.T) {
	db := modelstest.SQLite(t)
	var queries atomic.Int64
	count := func(*gorm.DB) { queries.Add(1) }
	s := &sitetest.Site{T: t, DB: db}
	s.Check(s.DB.Callback().Query().After("gorm:query").Register("count", count))
	s.Check(s.DB.Callback().Row().After("gorm:row").Register("count", count))
	s.Check(s.DB.Callback().Raw().After("gorm:raw").Register("count", count))
	s = sitetest.New(t, db) // only now does anybody else use the database
	b := s.As(auth.Editor)
	ask := func(n int) int64 {
		for i := range n {
			address := s.Keep(fmt.Sprintf(`{"format":1,"name":"Number %d","triggers":[{"id":"s","type":"schedule","cron":"0 9 * * *"}],"steps":[{"id":"end","type":"stop"}]}`, i))
			b.Submit(address+"/publish", nil, http.StatusSeeOther)
		}
		least := int64(math.MaxInt64)
		for range 5 { // the board and the session are asked for now and then, not by each page
			before := queries.Load()
			b.Get("/workflows", http.StatusOK)
			least = min(least, queries.Load()-before)
		}
		return least
	}
	few := ask(1)
	if many := ask(20); many > few || few > 8 {
		t.Errorf("one workflow takes %d queries, 21 take %d", few, many)
	}
}

func TestListOfWorkflowsGoesOnOnFurtherPages(t *testing.T) {
	s := sitetest.OnSQLite(t)
	for i := range 30 {
		s.Keep(fmt.Sprintf(`{"format":1,"name":"Number %02d","steps":[]}`, i))
	}
	b := s.As(auth.Viewer)
	first := b.Get("/workflows?q=Number", http.StatusOK)
	sitetest.Shows(t, first, "Number 29", "Number 05", "!Number 04", `rel="next"`, "!rel=\"prev\"")
	found, _ := sitetest.LinkTo(t, first, "next")
	sitetest.Shows(t, b.Get(found, http.StatusOK), "Number 04", "Number 00", "!Number 05", `rel="prev"`, "!rel=\"next\"")
}
