package board

import (
	"fmt"
	"time"

	"workflows/worker/queue"
)

// What a notice is about: whoever shows it knows where to lead people from there.
const (
	AboutServers   = "servers"
	AboutWorkers   = "workers"
	AboutQueue     = "queue"
	AboutSchedules = "schedules"
	AboutRestored  = "restored"
	AboutStopped   = "maintenance"
)

// Notice is a sentence for people about what needs attention, with what to do.
type Notice struct {
	// Kind is warning or problem, About one of the above.
	Kind, About, Text string
}

// Notices say what needs attention, the worst first.
func (s Snapshot) Notices() []Notice {
	var notices []Notice
	if s.DatabaseError != "" {
		notices = append(notices, Notice{Kind: "problem", About: AboutServers, Text: s.DatabaseError})
	}
	if s.StorageError != "" && s.DatabaseError == "" {
		notices = append(notices, Notice{Kind: "problem", Text: s.StorageError})
	}
	if s.Standstill.Restored != nil {
		notices = append(notices, Notice{Kind: "problem", About: AboutRestored, Text: s.Standstill.Restored.Sentence()})
	}
	if s.Standstill.Maintenance != nil {
		notices = append(notices, Notice{Kind: "warning", About: AboutStopped, Text: s.Standstill.Maintenance.Sentence()})
	}
	if s.RedisError != "" {
		notices = append(notices, Notice{Kind: "problem", About: AboutServers, Text: s.RedisError})
	} else if len(s.Workers) == 0 && !s.Standstill.Holds() { // else they wait too, and are not seen
		notices = append(notices, Notice{
			Kind: "problem", About: AboutWorkers,
			Text: s.noWorker(),
		})
	}
	if s.allDrained() {
		notices = append(notices, Notice{Kind: "warning", About: AboutWorkers, Text: "All workers are drained. Nothing starts until one is released, or another is started."})
	}
	if outdated := queue.OutdatedSentence(s.Outdated); outdated != "" {
		notices = append(notices, Notice{Kind: "problem", About: AboutWorkers, Text: outdated})
	}
	for _, lane := range s.Lanes {
		if lane.Paused {
			notices = append(notices, Notice{
				Kind: "warning", About: AboutQueue,
				Text: fmt.Sprintf("The queue “%s” is paused. Its runs wait until it is resumed.", lane.Name),
			})
		}
	}
	if late := lateSentence(s.LateSchedules); late != "" && !s.Standstill.Holds() {
		notices = append(notices, Notice{Kind: "warning", About: AboutSchedules, Text: late})
	}
	return notices
}

// noWorker says that runs wait for a worker, and what to do.
func (s Snapshot) noWorker() string {
	if s.Standalone {
		return "The worker of this program is not at work" + s.since() + ". It begins by itself within some seconds, and runs wait until then. If this stays, the program's log says why."
	}
	return "No worker is connected" + s.since() + ". Runs wait until one is started: run `foreman start` (or `go run ./worker`)."
}

// allDrained reports that there are workers, and somebody has each of them take nothing.
func (s Snapshot) allDrained() bool {
	for _, w := range s.Workers {
		if _, drained := s.Drained[w.ID]; !drained {
			return false
		}
	}
	return len(s.Workers) > 0
}

// since names the time, with the day unless it was today. Times are UTC: the
// same bytes go to every viewer.
func (s Snapshot) since() string {
	switch {
	case s.WorkersSeenAt.IsZero():
		return ""
	case s.At.Sub(s.WorkersSeenAt) < 12*time.Hour:
		return " since " + s.WorkersSeenAt.UTC().Format("15:04 UTC")
	default:
		return " since " + s.WorkersSeenAt.UTC().Format("2 January 2006, 15:04 UTC")
	}
}

func lateSentence(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 schedule is late."
	default:
		return fmt.Sprintf("%d schedules are late.", n)
	}
}
