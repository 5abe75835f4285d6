package outage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"workflows/models"
	"workflows/worker/outage"
)

var errGone = fmt.Errorf("dial: %w", models.ErrUnavailable)

// told plays outcomes to a teller and returns what it has logged, without times.
func told(play func(teller *outage.Teller)) string {
	var out bytes.Buffer
	plain := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	play(outage.New(slog.New(slog.NewTextHandler(&out, plain)), "gone", "back", "address", "here"))
	return strings.TrimSpace(out.String())
}

func TestOutageIsToldOnceAtItsBeginningAndOnceWithItsLengthAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := told(func(teller *outage.Teller) {
			for _, err := range []error{nil, errGone, errGone, errGone, nil, nil} {
				time.Sleep(time.Second)
				began := time.Now()
				time.Sleep(time.Millisecond)
				teller.Note(began, err)
			}
			if teller.Away() {
				t.Error("it is still away")
			}
		})
		if want := "level=ERROR msg=gone error=\"dial: unavailable\" address=here\nlevel=INFO msg=back away=3.003s address=here"; said != want {
			t.Errorf("it said\n%s", said)
		}
	})
}

func TestWhatWasLateToFailTellsNoSecondOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := told(func(teller *outage.Teller) {
			early := time.Now()
			time.Sleep(time.Second)
			teller.Note(early, errGone)
			time.Sleep(time.Second)
			began := time.Now()
			time.Sleep(time.Second)
			teller.Note(began, nil)
			teller.Note(early, errGone)
		})
		if strings.Count(said, "msg=gone") != 1 {
			t.Errorf("it said\n%s", said)
		}
	})
}

func TestAnAnswerFromBeforeTheOutageDoesNotEndIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := told(func(teller *outage.Teller) {
			early := time.Now()
			time.Sleep(time.Second)
			teller.Note(early, errGone)
			time.Sleep(time.Second)
			teller.Note(early, nil)
			if !teller.Away() {
				t.Error("it is back")
			}
		})
		if strings.Contains(said, "back") {
			t.Errorf("it said\n%s", said)
		}
	})
}

func TestOnlyAnUnavailableServerIsAnOutage(t *testing.T) {
	cancelled := errors.Join(models.ErrUnavailable, fmt.Errorf("dial: %w", context.Canceled))
	said := told(func(teller *outage.Teller) {
		began := time.Now()
		time.Sleep(time.Millisecond)
		for _, err := range []error{cancelled, context.Canceled, models.ErrNotFound, nil} {
			teller.Note(began, err)
		}
	})
	if said != "" {
		t.Errorf("it said %s", said)
	}
	var nobody *outage.Teller
	nobody.Note(time.Now(), errGone)
	if nobody.Away() {
		t.Error("a teller of nothing tells")
	}
}
