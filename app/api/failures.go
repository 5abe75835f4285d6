package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/failures"
	"workflows/worker/engine"
	"workflows/worker/telling"
	"workflows/worker/workflow"
)

// FailureGroup is a group of failed runs with one cause.
type FailureGroup struct {
	ID            string  `json:"id" format:"uuid"`
	Cause         string  `json:"cause" doc:"What the newest of the runs said, in a sentence."`
	Code          string  `json:"code"`
	WorkflowID    string  `json:"workflow_id" format:"uuid"`
	WorkflowName  string  `json:"workflow_name"`
	StepID        *string `json:"step_id" doc:"The step that ended the runs; null where none did."`
	StepName      *string `json:"step_name"`
	Count         int64   `json:"count" doc:"How many runs have failed so in all, also those that are removed by now."`
	FirstSeenAt   Time    `json:"first_seen_at"`
	LastSeenAt    Time    `json:"last_seen_at"`
	FirstVersion  int     `json:"first_version" doc:"The lowest version of the workflow of which runs failed so."`
	LastVersion   int     `json:"last_version" doc:"The highest one."`
	State         string  `json:"state" enum:"new,came_back,seen,snoozed,solved" doc:"new: nobody has seen to it; seen: somebody has acknowledged it; snoozed: until snoozed_until; solved: by solved_version; came_back: it failed again on that version or a later one."`
	SnoozedUntil  *Time   `json:"snoozed_until"`
	SolvedVersion *int    `json:"solved_version" doc:"The version that was published when somebody solved it last; 0 where none was, null where nobody did."`
	ChangedAt     *Time   `json:"changed_at" doc:"When somebody did something about it last, or it came back."`
	ChangedBy     string  `json:"changed_by"`
	Note          string  `json:"note"`
	Owner         *string `json:"owner" doc:"The e-mail address of the person who sees to it; null for nobody."`
	OwnerName     *string `json:"owner_name"`
	HasRule       bool    `json:"has_rule" doc:"Whether its runs are run again by themselves: GET /failures/{id}/rule."`
	ExampleRunID  *string `json:"example_run_id" format:"uuid" doc:"The newest of its runs; null where all are removed."`
}

// NoteBody says something for whoever looks at a group next.
type NoteBody struct {
	Note  string  `json:"note,omitempty" doc:"Takes the place of the note before; absent or empty leaves that. At most 2,000 characters."`
	Owner *string `json:"owner,omitempty" doc:"The e-mail address of the person of this installation who sees to it from now on; empty for nobody. Absent or null leaves who does."`
}

// RetryRuleBody says how the runs of a group are run again by themselves.
type RetryRuleBody struct {
	After   string `json:"after" doc:"How long after its end a run is run again, such as 15m, 1h or 2d: from a minute to 30 days."`
	AtMost  int    `json:"at_most" doc:"How often what somebody or something has started is run again by rules, from 1 to 10."`
	From    string `json:"from,omitempty" enum:"start,failed_step" doc:"As for a single run; start if absent."`
	Version string `json:"version,omitempty" enum:"same,current" doc:"As for a single run; same if absent."`
}

// RetryRule is how they are, and what has come of it.
type RetryRule struct {
	RetryRuleBody
	SetAt     Time    `json:"set_at" doc:"Runs that failed before are left alone."`
	SetBy     string  `json:"set_by"`
	Retried   int64   `json:"retried" doc:"How many runs it has started."`
	Waiting   int64   `json:"waiting" doc:"How many runs wait for their turn."`
	NextAt    *Time   `json:"next_at" doc:"When the next of them is run again; null where none waits."`
	Trouble   *string `json:"trouble" doc:"Why a run could not be run again, the last time that happened."`
	TroubleAt *Time   `json:"trouble_at"`
}

// SnoozeBody says until when nobody has to look at a group.
type SnoozeBody struct {
	Until time.Time `json:"until" doc:"A time within a year."`
	NoteBody
}

