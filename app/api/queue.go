package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/worker/queue/board"
)

// Queue is all numbers of the queue. Where a server cannot be reached, the last
// known numbers are given and the problem says so.
type Queue struct {
	Queues        []Lane   `json:"queues"`
	Queued        int64    `json:"queued" doc:"Runs that wait for a worker."`
	Running       int64    `json:"running" doc:"Runs that are being executed."`
	Waiting       int64    `json:"waiting" doc:"Runs that wait for a time, a retry or somebody."`
	Retrying      int64    `json:"retrying" doc:"Hints for the next attempt of a step."`
	Dead          int64    `json:"dead" doc:"Jobs in gocraft/work's list of the dead."`
	Scheduled     int64    `json:"scheduled" doc:"Hints for a later time."`
	SetAside      int64    `json:"set_aside" doc:"Unreadable jobs that were set aside."`
	LateSchedules int      `json:"late_schedules"`
	Workers       []Worker `json:"workers"`
	History       []Minute `json:"history" doc:"The last 60 minutes, oldest first."`
	RedisProblem  *string  `json:"redis_problem" doc:"A sentence while Redis cannot be reached."`
	NumbersAt     *Time    `json:"numbers_at" doc:"When all numbers were last known."`
}

// Lane is one queue.
type Lane struct {
	Name           string  `json:"name"`
	Size           int64   `json:"size"`
	LatencySeconds float64 `json:"latency_seconds" doc:"How long the oldest hint has been waiting."`
	Paused         bool    `json:"paused"`
}

// Worker is one worker process with a fresh heartbeat.
type Worker struct {
	ID          string   `json:"id"`
	Host        string   `json:"host"`
	PID         int      `json:"pid"`
	Concurrency int      `json:"concurrency"`
	Busy        int      `json:"busy"`
	StartedAt   Time     `json:"started_at"`
	HeartbeatAt Time     `json:"heartbeat_at"`
	Runs        []string `json:"runs" doc:"The ids of the runs that it executes."`
	Drained     bool     `json:"drained" doc:"Whether somebody has it take no further run."`
}

// Minute counts the runs that ended in one minute.
type Minute struct {
	Minute    Time `json:"minute"`
	Succeeded int  `json:"succeeded"`
	Failed    int  `json:"failed"`
}

func (a *API) queueOperations() []Operation {
	const group = "Queue"
	return []Operation{
		{Method: http.MethodGet, Path: "/queue", Name: "getQueue", Group: group, Summary: "Read the queue's numbers, the workers and the last hour; at most a second old.", Scope: auth.ScopeRead, Status: 200, Answer: Queue{}, Handle: a.getQueue},
		{Method: http.MethodPost, Path: "/queues/:name/pause", Name: "pauseQueue", Group: group, Summary: "Pause a queue: its runs wait.", Scope: auth.ScopeRun, Status: 200, Answer: Lane{}, Errors: []int{404}, Handle: a.pauseQueue},
		{Method: http.MethodPost, Path: "/queues/:name/resume", Name: "resumeQueue", Group: group, Summary: "Resume a queue.", Scope: auth.ScopeRun, Status: 200, Answer: Lane{}, Errors: []int{404}, Handle: a.resumeQueue},
		{Method: http.MethodPost, Path: "/workers/:id/drain", Name: "drainWorker", Group: group, Summary: "Have a connected worker take no further run; what it executes goes on.", Scope: auth.ScopeRun, Status: 200, Answer: Worker{}, Errors: []int{404}, Handle: a.drainWorker},
		{Method: http.MethodPost, Path: "/workers/:id/release", Name: "releaseWorker", Group: group, Summary: "Have a drained worker take runs again.", Scope: auth.ScopeRun, Status: 200, Answer: Worker{}, Errors: []int{404}, Handle: a.releaseWorker},
	}
}

func (a *API) getQueue(c *gin.Context) (any, error) {
	if _, err := read(c, nil); err != nil {
		return nil, err
	}
	s := a.Board.Snapshot(c.Request.Context())
	answer := Queue{
		Queues: []Lane{}, Queued: s.Queued, Running: s.Running, Waiting: s.Waiting, Retrying: s.Retrying, Dead: s.Dead,
		Scheduled: s.Scheduled, SetAside: s.SetAside, LateSchedules: s.LateSchedules, Workers: []Worker{}, History: []Minute{}, NumbersAt: at(&s.NumbersAt),
	}
	for _, lane := range s.Lanes {
		answer.Queues = append(answer.Queues, laneOf(lane))
	}
	for _, w := range s.Workers {
		_, drained := s.Drained[w.ID]
		answer.Workers = append(answer.Workers, workerOf(w, drained))
	}
	for _, m := range s.History {
		answer.History = append(answer.History, Minute{Minute: Time(m.At), Succeeded: m.Succeeded, Failed: m.Failed})
	}
	if s.RedisError != "" {
		answer.RedisProblem = &s.RedisError
	}
	return answer, nil
}

func laneOf(lane board.Lane) Lane {
	return Lane{Name: lane.Name, Size: lane.Size, LatencySeconds: lane.Latency.Seconds(), Paused: lane.Paused}
}

func workerOf(w board.Worker, drained bool) Worker {
	runs := w.Current
	if runs == nil {
		runs = []string{}
	}
	return Worker{
		ID: w.ID, Host: w.Host, PID: w.PID, Concurrency: w.Concurrency, Busy: w.Busy,
		StartedAt: Time(w.StartedAt), HeartbeatAt: Time(w.HeartbeatAt), Runs: runs, Drained: drained,
	}
}

func (a *API) drainWorker(c *gin.Context) (any, error) {
	return a.changeWorker(c, true, func(w board.Worker) error {
		return a.Catalog.DrainWorker(c.Request.Context(), w.ID, w.Name(), by(c))
	})
}

func (a *API) releaseWorker(c *gin.Context) (any, error) {
	return a.changeWorker(c, false, func(w board.Worker) error {
		return a.Catalog.ReleaseWorker(c.Request.Context(), w.ID, w.Name())
	})
}

func (a *API) changeWorker(c *gin.Context, drained bool, change func(board.Worker) error) (any, error) {
	if err := noBody(c); err != nil {
		return nil, err
	}
	a.Board.Invalidate() // it may have come a moment ago
	w, err := a.Board.Snapshot(c.Request.Context()).Worker(c.Param("id"))
	if err == nil {
		err = change(w)
	}
	if err != nil {
		return nil, err
	}
	a.Board.Invalidate()
	return workerOf(w, drained), nil
}

func (a *API) pauseQueue(c *gin.Context) (any, error) {
	if err := noBody(c); err != nil {
		return nil, err
	}
	if err := a.Catalog.PauseLane(c.Request.Context(), c.Param("name"), by(c)); err != nil {
		return nil, err
	}
	return a.lane(c, true), nil
}

func (a *API) resumeQueue(c *gin.Context) (any, error) {
	if err := noBody(c); err != nil {
		return nil, err
	}
	if err := a.Catalog.ResumeLane(c.Request.Context(), c.Param("name")); err != nil {
		return nil, err
	}
	return a.lane(c, false), nil
}

// lane is a queue as it is after the change; the snapshot may be a second older.
func (a *API) lane(c *gin.Context, paused bool) Lane {
	for _, lane := range a.Board.Snapshot(c.Request.Context()).Lanes {
		if lane.Name == c.Param("name") {
			lane.Paused = paused
			return laneOf(lane)
		}
	}
	return Lane{Name: c.Param("name"), Paused: paused}
}
