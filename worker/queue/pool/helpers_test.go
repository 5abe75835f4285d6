package pool_test

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(modelstest.AtOnce(m, 6)) // mostly they wait
}

// worker is a running pool that notes what it handled.
type worker struct {
	mu      sync.Mutex
	handled map[string]int
	end     context.CancelFunc
	ended   chan struct{}
}

// startWorker runs a pool until the test ends. A nil handle succeeds at once.
func startWorker(t *testing.T, q *queue.Queue, o pool.Options) *worker {
	t.Helper()
	w := &worker{handled: map[string]int{}, ended: make(chan struct{})}
	handle := o.Handle
	o.Handle = func(ctx context.Context, runID string) error {
		w.mu.Lock()
		w.handled[runID]++
		w.mu.Unlock()
		if handle != nil {
			return handle(ctx, runID)
		}
		return nil
	}
	if o.Concurrency == 0 {
		o.Concurrency = 5
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.end = cancel
	go func() {
		defer close(w.ended)
		if err := pool.Run(ctx, q, o); err != nil {
			t.Errorf("the pool ended with %v", err)
		}
	}()
	t.Cleanup(w.stop)
	return w
}

func (w *worker) stop() {
	w.end()
	<-w.ended
}

// stopsWithin stops the worker, and fails the test where that takes longer: the limit is
// far beyond what a busy machine takes, and far below for how long the fault would.
func (w *worker) stopsWithin(t *testing.T, limit time.Duration, what string) {
	t.Helper()
	w.end()
	within(t, limit, what, w.ended)
}

func (w *worker) count(runID string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.handled[runID]
}

func (w *worker) total() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.handled)
}

// awaitIdle waits until the worker is connected and hears the bell.
func awaitIdle(t *testing.T, q *queue.Queue) {
	t.Helper()
	modelstest.Eventually(t, "a worker is connected", func() bool {
		stats, err := board.ReadStats(t.Context(), q)
		return err == nil && len(stats.Workers) > 0
	})
	modelstest.Eventually(t, "a worker hears the bell", func() bool {
		channels, _ := queuetest.Do(t, q, "PUBSUB", "CHANNELS").([]any)
		for _, name := range channels {
			if data, _ := name.([]byte); string(data) == queuetest.Key(q, "bell") {
				return true
			}
		}
		return false
	})
}

func ring(t *testing.T, q *queue.Queue) string {
	t.Helper()
	id := models.NewID()
	if _, err := q.Ring(t.Context(), queue.Hint{RunID: id}); err != nil {
		t.Fatal(err)
	}
	return id
}

func stats(t *testing.T, q *queue.Queue) board.Stats {
	t.Helper()
	s, err := board.ReadStats(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// logBuffer is a log that tests read.
type logBuffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *logBuffer) count(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Count(b.data.Bytes(), []byte(text))
}

func (b *logBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

func (b *logBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// within fails the test when the channel stays silent.
func within(t *testing.T, limit time.Duration, what string, done <-chan struct{}) {
	t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		t.Fatalf("not within %s: %s", limit, what)
	}
}

// waitFor is a handler that ends when release is closed.
func waitFor(release <-chan struct{}) func(context.Context, string) error {
	return func(context.Context, string) error {
		<-release
		return nil
	}
}

// heldLists counts the lists of jobs in progress.
func heldLists(t *testing.T, q *queue.Queue) int {
	t.Helper()
	keys, _ := queuetest.Do(t, q, "KEYS", queuetest.Key(q, "jobs:*:inprogress")).([]any)
	return len(keys)
}

// commands counts what the server has executed, scripts' own calls included.
func commands(t *testing.T, q *queue.Queue) int {
	t.Helper()
	info, _ := queuetest.Do(t, q, "INFO", "commandstats").([]byte)
	total := 0
	for _, line := range strings.Split(string(info), "\n") {
		_, rest, ok := strings.Cut(line, ":calls=")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, ",")
		n, _ := strconv.Atoi(number)
		total += n
	}
	return total
}

// laneOf is the lane of this name among the numbers.
func laneOf(s board.Stats, name string) board.Lane {
	for _, lane := range s.Lanes {
		if lane.Name == name {
			return lane
		}
	}
	return board.Lane{}
}