func (a *API) failureOperations() []Operation {
	const group = "Failures"
	lists := paged(query("state", "string", "Only groups in this state, or in one of several separated by commas.", failures.States()...), query("workflow_id", "uuid", "Only groups of this workflow."), query("owner", "string", "Only groups to which this person sees, by their e-mail address, or “nobody”."))
	return []Operation{
		{
			Method: http.MethodGet, Path: "/failures", Name: "listFailures", Group: group, Summary: "List failed runs by their cause, what was seen last first. A run is in its group about a second after its end; GET /runs?failure_id= lists them.", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[FailureGroup]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listFailures(c, lists) },
		},
		{Method: http.MethodGet, Path: "/failures/:id", Name: "getFailure", Group: group, Summary: "Read one group.", Scope: auth.ScopeRead, Status: 200, Answer: FailureGroup{}, Errors: []int{404}, Handle: a.getFailure},
		{Method: http.MethodPost, Path: "/failures/:id/acknowledge", Name: "acknowledgeFailure", Group: group, Summary: "Note that somebody has seen to a group, and to its failed runs that are there now.", Scope: auth.ScopeRun, Status: 200, Body: NoteBody{}, BodyOptional: true, Answer: FailureGroup{}, Errors: []int{400, 404, 413, 415, 422}, Handle: a.acknowledgeFailure},
		{Method: http.MethodPost, Path: "/failures/:id/snooze", Name: "snoozeFailure", Group: group, Summary: "Have nobody look at a group until a time.", Scope: auth.ScopeRun, Status: 200, Body: SnoozeBody{}, Answer: FailureGroup{}, Errors: []int{400, 404, 409, 413, 415, 422}, Handle: a.snoozeFailure},
		{Method: http.MethodPost, Path: "/failures/:id/solve", Name: "solveFailure", Group: group, Summary: "Note that the version that is published now has solved it. It comes back when a run of that version or a later one fails so again.", Scope: auth.ScopeRun, Status: 200, Body: NoteBody{}, BodyOptional: true, Answer: FailureGroup{}, Errors: []int{400, 404, 413, 415, 422}, Handle: a.solveFailure},
		{Method: http.MethodGet, Path: "/failures/:id/rule", Name: "getFailureRule", Group: group, Summary: "Read how the runs of a group are run again by themselves.", Scope: auth.ScopeRead, Status: 200, Answer: RetryRule{}, Errors: []int{404}, Handle: a.getRule},
		{Method: http.MethodPut, Path: "/failures/:id/rule", Name: "setFailureRule", Group: group, Summary: "Have each run that fails so from now on run again by itself, a while after its end.", Scope: auth.ScopeRun, Status: 200, Body: RetryRuleBody{}, Answer: RetryRule{}, Errors: []int{400, 404, 413, 415, 422}, Handle: a.setRule},
		{Method: http.MethodDelete, Path: "/failures/:id/rule", Name: "removeFailureRule", Group: group, Summary: "Have nothing of a group run again by itself any more.", Scope: auth.ScopeRun, Status: 204, Errors: []int{404}, Handle: a.removeRule},
		{Method: http.MethodPost, Path: "/failures/:id/owner", Name: "assignFailure", Group: group, Summary: "Note who sees to a group, or what there is to say about it. Its state stays as it is.", Scope: auth.ScopeRun, Status: 200, Body: NoteBody{}, Answer: FailureGroup{}, Errors: []int{400, 404, 413, 415, 422}, Handle: a.assignFailure},
	}
}

func (a *API) listFailures(c *gin.Context, known []Parameter) (any, error) {
	now, owner := a.Now(), c.Query("owner")
	if owner != "" && owner != failures.Nobody {
		user, err := models.UserByEmail(c.Request.Context(), a.DB, owner)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return nil, err
		}
		owner = cmp.Or(user.ID, owner) // of whom nothing is
	}
	return listed(c, a.DB, known, func(p *parameters) failures.Filter {
		filter := failures.Filter{
			States: p.choices("state", failures.States()...), Now: now, WorkflowID: p.id("workflow_id", "Give the id of a workflow."),
			Owner: owner, After: c.Query("cursor"), Limit: p.limit(),
		}
		if filter.After != "" && !failures.ValidCursor(filter.After) {
			p.wrong("cursor", "invalid_cursor", "Pass next_cursor of the page before as it was.")
		}
		return filter
	}, failures.List, func(f failures.Listed) FailureGroup { return failureOf(f, now) })
}

func (a *API) getFailure(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	return a.failure(c, id)
}

func (a *API) acknowledgeFailure(c *gin.Context) (any, error) {
	return a.settled(c, func(ctx context.Context, id string, d failures.Deed) error {
		_, _, err := failures.Acknowledge(ctx, a.DB, id, d)
		return err
	})
}

func (a *API) solveFailure(c *gin.Context) (any, error) {
	return a.settled(c, func(ctx context.Context, id string, d failures.Deed) error {
		_, _, err := failures.Solve(ctx, a.DB, id, d)
		return err
	})
}

