package engine

import (
	"sync"
	"time"
)

// stepLimit is an attempt's time limit. It stands still while the attempt waits for room
// in this process: a step that has acted must not be called late for that.
type stepLimit struct {
	timer *time.Timer

	mu      sync.Mutex
	since   time.Time // when the timer was set
	left    time.Duration
	waits   int
	stopped bool // the timer, before its time and to be set again
}

func newStepLimit(limit time.Duration, over func()) *stepLimit {
	return &stepLimit{timer: time.AfterFunc(limit, over), since: time.Now(), left: limit}
}

// whileWaiting stops the time until what it returns is called; nil has none to stop.
func (l *stepLimit) whileWaiting() (over func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waits++; l.waits == 1 && l.timer.Stop() {
		l.left -= time.Since(l.since)
		l.stopped = true
	}
	return l.runOn
}

func (l *stepLimit) runOn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waits--; l.waits == 0 && l.stopped {
		l.stopped, l.since = false, time.Now()
		l.timer.Reset(max(l.left, 1))
	}
}

// lift ends the limit: the attempt is over.
func (l *stepLimit) lift() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Stop()
	l.stopped = false
}
