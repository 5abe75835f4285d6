package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"workflows/worker/alerts"
)

const (
	pageLooks  = 30
	watchLooks = 30
	// dailyDeadlines are as many as there are schedules, none of them due.
	dailyDeadlines = dailySchedules
)

// schedulePages measures what people wait for when there are a hundred thousand
// schedules: the builder's preview of the line that is worst to look for, and the
// week. It also measures a round of the watcher, with as many deadlines.
func schedulePages(ctx context.Context, env *env) (_ []Result, err error) {
	workflow, err := env.storeDaily(ctx, dailySchedules)
	if err != nil {
		return nil, err
	}
	err = env.db.WithContext(ctx).Exec(`INSERT INTO deadlines (id, workflow_id, rule, next_at)
		SELECT gen_random_uuid(), ?, '{"time":"07:00"}', now() + interval '1 day' FROM generate_series(1, ?::int)`, workflow, dailyDeadlines).Error
	if err != nil {
		return nil, fmt.Errorf("store deadlines: %w", err)
	}
	site, err := startWeb(ctx, env)
	if err != nil {
		return nil, err
	}
	defer site.end()
	client, err := site.signIn()
	if err != nil {
		return nil, err
	}
	alone, err := site.probe(client)
	if err != nil {
		return nil, err
	}
	// Only in some years, and its zone's clock changes are looked for too.
	worst := url.Values{"mode": {"cron"}, "cron": {"59 23 29 2 1"}, "time_zone": {"Europe/Berlin"}, "calendar": {""}, "missed": {"latest"}, "overlap": {"skip"}}
	preview, err := repeat(pageLooks, func() error {
		return site.answers(client, http.MethodPost, "/workflows/"+workflow+"/edit/preview", worst)
	})
	if err != nil {
		return nil, err
	}
	week, err := repeat(pageLooks, func() error { return site.answers(client, http.MethodGet, "/schedules/week", nil) })
	if err != nil {
		return nil, err
	}
	watcher := &alerts.Watcher{DB: env.db, Name: "bench"}
	rounds, err := repeat(watchLooks, func() error { return watcher.Round(ctx, time.Now()) })
	if err != nil {
		return nil, err
	}
	const reference = "/healthz of the same process, one request at a time"
	return []Result{
		Result{Name: "preview_ms_p99", Value: round(millis(percentile(preview, .99))), Unit: "ms"}.against(reference, millis(alone)),
		Result{Name: "week_page_ms_p50", Value: round(millis(percentile(week, .50))), Unit: "ms"}.against(reference, millis(alone)),
		{Name: "watch_round_ms_p50", Value: round(millis(percentile(rounds, .50))), Unit: "ms"},
	}, nil
}

// repeat does something several times and returns how long each took.
func repeat(times int, do func() error) ([]time.Duration, error) {
	var took []time.Duration
	for range times {
		began := time.Now()
		if err := do(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// answers asks for a page and reads all of it.
func (w *website) answers(client *http.Client, method, path string, form url.Values) error {
	request, err := http.NewRequest(method, w.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("%s answered %s: %.300s", path, answer.Status, text))
	}
	return err
}
