package engine_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/queue/queuetest"
	"workflows/worker/workflow"
)

// proxy stands between a program and a server, and can be cut.
type proxy struct {
	net.Listener
	target string
	mu     sync.Mutex
	down   bool
	conns  map[net.Conn]bool
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: listener, target: target, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listener.Close(); p.cut(true) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

func (p *proxy) serve(conn net.Conn) {
	defer conn.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil || !p.keep(conn, server) {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, conn); _ = server.Close() }()
	_, _ = io.Copy(conn, server)
}

// keep notes a pair of connections, unless the proxy is cut.
func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if p.down {
			_ = conn.Close()
			continue
		}
		p.conns[conn] = true
	}
	return !p.down
}

// cut ends every connection, and refuses new ones while down.
func (p *proxy) cut(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
	for conn := range p.conns {
		_ = conn.Close()
		delete(p.conns, conn)
	}
}

func TestDatabaseThatGoesAwayUnderLoadLosesNothingAndDoublesNothing(t *testing.T) {
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("without a server there is no connection to cut")
	}
	direct, address := modelstest.Postgres(t)
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	cable := newProxy(t, parsed.Host)
	parsed.Host = cable.Addr().String()
	far, err := models.Open(models.Source{URL: parsed.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close(far)

	q := queuetest.Mini(t)
	near := newLab(t, direct, q) // accepts and looks, whatever happens to the worker
	l := newLab(t, far, q)
	l.lease = 5 * time.Second // what was claimed while the database went is soon another's
	w := near.publish(`{"name": "Load", "steps": [{"id": "a", "type": "act"}, {"id": "b", "type": "nap"}, {"id": "c", "type": "act"}, {"id": "d", "type": "note"}]}`)
	l.worker(8, 0)
	var started []models.Run
	for range 40 {
		started = append(started, near.start(w, nil))
	}
	for round := range 3 {
		modelstest.Eventually(t, "a few more runs have ended", func() bool {
			counts, err := runs.CountByStatus(t.Context(), direct, w.ID, time.Now().Add(-time.Hour))
			return err == nil && counts[workflow.RunSucceeded] > int64(round*8)
		})
		cable.cut(true)
		modelstest.Eventually(t, "the database was away for a while", func() bool { // 300 ms, told by the runs' own clock
			return time.Now().UnixMilli()/300%2 == 0
		})
		cable.cut(false)
	}
	for _, run := range started {
		ended := near.ended(run.ID)
		if ended.Status != workflow.RunSucceeded {
			t.Fatal(string(ended.Error), summary(near.rows(run.ID)))
		}
		equal(t, "rows", summary(near.rows(run.ID)), []string{"a succeeded", "b succeeded", "c succeeded", "d succeeded"})
	}
	acts := map[string]int{}
	for _, call := range l.lit.calls {
		if call.StepID == "a" || call.StepID == "c" {
			acts[call.IdempotencyKey]++
		}
	}
	for key, times := range acts {
		if times != 1 {
			t.Errorf("%s acted %d times", key, times)
		}
	}
	equal(t, "acts", len(acts), 80)
}
