package pages

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/machine"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
	"workflows/worker/workflow"
)

// namedRuns is how many of a worker's runs the queue page names.
const namedRuns = 5

// QueueShow is the machine room.
func (s *Site) QueueShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	live, err := s.queue(ctx, mayOperate(ctx), frame.ViewerLocation(c))
	if err != nil {
		return nil, err
	}
	page := views.QueuePage{Page: s.LivePage(c, "Queue", "queue"), Queue: live}
	if s.Board.Snapshot(ctx).DatabaseError == "" {
		if page.Waiting, err = s.waiting(ctx); err != nil {
			s.Log.WarnContext(ctx, "what waits could not be counted by workflow", "error", err)
		}
		if page.Stored, err = s.stored(ctx, frame.ViewerLocation(c)); err != nil { // the queue is worth more
			s.Log.WarnContext(ctx, "how much is stored could not be asked", "error", err)
		}
	}
	return views.QueueShow(page), nil
}

// waitingWorkflows is of how many workflows the page says how many runs wait.
const waitingWorkflows = 10

// waiting are the workflows with the most runs that wait to start.
func (s *Site) waiting(ctx context.Context) ([]views.WaitingRuns, error) {
	found, err := models.QueuedByWorkflow(ctx, s.DB, waitingWorkflows)
	rows := make([]views.WaitingRuns, len(found))
	for i, w := range found {
		query := url.Values{"workflow_id": {w.WorkflowID}, "status": {workflow.RunQueued}}
		rows[i] = views.WaitingRuns{Name: w.Name, URL: "/runs?" + query.Encode(), Runs: frame.Number(w.Queued)}
		if w.HeldBack > 0 {
			rows[i].Held = frame.Number(w.HeldBack) + " of them because of its own limit"
		}
		if frame.MayDo(ctx, bulk.Cancel) {
			rows[i].CancelURL = frame.ManyURL(bulk.Cancel, query)
		}
	}
	return rows, err
}

// QueueLive is the part of it that polls. Serve it with the key KeyByRoleAndZone.
func (s *Site) QueueLive(ctx context.Context, c *gin.Context) (templ.Component, error) {
	live, err := s.queue(ctx, mayOperate(ctx), frame.ViewerLocation(c))
	if err != nil {
		return nil, err
	}
	return views.QueueLive(live), nil
}

// QueuePause lets the runs of a lane wait.
func (s *Site) QueuePause(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	lane, err := laneOf(c)
	if err != nil {
		return nil, err
	}
	if err := s.Catalog.PauseLane(ctx, lane, auth.By(ctx)); err != nil {
		return nil, err
	}
	s.Board.Invalidate()
	return nil, web.Done("/queue", "The queue “"+lane+"” is paused: its runs wait until it goes on.")
}

// QueueResume lets them go on.
func (s *Site) QueueResume(c *gin.Context) (templ.Component, error) {
	lane, err := laneOf(c)
	if err != nil {
		return nil, err
	}
	if err := s.Catalog.ResumeLane(c.Request.Context(), lane); err != nil {
		return nil, err
	}
	s.Board.Invalidate()
	return nil, web.Done("/queue", "The queue “"+lane+"” goes on.")
}

// AsideClear forgets the jobs that were set aside.
func (s *Site) AsideClear(c *gin.Context) (templ.Component, error) {
	if err := s.Catalog.ClearAside(c.Request.Context()); err != nil {
		return nil, err
	}
	s.Board.Invalidate()
	return nil, web.Done("/queue", "What was set aside is forgotten.")
}

// WorkerDrain has a worker take nothing further.
func (s *Site) WorkerDrain(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	return nil, s.changeWorker(c, "takes nothing further; what it works on goes on", func(w board.Worker) error {
		return s.Catalog.DrainWorker(ctx, w.ID, w.Name(), auth.By(ctx))
	})
}

// WorkerRelease has it take runs again.
func (s *Site) WorkerRelease(c *gin.Context) (templ.Component, error) {
	return nil, s.changeWorker(c, "takes runs again", func(w board.Worker) error {
		return s.Catalog.ReleaseWorker(c.Request.Context(), w.ID, w.Name())
	})
}

