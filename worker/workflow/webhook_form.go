package workflow

import (
	"encoding/json"
	"strconv"
)

// webhookForm is a webhook as people fill it in: a filter without conditions is
// none.
type webhookForm struct {
	Signature     string      `json:"signature" label:"Who may call" options:"none=Whoever knows the address,token=Who sends a token in a header,standard_webhooks=Standard Webhooks (Svix and many others),github=GitHub,stripe=Stripe,slack=Slack" default:"none" help:"The other side signs what it sends, and what is not signed right is refused."`
	Secret        string      `json:"secret" label:"Secret" kind:"secret" required:"true" showif:"signature=token,standard_webhooks,github,stripe,slack" help:"What both sides know. Store it under Settings, Secrets first. After you replace it there, the old one is still believed for a day."`
	Conditions    []Condition `json:"conditions" label:"Only start a run when" kind:"conditions" ref:"true" help:"Leave it empty to start a run for everything that is sent. Values are such as {{ trigger.body.type }}, {{ trigger.headers.x-event }} or {{ trigger.query.kind }}."`
	Match         string      `json:"match" label:"Of these conditions" options:"all=All must be true,any=One is enough" default:"all"`
	Respond       string      `json:"respond" label:"Answer" options:"accepted=At once that it is accepted,output=With the run's output; wait up to 25 seconds" default:"accepted"`
	RatePerMinute int         `json:"rate_per_minute" label:"At most this many a minute" example:"6000" help:"More are refused with 429, and when to try again."`
	Disabled      bool        `json:"disabled" label:"Switched off: whatever is sent is refused"`
}

// WebhookFields is the form of a webhook.
func WebhookFields() []Field { return fieldsOf[webhookForm]() }

// WebhookConfig is what the form shows of a webhook.
func WebhookConfig(t Trigger) map[string]any {
	config := map[string]any{}
	for name, text := range map[string]string{"signature": t.Signature, "secret": t.Secret, "respond": t.Respond} {
		if text != "" {
			config[name] = text
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
		ID: id, Type: "webhook", Signature: form.Signature, Secret: form.Secret, Respond: form.Respond,
		RatePerMinute: form.RatePerMinute, Disabled: form.Disabled,
	}
	if t.Signature == SignatureNone {
		t.Signature = ""
	}
	if !t.Signed() {
		t.Secret = ""
	}
	if t.Respond == RespondAccepted {
		t.Respond = ""
	}
	if len(form.Conditions) > 0 {
		t.Filter = &Filter{Conditions: form.Conditions}
		if form.Match == "any" {
			t.Filter.Match = form.Match
		}
	}
	return t, nil
}

// WebhookSentence says in a few words who starts the workflow through a webhook.
func WebhookSentence(t Trigger) string {
	for _, preset := range Signatures() {
		if t.Signed() && preset.Value == t.Signature {
			return "When another program calls it, signed (" + preset.Label + ")"
		}
	}
	return "When another program calls its address"
}
