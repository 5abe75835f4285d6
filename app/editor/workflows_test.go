package editor_test

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models/modelstest"
)

// counting is a site that counts its statements.
func counting(t *testing.T, about string) (*sitetest.Site, *atomic.Int64) {
	t.Helper()
	db, statements := modelstest.SQLite(t), new(atomic.Int64)
	count := func(tx *gorm.DB) {
		if strings.Contains(tx.Statement.SQL.String(), about) {
			statements.Add(1)
		}
	}
	on := db.Callback()
	if err := errors.Join(
		on.Query().After("gorm:query").Register("count", count), on.Row().After("gorm:row").Register("count", count), on.Raw().After("gorm:raw").Register("count", count),
		on.Create().After("gorm:create").Register("count", count), on.Update().After("gorm:update").Register("count", count), on.Delete().After("gorm:delete").Register("count", count),
	); err != nil {
		t.Fatal(err)
	}
	return sitetest.New(t, db), statements // only now does anybody else use the database
}

func TestListOfWorkflowsAsksTheSameNumberOfQuestionsWhateverItsLength(t *testing.T) {
	s, queries := counting(t, "")
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
