package schedule

import (
	"slices"

	"workflows/worker/workflow"
)

// CheckTrigger finds everything that is wrong with a trigger's own fields. The
// paths are relative to the trigger.
func CheckTrigger(t workflow.Trigger) []workflow.Problem {
	switch t.Type {
	case "schedule":
	default:
		return []workflow.Problem{{Path: "type", Code: "unknown_type", Message: "The type of a trigger must be schedule."}}
	}
	_, problems := Parse(t)
	problems = append(problems, checkWords(t)...)
	if t.MissedMaxAge == "" {
		return problems
	}
	if age, err := workflow.ParseDuration(t.MissedMaxAge); err != nil {
		problems = append(problems, workflow.Problem{Path: "missed_max_age", Code: "invalid_value", Message: err.Error()})
	} else if age < Grace {
		problems = append(problems, workflow.Problem{Path: "missed_max_age", Code: "out_of_range", Message: "Whatever is less than a minute late runs as planned. Choose one minute or more."})
	}
	return problems
}

// checkWords checks what becomes of a time that is missed, or at which the run
// before is not finished.
func checkWords(t workflow.Trigger) (problems []workflow.Problem) {
	if !slices.Contains([]string{"", MissedLatest, MissedSkip, MissedAll}, t.Missed) {
		problems = append(problems, workflow.Problem{Path: "missed", Code: "invalid_value", Message: "What to do with missed times must be latest, skip or all."})
	}
	switch t.Overlap {
	case "", OverlapSkip, OverlapQueue, OverlapAllow, OverlapReplace:
	default:
		problems = append(problems, workflow.Problem{Path: "overlap", Code: "invalid_value", Message: "What to do while the run before is not finished must be skip, queue, allow or replace."})
	}
	return problems
}

// What becomes of planned times that nobody was there to start.
const (
	MissedLatest = "latest" // the default
	MissedSkip   = "skip"
	MissedAll    = "all"
)

// What happens at a planned time while the schedule's run before is not final.
const (
	OverlapSkip    = "skip"  // the default
	OverlapQueue   = "queue" // one waits for the run before
	OverlapAllow   = "allow"
	OverlapReplace = "replace"
)
