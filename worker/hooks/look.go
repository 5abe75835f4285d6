package hooks

import (
	"context"
	"net/http"

	"workflows/models"
	"workflows/worker/senders"
)

// looked is what is answered to a call by GET or HEAD that asks nothing that its sender
// is known to ask.
var looked = senders.Answer{
	Says: "Somebody has looked whether the address answers. It does, and no run started.",
	Text: "This is the address of a webhook. Programs send to it by POST.\n",
}

// Look takes a call by GET or HEAD, which starts no run: it only asks whether the address
// answers. A webhook that is paused or switched off answers all the same, so that its
// sender does not give it up. Errors are those of Receive.
func (r *Receiver) Look(ctx context.Context, token string, request Request) (Answer, error) {
	hook, err := models.WebhookByToken(ctx, r.DB, token)
	if err != nil {
		return Answer{}, err
	}
	d := &delivery{r: r, hook: hook, request: request, afresh: true}
	answer, err := d.look(ctx)
	if err != nil {
		d.keepRefused(ctx, err)
	}
	return answer, err
}

func (d *delivery) look(ctx context.Context) (Answer, error) {
	if err := d.r.limits.looked(ctx, d.hook.ID, d.request.Network); err != nil {
		return Answer{}, err
	}
	if err := d.know(ctx); err != nil {
		return Answer{}, err
	}
	check, err := d.unproven(ctx)
	if err != nil {
		return Answer{}, err
	}
	if check == nil {
		check = &looked
	}
	return d.checked(ctx, check), nil
}

// unproven is what somebody is answered who asks whether the address is ours; nil where
// nobody has asked.
func (d *delivery) unproven(ctx context.Context) (*senders.Answer, error) {
	ask := d.rule.Sender().Unproven
	if ask == nil {
		return nil, nil
	}
	call := d.call()
	if d.rule.VerifySecret != "" && d.r.Secrets != nil {
		var err error
		if call.Tokens, err = d.r.Secrets.Accepted(ctx, d.rule.VerifySecret); err != nil {
			return nil, err
		}
	}
	check, err := ask(call)
	if err != nil {
		return nil, d.refuse(ctx, stranger(err))
	}
	return check, nil
}

// asked answers a delivery that is none, before its sender is believed: nil where it is
// one.
func (d *delivery) asked(ctx context.Context) (*senders.Answer, error) {
	check, err := d.unproven(ctx)
	if check == nil || err != nil {
		return nil, err
	}
	return check, d.r.limits.looked(ctx, d.hook.ID, d.request.Network)
}

// proven is the same of somebody who is believed.
func (d *delivery) proven() (*senders.Answer, error) {
	ask := d.rule.Sender().Proven
	if ask == nil {
		return nil, nil
	}
	check, err := ask(d.call())
	return check, stranger(err)
}

// askedMeanwhile is what somebody is answered who asks while the webhook takes nothing:
// Zoom does every three days, and gives an address up that does not answer.
func (d *delivery) askedMeanwhile(ctx context.Context) *senders.Answer {
	if d.rule.Sender().Proven == nil || d.verify() != nil || d.r.limits.looked(ctx, d.hook.ID, d.request.Network) != nil || d.parse() != nil {
		return nil
	}
	check, err := d.proven()
	if err != nil {
		return nil
	}
	return check
}

// answered is what a call comes to that has only asked, or may not.
func (d *delivery) answered(ctx context.Context, check *senders.Answer, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	return d.checked(ctx, check), nil
}

// checked keeps that somebody has asked, as a delivery that has started nothing.
func (d *delivery) checked(ctx context.Context, check *senders.Answer) Answer {
	d.keepIdle(ctx, models.DeliveryChecked, func() models.Delivery {
		row, _ := d.stored()
		row.Outcome, row.Status, row.Reason = models.DeliveryChecked, http.StatusOK, check.Says
		return row
	})
	return Answer{Check: check}
}
