package hooks

import (
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
