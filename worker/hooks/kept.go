package hooks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"workflows/models"
	"workflows/models/columns"
	"workflows/worker/content"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

const (
	maxHeaders     = 60
	maxHeaderValue = 2000 // bytes
)

// stored is the delivery as it is stored, and the trigger that its run sees.
func (d *delivery) stored() (models.Delivery, engine.Trigger) {
	k := d.keeping()
	row := models.Delivery{ID: models.NewID(), WebhookID: d.hook.ID, ReceivedAt: d.r.Now(), Address: d.request.Address, BodyBytes: len(d.request.Body), Status: http.StatusAccepted}
	trigger := engine.Trigger{Type: engine.TriggerWebhook, TriggerID: d.hook.TriggerID, DeliveryID: row.ID}
	trigger.Headers = k.headers(sentHeaders(d.request.Header), headersNamed(d.rule.Filter))
	var err error
	if row.Headers, err = models.ToJSON(trigger.Headers); err != nil { // texts only
		panic(err)
	}
	var query url.Values
	row.Query, query = k.query(d.request.Query)
	trigger.Query, _ = fieldsOf(query) // all of it can be stored
	row.ContentType = k.text(d.request.Header.Get("Content-Type"))
	if len(row.ContentType) > maxHeaderValue {
		row.ContentType = ""
		k.note(models.KeptChanged)
	}
	var held bool
	row.Body, held = k.body(row.ContentType, d.request.Body)
	if trigger.Body = d.body; held || inParts(row.ContentType) {
		trigger.Body = valueOf(k.redactor.JSON(document.JSON(d.body)))
	}
	row.Kept = cmp.Or(k.kept, models.KeptWhole)
	return row, trigger
}

func (d *delivery) keeping() *keeping {
	return &keeping{redactor: d.r.redactor(), token: d.hook.Token, proof: d.rule.Sender().Proves(d.rule.Scheme())}
}

func (r *Receiver) redactor() *secrets.Redactor {
	if r.Secrets == nil {
		return nil
	}
	return r.Secrets.Redactor
}

// keeping turns what was sent into what is stored of it: nothing that proves who
// has sent it, no value of a secret, nothing that cannot be stored.
type keeping struct {
	redactor *secrets.Redactor
	token    string // of the webhook: its address
	proof    string // a header whose name does not say that it proves who has sent it
	kept     string // how much is stored as it was sent; one of models.Kept…
}

// note remembers the first thing that is not stored as it was sent.
func (k *keeping) note(how string) {
	if k.kept == "" || k.kept == models.KeptWhole {
		k.kept = how
	}
}

// text is a text that can be stored, without values of secrets.
func (k *keeping) text(text string) string {
	if clean := columns.Fit(text); clean != text {
		k.note(models.KeptChanged)
		text = clean
	}
	clean := k.redactor.Text(text)
	if clean != text {
		k.note(models.KeptRedacted)
	}
	return clean
}

// sentHeaders are all headers with their names in small letters.
func sentHeaders(header http.Header) map[string]string {
	sent := make(map[string]string, len(header))
	for name, values := range header {
		sent[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return sent
}

// headers are those that are stored and that a run may see: those of first before
// the others, which come by name. What is left out of them does not count as a
// change: a run has never seen it.
func (k *keeping) headers(sent map[string]string, first []string) map[string]string {
	names := make([]string, 0, len(sent))
	for name, value := range sent {
		if !workflow.ProvesSender(name) && !strings.EqualFold(name, k.proof) && !strings.Contains(value, k.token) {
			names = append(names, name)
		}
	}
	place := func(name string) int {
		if slices.Contains(first, name) {
			return 0
		}
		return 1
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a, b)) })
	aside := keeping{redactor: k.redactor}
	kept := map[string]string{}
	for _, name := range names[:min(len(names), maxHeaders)] {
		value := aside.text(sent[name])
		if len(value) > maxHeaderValue {
			value = strings.ToValidUTF8(value[:maxHeaderValue], "")
		}
		kept[aside.text(name)] = value
	}
	return kept
}

// query is what is stored of what stands behind the question mark, also taken
// apart. What cannot be read or stored of it is left out, and so is the webhook's
// own address.
func (k *keeping) query(raw string) (string, url.Values) {
	var pairs []string
	values := url.Values{}
	as := k.kept
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, ok := parameter(pair)
		switch {
		case !ok:
			k.note(models.KeptChanged)
		case strings.Contains(name+" "+value, k.token):
			k.note(models.KeptRedacted)
		case name == "" && value == "":
			pairs = append(pairs, pair)
		default:
			before := []string{name, value}
			name, value = k.text(name), k.text(value)
			if !slices.Equal(before, []string{name, value}) {
				pair = url.QueryEscape(name) + "=" + url.QueryEscape(value)
			}
			pairs = append(pairs, pair)
			values.Add(name, value)
		}
	}
	if k.kept == as {
		return raw, values
	}
	return strings.Join(pairs, "&"), values
}

// parameter is one name and value of a query.
func parameter(pair string) (name, value string, ok bool) {
	values, err := url.ParseQuery(pair)
	if err != nil {
		return "", "", false
	}
	for name, list := range values { // one at most
		return name, list[0], columns.Holds(name + list[0])
	}
	return "", "", true
}

// body is what is stored of the content, and whether that held values of secrets. Texts
// may be written with escapes, in JSON and in forms, under which a secret's value is found
// only when they are read.
func (k *keeping) body(contentType string, body []byte) (clean string, held bool) {
	text := content.Text(body, contentType)
	if text != string(body) {
		k.note(models.KeptChanged)
	}
	clean = k.redactor.Text(text)
	if read := []byte(text); strings.Contains(text, `\`) && json.Valid(read) {
		if redacted := k.redactor.JSON(read); !bytes.Equal(redacted, read) {
			clean = string(redacted)
		}
	}
	if values, err := url.ParseQuery(text); err == nil && isForm(contentType) {
		if read := redacted(values, k.redactor); read != "" {
			clean = read
		}
	}
	if held = clean != text; held {
		k.note(models.KeptRedacted)
	}
	return clean, held
}

// inParts reports whether content may hold files, which a run sees in base64.
func inParts(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return strings.HasPrefix(kind, "multipart/")
}

func isForm(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return kind == "application/x-www-form-urlencoded"
}

// redacted is a form without values of secrets; "" when there are none in it. A field
// may hold JSON, with escapes of its own.
func redacted(values url.Values, redactor *secrets.Redactor) string {
	found, clean := false, url.Values{}
	for name, list := range values {
		for _, text := range list {
			cleanName, cleanText := redactor.Text(name), redactor.Text(text)
			if strings.Contains(text, `\`) && json.Valid([]byte(text)) {
				cleanText = string(redactor.JSON([]byte(cleanText)))
			}
			found = found || cleanName != name || cleanText != text
			clean.Add(cleanName, cleanText)
		}
	}
	if !found {
		return ""
	}
	return clean.Encode()
}

// valueOf is a value from JSON that is known to be valid.
func valueOf(data []byte) any {
	value, err := document.Value(data)
	if err != nil {
		panic(err)
	}
	return value
}
