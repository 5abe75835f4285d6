package frame

import (
	"workflows/views/ui"
	"workflows/worker/queue/board"
)

// BoardNotices are the board's sentences with where each leads.
func BoardNotices(snapshot board.Snapshot) []ui.Notice {
	var notices []ui.Notice
	for _, n := range snapshot.Notices() {
		notice := ui.Notice{Kind: n.Kind, Text: n.Text}
		switch n.About {
		case board.AboutRestored:
			notice.ActionLabel, notice.ActionURL = "See what waits", RestoredURL
		case board.AboutStopped:
			notice.ActionLabel, notice.ActionURL = "See about it", MaintenanceURL
		case board.AboutQueue:
			notice.ActionLabel, notice.ActionURL = "Go to the queue", "/queue"
		case board.AboutSchedules:
			notice.ActionLabel, notice.ActionURL = "See the schedules", "/schedules"
		}
		notices = append(notices, notice)
	}
	return notices
}
