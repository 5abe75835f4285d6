package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"time"

	"workflows/models"
	"workflows/worker/process"
	"workflows/worker/queue"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// childArgument makes this program a worker.
const childArgument = "worker"

// napFor is how long a "nap" step takes, without using the processor.
const napFor = 100 * time.Millisecond

// workerProcess is a worker in a process of its own.
type workerProcess struct{ cmd *exec.Cmd }

func (e *env) workerProcess(ctx context.Context) (*workerProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, childArgument)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+e.databaseURL, "REDIS_URL="+e.redisURL, "REDIS_NAMESPACE="+e.namespace)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	return &workerProcess{cmd}, nil
}

func (w *workerProcess) id() int { return w.cmd.Process.Pid }

// kill gives it no chance to hand anything over.
func (w *workerProcess) kill() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
}

// stop ends it as an operator does, and waits.
func (w *workerProcess) stop() error {
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop a worker: %w", err)
	}
	if err := w.cmd.Wait(); err != nil {
		return fmt.Errorf("stop a worker: %w", err)
	}
	return nil
}

// child is a worker whose "hold" step goes on until it is killed.
func child(ctx context.Context) error {
	db, err := models.Open(models.Source{URL: os.Getenv("DATABASE_URL")})
	if err != nil {
		return err
	}
	q, err := queue.Open(queue.Options{URL: os.Getenv("REDIS_URL"), Namespace: os.Getenv("REDIS_NAMESPACE"), TLSInsecure: os.Getenv("REDIS_TLS_INSECURE") == "1"})
	if err != nil {
		return err
	}
	types := marks(nil).types()
	maps.Copy(types, steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}))
	types["hold"], types["nap"] = idleStep("hold", time.Hour), idleStep("nap", napFor)
	return process.Run(ctx, process.Config{DB: db, Queue: q, Types: types, Grace: time.Second})
}

// idleStep is a step that only takes its time.
func idleStep(name string, long time.Duration) workflow.StepType {
	return workflow.StepType{
		Name: name, Title: name, Effects: func(map[string]any) bool { return false },
		Execute: func(ctx context.Context, _ workflow.Call) (workflow.Outcome, error) {
			select {
			case <-ctx.Done():
				return workflow.Outcome{}, ctx.Err()
			case <-time.After(long):
				return workflow.Outcome{}, nil
			}
		},
	}
}

// workerProcesses starts n of them; stop ends them all.
func (e *env) workerProcesses(ctx context.Context, n int) (_ []*workerProcess, stop func() error, err error) {
	var all []*workerProcess
	stop = func() (err error) {
		for _, w := range all {
			err = errors.Join(err, w.stop())
		}
		return err
	}
	for range n {
		w, err := e.workerProcess(ctx)
		if err != nil {
			return nil, nil, errors.Join(err, stop())
		}
		all = append(all, w)
	}
	return all, stop, nil
}
