package pages

import (
	"strconv"
	"time"

	"workflows/worker/queue/board"
	"workflows/worker/workflow"
)

// finished sums what succeeded and failed in the history.
func finished(history []board.Minute) (good, bad int) {
	for _, minute := range history {
		good += minute.Succeeded
		bad += minute.Failed
	}
	return good, bad
}

// noWorkerWords say why there is no worker, and what to do where that is not as it should be.
func noWorkerWords(snapshot board.Snapshot) string {
	switch {
	case snapshot.Standstill.Holds():
		return "Workers take nothing, and show themselves when they do again: " + snapshot.Standstill.Cause()
	case snapshot.Standalone:
		return "The worker of this program is not at work. It begins by itself within some seconds, and then what waits."
	}
	return "No worker is connected. Start one with `foreman start` or `go run ./worker`; waiting runs begin at once."
}

// perMinute is how many runs finished in each minute, oldest first.
func perMinute(history []board.Minute) []float64 {
	values := make([]float64, len(history))
	for i, minute := range history {
		values[i] = float64(minute.Succeeded + minute.Failed)
	}
	return values
}

// workerPlaces sums how many runs the workers execute and could execute at once.
func workerPlaces(workers []board.Worker) (busy, places int) {
	for _, worker := range workers {
		busy += worker.Busy
		places += worker.Concurrency
	}
	return busy, places
}

// speedMinutes is over how many past minutes the present speed is measured.
const speedMinutes = 5

// forecast says when a queue of this size is empty at the speed of the last
// minutes. The present minute has only begun and does not count.
func forecast(size int64, history []board.Minute) string {
	if size == 0 {
		return "Empty"
	}
	past := history[:max(len(history)-1, 0)]
	good, bad := finished(past[max(len(past)-speedMinutes, 0):])
	if good+bad == 0 {
		return "Nothing has finished lately"
	}
	left := time.Duration(float64(size) / float64(good+bad) * float64(speedMinutes*time.Minute))
	switch {
	case left < time.Minute:
		return "Empty in less than a minute at this speed"
	case left > 48*time.Hour:
		return "Empty in more than two days at this speed"
	}
	return "Empty in about " + roughly(left) + " at this speed"
}

// roughly rounds a length of time to what is worth saying of a forecast.
func roughly(d time.Duration) string {
	if d < 90*time.Minute {
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	}
	return workflow.DurationWords(d.Round(time.Hour))
}

func toneIf(yes bool, tone string) string {
	if yes {
		return tone
	}
	return ""
}
