package queue

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Worker is a worker process that is connected now.
type Worker struct {
	ID, Host               string
	PID, Concurrency, Busy int
	StartedAt, HeartbeatAt time.Time
	// Current are the ids of the runs that it executes, as of a second ago.
	Current []string

	workerIDs []string
}

// workers reads the heartbeats of the pools and, for those that are connected,
// what each of their workers does. Oldest first.
func (q *Queue) workers(ctx context.Context, pools []string, now time.Time) ([]Worker, error) {
	var commands []command
	for _, id := range pools {
		commands = append(commands, cmd("HGETALL", q.keys.heartbeat(id)), cmd("PTTL", q.keys.heartbeat(id)))
	}
	replies, err := q.pipeline(ctx, commands...)
	if err != nil {
		return nil, err
	}
	var workers []Worker
	for i, id := range pools {
		worker := readHeartbeat(id, replies[2*i])
		if worker.HeartbeatAt.IsZero() {
			continue
		}
		// A heartbeat that is about to expire is alive even where its worker's clock is wrong.
		if number(replies[2*i+1]) > 0 || now.Sub(worker.HeartbeatAt) <= silence {
			workers = append(workers, worker)
		}
	}
	slices.SortFunc(workers, func(a, b Worker) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.ID, b.ID))
	})
	return workers, q.observe(ctx, workers)
}

// observe fills in what the workers do.
func (q *Queue) observe(ctx context.Context, workers []Worker) error {
	var commands []command
	for _, worker := range workers {
		for _, id := range worker.workerIDs {
			commands = append(commands, cmd("HGET", q.keys.worker(id), "job_id"))
		}
	}
	replies, err := q.pipeline(ctx, commands...)
	if err != nil {
		return err
	}
	at := 0
	for i := range workers {
		for range workers[i].workerIDs {
			if runID, err := redis.String(replies[at], nil); err == nil && runID != "" {
				workers[i].Busy++
				workers[i].Current = append(workers[i].Current, runID)
			}
			at++
		}
	}
	return nil
}

func readHeartbeat(id string, reply any) Worker {
	fields, err := redis.StringMap(reply, nil)
	if err != nil {
		return Worker{}
	}
	worker := Worker{ID: id, Host: fields["host"]}
	worker.PID, _ = strconv.Atoi(fields["pid"])
	worker.Concurrency, _ = strconv.Atoi(fields["concurrency"])
	worker.StartedAt = readSeconds(fields["started_at"])
	worker.HeartbeatAt = readSeconds(fields["heartbeat_at"])
	if ids := fields["worker_ids"]; ids != "" {
		worker.workerIDs = strings.Split(ids, ",")
		worker.workerIDs = worker.workerIDs[:min(len(worker.workerIDs), 1000)]
	}
	return worker
}

func readSeconds(text string) time.Time {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func nowSeconds() int64 { return time.Now().Unix() }
