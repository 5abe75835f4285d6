// Package many is the pages of what is done with many runs at once: run again, cancelled or
// deleted, all that a filter leaves, that have failed for one reason or that are ticked. One
// file for each page or part of it.
//
// A page asks before, with the number and with what it does (ask.go); what is agreed to is
// stored by models/bulk, which settles then which runs are meant (begin.go); a worker does it,
// and a page says how far it is (show.go). What of a reason is run again by itself from now on
// is a page of its own (rule.go). Nothing here touches a run.
package many

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/models/bulk"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// Site is what these pages are made from.
type Site struct {
	frame.Frame
	Engine *engine.Engine
	Types  workflow.Types
}

// left is about how long it takes until the end: at the rate that was asked for, or at its
// speed so far if that is less.
func left(b bulk.Bulk, now time.Time) time.Duration {
	done, waiting := b.Done+b.Failed, b.Total-b.Done-b.Failed
	planned := lasts(waiting, b.PerSecond)
	if done == 0 {
		return planned
	}
	return max(planned, time.Duration(float64(now.Sub(b.CreatedAt))/float64(done)*float64(waiting)))
}

// lasts is how long it takes with so many runs.
func lasts(number int64, perSecond int) time.Duration {
	return time.Duration(float64(number) / float64(max(perSecond, 1)) * float64(time.Second))
}

// roughly says a length of time in the words of a forecast.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < 90*time.Minute:
		return "about " + frame.Counted(int64(d.Round(time.Minute)/time.Minute), "minute")
	case d < 48*time.Hour:
		return "about " + frame.Counted(int64(d.Round(time.Hour)/time.Hour), "hour")
	}
	return fmt.Sprintf("about %d days", int64(d.Round(24*time.Hour)/(24*time.Hour)))
}

// rate is how many runs a second somebody wants.
func rate(typed string) (perSecond int, ok bool) {
	perSecond, err := strconv.Atoi(strings.NewReplacer(",", "", " ", "").Replace(typed))
	return perSecond, err == nil && perSecond >= 1 && perSecond <= bulk.MostRate
}