func (a *API) assignFailure(c *gin.Context) (any, error) {
	return a.settled(c, func(ctx context.Context, id string, d failures.Deed) error {
		if d.Owner == nil && d.Note == "" {
			return invalid("invalid_body", []workflow.Problem{{Path: "owner", Code: "required", Message: "Say who sees to it, or leave a note."}})
		}
		return failures.Assign(ctx, a.DB, id, d)
	})
}

// deed is what was said beside.
func (a *API) deed(c *gin.Context, sent NoteBody) (failures.Deed, error) {
	d := failures.Deed{By: by(c), Now: a.Now(), Note: sent.Note, Owner: sent.Owner, Tell: telling.Owners(a.Settings.BaseURL)}
	if d.Owner == nil || *d.Owner == "" {
		return d, nil
	}
	user, err := models.UserByEmail(c.Request.Context(), a.DB, *d.Owner)
	if errors.Is(err, models.ErrNotFound) {
		return d, failures.Stranger()
	}
	d.Owner = &user.ID
	return d, err
}

// settled does what may be said something about.
func (a *API) settled(c *gin.Context, do func(ctx context.Context, id string, d failures.Deed) error) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent NoteBody
	if _, err := optionalBody(c, &sent); err != nil {
		return nil, err
	}
	deed, err := a.deed(c, sent)
	if err != nil {
		return nil, err
	}
	if err := do(c.Request.Context(), id, deed); err != nil {
		return nil, err
	}
	return a.failure(c, id)
}

func (a *API) snoozeFailure(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent SnoozeBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	if sent.Until.IsZero() {
		return nil, invalid("invalid_body", []workflow.Problem{{Path: "until", Code: "required", Message: "Give a time such as 2026-01-31T09:00:00Z."}})
	}
	deed, err := a.deed(c, sent.NoteBody)
	if err != nil {
		return nil, err
	}
	if err := failures.Snooze(c.Request.Context(), a.DB, id, sent.Until.UTC().Truncate(time.Microsecond), deed); err != nil {
		return nil, err
	}
	return a.failure(c, id)
}

func (a *API) failure(c *gin.Context, id string) (any, error) {
	found, err := failures.Get(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	return failureOf(found, a.Now()), nil
}

func failureOf(f failures.Listed, now time.Time) FailureGroup {
	return FailureGroup{
		ID: f.ID, Cause: f.Sentence, Code: f.Code, WorkflowID: f.WorkflowID, WorkflowName: f.WorkflowName, StepID: text(f.StepID), StepName: text(f.StepName), Count: f.Count,
		FirstSeenAt: Time(f.FirstSeenAt), LastSeenAt: Time(f.LastSeenAt), FirstVersion: f.FirstVersion, LastVersion: f.LastVersion,
		State: failures.StateAt(&f.Failure, now), SnoozedUntil: at(f.SnoozedUntil), SolvedVersion: f.SolvedVersion, ChangedAt: at(f.ChangedAt), ChangedBy: f.ChangedBy,
		Note: f.Note, Owner: text(f.OwnerEmail), OwnerName: text(f.OwnerName), HasRule: f.HasRule, ExampleRunID: f.ExampleRunID,
	}
}

func (a *API) getRule(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	rule, turns, err := failures.RuleOf(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	return RetryRule{
		RetryRuleBody: RetryRuleBody{After: workflow.ReadLength(workflow.DurationWords(rule.After())), AtMost: rule.AtMost, From: rule.RetryFrom, Version: rule.RetryVersion},
		SetAt:         Time(rule.SetAt), SetBy: rule.SetBy, Retried: rule.Retried, Waiting: turns.Number, NextAt: at(turns.Next), Trouble: text(rule.Trouble), TroubleAt: at(rule.TroubleAt),
	}, nil
}

func (a *API) setRule(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent RetryRuleBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	problems := RetryBody{From: sent.From, Version: sent.Version}.problems()
	after, err := workflow.ParseDuration(sent.After)
	if err != nil {
		problems = append(problems, workflow.Problem{Path: "after", Code: "invalid_duration", Message: err.Error()})
	}
	if err := invalid("invalid_body", problems); err != nil {
		return nil, err
	}
	rule := failures.Rule{AfterSeconds: int(after / time.Second), AtMost: sent.AtMost, RetryFrom: cmp.Or(sent.From, engine.FromStart), RetryVersion: cmp.Or(sent.Version, engine.VersionSame)}
	if err := failures.SetRule(c.Request.Context(), a.DB, id, rule, failures.Deed{By: by(c), Now: a.Now()}); err != nil {
		return nil, err
	}
	return a.getRule(c)
}

func (a *API) removeRule(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	return nil, failures.RemoveRule(c.Request.Context(), a.DB, id)
}
