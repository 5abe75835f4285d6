package engine_test

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/workflow"
)

// halfOpen is a lab on PostgreSQL, and a second party in it whose way to the
// server can be made bad. Where PostgreSQL is not installed the test is skipped.
func halfOpen(t *testing.T) (near, far *lab, way *modelstest.Proxy) {
	t.Helper()
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("the embedded database has no way to it")
	}
	db, address := modelstest.Postgres(t)
	near = newLab(t, db, queuetest.Mini(t))
	through, err := url.Parse(address)
	near.must(err)
	port, err := strconv.Atoi(through.Port())
	near.must(err)
	way = modelstest.StartProxy(t, port)
	through.Host = "127.0.0.1:" + strconv.Itoa(way.Port())
	behind, err := models.Open(models.Source{URL: through.String()})
	near.must(err)
	t.Cleanup(func() { _ = models.Close(behind) })
	return near, newLab(t, behind, near.q), way
}

// A call must not go on beside its repetition, so whoever cannot keep a lease cuts
// its step off before anybody else can have the run.
func TestWorkerOnAHalfOpenWayCutsItsStepOffBeforeAnotherHasTheRun(t *testing.T) {
	near, far, way := halfOpen(t)
	// As they are: it has a twelfth of that, and a busy machine stands still for half a second.
	near.lease, far.lease = 12*time.Second, 12*time.Second
	far.worker(1, 0)
	run := near.run(`{"name": "Half open", "steps": [{"id": "h", "type": "hold"}]}`)
	<-far.lit.begun
	near.until(run.ID, workflow.RunRunning)
	way.HalfOpen()
	defer way.Pass()
	defer near.sweeper()()
	near.until(run.ID, workflow.RunQueued) // taken over, since its lease has ended
	select {
	case cause := <-far.lit.ended:
		if !errors.Is(cause, engine.ErrLeaseLost) {
			t.Fatal(cause)
		}
	default:
		t.Fatal("the step is still at work although another worker may have the run")
	}
	close(near.lit.open)
	near.must(near.e.Execute(context.Background(), run.ID))
	ended := near.ended(run.ID)
	equal(t, "run", []any{ended.Status, ended.Attempt}, []any{workflow.RunSucceeded, 2})
}
