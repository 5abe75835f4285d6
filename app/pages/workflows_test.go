package pages_test

import (
	"fmt"
	"math"
	"net/http"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/models/modelstest"
)

func TestListOfWorkflowsAsksTheSameNumberOfQuestionsWhateverItsLength(t *testing.T) {
	db := modelstest.SQLite(t)
	var queries atomic.Int64
	count := func(*gorm.DB) { queries.Add(1) }
	s := &runSite{t: t, db: db}
	s.check(s.db.Callback().Query().After("gorm:query").Register("count", count))
	s.check(s.db.Callback().Row().After("gorm:row").Register("count", count))
	s.check(s.db.Callback().Raw().After("gorm:raw").Register("count", count))
	s = newRunSite(t, db) // only now does anybody else use the database
	b := s.as(auth.Editor)
	ask := func(n int) int64 {
		for i := range n {
			address := s.keep(fmt.Sprintf(`{"format":1,"name":"Number %d","triggers":[{"id":"s","type":"schedule","cron":"0 9 * * *"}],"steps":[{"id":"end","type":"stop"}]}`, i))
			b.submit(address+"/publish", nil, http.StatusSeeOther)
		}
		least := int64(math.MaxInt64)
		for range 5 { // the board and the session are asked for now and then, not by each page
			before := queries.Load()
			b.get("/workflows", http.StatusOK)
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
	s := newSQLiteSite(t)
	for i := range 30 {
		s.keep(fmt.Sprintf(`{"format":1,"name":"Number %02d","steps":[]}`, i))
	}
	b := s.as(auth.Viewer)
	first := b.get("/workflows?q=Number", http.StatusOK)
	shows(t, first, "Number 29", "Number 05", "!Number 04", `rel="next"`, "!rel=\"prev\"")
	found, _ := linkTo(t, first, "next")
	shows(t, b.get(found, http.StatusOK), "Number 04", "Number 00", "!Number 05", `rel="prev"`, "!rel=\"next\"")
}
