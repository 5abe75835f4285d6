package explained

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// attemptsShown bounds how many attempts stand on a timeline.
const attemptsShown = 200

// Timeline is the page on which the time of a run is taken apart: attempts, waiting and work.
func (s *Site) Timeline(c *gin.Context) (templ.Component, error) {
	run, definition, err := s.run(c)
	if err != nil {
		return nil, err
	}
	live, err := s.timeline(c.Request.Context(), run, definition)
	if err != nil {
		return nil, err
	}
	page := views.RunTimesPage{Page: s.page(c, run, "Timeline"), RunURL: "/runs/" + run.ID, Live: live}
	page.Page.Live, page.Page.Wide = live.Every > 0, true
	return views.RunTimes(page), nil
}

// TimelineLive is the part that polls until the run has ended.
func (s *Site) TimelineLive(ctx context.Context, c *gin.Context) (templ.Component, error) {
	run, definition, err := s.run(c)
	if err != nil {
		return nil, err
	}
	live, err := s.timeline(ctx, run, definition)
	return views.RunTimesLive(live), err
}

func (s *Site) timeline(ctx context.Context, run models.Run, definition workflow.Definition) (views.RunTimesPart, error) {
	rows, more, err := runs.FirstStepMarks(ctx, s.DB, run.ID, 5*attemptsShown)
	if err != nil {
		return views.RunTimesPart{}, err
	}
	t := newTimes(run, engine.Attempts(rows), s.Now())
	outline, cut := plan.FirstSteps(plan.Outline(definition, s.Types, run.Status, t.attempts, nil), attemptsShown)
	for _, step := range outline {
		t.add(step, s.Types)
	}
	part := t.part(frame.RunBadge(run))
	if more || cut {
		part.Notes = append(part.Notes, "This run has more attempts than are shown here, the first "+strconv.Itoa(attemptsShown)+". The page of each step has its own.")
	}
	return part, nil
}

// times gathers the pieces of a run's time.
type times struct {
	run      models.Run
	attempts []plan.Attempt
	now      time.Time
	pieces   []placed
	rows     []views.RunTimesRow
	taken    bool // results of an earlier run were taken over
}

// placed is a piece with the step that it is of.
type placed struct {
	plan.Piece
	name, url string
	tries     int // of the step
}

func newTimes(run models.Run, attempts []plan.Attempt, now time.Time) *times {
	t := &times{run: run, attempts: attempts, now: coarse(run, attempts, now)}
	if run.FinishedAt != nil {
		t.now = *run.FinishedAt
	}
	start := plan.Piece{Kind: plan.Queueing, From: run.QueuedAt, To: t.now, Open: run.StartedAt == nil && run.FinishedAt == nil}
	if run.StartedAt != nil {
		start.To = *run.StartedAt
	}
	t.pieces = []placed{{Piece: start, name: "The run"}}
	return t
}

// coarse is the time up to which a run that goes on is drawn: it moves on in steps that can be
// seen, so that the page stays the same between them.
func coarse(run models.Run, attempts []plan.Attempt, now time.Time) time.Time {
	passed, step := now.Sub(run.QueuedAt), time.Second
	for _, longer := range []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour} {
		if longer <= passed/40 {
			step = longer
		}
	}
	drawn := run.QueuedAt.Add(passed.Truncate(step))
	for _, at := range append([]*time.Time{run.StartedAt}, moments(attempts)...) {
		if at != nil && at.After(drawn) {
			drawn = *at
		}
	}
	return drawn
}

func moments(attempts []plan.Attempt) (all []*time.Time) {
	for _, a := range attempts {
		all = append(all, a.StartedAt, a.FinishedAt)
	}
	return all
}

