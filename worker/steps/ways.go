package steps

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"workflows/models/columns"
	"workflows/worker/chat"
	"workflows/worker/content"
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
	refused := permanent("hook_refused", "The web address did not take it: it answered "+statusWords(status)+". Check it in the workflow.")
	if status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500 {
		refused.Permanent, refused.Message = false, "The web address did not take it: it answered "+statusWords(status)+"."
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

// maxFile bounds a calendar file after decompression.
const maxFile = 1 << 20

// File is what came from the address of a calendar file.
type File struct {
	// Unchanged: it is what it was when ETag and Modified came; there is no Text.
	Unchanged            bool
	Text, ETag, Modified string
}

// Fetcher fetches the calendar file at an address, unless it is what it was when etag and
// modified came; all of it, redirects included, within a time. Its errors are a
// *workflow.StepError, or the context's; both tell no more of the address than its host.
func Fetcher(options Options, within time.Duration) func(ctx context.Context, address, etag, modified string) (File, error) {
	o := newOutbound(options.OutboundAllow, options.Resolver)
	return func(ctx context.Context, address, etag, modified string) (File, error) {
		ctx, done := context.WithTimeoutCause(ctx, within, permanent("timeout", "The address did not send all of the calendar within "+workflow.DurationWords(within)+"."))
		defer done()
		return o.file(ctx, address, etag, modified)
	}
}

func (o *outbound) file(ctx context.Context, address, etag, modified string) (File, error) {
	if code, message := o.checkURL(address); code != "" {
		return File{}, permanent(code, message)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return File{}, permanent("invalid_url", "This is not a web address that can be called.")
	}
	request.Header = http.Header{"Accept": {"text/calendar, */*;q=0.5"}, "User-Agent": {userAgent}}
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		request.Header.Set("If-Modified-Since", modified)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return File{}, fileError(callError(ctx, request.URL, err))
	}
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case status == http.StatusNotModified && etag+modified != "":
		return File{Unchanged: true, ETag: etag, Modified: modified}, nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return File{}, permanent("unexpected_status", "The address does not give the calendar to everybody who knows it: it answered "+statusWords(status)+". Look for one that needs no password.")
	case status != http.StatusOK:
		return File{}, permanent("unexpected_status", "The address answered "+statusWords(status)+". Check that it is still right.")
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxFile+1))
	switch {
	case len(data) > maxFile:
		return File{}, permanent(tooLarge, "The address sends more than 1 MB, which is the most that is read of a calendar.")
	case err != nil:
		return File{}, fileError(readError(ctx, err))
	}
	return File{Text: content.Text(data, response.Header.Get("Content-Type")), ETag: headerOf(response, "ETag"), Modified: headerOf(response, "Last-Modified")}, nil
}

// headerOf is a header that is sent back as it came; one that is too long for that is none.
func headerOf(response *http.Response, name string) string {
	value := columns.Fit(response.Header.Get(name))
	if len(value) > 1000 {
		return ""
	}
	return value
}

// fileError is why nothing came, where that was not that the caller has given up.
func fileError(err error) error {
	var failed *workflow.StepError
	if errors.As(err, &failed) {
		return failed
	}
	return err
}
