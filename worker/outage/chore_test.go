package outage_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"workflows/models"
	"workflows/worker/outage"
)

// errFull is what a database says that answers and has no room.
var errFull = errors.Join(models.ErrUnavailable, fmt.Errorf("extend the table: %w", &pgconn.PgError{Code: "53100"}))

func TestChoreTellsItsOwnTroubleAndLeavesAnOutageToTheServersTeller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, nil))
		server := outage.New(log, "server gone", "server back")
		sweep, count := outage.NewChore(log, "not swept", "swept again", server), outage.NewChore(log, "not counted", "counted again", server)
		for _, err := range []error{nil, errGone, errGone, errors.New("no such column"), errors.New("no such column"), nil, errFull, errFull, nil} {
			for _, chore := range []*outage.Chore{sweep, count} {
				time.Sleep(time.Second)
				began := time.Now()
				time.Sleep(time.Millisecond)
				chore.Note(began, err)
			}
		}
		for line, want := range map[string]int{"server gone": 1, "server back": 1, "not swept": 2, "swept again": 2, "not counted": 2, "counted again": 2} {
			if n := strings.Count(out.String(), line); n != want {
				t.Errorf("it said %d times %q:\n%s", n, line, out.String())
			}
		}
	})
}
