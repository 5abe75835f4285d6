package hooks

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/memo"
	"workflows/worker/secrets"
	"workflows/worker/senders"
	"workflows/worker/workflow"
)

// Receiver takes deliveries. It is safe for many goroutines.
type Receiver struct {
	DB      *gorm.DB
	Engine  *engine.Engine
	Secrets *secrets.Store // nil where there are none
	Log     *slog.Logger
	Now     func() time.Time
	// BaseURL is what stands before /hooks/ in an address, which some senders sign.
	BaseURL string
	// Told is what the caller is told about an error, which is kept with a delivery that
	// was rejected.
	Told   func(error) (status int, code, message string)
	limits limits
	known  memo.Memo[models.CalledWebhook] // by token
}

// Answer is what a delivery has come to.
type Answer struct {
	DeliveryID string
	RunID      string           // "" where no run was started
	Filtered   bool             // the filter did not let it start a run
	Repeated   bool             // it came before; RunID is what that has started
	Check      *senders.Answer  // to whoever only asked whether the address is ours
	Rule       workflow.Trigger // how the webhook answers
}

// Receive takes the delivery that is sent to the webhook with this token; read reads
// its content, once it is known that there is such a webhook. When it returns without
// an error the delivery and its run are committed; Redis is not needed. Errors are what
// the caller is told: models.ErrNotFound, a *models.StrangerError, a
// *models.ConflictError while the workflow takes none, a *models.LimitError, what read
// says, and for what cannot be used a *document.MalformedError or *models.InvalidError.
func (r *Receiver) Receive(ctx context.Context, token string, request Request, read func() ([]byte, error)) (Answer, error) {
	d := &delivery{r: r, request: request}
	if err := d.find(ctx, token); err != nil {
		return Answer{}, err
	}
	var err error
	if d.request.Body, err = read(); err != nil {
		d.keepUnread(ctx, err)
		return Answer{}, err
	}
	if err := d.find(ctx, token); err != nil { // its content may have taken long to come
		return Answer{}, err
	}
	answer, err := d.take(ctx)
	if errors.Is(err, errRemembered) {
		d.afresh = true
		if err := d.find(ctx, token); err != nil {
			return Answer{}, err
		}
		answer, err = d.take(ctx)
	}
	if err != nil {
		d.keepRefused(ctx, err)
	}
	return answer, err
}

// errRemembered is of who is not let through by what is remembered of the webhook, which
// is looked up again then.
var errRemembered = errors.New("this goes by what is remembered")

// find looks up the webhook that is called.
func (d *delivery) find(ctx context.Context, token string) (err error) {
	d.remembered, d.rule, d.secrets, d.learned = false, workflow.Trigger{}, nil, false
	look := func() (models.CalledWebhook, error) { return models.WebhookByToken(ctx, d.r.DB, token) }
	if d.afresh {
		d.hook, err = d.r.known.Renew(token, look)
	} else {
		d.hook, d.remembered, err = d.r.known.Get(token, look)
	}
	return err
}

// keepRefused keeps what was refused, unless nobody has anything to see in it.
func (d *delivery) keepRefused(ctx context.Context, err error) {
	if !errors.Is(err, models.ErrNotFound) && !errors.Is(err, models.ErrUnavailable) && ctx.Err() == nil {
		d.keepRejected(ctx, err)
	}
}

// delivery is one call of a webhook.
type delivery struct {
	r       *Receiver
	hook    models.CalledWebhook
	request Request
	rule    workflow.Trigger
	body    any
	form    bool     // the body is the fields of a form
	secrets []string // the values that the webhook's secret may have
	learned bool     // these are known, to the redactor too
	unread  bool     // the body could not be read, or not all of it
	counted bool     // towards the webhook's limit
	// remembered says that something is known from a moment ago, afresh that nothing may be.
	remembered, afresh bool
}

func (d *delivery) take(ctx context.Context) (Answer, error) {
	if err := d.know(ctx); err != nil {
		if d.remembered {
			err = errRemembered
		}
		return Answer{}, err
	}
	if err := d.fromAllowedPage(); err != nil {
		return Answer{}, d.refuse(ctx, err)
	}
	if check, err := d.asked(ctx); check != nil || err != nil {
		return d.answered(ctx, check, err)
	}
	if err := d.open(); err != nil {
		if d.remembered {
			return Answer{}, errRemembered
		}
		if check := d.askedMeanwhile(ctx); check != nil {
			return d.checked(ctx, check), nil
		}
		return Answer{}, err
	}
	if err := d.verify(); err != nil {
		return Answer{}, d.refuse(ctx, err)
	}
	if !d.counted {
		d.counted = true
		if err := d.r.limits.allow(ctx, d.hook.ID, d.rule.RatePerMinute); err != nil {
			return Answer{}, err
		}
	}
	if err := d.parse(); err != nil {
		return Answer{}, err
	}
	if check, err := d.proven(); check != nil || err != nil {
		return d.answered(ctx, check, err)
	}
	key, err := d.key(ctx)
	if err != nil {
		return Answer{}, err
	}
	if answer, found, err := d.before(ctx, key); found || err != nil {
		return answer, err
	}
	return d.keep(ctx, key)
}

func (d *delivery) parse() (err error) {
	d.body, d.form, err = parseBody(d.request.Header.Get("Content-Type"), d.request.Body)
	return err
}

