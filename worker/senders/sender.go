package senders

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Sender is one kind of programs that call webhooks.
type Sender struct {
	Name  string // as it stands in a definition: github
	Label string // GitHub
	// Choice is how a form offers it; "" is the label.
	Choice string
	// Secret is what they call the secret that both sides know; "" is for senders
	// who prove nothing, so that whoever knows the address may call.
	Secret string
	// Token is what they call a second secret, which they send only when they ask
	// whether the address is ours; "" where they have none.
	Token string
	// Enter are the sentences that say what a person enters at the sender.
	Enter []string
	// Proof is the header that proves who has sent a call, where its name does not say so
	// to whoever keeps what was sent.
	Proof string
	// Verify reports, as a *Refusal, whether a call was not sent by somebody who knows
	// one of the secrets; nil believes everybody.
	Verify func(Call) error
	// Unproven answers whoever asks whether the address is ours before they have proved
	// who they are, and Proven who has; nil, and nil for a call, is: nobody has asked.
	// A *Refusal says that they may not know.
	Unproven, Proven func(Call) (*Answer, error)
	// Key is by what the sender says that this is the same delivery again, "" for
	// nothing; nil looks into the headers in which many say it.
	Key func(Call) string
	// Example is a signed call for a terminal; nil is one that proves nothing.
	Example func(Scheme) Example
}

// Call is one call of a webhook.
type Call struct {
	Method  string
	URL     string // whole, as the sender has it
	Query   url.Values
	Header  http.Header
	Content []byte
	Body    any      // what the content holds; nil until the caller is believed
	Secrets []string // the present value of the secret, and for a while the one before
	Tokens  []string // the same of the second secret
	Scheme  Scheme   // of signatures of one's own
	Now     time.Time
}

// Answer is what somebody gets who has asked whether the address is ours.
type Answer struct {
	Says string            // in a sentence who has asked what
	Text string            // sent back as plain text, where
	JSON map[string]string // is nil
}

// Refusal is why somebody is not believed: what is missing, wrong or stale, and a
// sentence for them.
type Refusal struct{ Code, Message string }

func (r *Refusal) Error() string { return r.Message }

func refuse(code, message string) error { return &Refusal{Code: code, Message: message} }

func wrong() error {
	return refuse("wrong", "The signature does not fit the content and the secret of this webhook. Compare the secret on both sides, and sign the body byte for byte.")
}

// None is the name of those who prove nothing, and Own of those who sign as the
// webhook's own scheme says.
const (
	None = "none"
	Own  = "hmac"
)

// All are the senders in the order in which a form offers them.
func All() []Sender { return slices.Clone(table()) }

// table is made once: each delivery looks into it several times.
var table = sync.OnceValue(func() []Sender {
	return []Sender{
		nobody(), token(), own(), standard(),
		bitbucket(), dropbox(), github(), gitlab(), meta(), graph(), monday(), shopify(), slack(), strava(), stripe(), trello(), twilio(), zoom(),
	}
})

// Named is the sender of this name; "" is None. It is false for one that this program
// does not know.
func Named(name string) (Sender, bool) {
	if name == "" {
		name = None
	}
	all := table()
	i := slices.IndexFunc(all, func(s Sender) bool { return s.Name == name })
	if i < 0 {
		return Sender{}, false
	}
	return all[i], true
}

// Names are the names of the senders of which holds is true.
func Names(holds func(Sender) bool) []string {
	var names []string
	for _, s := range table() {
		if holds(s) {
			names = append(names, s.Name)
		}
	}
	return names
}

// KeyOf is by what a call's sender would say that this is the same delivery again. One
// who signs says it in one place: in any other, whoever has copied a request could make
// it another delivery, or claim the next one's id.
func (s Sender) KeyOf(call Call) string {
	if s.Key != nil {
		return s.Key(call)
	}
	return first(call.Header, "Webhook-Id", "Idempotency-Key", "X-Github-Delivery", "X-Delivery-Id", "X-Webhook-Id", "Svix-Id", "X-Gitlab-Event-Uuid")
}

// Proves is the header that proves who has sent a call; "" where that is nothing special.
func (s Sender) Proves(scheme Scheme) string {
	if s.Name == Own {
		return scheme.Header
	}
	return s.Proof
}

func first(header http.Header, names ...string) string {
	for _, name := range names {
		if value := header.Get(name); value != "" {
			return value
		}
	}
	return ""
}

// sentIn is a sender's key in one header.
func sentIn(name string) func(Call) string {
	return func(call Call) string { return call.Header.Get(name) }
}

// textAt is the text in a field of a body, "" where there is none.
func textAt(body any, path ...string) string {
	for _, name := range path {
		fields, _ := body.(map[string]any)
		body = fields[name]
	}
	text, _ := body.(string)
	return text
}
