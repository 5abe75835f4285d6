package board

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// Worker is a worker process that is connected now.
type Worker struct {
	ID, Host               string
	PID, Concurrency, Busy int
	StartedAt, HeartbeatAt time.Time
	// Current are the ids of the runs that it executes, as of a second ago.
	Current []string

	workerIDs []string
	beatsOn   bool // its heartbeat has not expired
}

// Name is how people know the worker.
func (w Worker) Name() string { return w.Host + ", process " + strconv.Itoa(w.PID) }

// Worker is one of the connected workers; models.ErrNotFound where there is none with this id.
func (s Snapshot) Worker(id string) (Worker, error) {
	for _, w := range s.Workers {
		if w.ID == id {
			return w, nil
		}
	}
	return Worker{}, models.ErrNotFound
}

// readWorkers reads what the outdated workers say, the heartbeats of the pools and, for
// those that are connected, what each of their workers does. Oldest first.
func (s *Stats) readWorkers(ctx context.Context, q *queue.Queue, pools, outdated []string) error {
	workers := make([]Worker, len(pools))
	var questions []question
	for i, id := range pools {
		w := &workers[i]
		questions = append(questions,
			question{wire.Cmd("HGETALL", q.Keys.Heartbeat(id)), func(reply any) { *w = readHeartbeat(id, reply) }},
			question{wire.Cmd("PTTL", q.Keys.Heartbeat(id)), func(reply any) { w.beatsOn = wire.Number(reply) > 0 }})
	}
	for _, name := range outdated {
		questions = append(questions, question{wire.Cmd("GET", q.Keys.State(name)), func(reply any) {
			if one, known := queue.ReadState[queue.Outdated](reply); known {
				s.Outdated = append(s.Outdated, one)
			}
		}})
	}
	if _, err := ask(ctx, q, questions); err != nil {
		return err
	}
	s.Workers = slices.DeleteFunc(workers, func(w Worker) bool { return !w.connected(s.At) })
	slices.SortFunc(s.Workers, func(a, b Worker) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.ID, b.ID))
	})
	questions = nil
	for i := range s.Workers {
		w := &s.Workers[i]
		for _, id := range w.workerIDs {
			questions = append(questions, question{wire.Cmd("HGET", q.Keys.Worker(id), "job_id"), func(reply any) {
				if runID, err := redis.String(reply, nil); err == nil && runID != "" {
					w.Busy++
					w.Current = append(w.Current, runID)
				}
			}})
		}
	}
	_, err := ask(ctx, q, questions)
	return err
}

// connected reports whether the worker is alive. A heartbeat that is about to
// expire is, even where its worker's clock is wrong.
func (w Worker) connected(now time.Time) bool {
	return !w.HeartbeatAt.IsZero() && (w.beatsOn || now.Sub(w.HeartbeatAt) <= queue.Silence)
}

func readHeartbeat(id string, reply any) Worker {
	fields, err := redis.StringMap(reply, nil)
	if err != nil {
		return Worker{}
	}
	worker := Worker{ID: id, Host: fields["host"]}
	worker.PID, _ = strconv.Atoi(fields["pid"])
	worker.Concurrency, _ = strconv.Atoi(fields["concurrency"])
	worker.StartedAt = readSeconds([]byte(fields["started_at"]))
	worker.HeartbeatAt = readSeconds([]byte(fields["heartbeat_at"]))
	if ids := fields["worker_ids"]; ids != "" {
		worker.workerIDs = strings.Split(ids, ",")
		worker.workerIDs = worker.workerIDs[:min(len(worker.workerIDs), 1000)]
	}
	return worker
}

// readSeconds reads a time in seconds since 1970; zero if there is none.
func readSeconds(reply any) time.Time {
	seconds, err := redis.Int64(reply, nil)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
