package outage_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"workflows/worker/outage"
)

func TestChoreTellsItsOwnTroubleAndLeavesAnOutageToTheServersTeller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, nil))
		server := outage.New(log, "server gone", "server back")
		sweep, count := outage.NewChore(log, "not swept", "swept again", server), outage.NewChore(log, "not counted", "counted again", server)
		for _, err := range []error{nil, errGone, errGone, errors.New("no such column"), errors.New("no such column"), nil} {
			for _, chore := range []*outage.Chore{sweep, count} {
				time.Sleep(time.Second)
				began := time.Now()
				time.Sleep(time.Millisecond)
				chore.Note(began, err)
			}
		}
		for _, line := range []string{"server gone", "server back", "not swept", "swept again", "not counted", "counted again"} {
			if n := strings.Count(out.String(), line); n != 1 {
				t.Errorf("it said %d times %q:\n%s", n, line, out.String())
			}
		}
	})
}
