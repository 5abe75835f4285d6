package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/bulk"
)

// BulkRow is what is done with many runs, in a list.
type BulkRow struct {
	ID         string      `json:"id" format:"uuid"`
	Action     string      `json:"action" enum:"retry,cancel,delete"`
	Filter     models.JSON `json:"filter" schema:"BulkFilter" doc:"Which runs are meant, as it was asked for, with status as a list; {} where only failure_id said so."`
	FailureID  *string     `json:"failure_id" format:"uuid" doc:"The group of failures whose runs are meant."`
	From       *string     `json:"from" enum:"start,failed_step" doc:"Of a retry; null for other actions."`
	Version    *string     `json:"version" enum:"same,current" doc:"Of a retry; null for other actions."`
	PerSecond  int         `json:"per_second"`
	Total      int64       `json:"total" doc:"How many runs were chosen when it was asked for."`
	Done       int64       `json:"done" doc:"With how many of them it was done so far. Of a retry: for how many a new run was started, whose retry_of they are."`
	Failed     int64       `json:"failed" doc:"With how many of them it could not be done; done and failed together are total at the end, unless it was stopped."`
	State      string      `json:"state" enum:"running,finished,stopped" doc:"finished: with all runs; stopped: by somebody, before the end."`
	CreatedAt  Time        `json:"created_at"`
	CreatedBy  string      `json:"created_by"`
	StoppedBy  *string     `json:"stopped_by"`
	FinishedAt *Time       `json:"finished_at" doc:"When it was finished or stopped."`
}

// Bulk is what is done with many runs, with everything.
type Bulk struct {
	BulkRow
	Reasons []BulkReason `json:"reasons" doc:"Why it could not be done with some of the runs, the most frequent first; at most 50."`
}

// BulkReason is why it could not be done with some of the runs.
type BulkReason struct {
	Code         string `json:"code" doc:"For programs, as in an error."`
	Message      string `json:"message" doc:"One plain sentence for people."`
	Count        int64  `json:"count" doc:"With how many runs."`
	ExampleRunID string `json:"example_run_id" format:"uuid" doc:"The newest of these runs."`
}

func (a *API) bulkOperations() []Operation {
	const group = "Many runs"
	lists := paged(query("action", "string", "Only what does this.", bulk.Actions()...), query("state", "string", "Only what is in this state.", bulk.States()...), query("failure_id", "uuid", "Only what was asked for with the runs of this group: GET /failures."))
	key := Parameter{In: "header", Name: "Idempotency-Key", Type: "string", Summary: "Any text of your own, up to 255 characters. The same key and body again answer with what was asked for before; another body is 422 idempotency_mismatch."}
	return []Operation{
		{Method: http.MethodPost, Path: "/bulk", Name: "startBulk", Group: group, Summary: "Run again, cancel or delete all runs that meet a filter, or that failed for one cause. Which runs these are is settled now: of those that meet all conditions, retry takes the ended ones that have not been run again yet (succeeded ones too, unless status says otherwise), cancel those that have not ended, and delete the ended ones; tries are never among them. Workers do it from now on, the oldest run first; GET /bulk/{id} says how far they are. At most 100,000 runs. To delete needs the scope “write” as well.", Scope: auth.ScopeRun, Status: 202, Parameters: []Parameter{key}, Body: BulkBody{}, Answer: Bulk{}, Errors: []int{400, 413, 415, 422}, Handle: a.startBulk},
		{
			Method: http.MethodGet, Path: "/bulk", Name: "listBulk", Group: group, Summary: "List what was asked for with many runs, newest first, without the reasons.", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[BulkRow]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listBulk(c, lists) },
		},
		{Method: http.MethodGet, Path: "/bulk/:id", Name: "getBulk", Group: group, Summary: "Read how far it is, and why it could not be done with some of the runs.", Scope: auth.ScopeRead, Status: 200, Answer: Bulk{}, Errors: []int{404}, Handle: a.getBulk},
		{Method: http.MethodPost, Path: "/bulk/:id/stop", Name: "stopBulk", Group: group, Summary: "Stop it where it is. What was done stays done; one that has ended stays as it is.", Scope: auth.ScopeRun, Status: 200, Answer: Bulk{}, Errors: []int{400, 404, 415}, Handle: a.stopBulk},
	}
}

func (a *API) startBulk(c *gin.Context) (any, error) {
	var sent BulkBody
	data, err := body(c, &sent)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	if sent.Action == bulk.Delete && !auth.Allows(ctx, auth.ScopeWrite) {
		return nil, auth.MissingScope(auth.ScopeWrite)
	}
	request, err := sent.request(data)
	if err != nil {
		return nil, err
	}
	if request.IdempotencyKey, err = idempotencyKey(c); err != nil {
		return nil, err
	}
	made, err := bulk.Create(ctx, a.DB, request, a.Now())
	if err != nil {
		return nil, err
	}
	if made.Failed == 0 { // as when it is new: what is stored is not refused for what else cannot be read
		return Bulk{BulkRow: bulkRow(made), Reasons: []BulkReason{}}, nil
	}
	return a.bulk(c, made)
}

func (a *API) listBulk(c *gin.Context, known []Parameter) (any, error) {
	return listed(c, a.DB, known, func(p *parameters) bulk.Filter {
		return bulk.Filter{Action: p.choice("action", bulk.Actions()...), State: p.choice("state", bulk.States()...), FailureID: p.id("failure_id", "Give the id of a group of GET /failures."), Before: p.cursor(), Limit: p.limit()}
	}, bulk.List, bulkRow)
}

func (a *API) getBulk(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	found, err := bulk.Get(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	return a.bulk(c, found)
}

func (a *API) stopBulk(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	stopped, err := bulk.Stop(c.Request.Context(), a.DB, id, by(c), a.Now())
	if err != nil {
		return nil, err
	}
	return a.bulk(c, stopped)
}

// bulk adds the reasons.
func (a *API) bulk(c *gin.Context, b bulk.Bulk) (any, error) {
	whole := Bulk{BulkRow: bulkRow(b), Reasons: []BulkReason{}}
	reasons, err := bulk.Reasons(c.Request.Context(), a.DB, b.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range reasons {
		whole.Reasons = append(whole.Reasons, BulkReason{Code: r.Code, Message: r.Message, Count: r.Number, ExampleRunID: r.ExampleID})
	}
	return whole, nil
}

func bulkRow(b bulk.Bulk) BulkRow {
	row := BulkRow{
		ID: b.ID, Action: b.Action, Filter: b.Asked, FailureID: b.FailureID, From: text(b.RetryFrom), Version: text(b.RetryVersion), PerSecond: b.PerSecond,
		Total: b.Total, Done: b.Done, Failed: b.Failed, State: b.State, CreatedAt: Time(b.CreatedAt), CreatedBy: b.ActorName, StoppedBy: text(b.StoppedBy), FinishedAt: at(b.FinishedAt),
	}
	if b.ActorKind == models.ActorToken {
		row.CreatedBy = "token " + b.ActorName // as auth.By says
	}
	return row
}
