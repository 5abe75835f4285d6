package hooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"workflows/models"
	"workflows/models/columns"
	"workflows/worker/content"
	"workflows/worker/document"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// Request is what was sent to a webhook.
type Request struct {
	Method  string
	Header  http.Header
	Query   string // as it stands in the address
	Body    []byte
	Address string // the IP address that it came from
	Network string // that address, or its network of IPv6: whom it counts for
}

// maxKey is the longest id of a delivery that is kept as it is, in bytes.
const maxKey = 255

// key is by what the same delivery is known again: what its sender says, or for a while
// its content, where the webhook says so.
func (d *delivery) key(ctx context.Context) (string, error) {
	if said := d.rule.Sender().KeyOf(d.call()); said != "" || d.rule.SameWithin == "" {
		return storedKey(said, d.r.redactor()), nil
	}
	within, err := workflow.ParseDuration(d.rule.SameWithin)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(d.request.Query + "\x00" + string(d.request.Body)))
	key := "content:" + hex.EncodeToString(sum[:])
	return key, models.ForgetDeliveryKey(ctx, d.r.DB, d.hook.ID, key, d.r.Now().Add(-within))
}

// storedKey is an id as it is stored: one that is too long, or holds what is not
// stored, as its hash.
func storedKey(key string, redactor *secrets.Redactor) string {
	if len(key) <= maxKey && columns.Holds(key) && redactor.Text(key) == key {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// parseBody turns what was sent into the value that a run sees as its trigger's
// body: JSON as it is, also without its content type, as curl -d sends it; the fields
// of a form, which it tells; anything else as text. JSON is taken strictly, and no
// character set is guessed: the sender is there to mend it.
func parseBody(contentType string, body []byte) (value any, form bool, err error) {
	if len(body) == 0 {
		return nil, false, nil
	}
	read := content.Reader{JSON: func(text string) (any, error) { return parseJSON([]byte(text)) }}.Read(body, contentType)
	switch {
	case read.Err != nil:
		return nil, false, read.Err
	case read.Guessed, read.Binary:
		return nil, false, invalidBody("invalid_utf8", "The content is not text in UTF-8, and does not say what else it is. Send JSON, a form or plain text.")
	}
	return read.Value, read.Form, nil
}

func parseJSON(body []byte) (any, error) {
	value, problems, err := document.ReadValue(body, "body")
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		invalid := &models.InvalidError{Code: "invalid_body", Message: problems[0].Message}
		for _, problem := range problems {
			invalid.Fields = append(invalid.Fields, models.FieldError{Path: problem.Path, Code: problem.Code, Message: problem.Message})
		}
		return nil, invalid
	}
	return value, nil
}

// readable is what can be read and stored of a query.
func readable(query string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, ok := parameter(pair); ok && name+value != "" {
			values.Add(name, value)
		}
	}
	return values
}

// fieldsOf are names with a text each, or a list where a name was given twice.
func fieldsOf(values url.Values) (map[string]any, error) {
	fields := make(map[string]any, len(values))
	for name, list := range values {
		for _, text := range append([]string{name}, list...) {
			if !columns.Holds(text) {
				return nil, invalidBody("invalid_character", "A field contains a character that cannot be stored. Remove it.")
			}
		}
		if len(list) == 1 {
			fields[name] = list[0]
			continue
		}
		items := make([]any, len(list))
		for i, text := range list {
			items[i] = text
		}
		fields[name] = items
	}
	return fields, nil
}

func invalidBody(code, message string) error {
	return &models.InvalidError{Code: "invalid_body", Message: message, Fields: []models.FieldError{{Path: "body", Code: code, Message: message}}}
}
