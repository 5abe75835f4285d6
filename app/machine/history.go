package machine

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/models"
	"workflows/models/machine"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/queue"
)

// span is a length of time that the page shows, in pieces.
type span struct {
	name, label string
	piece       time.Duration
	pieces      int
	format      string // of a piece's beginning
}

// spans are those that there are; the first is shown where none is asked for.
var spans = []span{
	{"hour", "Last hour", time.Minute, 60, "15:04"},
	{"day", "Last day", 15 * time.Minute, 96, "15:04"},
	{"week", "Last week", 2 * time.Hour, 84, "Mon 2 Jan, 15:04"},
}

const allQueues = "All queues"

// HistoryShow is what the queues were like.
func (s *Site) HistoryShow(c *gin.Context) (templ.Component, error) {
	lane := c.Query("queue")
	chosen := slices.IndexFunc(spans, func(of span) bool { return of.name == c.DefaultQuery("span", spans[0].name) })
	if chosen < 0 || lane != "" && !slices.Contains(queue.Lanes(), lane) {
		return nil, models.ErrNotFound
	}
	of, zone := spans[chosen], frame.ViewerLocation(c)
	from := s.Now().Truncate(of.piece).Add(-time.Duration(of.pieces-1) * of.piece)
	history, err := machine.History(c.Request.Context(), s.DB, lane, from, of.piece, of.pieces)
	if err != nil {
		return nil, err
	}
	page := views.QueueHistoryPage{Page: s.Page(c, "History of the queue", "queue"), Charts: charts(history, of, zone), Clock: zone.String()}
	page.Page.Crumbs = []ui.Link{{Label: "Queue", URL: "/queue"}}
	for _, other := range spans {
		page.Spans = append(page.Spans, ui.Link{Label: other.label, URL: historyURL(other.name, lane)})
	}
	page.Queues = append(page.Queues, ui.Link{Label: allQueues, URL: historyURL(of.name, "")})
	for _, name := range queue.Lanes() {
		page.Queues = append(page.Queues, ui.Link{Label: name, URL: historyURL(of.name, name)})
	}
	page.Span, page.Queue = of.label, cmp.Or(lane, allQueues)
	return views.QueueHistory(page), nil
}

func historyURL(span, lane string) string {
	query := url.Values{"span": {span}}
	if lane != "" {
		query.Set("queue", lane)
	}
	return "/queue/history?" + query.Encode()
}

// charts draw what is kept: what ended, for how long what began had waited, how many waited, and
// for how long the first of them.
func charts(history []machine.QueueMinute, of span, zone *time.Location) []ui.Chart {
	milliseconds := func(n int) string { return ui.DurationText(time.Duration(n) * time.Millisecond) }
	runs := func(n int) string { return frame.Count(int64(n), "run") }
	ended, started := ui.Chart{Title: "Runs that ended"}, ui.Chart{Title: "Wait before a run started, on average", Level: milliseconds}
	waiting, oldest := ui.Chart{Title: "Runs that waited at once", Level: runs}, ui.Chart{Title: "Longest that one was waiting", Level: milliseconds}
	for _, m := range history {
		point := ui.Point{Label: m.Minute.In(zone).Format(of.format)}
		level := func(chart *ui.Chart, n int64) {
			point.Good, point.Bad = int(n), 0
			chart.Points = append(chart.Points, point)
		}
		level(&started, m.WaitedMS/max(m.Started, 1))
		level(&waiting, m.Waiting)
		level(&oldest, m.OldestMS)
		point.Good, point.Bad = int(m.Succeeded), int(m.Failed)
		ended.Points = append(ended.Points, point)
	}
	return []ui.Chart{ended, started, waiting, oldest}
}