func (s *Site) changeWorker(c *gin.Context, done string, change func(board.Worker) error) error {
	s.Board.Invalidate() // it may have come a moment ago
	w, err := s.Board.Snapshot(c.Request.Context()).Worker(c.Param("id"))
	if err == nil {
		err = change(w)
	}
	if err != nil {
		return err
	}
	s.Board.Invalidate()
	return web.Done("/queue", "The worker “"+w.Name()+"” "+done+".")
}

func laneOf(c *gin.Context) (string, error) {
	for _, lane := range queue.Lanes() {
		if lane == c.Param("name") {
			return lane, nil
		}
	}
	return "", models.ErrNotFound
}

func mayOperate(ctx context.Context) bool { return auth.May(ctx, auth.Operator) }

// KeyByRole tells renderings of a live part apart by whether the viewer may act:
// nothing is drawn that a person may not do.
func KeyByRole(c *gin.Context) string { return strconv.FormatBool(mayOperate(c.Request.Context())) }

// KeyByRoleAndZone does so for a part that is drawn on the viewer's clock.
func KeyByRoleAndZone(c *gin.Context) string { return KeyByRole(c) + " " + frame.ViewerZone(c) }

// attention is what the board says; the queue's own page does not lead to itself.
func attention(snapshot board.Snapshot) []ui.Notice {
	notices := frame.BoardNotices(snapshot)
	for i := range notices {
		if notices[i].ActionURL == "/queue" {
			notices[i].ActionLabel, notices[i].ActionURL = "", ""
		}
	}
	return notices
}

func (s *Site) queue(ctx context.Context, mayOperate bool, zone *time.Location) (views.Queue, error) {
	snapshot := s.Board.Snapshot(ctx)
	q := views.Queue{
		URL: "/live/queue", Every: frame.LiveEvery, Attention: attention(snapshot), MayOperate: mayOperate, NoWorker: noWorkerWords(snapshot),
		Numbers: queueNumbers(snapshot), Lanes: laneRows(snapshot), NotRung: notRung(snapshot), Aside: asideRows(snapshot), History: historyChart(snapshot.History, zone),
	}
	switch {
	case snapshot.RedisError != "":
		q.Stale, q.NumbersAt = "Redis", snapshot.NumbersAt
	case snapshot.DatabaseError != "":
		q.Stale, q.NumbersAt = "The database", snapshot.NumbersAt
	}
	names, err := s.currentRuns(ctx, snapshot)
	if err != nil {
		return views.Queue{}, err
	}
	for _, worker := range snapshot.Workers {
		row := workerRow(worker, names)
		if d, drained := snapshot.Drained[worker.ID]; drained {
			row.Drained = drainedWords(worker, d)
		}
		if mayOperate {
			row.URL = "/workers/" + url.PathEscape(worker.ID)
		}
		q.Workers = append(q.Workers, row)
	}
	return q, nil
}

// currentRuns looks up those runs of the workers that are named.
func (s *Site) currentRuns(ctx context.Context, snapshot board.Snapshot) (map[string]models.Run, error) {
	if snapshot.DatabaseError != "" {
		return nil, nil
	}
	var ids []string
	for _, worker := range snapshot.Workers {
		ids = append(ids, worker.Current[:min(len(worker.Current), namedRuns)]...)
	}
	return runs.ByID(ctx, s.DB, ids[:min(len(ids), 200)])
}

func queueNumbers(s board.Snapshot) []views.Number {
	busy, places := workerPlaces(s.Workers)
	numbers := []views.Number{
		{Label: "Waiting to start", Value: frame.Number(s.Queued), Note: waitingNote(s)},
		{Label: "Running", Value: frame.Number(s.Running), Note: fmt.Sprintf("%d of %d places busy", busy, places), URL: "/runs?status=running", Tone: toneIf(s.Running > 0, "running")},
		{Label: "Scheduled", Value: frame.Number(s.Scheduled), Note: "go on at their time", URL: frame.LaterURL(workflow.WaitTime)},
		{Label: "Will retry", Value: frame.Number(s.Retrying), Note: "tried again by themselves", URL: frame.LaterURL(workflow.WaitRetry), Tone: toneIf(s.Retrying > 0, "retry")},
		{Label: "Set aside", Value: frame.Number(s.SetAside + s.Dead), Note: "unreadable jobs", Tone: toneIf(s.SetAside+s.Dead > 0, "failed")},
	}
	return numbers
}

