package routes

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
)

// probeTime bounds the answer to /readyz.
const probeTime = 3 * time.Second

// Probes is what machines ask about the process: /healthz, /readyz, /metrics.
type Probes struct {
	db       *gorm.DB
	queue    *queue.Queue
	problem  func() string
	storage  func() string
	registry *prometheus.Registry
	took     *prometheus.HistogramVec
}

// NewProbes prepares the three. problem says what is wrong with the database,
// storage why it stores nothing.
func NewProbes(db *gorm.DB, q *queue.Queue, shown *board.Board, problem, storage func() string) *Probes {
	p := &Probes{
		db: db, queue: q, problem: problem, storage: storage, registry: prometheus.NewRegistry(),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "workflows_http_request_seconds", Help: "How long requests took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
	}
	p.registry.MustRegister(p.took, &numbers{board: shown, db: db}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return p
}

// Observe counts a finished request. Routes, not addresses, tell series apart.
func (p *Probes) Observe(method, route string, status int, took time.Duration) {
	if route == "" {
		method = "any" // an address outside the table: strangers must not make series
	}
	p.took.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (p *Probes) mount(engine *gin.Engine) {
	metrics := promhttp.HandlerFor(p.registry, promhttp.HandlerOpts{})
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		engine.Handle(method, "/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
		engine.Handle(method, "/readyz", p.ready)
		engine.Handle(method, "/metrics", gin.WrapH(metrics))
	}
}

// ready is 200 when the database can be used. Redis is reported only: without
// it runs are still accepted and kept.
func (p *Probes) ready(c *gin.Context) {
	status, body := http.StatusOK, gin.H{"status": "ready", "database": "ok", "redis": "ok"}
	if problem := p.problem(); problem != "" {
		body["status"], body["database"] = "not ready", problem
		delete(body, "redis")
		c.Header("Retry-After", "5")
		c.JSON(http.StatusServiceUnavailable, body)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), probeTime)
	defer cancel()
	if err := models.Ping(ctx, p.db); err != nil {
		status = http.StatusServiceUnavailable
		body["status"], body["database"] = "not ready", models.Explain(p.db, err)
		c.Header("Retry-After", "5")
	} else if problem := p.storage(); problem != "" {
		status = http.StatusServiceUnavailable
		body["status"], body["database"] = "not ready", problem
		c.Header("Retry-After", "5")
	}
	if err := p.queue.Ping(ctx); err != nil {
		body["redis"] = "Redis cannot be reached at " + p.queue.Address() + "."
	} else if outdated, err := p.queue.OutdatedWorkers(ctx); err == nil && len(outdated) > 0 {
		body["workers"] = queue.OutdatedSentence(outdated)
	}
	c.JSON(status, body)
}