// open refuses what is not taken now, whoever sends it.
func (d *delivery) open() error {
	switch {
	case d.hook.WorkflowStatus == workflow.StatusPaused:
		return &models.ConflictError{Code: "paused", Message: "The workflow of this webhook is paused, so nothing was started. Send it again later."}
	case d.rule.Disabled:
		return &models.ConflictError{Code: "switched_off", Message: "This webhook is switched off, so nothing was started."}
	}
	return nil
}

// know finds out how the webhook takes calls, if it takes any, and the secret that it
// goes by.
func (d *delivery) know(ctx context.Context) error {
	switch {
	case d.hook.Rule == nil && d.hook.VersionID != nil:
		return models.ErrNotFound // published without this trigger
	case d.hook.Rule == nil:
		return &models.ConflictError{Code: "not_published", Message: "The workflow of this webhook is not published yet, so nothing was started."}
	}
	rule, beyond := workflow.BeyondTrigger(d.hook.Rule)
	if beyond != "" {
		return d.r.beyond(d.hook, beyond)
	}
	d.rule = rule
	switch {
	case rule.Type != "webhook":
		return models.ErrNotFound
	case rule.Secret == "":
		return nil
	case d.r.Secrets == nil:
		return errors.New("a webhook is signed, but there are no secrets")
	}
	var err error
	if d.afresh {
		d.secrets, err = d.r.Secrets.Accepted(ctx, rule.Secret)
	} else {
		var remembered bool
		d.secrets, remembered, err = d.r.Secrets.AcceptedLately(ctx, rule.Secret)
		d.remembered = d.remembered || remembered
	}
	d.learned = err == nil
	return err
}

// beyond refuses, until a newer program takes it, what this one would take wrongly.
func (r *Receiver) beyond(hook models.CalledWebhook, what string) error {
	if r.Log != nil {
		r.Log.Warn("a webhook or form holds what only a newer program knows", "webhook_id", hook.ID, "holds", what)
	}
	return engine.ByNewerProgram()
}

// refuse is what somebody is told who is not believed: why, or after many calls to
// wait.
func (d *delivery) refuse(ctx context.Context, cause error) error {
	if d.remembered {
		return errRemembered
	}
	if !errors.As(cause, new(*models.StrangerError)) {
		return cause
	}
	if err := d.r.limits.refused(ctx, d.hook.ID, d.request.Network); err != nil {
		return err
	}
	return cause
}

// before finds what the same delivery has come to when it was sent before.
func (d *delivery) before(ctx context.Context, key string) (Answer, bool, error) {
	if key == "" {
		return Answer{}, false, nil
	}
	first, err := models.DeliveryByKey(ctx, d.r.DB, d.hook.ID, key)
	if errors.Is(err, models.ErrNotFound) {
		return Answer{}, false, nil
	}
	switch {
	case err != nil:
		return Answer{}, false, err
	case d.remembered: // by what it is known again may be another rule by now
		return Answer{}, false, errRemembered
	}
	answer := d.answerOf(first)
	answer.Repeated = true
	return answer, true, models.CountRepeat(ctx, d.r.DB, first.ID)
}

func (d *delivery) answerOf(row models.Delivery) Answer {
	answer := Answer{DeliveryID: row.ID, Filtered: row.Outcome == models.DeliveryFiltered, Rule: d.rule}
	if row.RunID != nil {
		answer.RunID = *row.RunID
	}
	return answer
}

// keep stores the delivery and, in the same transaction, the run that it starts.
func (d *delivery) keep(ctx context.Context, key string) (Answer, error) {
	row, trigger := d.stored()
	if reason := d.filtered(trigger); reason != "" {
		if d.remembered {
			return Answer{}, errRemembered
		}
		// Without its id: sent again it is judged anew, as the filter is then.
		row.Outcome, row.Reason = models.DeliveryFiltered, reason
		return d.answerOf(row), models.InsertDelivery(ctx, d.r.DB, &row)
	}
	row.Outcome = models.DeliveryAccepted
	if key != "" {
		row.DeliveryKey = &key
	}
	_, err := d.start(ctx, trigger, &row, "", nil)
	if err == nil {
		return d.answerOf(row), nil
	}
	if errors.Is(err, engine.ErrChanged) {
		return Answer{}, errRemembered
	}
	// Of two that came at once under one key the second finds the first, also where the
	// first one's run has filled the workflow's limit.
	if models.Unique(err) || errors.As(err, new(*models.LimitError)) {
		if answer, found, failed := d.before(ctx, key); found || failed != nil {
			return answer, failed
		}
	}
	return Answer{}, err
}

// start starts the run of a delivery, and stores that and what else belongs to it in the
// same transaction. A second one under the same key is the first.
func (d *delivery) start(ctx context.Context, trigger engine.Trigger, row *models.Delivery, key string, also func(ctx context.Context, tx *gorm.DB, run models.Run) error) (models.Run, error) {
	seen := ""
	if d.remembered && d.hook.VersionID != nil {
		seen = *d.hook.VersionID
	}
	run, _, err := d.r.Engine.StartNow(ctx, engine.StartRequest{
		WorkflowID: d.hook.WorkflowID, Seen: seen, Trigger: trigger, Read: d.readInput(trigger.Body), IdempotencyKey: key, Delivery: row, Also: also,
	})
	return run, err
}
