//go:build faultlab

package faultlab

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

// expected is what a scenario promises beyond the seven checks.
type expected struct {
	within  time.Duration // until every run is final; a minute when 0
	takeUp  time.Duration // the longest a lost run may stand; 15 s when 0
	repeats func(step string) int
}

// check ends a scenario: the seven checks, in the order of the promises.
func (l *lab) check(want expected) {
	l.t.Helper()
	if want.within == 0 {
		want.within = time.Minute
	}
	if want.takeUp == 0 {
		want.takeUp = 15 * time.Second
	}
	l.everyRunIsFinal(want)
	changes, err := history(l.db)
	if err != nil {
		l.t.Fatal(err)
	}
	l.oneResultPerStep()
	l.noLeasesOverlap(changes, want)
	calls := l.callsAreAccountedFor(changes, want)
	l.plannedTimesAreUnique()
	l.nothingIsLeftOver()
	l.stopAll()
	l.canaryIsNowhere()
	l.row(changes, calls)
}

// 1. Every accepted run is final.
func (l *lab) everyRunIsFinal(want expected) {
	l.t.Helper()
	if !within(l.t, want.within, "every run is final", func() bool { return l.open() == 0 }) {
		l.t.Errorf("%d runs are not final: %s", l.open(), l.texts(`SELECT id || ' ' || status || ' ' || waiting_for || ' attempt ' || attempt || ' lease ' || COALESCE(lease_until::text, '-') || ' rung ' || COALESCE(rung_at::text, '-')
			FROM runs WHERE status NOT IN ('succeeded', 'failed', 'cancelled') LIMIT 5`))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.accepted {
		if status, _ := l.status(id); status == "" {
			l.t.Errorf("the accepted run %s does not exist", id)
		}
	}
}

// open counts the runs that are not final; -1 when that cannot be known now.
func (l *lab) open() int {
	open := -1
	_ = l.db.QueryRow(`SELECT count(*) FROM runs WHERE status NOT IN ('succeeded', 'failed', 'cancelled')`).Scan(&open)
	return open
}

// 2. One result per run, step and iteration; final runs have no open steps.
func (l *lab) oneResultPerStep() {
	l.t.Helper()
	for _, doubled := range l.texts(`SELECT run_id || ' ' || step_id || ' ' || iteration || ' has ' || count(*) || ' results' FROM step_runs
		WHERE status = 'succeeded' GROUP BY run_id, step_id, iteration HAVING count(*) > 1 LIMIT 5`) {
		l.t.Error(doubled)
	}
	for _, open := range l.texts(`SELECT s.run_id || ' is ' || r.status || ' but its step ' || s.step_id || ' is ' || s.status FROM step_runs s JOIN runs r ON r.id = s.run_id
		WHERE r.status IN ('succeeded', 'failed', 'cancelled') AND s.status NOT IN ('succeeded', 'failed', 'cancelled', 'skipped') LIMIT 5`) {
		l.t.Error(open)
	}
	for _, short := range l.texts(`SELECT r.id || ' succeeded with ' || count(s.id) || ' of ' || w.steps || ' results' FROM runs r
		JOIN (SELECT id, json_array_length(definition->'steps') AS steps, definition FROM workflow_versions) w ON w.id = r.version_id
		LEFT JOIN step_runs s ON s.run_id = r.id AND s.status = 'succeeded' AND s.iteration = ''
		WHERE r.status = 'succeeded' GROUP BY r.id, w.steps HAVING count(s.id) < w.steps LIMIT 5`) {
		l.t.Error(short)
	}
}

// 3. Calls per step are at least one and at most one more than the recoveries, and
// an idempotency key is one step's alone.
func (l *lab) callsAreAccountedFor(changes []change, want expected) int {
	l.t.Helper()
	again := map[string]int{} // run → times that a worker lost it or gave it back
	for _, c := range changes {
		if c.lost() || c.handedBack() {
			again[c.run]++
		}
	}
	type place struct{ run, step, item string }
	calls, keys := map[place]int{}, map[place]string{}
	steps := map[string]place{}
	for _, c := range l.target.all() {
		p := place{c.run, c.step, c.item}
		calls[p]++
		if c.method == "GET" {
			continue
		}
		if c.key == "" || (keys[p] != "" && keys[p] != c.key) {
			l.t.Errorf("step %s of run %s was called with the key %q and with %q", c.step, c.run, keys[p], c.key)
		}
		if other, known := steps[c.key]; known && other != p {
			l.t.Errorf("the key %q was used by %v and by %v", c.key, other, p)
		}
		keys[p], steps[c.key] = c.key, p
	}
	for p, n := range calls {
		allowed := 1 + again[p.run]
		if want.repeats != nil {
			allowed += want.repeats(p.step)
		}
		if n > allowed {
			l.t.Errorf("step %s of run %s was called %d times with %d recoveries", p.step, p.run, n, again[p.run])
		}
	}
	for _, text := range l.texts(`SELECT run_id || ' ' || step_id || ' ' || iteration FROM step_runs WHERE type = 'http_request' AND status = 'succeeded' AND NOT EXISTS
		(SELECT 1 FROM runs r WHERE r.id = run_id AND r.retry_from <> '')`) {
		parts := strings.Split(text, " ")
		run, step := parts[0], parts[1]
		if calls[place{run, step, parts[2]}] == 0 && !l.takenAsDone(run, step) {
			l.t.Errorf("step %s of run %s has a result but was never called", step, run)
		}
	}
	return len(l.target.all())
}

// takenAsDone says that a person has decided the step's result.
func (l *lab) takenAsDone(run, step string) bool {
	return len(l.texts(`SELECT note FROM step_runs WHERE run_id = '`+run+`' AND step_id = '`+step+`' AND note <> ''`)) > 0
}

// 4. No two leases overlap, nothing final changes, and what a dead worker held goes on in time.
func (l *lab) noLeasesOverlap(changes []change, want expected) {
	l.t.Helper()
	waiting := map[string]time.Time{} // run → when its worker was killed
	wrongs := 0
	for _, c := range changes {
		if wrong := c.wrong(); wrong != "" {
			if wrongs++; wrongs <= 5 {
				l.t.Errorf("run %s: %s", c.run, wrong)
			}
		}
		if killed, known := l.kills[c.pid()]; known && c.lost() {
			waiting[c.run] = killed
		}
		if killed, known := waiting[c.run]; known && c.became == "running" {
			delete(waiting, c.run)
			l.longest = max(l.longest, c.at.Sub(killed))
		}
	}
	if l.longest > want.takeUp {
		l.t.Errorf("a run went on %v after its worker's loss; %v were promised", l.longest.Round(time.Millisecond), want.takeUp)
	}
}

// 5. A planned time happens once, and each one that ran has a run of its own.
func (l *lab) plannedTimesAreUnique() {
	l.t.Helper()
	for _, wrong := range l.texts(`SELECT schedule_id || ' ' || planned_at || ' stands ' || count(*) || ' times' FROM planned_runs GROUP BY schedule_id, planned_at HAVING count(*) > 1 LIMIT 5`) {
		l.t.Error(wrong)
	}
	for _, wrong := range l.texts(`SELECT schedule_id || ' ' || planned_at || ' ' || outcome || ' without a run' FROM planned_runs p
		WHERE outcome IN ('ran', 'caught_up') AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = p.run_id) LIMIT 5`) {
		l.t.Error(wrong)
	}
	for _, wrong := range l.texts(`SELECT r.id || ' was started by a schedule, but stands in the ledger ' || count(p.id) || ' times' FROM runs r
		LEFT JOIN planned_runs p ON p.run_id = r.id AND p.outcome IN ('ran', 'caught_up') WHERE r.trigger_type = 'schedule' GROUP BY r.id HAVING count(p.id) <> 1 LIMIT 5`) {
		l.t.Error(wrong)
	}
	for _, wrong := range l.texts(`SELECT s.schedule_id || ' has no row for ' || s.minute FROM (
			SELECT schedule_id, generate_series(min(planned_at), max(planned_at), interval '1 minute') AS minute FROM planned_runs GROUP BY schedule_id) s
		JOIN schedules d ON d.id = s.schedule_id AND d.rule->>'cron' = '* * * * *'
		LEFT JOIN planned_runs p ON p.schedule_id = s.schedule_id AND p.planned_at = s.minute WHERE p.id IS NULL LIMIT 5`) {
		l.t.Error(wrong)
	}
}

// 6. Nothing is left over: hints, jobs in progress, descriptors, connections.
func (l *lab) nothingIsLeftOver() {
	l.t.Helper()
	if len(l.living()) == 0 {
		return // nobody is there to clean up
	}
	var left []string
	if !within(l.t, 50*time.Second, "no job is left in Redis", func() bool { left = l.leftInRedis(); return len(left) == 0 }) {
		l.t.Errorf("left in Redis: %v", left)
	}
	for _, p := range append(l.living(), l.web) {
		if n := p.descriptors(); n > 120 {
			l.t.Errorf("%s has %d files and connections open", p.name, n)
		}
	}
}

func (l *lab) living() []*process {
	return slices.DeleteFunc(slices.Clone(l.workers), func(w *process) bool { return !w.alive() })
}

func (l *lab) leftInRedis() []string {
	keys, err := redis.Strings(l.redis.try("KEYS", namespace+":jobs:*"))
	if err != nil {
		return []string{err.Error()}
	}
	var left []string
	for _, key := range keys {
		if n, err := redis.Int(l.redis.try("LLEN", key)); err == nil && n > 0 {
			left = append(left, fmt.Sprintf("%s: %d", key, n))
		}
	}
	return left
}

// stopAll ends every process as a host does, and looks that nothing of it stays.
func (l *lab) stopAll() {
	l.t.Helper()
	var stops sync.WaitGroup
	for _, p := range append(l.living(), l.web) {
		if p.alive() {
			stops.Go(func() { p.stop() })
		}
	}
	stops.Wait()
	within(l.t, 10*time.Second, "no connection to the database is left", func() bool {
		var others int
		err := l.db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'lab'`).Scan(&others)
		return err == nil && others == 0
	})
}

// 7. No secret stands anywhere: not in a log, not in a row, not in Redis.
func (l *lab) canaryIsNowhere() {
	l.t.Helper()
	for _, p := range append(slices.Clone(l.workers), l.web) {
		if p.log.has("canary") || p.log.has(keyCanary) || p.log.has(base64.StdEncoding.EncodeToString([]byte(secretCanary))) {
			l.t.Errorf("a secret stands in the log of %s", p.name)
		}
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(secretCanary))
	for _, table := range l.texts(`SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`) {
		if found := l.texts(`SELECT left(x::text, 300) FROM ` + table + ` x WHERE x::text LIKE '%canary%' OR x::text LIKE '%` + encoded + `%' LIMIT 1`); len(found) > 0 {
			l.t.Errorf("a secret stands in %s: %s", table, found[0])
		}
	}
	if l.target.sawKey() {
		if told := l.texts(`SELECT run_id::text FROM step_runs WHERE output::text LIKE '%[secret LAB_KEY]%' LIMIT 1`); len(told) == 0 && len(l.texts(`SELECT id::text FROM step_runs WHERE type = 'http_request' AND status = 'succeeded' LIMIT 1`)) > 0 {
			l.t.Error("no answer shows where the secret was taken out: the check would see nothing")
		}
	}
	keys, _ := redis.Strings(l.redis.try("KEYS", "*"))
	for _, key := range keys {
		if dump, _ := redis.String(l.redis.try("DUMP", key)); strings.Contains(dump, "canary") {
			l.t.Errorf("a secret stands in Redis under %s", key)
		}
	}
}

// texts runs a query of one text column.
func (l *lab) texts(query string) []string {
	l.t.Helper()
	rows, err := l.db.Query(query)
	if err != nil {
		l.t.Errorf("%v: %s", err, query)
		return nil
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			l.t.Error(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		l.t.Errorf("%v: %s", err, query)
	}
	return all
}
