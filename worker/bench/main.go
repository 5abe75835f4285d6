// Bench measures the worker on real servers and prints each figure beside a
// reference that was measured on the same servers in the same run.
//
// It uses DATABASE_URL and REDIS_URL where they are set, in a schema and a
// namespace of its own, else throw-away servers that it starts. Each benchmark
// is one file with a function of the type benchmark, listed in benchmarks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"workflows/worker/document"
)

// Result is one figure.
type Result struct {
	Name           string  `json:"name"`
	Value          float64 `json:"value"`
	Unit           string  `json:"unit"`
	Reference      string  `json:"reference,omitempty"`
	ReferenceValue float64 `json:"reference_value,omitempty"`
	Ratio          float64 `json:"ratio,omitempty"`
}

// output is what is printed.
type output struct {
	Machine machine  `json:"machine"`
	Results []Result `json:"results"`
}

// against puts a reference beside the figure.
func (r Result) against(reference string, value float64) Result {
	r.Reference, r.ReferenceValue = reference, round(value)
	if value > 0 {
		r.Ratio = round(r.Value / value)
	}
	r.Value = round(r.Value)
	return r
}

// benchmark measures one thing or a few that belong together.
type benchmark struct {
	names []string // of its results
	run   func(ctx context.Context, env *env) ([]Result, error)
}

// benchmarks are in the order in which they disturb each other least.
func benchmarks() []benchmark {
	return []benchmark{
		{[]string{"idle_cpu_percent", "idle_redis_commands_per_second", "memory_mb_idle"}, idle},
		{[]string{"pickup_ms_p50", "pickup_ms_p99"}, pickup},
		{[]string{"runs_per_second_c10"}, throughputAt(10)},
		{[]string{"runs_per_second", "memory_mb_loaded", "commits_per_run", "redis_commands_per_run", "cpu_us_per_run_worker", "cpu_us_per_run_postgres", "cpu_us_per_run_redis", "statements_per_run"}, throughputAt(usualConcurrency)},
		{[]string{"runs_per_second_sqlite"}, throughputSQLite},
		{[]string{"door_alone_ms_p50", "door_alone_ms_p99"}, aloneAtTheDoor},
		{[]string{
			"door_api_runs_per_second", "door_api_accepted_per_second", "door_api_commits_per_run", "door_cpu_us_per_run", "bytes_per_run",
			"door_webhook_runs_per_second", "door_webhook_accepted_per_second", "door_webhook_commits_per_run", "door_webhook_cpu_us_per_run",
		}, throughTheDoor},
		{[]string{"stats_page_ms_p50", "stats_page_ms_p99", "stats_page_cpu_percent", "stats_page_requests_per_second"}, statsPage},
		{[]string{"large_answers_memory_mb", "large_answers_seconds", "large_list_memory_mb", "large_list_seconds"}, largeAnswers},
		{[]string{"recovery_seconds"}, recovery},
		{[]string{"recovery_half_load_seconds"}, recoveryAtHalfLoad},
		{[]string{"flushall_drain_ratio", "flushall_pause_seconds"}, flushAll},
		{[]string{"four_workers_ratio", "one_worker_cpu_percent", "four_workers_cpu_percent", "four_workers_waiting_ratio"}, fourWorkers},
		{[]string{"queued_100k_memory_ratio", "queued_100k_memory_mb", "queued_100k_small_run_seconds", "queued_100k_api_ms_p95", "queued_100k_runs_per_second"}, queued100k},
		{[]string{"webhook_flood_ui_ms_p95", "webhook_flood_answer_ms_p95", "webhook_flood_accepted", "webhook_flood_refused", "webhook_flood_without_run"}, webhookFlood},
		{[]string{"cron_lateness_ms_p99", "cron_lateness_ms_p50", "cron_stored_ms_p99", "cron_times_not_run", "cron_times_run_twice", "cron_cpu_percent"}, cronLateness},
		{[]string{"cron_100k_start_seconds", "cron_100k_cpu_percent", "cron_100k_memory_mb"}, cronMany},
		{[]string{"cron_1m_start_seconds", "cron_1m_tick_ms_p50", "cron_1m_tick_ms_p99", "cron_1m_memory_mb"}, cronMillion},
		{[]string{"preview_ms_p99", "week_page_ms_p50", "watch_round_ms_p50"}, schedulePages},
		{[]string{"repaired_per_second", "runs_per_second_while_repairing", "run_ms_while_repairing"}, repairing},
		{[]string{"clean_runs_per_second", "runs_per_second_while_cleaning"}, cleaning},
		{[]string{"list_runs_ms_p50", "list_runs_ms_p99", "list_runs_none_found_ms_p50", "search_ms_p95", "search_common_ms_p95", "search_one_ms_p95", "search_none_ms_p95", "search_bytes_per_run"}, listRuns},
	}
}

func main() {
	only := flag.String("only", "", "comma-separated names of the figures to measure")
	other := flag.String("against", "", "the folder of another checkout, which is measured in turn with this one on the same servers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	run := func() error { return report(ctx, *only) }
	if *other != "" {
		run = func() error { return compare(ctx, *other, *only) }
	}
	if flag.Arg(0) == childArgument {
		run = func() error { return child(ctx) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report runs the chosen benchmarks and prints the figures.
func report(ctx context.Context, only string) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	env, err := newEnv(ctx)
	if err != nil {
		return err
	}
	defer env.close()
	output := output{Machine: thisMachine(ctx, env), Results: []Result{}}
	for _, b := range chosen {
		var results []Result
		if err = env.clear(ctx); err == nil {
			results, err = b.run(ctx, env)
		}
		if err != nil {
			err = fmt.Errorf("measure %s: %w", b.names[0], err)
			break // its workers may still be there; what was measured before holds
		}
		output.Results = append(output.Results, results...)
	}
	_, printed := fmt.Println(string(document.Indented(output)))
	return errors.Join(err, printed)
}

// choose finds the benchmarks that give the named figures; no name is all.
func choose(only string) ([]benchmark, error) {
	if only == "" {
		return benchmarks(), nil
	}
	var chosen []benchmark
	names := strings.Split(only, ",")
	for _, b := range benchmarks() {
		before := len(names)
		names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(b.names, strings.TrimSpace(name)) })
		if len(names) < before {
			chosen = append(chosen, b)
		}
	}
	if len(names) > 0 {
		var known []string
		for _, b := range benchmarks() {
			known = append(known, b.names...)
		}
		return nil, fmt.Errorf("there is no figure %q; there are: %s", names[0], strings.Join(known, ", "))
	}
	return chosen, nil
}
