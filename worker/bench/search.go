package main

import (
	"context"
	"fmt"
	"time"
)

// searches measures the API's search among the runs that storeMany has made: for a word of
// all, for one of a single run, the oldest, and for one of none. The figure is that of the
// slowest.
func (e *env) searches(ctx context.Context, site *website, alone time.Duration) ([]Result, error) {
	if err := e.storeTexts(ctx); err != nil {
		return nil, err
	}
	var results []Result
	var slowest time.Duration
	for _, sought := range []struct{ name, word string }{{"common", "anna"}, {"one", "order1x"}, {"none", "zzz"}} {
		took, err := site.listTimes(listings, "?q="+sought.word)
		if err != nil {
			return nil, err
		}
		p95 := percentile(took, .95)
		slowest = max(slowest, p95)
		results = append(results, Result{Name: "search_" + sought.name + "_ms_p95", Value: millis(p95), Unit: "ms"}.against(healthzAlone, millis(alone)))
	}
	var bytes float64
	if err := e.db.WithContext(ctx).Raw("SELECT pg_total_relation_size('run_texts') / ?::float8", storedRuns).Row().Scan(&bytes); err != nil {
		return nil, fmt.Errorf("ask for the size of the texts: %w", err)
	}
	return append(results, Result{Name: "search_ms_p95", Value: millis(slowest), Unit: "ms"}.against(healthzAlone, millis(alone)),
		Result{Name: "search_bytes_per_run", Value: round(bytes), Unit: "bytes"}), nil
}

// storeTexts gives the stored runs texts as worker/indexing would: the words of their
// input and output, an order's number of their own, and twenty words that some share.
func (e *env) storeTexts(ctx context.Context) error {
	err := e.db.WithContext(ctx).Exec(`INSERT INTO run_texts (run_id, words, ended)
		SELECT id, (format('''=%s'':16383 workflow:1 %s:2 anna:4,7 hello:6 order%sx:9', trigger_type, split_part(workflow_name, ' ', 2), n)
			|| (SELECT string_agg(' s' || k || 'x' || n % (k * k * k) || ':' || 9 + 2 * k, '') FROM generate_series(1, 20) AS k))::tsvector, true
		FROM (SELECT id, trigger_type, workflow_name, row_number() OVER (ORDER BY id) AS n FROM runs) AS r`).Error
	if err != nil {
		return fmt.Errorf("store the texts of a million runs: %w", err)
	}
	if err := e.db.WithContext(ctx).Exec("VACUUM (ANALYZE) run_texts").Error; err != nil { // else the server does, meanwhile
		return fmt.Errorf("settle the texts of a million runs: %w", err)
	}
	return nil
}
