package web

import (
	"context"
	"time"

	"workflows/views/ui"
	"workflows/worker/workflow"
)

type contextKey int

const (
	viewerKey contextKey = iota
	requestKey
)

// WithViewer says who looks at the page, for every layout drawn below ctx.
func WithViewer(ctx context.Context, viewer *ui.Viewer) context.Context {
	ctx = ui.WithClock(ctx, func() *time.Location {
		if zone, err := workflow.LoadZone(viewer.TimeZone); err == nil {
			return zone
		}
		return time.UTC
	})
	return context.WithValue(ctx, viewerKey, viewer)
}

// Viewer is who looks at the page; nil when nobody is signed in.
func Viewer(ctx context.Context) *ui.Viewer {
	viewer, _ := ctx.Value(viewerKey).(*ui.Viewer)
	return viewer
}

// RequestID is the number of the request: in its log line, in the header
// X-Request-Id, and on error pages.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}