// waitingNote says since when the first in line waits, or that all wait for a
// place of their workflow.
func waitingNote(s board.Snapshot) string {
	oldest := time.Duration(-1)
	for _, lane := range s.Lanes {
		if lane.Size > 0 {
			oldest = max(oldest, lane.Latency)
		}
	}
	switch {
	case s.HeldBack > 0:
		return frame.Number(s.HeldBack) + " for their workflow’s turn"
	case oldest >= 0:
		return "the oldest for " + ui.DurationText(oldest)
	}
	return "nobody waits"
}

// notRung says that runs are queued which the lanes in Redis have no room for.
func notRung(s board.Snapshot) string {
	var size int64
	full := false
	for _, lane := range s.Lanes {
		size += lane.Size
		full = full || lane.Size >= queue.LaneRoom/2
	}
	if more := s.Queued - s.HeldBack - size; full && more > 0 {
		return frame.Number(more) + " more runs are queued; they follow as these are worked off."
	}
	return ""
}

// laneNote says what a queue is for.
func laneNote(lane string) string {
	switch lane {
	case queue.HighLane:
		return "workflows of high priority"
	case queue.LowLane:
		return "workflows of low priority"
	case queue.BacklogLane:
		return "of workflows that have many queued"
	}
	return ""
}

func laneRows(s board.Snapshot) []views.LaneRow {
	var rows []views.LaneRow
	for _, lane := range s.Lanes {
		row := views.LaneRow{Name: lane.Name, Note: laneNote(lane.Name), Status: "active", Waiting: frame.Number(lane.Size), Oldest: -1, Running: frame.Number(s.RunningIn[lane.Name]), Forecast: forecast(lane.Size, s.History), Paused: lane.Paused}
		if lane.Size > 0 {
			row.Oldest = lane.Latency
		}
		if lane.Paused {
			row.Status, row.Forecast = "paused", "Paused: nothing is taken from it"
		}
		rows = append(rows, row)
	}
	return rows
}

func asideRows(s board.Snapshot) []views.AsideRow {
	var rows []views.AsideRow
	for _, aside := range s.Aside {
		_, from, _ := strings.Cut(aside.From, ":") // after the namespace
		rows = append(rows, views.AsideRow{At: aside.At, From: from, Reason: aside.Reason, Size: frame.Count(int64(aside.Bytes), "byte"), Preview: aside.Preview})
	}
	return rows
}

// drainedWords say of a worker that takes nothing whose wish that is, and what it still has.
func drainedWords(w board.Worker, d machine.DrainedWorker) string {
	said := "Drained by " + d.DrainedBy + ": takes nothing"
	if w.Busy == 0 {
		return said + ", and may be stopped."
	}
	return said + ", and still works on " + frame.Count(int64(w.Busy), "run") + "."
}

func workerRow(worker board.Worker, names map[string]models.Run) views.WorkerRow {
	row := views.WorkerRow{
		ID: worker.ID, Host: worker.Host, PID: strconv.Itoa(worker.PID), StartedAt: worker.StartedAt, HeartbeatAt: worker.HeartbeatAt,
		Busy: fmt.Sprintf("%d of %d", worker.Busy, worker.Concurrency),
	}
	for _, id := range worker.Current[:min(len(worker.Current), namedRuns)] {
		if run, known := names[id]; known {
			row.Runs = append(row.Runs, frame.RunRow(run))
		}
	}
	if more := len(worker.Current) - namedRuns; more > 0 {
		row.More = fmt.Sprintf("and %d more", more)
	}
	return row
}

// historyChart draws the last hour on a clock.
func historyChart(history []board.Minute, zone *time.Location) ui.Chart {
	chart := ui.Chart{Title: "Finished in the last hour, by minute (" + zone.String() + ")", Static: true}
	for _, minute := range history {
		chart.Points = append(chart.Points, ui.Point{Label: minute.At.In(zone).Format("15:04"), Good: minute.Succeeded, Bad: minute.Failed})
	}
	return chart
}
