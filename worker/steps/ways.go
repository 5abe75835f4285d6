package steps

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"workflows/worker/chat"
	"workflows/worker/senders"
	"workflows/worker/workflow"
)

// Chatter tells the chat at an address, as the step chat_message does. Its errors are a
// *workflow.StepError, or the context's.
func Chatter(options Options) func(ctx context.Context, address, title, text string) error {
	o := newOutbound(options.OutboundAllow, options.Resolver)
	return func(ctx context.Context, address, title, text string) error {
		_, err := o.tell(ctx, workflow.Call{Now: time.Now()}, chatMessageConfig{Kind: string(chat.Auto), WebhookSecret: address, Title: title, Text: text})
		return err
	}
}

// Hooker calls an address of somebody's own with JSON, signed as Standard Webhooks says
// where there is a secret. The same id is the same call, however often it is made.
func Hooker(options Options) func(ctx context.Context, address, secret, id string, body []byte) error {
	o := newOutbound(options.OutboundAllow, options.Resolver)
	return func(ctx context.Context, address, secret, id string, body []byte) error {
		if code, message := o.checkURL(address); code != "" {
			return permanent(code, message)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return permanent("invalid_url", "This is not a web address that can be called.")
		}
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		request.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {userAgent}, "Webhook-Id": {id}, "Webhook-Timestamp": {stamp}}
		if secret != "" {
			request.Header.Set("Webhook-Signature", senders.SignStandard(secret, id, stamp, body))
		}
		response, err := o.once(ctx, request)
		if err != nil {
			return callErrorAt(ctx, "host of the web address", err)
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, workflow.FreeBytes))
		return hookRefused(response)
	}
}

func hookRefused(response *http.Response) error {
	status := response.StatusCode
	if status >= 200 && status <= 299 {
		return nil
	}
	refused := permanent("hook_refused", "The web address did not take it: it answered "+strconv.Itoa(status)+". Check it in the workflow.")
	if status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500 {
		refused.Permanent, refused.Message = false, "The web address did not take it: it answered "+strconv.Itoa(status)+"."
		refused.RetryAfter = retryAfter(response, time.Now())
	}
	return refused
}

// Mailer sends the system's own e-mails, through the mail server that steps use. The same
// key has the same Message-ID, so that mail programs show a repeated e-mail once. Its errors
// are a *workflow.StepError, the context's, or that of Options.Mail.
func Mailer(options Options) func(ctx context.Context, to, subject, text, key string) error {
	server := newMailServer(options, newOutbound(options.OutboundAllow, options.Resolver))
	return func(ctx context.Context, to, subject, text, key string) error {
		return server.send(ctx, &email{to: []string{to}, subject: subject, text: text}, key, time.Now())
	}
}
