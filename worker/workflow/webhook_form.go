package workflow

import (
	"encoding/json"
	"strconv"
	"strings"

	"workflows/worker/document"
	"workflows/worker/senders"
)

// webhookForm is a webhook as people fill it in: a filter without conditions is
// none.
type webhookForm struct {
	Signature     string      `json:"signature" label:"Who calls" default:"none" help:"Those who sign what they send are believed only where the signature is right. After saving, the webhook’s page says what to enter at the sender."`
	Secret        string      `json:"secret" label:"Secret" kind:"secret" required:"true" help:"What both sides know. Store it under Settings, Secrets first. After you replace it there, the old one is still believed for a day."`
	VerifySecret  string      `json:"verify_secret" label:"Verify token" kind:"secret" required:"true" help:"The secret that holds the token which you enter at the sender as verify token. It is asked for when the address is entered there."`
	HMAC          *schemeForm `json:"hmac" label:"How it is signed" help:"Look it up in the sender’s documentation. The secret is the key."`
	Conditions    []Condition `json:"conditions" label:"Only start a run when" kind:"conditions" ref:"true" help:"Leave it empty to start a run for everything that is sent. What was sent last can be chosen from."`
	Match         string      `json:"match" label:"Of these conditions" options:"all=All must be true,any=One is enough" default:"all"`
	Respond       string      `json:"respond" label:"Answer" options:"accepted=At once that it is accepted,own=At once; with a status or a text of your own,output=With the run's output; wait up to 25 seconds,answer=With a text made of the run's output; wait up to 25 seconds" default:"accepted"`
	Answer        *answerForm `json:"answer" label:"The answer" showif:"respond=own,answer" help:"For senders that ask for more than a plain yes."`
	SameWithin    string      `json:"same_within" advanced:"true" label:"The same content again within" kind:"duration" example:"10m" help:"For senders that repeat a delivery without saying so: what comes again within this time, letter by letter the same, starts nothing then. Leave it empty where two equal deliveries may be two events. Where a sender says that it repeats one, that holds without it."`
	Origins       string      `json:"origins" advanced:"true" label:"Web sites whose pages may call" kind:"multiline" example:"https://www.example.com" help:"For a form on a site of your own, one site a line. Their pages may then send JSON and see the answer, and those of all other sites are refused. Whoever looks at such a page can read all that is in it, so it cannot keep a secret."`
	RatePerMinute int         `json:"rate_per_minute" advanced:"true" label:"At most this many a minute" example:"6000" help:"More are refused, and told when to try again."`
	Disabled      bool        `json:"disabled" label:"Switched off: whatever is sent is refused"`
}

// publicForm is a public form as people fill in its rules.
type publicForm struct {
	Thanks        string `json:"thanks" label:"What it says once it was sent" kind:"multiline" example:"Thank you. We answer within two days." help:"Without words of your own it says “Thank you. It was sent.”"`
	Redirect      string `json:"redirect" label:"Or an address to go on to" example:"https://example.com/thanks" help:"Where people are led instead, as it stands here: https only."`
	RatePerMinute int    `json:"rate_per_minute" label:"At most this many a minute" example:"60" help:"More are asked to try again in a moment."`
}

// PublicFormFields is the form of a public form.
func PublicFormFields() []Field { return fieldsOf[publicForm]() }

// PublicFormConfig is what the form shows of a public form.
func PublicFormConfig(t Trigger) map[string]any {
	config := map[string]any{}
	for name, text := range map[string]string{"thanks": t.Thanks, "redirect": t.Redirect} {
		if text != "" {
			config[name] = text
		}
	}
	if t.RatePerMinute != 0 {
		config["rate_per_minute"] = json.Number(strconv.Itoa(t.RatePerMinute))
	}
	return config
}

// PublicFormOf is the public form that a filled-in form stands for.
func PublicFormOf(id string, config map[string]any) (Trigger, error) {
	form, err := configOf[publicForm](nil, config)
	if err != nil {
		return Trigger{}, err
	}
	return Trigger{ID: id, Type: "form", Thanks: form.Thanks, Redirect: form.Redirect, RatePerMinute: form.RatePerMinute}, nil
}

// schemeForm is a senders.Scheme as people fill it in.
type schemeForm struct {
	Header    string `json:"header" label:"Header with the signature" required:"true" missing:"Enter the header that holds the signature, such as X-Signature." example:"X-Signature"`
	Before    string `json:"before" label:"What stands before the signature" example:"sha256=" help:"In the header. Leave it empty where the signature stands alone. Of several parts with commas between them, such as t=…,v1=…, the one that begins so is taken."`
	Encoding  string `json:"encoding" label:"Written as" options:"hex=Hexadecimal (0–9 and a–f),base64=Base64 (ends often with =)" default:"hex"`
	Algorithm string `json:"algorithm" label:"Computed with" options:"sha256=HMAC-SHA256,sha1=HMAC-SHA1,sha512=HMAC-SHA512" default:"sha256"`
	Text      string `json:"text" label:"What is signed" default:"{body}" help:"{body} is the content, {time} the time that is sent along, {url} the address. Many sign {time}.{body}."`
	TimeIn    string `json:"time_header" label:"Header with the time" example:"X-Timestamp" help:"In seconds or milliseconds since 1970. Leave it empty where the time stands beside the signature as t=…, or is not signed."`
	Tolerance string `json:"tolerance" label:"How far the time may be from now" kind:"duration" example:"5m" help:"Older calls are refused: somebody could have copied them. Five minutes when empty."`
}

