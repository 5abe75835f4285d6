package ui

import (
	"context"
	"sync"
	"time"
)

type clockKey struct{}

// WithClock has times below ctx written on the clock of this zone, for readers without
// JavaScript; the zone is looked up when the first one is.
func WithClock(ctx context.Context, zone func() *time.Location) context.Context {
	return context.WithValue(ctx, clockKey{}, sync.OnceValue(zone))
}

// WithoutClock has them in UTC: for what is the same for every reader.
func WithoutClock(ctx context.Context) context.Context {
	return WithClock(ctx, func() *time.Location { return time.UTC })
}

func clockOf(ctx context.Context) *time.Location {
	if zone, set := ctx.Value(clockKey{}).(func() *time.Location); set {
		return zone()
	}
	return time.UTC
}

// Moment is a time in words on the clock of a zone, with its name.
func Moment(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2 Jan 2006 15:04 MST")
}

// BrowserZone marks an entry for a time zone of which nothing is known yet: our script
// puts in that of the browser. A chosen one stays.
func BrowserZone(chosen string) map[string]any {
	if chosen != "" {
		return nil
	}
	return map[string]any{"data-browser-zone": true}
}
