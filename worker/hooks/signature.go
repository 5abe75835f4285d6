package hooks

import (
	"context"
	"errors"
	"net/http"

	"workflows/models"
	"workflows/worker/senders"
)

// call is what was sent as the table of senders sees it.
func (d *delivery) call() senders.Call {
	address := d.r.BaseURL + "/hooks/" + d.hook.Token
	if d.request.Query != "" {
		address += "?" + d.request.Query
	}
	method := d.request.Method
	if method == "" {
		method = http.MethodPost
	}
	return senders.Call{
		Method: method, URL: address, Query: readable(d.request.Query), Header: d.request.Header, Content: d.request.Body, Body: d.body,
		Secrets: d.secrets, Scheme: d.rule.Scheme(), Now: d.r.Now(),
	}
}

// know reads the secret that the webhook goes by.
func (d *delivery) know(ctx context.Context) error {
	if d.rule.Secret == "" || d.learned {
		return nil
	}
	if d.r.Secrets == nil {
		return errors.New("a webhook is signed, but there are no secrets")
	}
	var err error
	d.secrets, err = d.r.Secrets.Accepted(ctx, d.rule.Secret)
	d.learned = err == nil
	return err
}

func (d *delivery) verify() error {
	verify := d.rule.Sender().Verify
	switch {
	case verify == nil:
		return nil
	case len(d.secrets) == 0:
		return &models.StrangerError{Code: "signature_wrong", Message: "This webhook's secret does not exist any more, so nobody can be believed. Its owner has to store it again."}
	}
	return stranger(verify(d.call()))
}

// stranger is a refusal of the table of senders as one of ours.
func stranger(err error) error {
	if refusal := new(senders.Refusal); errors.As(err, &refusal) {
		return &models.StrangerError{Code: "signature_" + refusal.Code, Message: refusal.Message}
	}
	return err
}