// respondOwn is how the form calls an answer of its own that is given at once.
const respondOwn = "own"

// answerForm is a WebhookAnswer as people fill it in.
type answerForm struct {
	Type   string `json:"type" label:"Kind of text" options:"json=JSON,text=Plain text,xml=XML (TwiML of Twilio)" default:"json"`
	Text   string `json:"text" label:"Text" kind:"multiline" ref:"true" help:"Left empty it tells which run was started, and of an answer that waits for the run what that gave."`
	Status int    `json:"status" label:"Status" example:"202" fold:"Details" help:"200, 201 or 202. When empty it is 202, and 200 for a text made of the run's output. Some senders take 200 only. A run that fails is answered with 500."`
}

// WebhookFields is the form of a webhook. Who may call is what the table of senders says.
func WebhookFields() []Field {
	fields := fieldsOf[webhookForm]()
	for i := range fields {
		shown := func(holds func(senders.Sender) bool) {
			fields[i].ShowIf = "signature=" + strings.Join(senders.Names(holds), ",")
		}
		switch fields[i].Name {
		case "signature":
			fields[i].Options, fields[i].Kind = Signatures(), choiceKind()
		case "secret":
			shown(func(s senders.Sender) bool { return s.Secret != "" })
		case "verify_secret":
			shown(func(s senders.Sender) bool { return s.Token != "" })
		case "hmac":
			shown(func(s senders.Sender) bool { return s.Name == senders.Own })
		}
	}
	return fields
}

// WebhookConfig is what the form shows of a webhook.
func WebhookConfig(t Trigger) map[string]any {
	config := map[string]any{}
	for name, text := range map[string]string{"signature": t.Signature, "secret": t.Secret, "verify_secret": t.VerifySecret, "respond": t.Respond, "same_within": t.SameWithin, "origins": strings.Join(t.Origins(), "\n")} {
		if text != "" {
			config[name] = text
		}
	}
	if t.HMAC != nil {
		config["hmac"] = partsOf(t.HMAC)
	}
	if t.Answer != nil {
		config["answer"] = partsOf(t.Answer)
		if t.Respond == "" || t.Respond == RespondAccepted {
			config["respond"] = respondOwn
		}
	}
	if t.RatePerMinute != 0 {
		config["rate_per_minute"] = json.Number(strconv.Itoa(t.RatePerMinute))
	}
	if t.Disabled {
		config["disabled"] = true
	}
	if t.Filter != nil {
		config["conditions"] = plainConditions(t.Filter.Conditions)
		if t.Filter.Match != "" {
			config["match"] = t.Filter.Match
		}
	}
	return config
}

// WebhookOf is the webhook that a filled-in form stands for.
func WebhookOf(id string, config map[string]any) (Trigger, error) {
	form, err := configOf[webhookForm](nil, config)
	if err != nil {
		return Trigger{}, err
	}
	t := Trigger{
		ID: id, Type: "webhook", Signature: form.Signature, Respond: form.Respond,
		RatePerMinute: form.RatePerMinute, Disabled: form.Disabled, SameWithin: form.SameWithin,
	}
	if t.Respond == RespondAccepted || t.Respond == respondOwn {
		t.Respond = ""
	}
	if a := form.Answer; a != nil && (form.Respond == respondOwn || form.Respond == RespondAnswer) {
		if a.Type == AnswerTypes()[0] {
			a.Type = ""
		}
		if answer := (WebhookAnswer{Status: a.Status, Type: a.Type, Text: a.Text}); answer != (WebhookAnswer{}) {
			t.Answer = &answer
		}
	}
	if origins := strings.Fields(form.Origins); len(origins) > 0 {
		t.CORS = &CORS{Origins: origins}
	}
	if t.Signature == senders.None {
		t.Signature = ""
	}
	sender := t.Sender()
	if sender.Secret != "" {
		t.Secret = form.Secret
	}
	if sender.Token != "" {
		t.VerifySecret = form.VerifySecret
	}
	if sender.Name == senders.Own {
		t.HMAC = form.HMAC.scheme()
	}
	if len(form.Conditions) > 0 {
		t.Filter = &Filter{Conditions: form.Conditions}
		if form.Match == "any" {
			t.Filter.Match = form.Match
		}
	}
	return t, nil
}

// scheme is what the form says, without what is meant anyhow.
func (f *schemeForm) scheme() *senders.Scheme {
	if f == nil {
		return &senders.Scheme{}
	}
	s := senders.Scheme(*f)
	for value, meant := range map[*string]string{&s.Encoding: senders.Encodings()[0], &s.Algorithm: senders.Algorithms()[0], &s.Text: "{body}"} {
		if *value == meant {
			*value = ""
		}
	}
	return &s
}

// partsOf is a part of a definition as a config holds it.
func partsOf(part any) any {
	value, err := document.Value(document.JSON(part))
	if err != nil {
		panic(err) // it was written just now
	}
	return value
}

// WebhookSentence says in a few words who starts the workflow through a webhook.
func WebhookSentence(t Trigger) string {
	switch sender := t.Sender(); {
	case t.Signed():
		return "When another program calls it, signed (" + sender.Label + ")"
	case sender.Name != senders.None && sender.Label != "":
		return "When another program calls its address (" + sender.Label + ")"
	}
	return "When another program calls its address"
}
