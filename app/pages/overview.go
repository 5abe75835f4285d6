package pages

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/queue/board"
	"workflows/worker/workflow"
)

const (
	// overviewRows is how many running and coming ones the overview names.
	overviewRows = 6
)

// OverviewShow answers whether all is well.
func (s *Site) OverviewShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	overview, err := s.overview(ctx, mayOperate(ctx))
	if err != nil {
		return nil, err
	}
	page := s.LivePage(c, "Overview", "overview")
	return views.OverviewShow(views.OverviewPage{Page: page, Overview: overview, MayEdit: auth.May(ctx, auth.Editor)}), nil
}

// OverviewLive is the part of it that polls. Serve it with the key KeyByRole.
func (s *Site) OverviewLive(ctx context.Context, _ *gin.Context) (templ.Component, error) {
	overview, err := s.overview(ctx, mayOperate(ctx))
	if err != nil {
		return nil, err
	}
	return views.OverviewLive(overview), nil
}

// overview gathers the page. While the database is away it still shows what the
// snapshot knows.
func (s *Site) overview(ctx context.Context, mayOperate bool) (views.Overview, error) {
	snapshot := s.Board.Snapshot(ctx)
	good, bad := finished(snapshot.History)
	if snapshot.DatabaseError == "" { // which remembers what a Redis forgets that was started anew
		knownGood, knownBad, err := runs.CountFinished(ctx, s.DB, s.Now().Add(-time.Hour))
		if err != nil {
			return views.Overview{}, err
		}
		good, bad = max(good, knownGood), max(bad, knownBad)
	}
	overview := views.Overview{
		Every: frame.LiveEvery, Attention: frame.BoardNotices(snapshot), Numbers: overviewNumbers(snapshot, good, bad),
		Throughput: perMinute(snapshot.History), ThroughputSentence: throughputSentence(good, bad),
	}
	if snapshot.DatabaseError != "" {
		return overview, nil
	}
	running, _, err := runs.List(ctx, s.DB, runs.Filter{Status: []string{workflow.RunRunning}, Limit: overviewRows})
	if err != nil {
		return views.Overview{}, err
	}
	coming, _, err := schedules.ListComing(ctx, s.DB, schedules.ComingFilter{Limit: overviewRows})
	if err != nil {
		return views.Overview{}, err
	}
	any, _, err := models.WorkflowNames(ctx, s.DB, "", 1)
	if err != nil {
		return views.Overview{}, err
	}
	decisions, err := runs.CountDecisions(ctx, s.DB)
	if err != nil {
		return views.Overview{}, err
	}
	approvals, err := runs.CountApprovals(ctx, s.DB, s.Now())
	if err != nil {
		return views.Overview{}, err
	}
	if overview.Failures, overview.MoreFailures, err = s.failures(ctx, mayOperate); err != nil {
		return views.Overview{}, err
	}
	people := slices.Concat(decisionNotice(decisions), approvalNotice(approvals), alertNotices(snapshot.Alerts))
	if snapshot.Standstill.Holds() { // before all that waits for it
		people, overview.Attention = overview.Attention, people
	}
	overview.Attention = slices.Concat(people, overview.Attention)
	overview.Running, overview.Coming, overview.Fresh = frame.RunRows(running), comingRows(coming, s.Now()), len(any) == 0
	return overview, nil
}

// decisionNotice says that runs wait for a person.
func decisionNotice(n int64) []ui.Notice {
	switch n {
	case 0:
		return nil
	case 1:
		return []ui.Notice{{Kind: "warning", Text: "1 run waits for your decision: its worker was lost or stopped, and it is not known whether a step has acted.", ActionLabel: "Show it", ActionURL: "/runs?status=waiting_decision"}}
	}
	return []ui.Notice{{Kind: "warning", Text: frame.Number(n) + " runs wait for your decision: their worker was lost or stopped, and it is not known whether a step has acted.", ActionLabel: "Show them", ActionURL: "/runs?status=waiting_decision"}}
}

// approvalNotice says that runs ask people.
func approvalNotice(n int64) []ui.Notice {
	switch n {
	case 0:
		return nil
	case 1:
		return []ui.Notice{{Kind: "info", Text: "1 run waits for an approval.", ActionLabel: "Show it", ActionURL: inboxURL}}
	}
	return []ui.Notice{{Kind: "info", Text: frame.Number(n) + " runs wait for an approval.", ActionLabel: "Show them", ActionURL: inboxURL}}
}

func overviewNumbers(snapshot board.Snapshot, good, bad int) []views.Number {
	busy, places := workerPlaces(snapshot.Workers)
	note := "no worker is connected"
	if snapshot.Standstill.Holds() {
		note = "nothing starts yet"
	} else if places > 0 {
		note = fmt.Sprintf("%d of %d places busy", busy, places)
	}
	failed := views.Number{Label: "Failed", Value: frame.Number(int64(bad)), Note: "in the last hour", URL: "/runs?status=failed"}
	if bad > 0 {
		failed.Tone = "failed"
	}
	return []views.Number{
		{Label: "Running", Value: frame.Number(snapshot.Running), Note: note, URL: "/runs?status=running", Tone: toneIf(snapshot.Running > 0, "running")},
		{Label: "Waiting to start", Value: frame.Number(snapshot.Queued), Note: "in the queue", URL: "/queue"},
		{Label: "Will go on later", Value: frame.Number(snapshot.Waiting), Note: "wait for a time or a retry", URL: "/runs?status=waiting"},
		{Label: "Succeeded", Value: frame.Number(int64(good)), Note: "in the last hour", URL: "/runs?status=succeeded"},
		failed,
	}
}

func throughputSentence(good, bad int) string {
	if good+bad == 0 {
		return "No run has finished in the last hour."
	}
	return fmt.Sprintf("%s finished in the last hour, %s of them failed.", frame.Count(int64(good+bad), "run"), frame.Number(int64(bad)))
}
