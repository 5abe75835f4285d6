package routes_test

import (
	"strings"
	"testing"

	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue/queuetest"
)

func TestReadinessNeedsTheDatabaseAndReportsRedis(t *testing.T) {
	db := modelstest.SQLite(t)
	q, server := queuetest.MiniServer(t)
	s := newSite(t, db, func(p *routes.Parts) { p.Queue = q })
	visitor := s.visitor()
	if a := visitor.get("/readyz"); a.StatusCode != 200 || a.decoded(t)["redis"] != "ok" {
		t.Errorf("with both servers: %d %s", a.StatusCode, a.body)
	}
	server.Close()
	if a := visitor.get("/readyz"); a.StatusCode != 200 || !strings.Contains(a.body, q.Address()) {
		t.Errorf("without Redis: %d %s", a.StatusCode, a.body)
	}
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	if a := visitor.get("/readyz"); a.StatusCode != 503 || a.decoded(t)["status"] != "not ready" {
		t.Errorf("without the database: %d %s", a.StatusCode, a.body)
	}
	if a := visitor.get("/healthz"); a.StatusCode != 200 {
		t.Errorf("/healthz answered %d", a.StatusCode)
	}
}

func TestMetricsNameTheQueueAndTheRoutes(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	s.api("GET", "/runs", nil)
	s.api("GET", "/made-up-"+models.NewID(), nil)
	page := s.visitor().get("/metrics").body
	for _, line := range []string{
		`workflows_up{server="database"} 1`, `workflows_alerts{kind="overdue"} 0`, `workflows_up{server="redis"} 1`, `workflows_queue_size{queue="default"} 0`, `workflows_runs{status="queued"} 0`, `workflows_standstill 0`,
		`workflows_http_request_seconds_count{method="GET",route="/api/v1/runs",status="200"} 1`,
		`workflows_http_request_seconds_count{method="any",route="",status="404"} 1`,
	} {
		if !strings.Contains(page, line) {
			t.Errorf("%s is missing", line)
		}
	}
	if strings.Contains(page, "made-up") {
		t.Error("an address of a stranger became a series")
	}
}
