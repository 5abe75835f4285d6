package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const (
	storedRuns      = 1_000_000
	storedWorkflows = 100
	listings        = 200
	healthzAlone    = "/healthz of the same process, one request at a time"
)

// listRuns measures the API's list of runs where a million are stored, with and
// without filters; the figure is that of the slowest filter.
func listRuns(ctx context.Context, env *env) ([]Result, error) {
	workflowID, err := env.storeMany(ctx)
	if err != nil {
		return nil, err
	}
	site, err := startWeb(ctx, env)
	if err != nil {
		return nil, err
	}
	defer site.end()
	alone, err := site.probe(http.DefaultClient)
	if err != nil {
		return nil, err
	}
	found, slow, err := site.slowestList(listings, "", "?workflow_id="+workflowID, "?status=failed", "?workflow_id="+workflowID+"&status=failed", "?trigger=manual", "?q=workflow+7", weekBefore())
	if err != nil {
		return nil, err
	}
	none, _, err := site.slowestList(listings/10, "?trigger=webhook", "?q=zzz")
	if err != nil {
		return nil, err
	}
	searches, err := env.searches(ctx, site, alone)
	if err != nil {
		return nil, err
	}
	return append(searches,
		Result{Name: "list_runs_ms_p50", Value: millis(found), Unit: "ms"}.against(healthzAlone, millis(alone)),
		Result{Name: "list_runs_ms_p99", Value: millis(slow), Unit: "ms"}.against(healthzAlone, millis(alone)),
		Result{Name: "list_runs_none_found_ms_p50", Value: millis(none), Unit: "ms"}.against(healthzAlone, millis(alone))), nil
}

// slowestList asks n times for each of the lists: the times of the slowest.
func (w *website) slowestList(n int, filters ...string) (p50, p99 time.Duration, _ error) {
	for _, filter := range filters {
		took, err := w.listTimes(n, filter)
		if err != nil {
			return 0, 0, err
		}
		p50, p99 = max(p50, percentile(took, .50)), max(p99, percentile(took, .99))
	}
	return p50, p99, nil
}

// listTimes is how long each of n times took that a list was asked for.
func (w *website) listTimes(n int, filter string) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		if _, err := w.api(request{http.MethodGet, "/runs" + filter}); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	return took, nil
}

// weekBefore filters the runs of the week before the last.
func weekBefore() string {
	const day = 24 * time.Hour
	now := time.Now().UTC()
	return "?from=" + now.Add(-14*day).Format(time.RFC3339) + "&to=" + now.Add(-7*day).Format(time.RFC3339)
}

// storeMany makes a month's runs of a hundred workflows in SQL, and returns one of
// the workflows. Two in a hundred failed, one in ten was started by hand.
func (e *env) storeMany(ctx context.Context) (workflowID string, err error) {
	for i := range storedWorkflows {
		if workflowID, err = e.publish(ctx, threeSteps); err != nil {
			return "", err
		}
		if err := e.db.WithContext(ctx).Exec("UPDATE workflows SET name = ? WHERE id = ?", fmt.Sprintf("Workflow %d", i), workflowID).Error; err != nil {
			return "", fmt.Errorf("name a workflow: %w", err)
		}
	}
	const part = storedRuns / 10
	for first := 0; first < storedRuns; first += part {
		err := e.db.WithContext(ctx).Exec(`WITH
			named AS (SELECT w.*, row_number() OVER (ORDER BY id) - 1 AS place FROM workflows w),
			made AS (SELECT i, abs(hashint4(i)::bigint) AS chance, now() - interval '30 days' + i * interval '30 days' / ? AS at FROM generate_series(?::int, ?::int) i)
			INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, trigger, input, output, queue, attempt, queued_at, started_at, finished_at)
			SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid,
				named.id, version_id, version, name, CASE WHEN chance % 100 < 2 THEN 'failed' WHEN chance % 100 = 2 THEN 'cancelled' ELSE 'succeeded' END,
				CASE WHEN chance % 10 = 0 THEN 'manual' ELSE 'schedule' END, '{"type":"schedule"}', '{"name":"Anna"}', '{"text":"Hello Anna!"}', 'default', 1, at, at, at + interval '1 second'
			FROM made JOIN named ON place = chance / 100 % ?`, storedRuns, first+1, first+part, storedWorkflows).Error
		if err != nil {
			return "", fmt.Errorf("store a million runs: %w", err)
		}
	}
	return workflowID, e.settle(ctx)
}
