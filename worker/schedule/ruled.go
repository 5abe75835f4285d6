package schedule

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// ruled is a stored schedule with its rule read.
type ruled struct {
	stored  models.Schedule
	trigger workflow.Trigger
	rule    Rule
	// verdicts are what shall become of its planned times in this firing.
	verdicts []verdict
}

// startsAny reports whether any of them shall start a run.
func (r ruled) startsAny() bool { return slices.ContainsFunc(r.verdicts, verdict.starts) }

// accounted moves the schedule to the last of the verdicts.
func (r *ruled) accounted() {
	if n := len(r.verdicts); n > 0 {
		last := r.verdicts[n-1].at
		r.stored.AccountedUntil, r.stored.LastPlannedAt = last, &last
	}
}

// TriggerOf is the trigger that a schedule was made from.
func TriggerOf(s models.Schedule) workflow.Trigger {
	var t workflow.Trigger
	_ = document.Decode(s.Rule, &t) // we wrote it; one that cannot be read has no times, which Parse says
	return t
}

// Calendars are those that some schedules heed, by name.
type Calendars map[string]*Calendar

// RuleOf reads a stored schedule's rule, with its anchor and calendar. The
// problems are those of Parse; a calendar that does not exist is one too.
func RuleOf(s models.Schedule, calendars Calendars) (Rule, []workflow.Problem) {
	return newRule(TriggerOf(s), s.ID, s.AnchorAt, calendars)
}

func newRule(t workflow.Trigger, id string, anchor time.Time, calendars Calendars) (Rule, []workflow.Problem) {
	rule, problems := Parse(t)
	if len(problems) > 0 {
		return Rule{}, problems
	}
	if t.Calendar != "" {
		calendar := calendars[t.Calendar]
		if calendar == nil {
			return Rule{}, []workflow.Problem{UnknownCalendar(t.Calendar)}
		}
		rule = rule.Heed(calendar)
	}
	rule.seed = id
	return rule.From(anchor), nil
}

// UnknownCalendar is the problem of a trigger that names a calendar which does
// not exist.
func UnknownCalendar(name string) workflow.Problem {
	return workflow.Problem{Path: "calendar", Code: "unknown_calendar", Message: fmt.Sprintf("There is no calendar “%s”. Choose another, or make one of this name.", name)}
}

// LoadCalendars reads the calendars of the given names; those that do not exist
// are absent.
func LoadCalendars(ctx context.Context, db *gorm.DB, names ...string) (Calendars, error) {
	calendars := Calendars{}
	var wanted []string
	for _, name := range names {
		if _, asked := calendars[name]; name != "" && !asked {
			calendars[name] = nil
			wanted = append(wanted, name)
		}
	}
	if len(wanted) == 0 {
		return calendars, nil
	}
	stored, err := models.CalendarsByName(ctx, db, wanted)
	if err != nil {
		return nil, err
	}
	for _, row := range stored {
		if calendars[row.Name], err = ReadCalendar(row); err != nil {
			return nil, err
		}
	}
	return calendars, nil
}

// CalendarsFor reads the calendars that the schedules name.
func CalendarsFor(ctx context.Context, db *gorm.DB, schedules []models.Schedule) (Calendars, error) {
	names := make([]string, len(schedules))
	for i, s := range schedules {
		names[i] = TriggerOf(s).Calendar
	}
	return LoadCalendars(ctx, db, names...)
}

// readRules reads the rules of stored schedules. Those that cannot be read, since a zone
// or a calendar is gone or a newer program wrote them, are returned apart.
func readRules(ctx context.Context, tx *gorm.DB, stored []models.Schedule) (all []ruled, broken map[string]string, err error) {
	broken = map[string]string{}
	var read []ruled
	var names []string
	for _, s := range stored {
		trigger, problem := readTrigger(s)
		if problem != "" {
			broken[s.ID] = problem
			continue
		}
		read = append(read, ruled{stored: s, trigger: trigger})
		names = append(names, trigger.Calendar)
	}
	calendars, err := LoadCalendars(ctx, tx, names...)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range read {
		rule, problems := newRule(r.trigger, r.stored.ID, r.stored.AnchorAt, calendars)
		if len(problems) > 0 {
			broken[r.stored.ID] = problems[0].Message
			continue
		}
		r.rule = rule
		all = append(all, r)
	}
	return all, broken, nil
}

// readTrigger reads a stored rule's words, all of them, or says why it cannot: one that
// is passed over would have it fire at other times than was meant.
func readTrigger(s models.Schedule) (t workflow.Trigger, problem string) {
	if err := document.DecodeKnown(s.Rule, &t); err != nil {
		return t, err.Error()
	}
	if problems := checkWords(t); len(problems) > 0 {
		return t, problems[0].Message
	}
	return t, ""
}

// UnreadableRule reports whether a schedule's rule, but for its calendar, cannot be read
// by this program.
func UnreadableRule(s models.Schedule) bool {
	t, problem := readTrigger(s)
	if problem != "" {
		return true
	}
	_, problems := Parse(t)
	return len(problems) > 0
}

// withNextTimes returns the schedule as it stands from now on: with its next times,
// or ended when there is none.
func (r ruled) withNextTimes(status string, now time.Time) models.Schedule {
	s := r.stored
	s.Status, s.NextFireAt, s.NextAt, s.UpdatedAt = status, nil, nil, now
	if status == models.ScheduleOff || status == models.ScheduleRemoved {
		return s
	}
	p, ok := r.rule.nextPlanned(s.AccountedUntil)
	if !ok {
		s.Status = models.ScheduleEnded
		return s
	}
	fires := r.rule.firesAt(p.at)
	s.NextFireAt = &fires
	if status != models.ScheduleActive {
		return s
	}
	if next, ok := r.rule.Next(s.AccountedUntil); ok {
		s.NextAt = &next
	}
	return s
}
