package pages

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
)

// why answers why a schedule did not run: now, or at the time that was asked for.
func (s *Site) why(c *gin.Context, found schedules.Coming, calendars schedule.Calendars, planned []models.PlannedRun) (views.WhyProps, error) {
	ctx := c.Request.Context()
	w, err := models.GetWorkflow(ctx, s.DB, found.WorkflowID)
	if err != nil {
		return views.WhyProps{}, err
	}
	rule, problems := schedule.RuleOf(found.Schedule, calendars)
	known := schedule.Case{Schedule: found.Schedule, Workflow: w, Rule: rule, Readable: len(problems) == 0, Workers: s.workers(ctx), Standstill: s.Board.Snapshot(ctx).Standstill, Now: s.Now()}
	if len(planned) > 0 {
		known.Last = &planned[0]
	}
	props := views.WhyProps{Date: c.Query("at")}
	if err := s.readRun(ctx, &known, known.Last); err != nil {
		return props, err
	}
	answer := known.WhyNow()
	if props.Date != "" {
		at, err := time.ParseInLocation(frame.DateLayout, props.Date, rule.Zone())
		if err != nil {
			props.Problem = "Enter a date and a time, such as 2026-12-24T18:00."
		} else if answer, err = s.whyAt(ctx, known, at); err != nil {
			return props, err
		}
	}
	props.Kind, props.Sentence = frame.Either(answer.Well, "info", "warning"), answer.Sentence
	remedy(ctx, &props, answer, found)
	return props, nil
}

func (s *Site) whyAt(ctx context.Context, known schedule.Case, at time.Time) (schedule.Explanation, error) {
	end := at.Add(time.Minute)
	rows, err := schedules.Planned(ctx, s.DB, known.Schedule.ID, &at, &end, 1)
	if err != nil {
		return schedule.Explanation{}, err
	}
	if len(rows) == 0 {
		return known.WhyAt(at, nil), nil
	}
	err = s.readRun(ctx, &known, &rows[0])
	return known.WhyAt(at, &rows[0]), err
}

// readRun reads the run that a planned time has started.
func (s *Site) readRun(ctx context.Context, known *schedule.Case, row *models.PlannedRun) error {
	known.Run = nil
	if row == nil || row.RunID == nil {
		return nil
	}
	found, err := runs.ByID(ctx, s.DB, []string{*row.RunID})
	if err != nil {
		return err
	}
	run, exists := found[*row.RunID]
	if !exists {
		return nil // cleared
	}
	known.Run = &run
	for _, lane := range s.Board.Snapshot(ctx).Lanes {
		known.QueuePaused = known.QueuePaused || lane.Name == run.Queue && lane.Paused
	}
	return nil
}

// workers is how many are connected, -1 while that cannot be known.
func (s *Site) workers(ctx context.Context) int {
	snapshot := s.Board.Snapshot(ctx)
	if snapshot.RedisError != "" {
		return -1
	}
	return len(snapshot.Workers)
}

// remedy draws the answer's one button, if the reader may use it.
func remedy(ctx context.Context, props *views.WhyProps, answer schedule.Explanation, s schedules.Coming) {
	workflow, self := "/workflows/"+s.WorkflowID, "/schedules/"+s.ID
	operator, editor := auth.May(ctx, auth.Operator), auth.May(ctx, auth.Editor)
	offer := func(may bool, url, label, icon string, post bool) {
		if may {
			props.URL, props.Button, props.Post = url, ui.ButtonProps{Label: label, Icon: icon}, post
		}
	}
	switch answer.Remedy {
	case schedule.RemedyShowRun:
		offer(true, frame.RunURL(answer.RunID), "Show the run", "eye", false)
	case schedule.RemedyResume:
		offer(operator, self+"/resume", "Resume the schedule", "play", true)
	case schedule.RemedyResumeWorkflow:
		offer(operator, workflow+"/resume", "Resume the workflow", "play", true)
	case schedule.RemedyEdit:
		offer(editor && s.Status != models.ScheduleRemoved, scheduleEditURL(ctx, s), "Change the schedule", "pencil-line", false)
	case schedule.RemedyEditWorkflow:
		offer(editor, workflow+"/edit", "Edit the workflow", "pencil-line", false)
	case schedule.RemedyCalendars:
		offer(true, "/schedules/calendars", "Show the calendars", "calendar-clock", false)
	case schedule.RemedyQueue:
		offer(true, "/queue", "Show the queue and its workers", "eye", false)
	case schedule.RemedyRunNow:
		offer(operator, workflow+"/run", "Run it now", "play", false)
	}
}
