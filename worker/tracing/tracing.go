// Package tracing shows runs that have ended to an OpenTelemetry collector, one trace for
// each: the run from when it was accepted, and below it every attempt of every step. The
// ids are those of the rows, so a run's trace is found by its id. What runs were given,
// gave and were answered is not in it.
//
// It speaks OTLP over HTTP with JSON (opentelemetry.io/docs/specs/otlp, 1.10), which every
// collector takes at the same address as protobuf; the exporters of OpenTelemetry for Go
// would make a worker a third larger. Nothing waits for it: it reads behind the end of a
// run, and where a collector is away for long or too much ends at once, traces are lost and
// the log says so.
package tracing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/outage"
)

const (
	// inHand bounds the runs that wait to be shown.
	inHand = 2000
	// piece is how many runs are shown in one request, mostSteps how many attempts of a run.
	piece, mostSteps = 100, 1000
	// gather is how long more is waited for before a request that is not full.
	gather = time.Second
	// postTime bounds one request. What cannot be shown is tried again after pause, and is
	// lost after tries of these.
	postTime = 10 * time.Second
	tries    = 12
	// lastTime is how long what is in hand may take when the worker stops.
	lastTime = 3 * time.Second
)

// pause is the time between two tries.
var pause = 5 * time.Second

// Target is a collector.
type Target struct {
	Endpoint string            // OTEL_EXPORTER_OTLP_ENDPOINT: /v1/traces is put behind it
	Headers  map[string]string // sent with each request
	Service  string            // service.name
}

// Exporter shows runs to a collector.
type Exporter struct {
	DB     *gorm.DB
	Log    *slog.Logger
	Target Target
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller

	ended chan string
	lost  atomic.Int64
}

// New makes one; Run has to be called beside.
func New(db *gorm.DB, log *slog.Logger, target Target, database *outage.Teller) *Exporter {
	return &Exporter{DB: db, Log: log, Target: target, Database: database, ended: make(chan string, inHand)}
}

// Ended takes the id of a run that has ended. It never waits.
func (x *Exporter) Ended(id string) {
	select {
	case x.ended <- id:
	default:
		x.lost.Add(1)
	}
}

// Run shows runs until ctx ends, and then for three seconds what is in hand.
func (x *Exporter) Run(ctx context.Context) {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastTime, cancel) })()
	showing := outage.NewChore(x.Log, "the traces of runs are not taken by the collector", "the collector takes the traces of runs again", x.Database)
	for {
		ids := x.next(ctx)
		if len(ids) > 0 {
			x.show(ctx, last, showing, ids)
		}
		if lost := x.lost.Swap(0); lost > 0 {
			x.Log.Warn("traces of runs are lost: more end than the collector takes", "runs", lost)
		}
		if last.Err() != nil || ctx.Err() != nil && len(x.ended) == 0 {
			return
		}
	}
}

// next waits for a run, and a moment for more.
func (x *Exporter) next(ctx context.Context) (ids []string) {
	select {
	case id := <-x.ended:
		ids = append(ids, id)
	case <-ctx.Done():
	}
	full := time.NewTimer(gather)
	defer full.Stop()
	for len(ids) < piece {
		select {
		case id := <-x.ended:
			ids = append(ids, id)
			continue
		default:
		}
		if ctx.Err() != nil {
			return ids
		}
		select {
		case id := <-x.ended:
			ids = append(ids, id)
		case <-full.C:
			return ids
		case <-ctx.Done():
		}
	}
	return ids
}