// add takes the time of a step apart.
func (t *times) add(step plan.OutlineStep, types workflow.Types) {
	own := slices.DeleteFunc(slices.Clone(step.Attempts), func(a plan.Attempt) bool {
		over := t.run.RetryOf != nil && a.StartedAt != nil && a.StartedAt.Before(t.run.QueuedAt)
		t.taken = t.taken || over
		return over
	})
	pieces := plan.Pieces(own, types, t.now)
	if len(pieces) == 0 {
		return
	}
	row := views.RunTimesRow{Name: step.Name, Depth: min(step.Depth, 3), URL: stepURL(t.run.ID, step.StepID, step.Iteration, 0), Status: step.Status}
	if step.Status == workflow.StepWaiting && step.WaitingFor != "" {
		row.Status += "_" + step.WaitingFor
	}
	if step.Iteration != "" {
		row.Name += ", " + frame.ItemWords(step.Iteration)
	}
	for _, p := range pieces {
		t.pieces = append(t.pieces, placed{p, row.Name, stepURL(t.run.ID, step.StepID, step.Iteration, p.Number), len(own)})
		row.Pieces = append(row.Pieces, t.drawn(t.pieces[len(t.pieces)-1]))
	}
	row.Label = row.Name + ": " + told(pieces)
	t.rows = append(t.rows, row)
}

func stepURL(run, step, iteration string, attempt int) string {
	query := "?step=" + step
	if iteration != "" {
		query += "&in=" + iteration
	}
	if attempt > 0 {
		query += "&attempt=" + strconv.Itoa(attempt)
	}
	return "/runs/" + run + query + "#detail"
}

// drawn is a piece as it stands in a bar.
func (t *times) drawn(p placed) ui.Stretch {
	s := ui.Stretch{Start: p.From.Sub(t.run.QueuedAt), Length: p.Length(), Kind: p.Kind, Failed: p.Failed && p.Kind == plan.Working, Open: p.Open, Label: frame.PieceWords(p.Piece)}
	if p.tries > 1 {
		s.Label = "Attempt " + strconv.Itoa(p.Number) + ": " + s.Label
	}
	if !p.Open {
		s.Label += ", " + ui.DurationText(p.Length())
	}
	return s
}

// told is a step's time in words, for those who do not see its bar.
func told(pieces []plan.Piece) (words string) {
	for i, p := range pieces {
		words += frame.Either(i > 0, "; ", "") + frame.PieceWords(p)
		if !p.Open {
			words += " " + ui.DurationText(p.Length())
		}
	}
	return words
}

// part is all of it as it is shown.
func (t *times) part(status string) views.RunTimesPart {
	part := views.RunTimesPart{URL: "/live/runs/" + t.run.ID + "/timeline", Status: status, Whole: max(t.now.Sub(t.run.QueuedAt), time.Millisecond), Rows: t.rows}
	if !workflow.Final(t.run.Status) {
		part.Every = frame.LiveEvery
	}
	part.Sums = t.sums()
	part.First = t.drawn(t.pieces[0])
	inOrder := slices.Clone(t.pieces)
	slices.SortStableFunc(inOrder, func(a, b placed) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	for _, p := range inOrder {
		line := views.RunTimesLine{Name: p.name, URL: p.url, What: frame.PieceWords(p.Piece), Kind: p.Kind, Failed: p.Failed && p.Kind == plan.Working, After: max(p.From.Sub(t.run.QueuedAt), 0), From: p.From, Took: p.Length(), Open: p.Open, Until: p.Until}
		if p.url != "" {
			line.Attempt = strconv.Itoa(p.Number)
		}
		part.Lines = append(part.Lines, line)
		if p.Kind == plan.Lost {
			part.Notes = add(part.Notes, "When a worker was lost is not known: the time until that was noticed counts as work.")
		}
		if p.Kind == plan.Unclear {
			part.Notes = add(part.Notes, "When a step stopped working that was waiting for a decision is not kept: both stand in one.")
		}
	}
	if t.taken {
		part.Notes = add(part.Notes, "Results that were taken over from the run before took no time here, and are not shown.")
	}
	return part
}

func add(notes []string, note string) []string {
	if slices.Contains(notes, note) {
		return notes
	}
	return append(notes, note)
}
