package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/hooks"
	"workflows/worker/senders"
	"workflows/worker/workflow"
)

const (
	// outputWait is how long a caller waits for a run's output at most: some that
	// stand between give up after 30 s.
	outputWait = 25 * time.Second
	// maxWaiting bounds how many wait at once in one process; the others are answered
	// as if they did not want to.
	maxWaiting = 200
)

// HookAnswer is what a webhook answers with.
type HookAnswer struct {
	RunID      *string     `json:"run_id"` // null where the filter let no run start
	DeliveryID string      `json:"delivery_id"`
	Repeated   bool        `json:"repeated,omitempty"`
	Status     string      `json:"status,omitempty"` // of the run, where the caller waits for its output
	Output     models.JSON `json:"output,omitempty"`
	Error      models.JSON `json:"error,omitempty"`
}

// Hook takes what another program sends to a webhook. Serve it with the status 202.
func (a *API) Hook(c *gin.Context) (any, error) {
	ctx := c.Request.Context()
	if _, err := a.fromPage(c); err != nil {
		return nil, err
	}
	answer, err := a.Hooks.Receive(ctx, c.Param("token"), asked(c), func() ([]byte, error) { return web.Raw(c) })
	web.DropBody(c) // nothing holds it any more, also while somebody waits for a run
	if err != nil {
		return nil, err
	}
	if answer.Check != nil {
		return checked(*answer.Check), nil
	}
	sent := HookAnswer{DeliveryID: answer.DeliveryID, Repeated: answer.Repeated}
	if answer.RunID == "" {
		return atOnce(answer.Rule.Answers(), sent)
	}
	sent.RunID = &answer.RunID
	if !answer.Rule.Waits() {
		return atOnce(answer.Rule.Answers(), sent)
	}
	run, ended, err := a.awaitRun(ctx, answer.RunID)
	switch {
	case err != nil:
		return nil, err
	case !ended:
		return sent, nil
	case answer.Rule.Respond == workflow.RespondAnswer:
		return madeOf(answer.Rule.Answers(), run)
	}
	sent.Status, sent.Output, sent.Error = run.Status, run.Output, run.Error
	return web.OK{Value: sent}, nil
}

// atOnce is the answer to who does not wait for the run, or where there is none: in that
// case only its status is the webhook's own.
func atOnce(own workflow.WebhookAnswer, sent HookAnswer) (any, error) {
	status := cmp.Or(own.Status, http.StatusAccepted)
	if sent.RunID == nil || !own.Worded() {
		return web.WithStatus{Status: status, Value: sent}, nil
	}
	text, err := own.Write(map[string]any{"id": *sent.RunID})
	return web.Plain{Status: status, Type: own.ContentType(), Text: text}, err
}

// madeOf is the webhook's own answer with what its run has come to.
func madeOf(own workflow.WebhookAnswer, run models.Run) (any, error) {
	if run.Status != workflow.RunSucceeded {
		return nil, &web.Failure{Status: http.StatusInternalServerError, Code: "run_" + run.Status, Message: "The run that this has started did not succeed, so there is no answer. Its owner sees why on the run's page."}
	}
	known := map[string]any{"id": run.ID, "status": run.Status}
	if run.Output != nil {
		output, err := document.Value(run.Output)
		if err != nil {
			return nil, err
		}
		known["output"] = output
	}
	text, err := own.Write(known)
	if err != nil {
		return nil, &web.Failure{Status: http.StatusInternalServerError, Code: "invalid_answer", Message: err.Error()}
	}
	return web.Plain{Status: cmp.Or(own.Status, http.StatusOK), Type: own.ContentType(), Text: text}, nil
}

// fromPage lets a page of a web site that may call see what is answered, refusals too.
func (a *API) fromPage(c *gin.Context) (allowed bool, err error) {
	origin := c.GetHeader("Origin")
	if origin == "" {
		return false, nil
	}
	if allowed, err = a.Hooks.Allows(c.Request.Context(), c.Param("token"), origin); !allowed || err != nil {
		return false, err
	}
	header := c.Writer.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Add("Vary", "Origin")
	return true, nil
}

// HookPreflight tells a browser whether a page of another web site may call.
func (a *API) HookPreflight(c *gin.Context) (any, error) {
	switch allowed, err := a.fromPage(c); {
	case err != nil:
		return nil, err
	case !allowed:
		return nil, &web.Failure{Status: http.StatusForbidden, Code: "origin_not_allowed", Message: "Pages of this web site may not call this webhook. Its owner has to name the site, written as the browser sends it in the header Origin."}
	}
	header := c.Writer.Header()
	header.Set("Access-Control-Allow-Methods", "POST")
	header.Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key, Webhook-Id")
	header.Set("Access-Control-Max-Age", "600")
	return nil, nil
}

// HookLook answers a webhook's address to GET and HEAD: with what its sender asks for, or
// that it is one.
func (a *API) HookLook(c *gin.Context) (any, error) {
	answer, err := a.Hooks.Look(c.Request.Context(), c.Param("token"), asked(c))
	if err != nil {
		return nil, err
	}
	return checked(*answer.Check), nil
}

// checked is what somebody gets who has asked whether the address answers. Nothing of it
// is ever shown as a page.
func checked(answer senders.Answer) any {
	if answer.JSON != nil {
		return web.OK{Value: answer.JSON}
	}
	return web.Plain{Status: http.StatusOK, Type: "text/plain; charset=utf-8", Text: answer.Text}
}

// asked is a call without its content.
func asked(c *gin.Context) hooks.Request {
	return hooks.Request{Method: c.Request.Method, Header: c.Request.Header, Query: c.Request.URL.RawQuery, Address: c.ClientIP(), Network: web.Network(c.ClientIP())}
}

// awaitRun waits for a run's end, not for ever; the run goes on in any case.
func (a *API) awaitRun(ctx context.Context, id string) (models.Run, bool, error) {
	if a.waiting.Add(1) > maxWaiting {
		a.waiting.Add(-1)
		return models.Run{}, false, nil
	}
	defer a.waiting.Add(-1)
	wait, cancel := context.WithTimeout(ctx, outputWait)
	defer cancel()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		select {
		case <-wait.Done():
			return models.Run{}, false, nil
		case <-time.After(pause):
		}
		status, err := runs.Status(wait, a.DB, id)
		if err == nil && workflow.Final(status) {
			run, err := runs.Get(ctx, a.DB, id)
			return run, err == nil, err
		}
	}
}