// show tries until the runs are shown, it makes no sense any more, or ctx ends; last bounds
// the try that is under way then.
func (x *Exporter) show(ctx, last context.Context, showing *outage.Chore, ids []string) {
	for try := 1; ; try++ {
		began := time.Now()
		err := x.try(last, ids)
		showing.Note(began, err)
		if err == nil {
			return
		}
		if try == tries || ctx.Err() != nil || errors.Is(err, errRefused) {
			x.lost.Add(int64(len(ids)))
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// errRefused says that the collector will not take it later either.
var errRefused = errors.New("refused")

func (x *Exporter) try(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeout(ctx, postTime)
	defer cancel()
	body, err := x.traces(ctx, ids)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(x.Target.Endpoint, "/")+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("show runs to the collector: %w", err)
	}
	for name, value := range x.Target.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("show runs to the collector: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection serves again
	switch response.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout: // as OTLP says
		return fmt.Errorf("the collector answered %s", response.Status)
	}
	return fmt.Errorf("the collector answered %s: %w", response.Status, errRefused)
}

// traces is the body of a request.
func (x *Exporter) traces(ctx context.Context, ids []string) ([]byte, error) {
	found, err := runs.ByID(ctx, x.DB, ids)
	if err != nil {
		return nil, err
	}
	spans := []span{}
	for _, id := range ids {
		run, there := found[id]
		if !there || run.FinishedAt == nil {
			continue
		}
		attempts, more, err := runs.FirstStepMarks(ctx, x.DB, id, mostSteps)
		if err != nil {
			return nil, err
		}
		spans = append(spans, ofRun(run, more))
		for _, attempt := range attempts {
			if attempt.StartedAt != nil {
				spans = append(spans, ofAttempt(run, attempt))
			}
		}
	}
	return document.JSON(payload{ResourceSpans: []resourceSpans{{
		Resource:   resource{Attributes: []attribute{text("service.name", x.Target.Service)}},
		ScopeSpans: []scopeSpans{{Scope: scope{Name: "workflows"}, Spans: spans}},
	}}}), nil
}

// ofRun is the span of a whole run.
func ofRun(run models.Run, more bool) span {
	s := span{
		TraceID: traceID(run.ID), SpanID: spanID(run.ID), Name: run.WorkflowName, Kind: internal, Start: nanos(run.QueuedAt), End: nanos(*run.FinishedAt),
		Attributes: []attribute{
			text("workflow.run.id", run.ID), text("workflow.id", run.WorkflowID), text("workflow.name", run.WorkflowName), number("workflow.version", run.Version),
			text("workflow.run.status", run.Status), text("workflow.trigger", run.TriggerType), number("workflow.run.recoveries", run.Recoveries),
		},
	}
	if run.StartedAt != nil {
		s.Events = []event{{Name: "started", At: nanos(*run.StartedAt)}}
	}
	if more {
		s.Attributes = append(s.Attributes, number("workflow.run.steps_shown", mostSteps))
	}
	for _, other := range []*string{run.ParentID, run.RetryOf} {
		if other != nil {
			s.Links = append(s.Links, link{TraceID: traceID(*other), SpanID: spanID(*other)})
		}
	}
	s.judge(run.Status, run.Error)
	return s
}

// ofAttempt is the span of one attempt of a step; one that was open when the run ended ends
// with it.
func ofAttempt(run models.Run, a models.StepRun) span {
	end := run.FinishedAt
	if a.FinishedAt != nil {
		end = a.FinishedAt
	}
	s := span{
		TraceID: traceID(run.ID), SpanID: spanID(a.ID), ParentID: spanID(run.ID), Name: a.Name, Kind: internal, Start: nanos(*a.StartedAt), End: nanos(*end),
		Attributes: []attribute{
			text("workflow.step.id", a.StepID), text("workflow.step.type", a.Type), text("workflow.step.status", a.Status), number("workflow.step.attempt", a.Attempt),
		},
	}
	if a.Iteration != "" {
		s.Attributes = append(s.Attributes, text("workflow.step.iteration", a.Iteration))
	}
	if a.ChildID != nil {
		s.Attributes = append(s.Attributes, text("workflow.step.child_run_id", *a.ChildID))
	}
	s.judge(a.Status, a.Error)
	return s
}
