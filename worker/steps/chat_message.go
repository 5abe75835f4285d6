package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"workflows/worker/chat"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

type chatMessageConfig struct {
	Kind          string `json:"kind" label:"Chat" options:"auto=As its address says,slack=Slack,teams=Microsoft Teams,discord=Discord,mattermost=Mattermost,google_chat=Google Chat,telegram=Telegram,ntfy=ntfy,other=Another program" default:"auto"`
	WebhookSecret string `json:"webhook_secret" label:"Address" kind:"secret" required:"true" missing:"Choose the secret that holds the chat's address." help:"The secret that holds the address at which the chat takes messages, which it calls an incoming webhook. Of Teams: that of a workflow “Send webhook alerts to a channel”. Of Telegram: https://api.telegram.org/bot<token>/sendMessage?chat_id=<number>."`
	Title         string `json:"title" label:"Title" ref:"true" help:"Stands above the text."`
	Text          string `json:"text" label:"Text" kind:"multiline" required:"true" ref:"true" example:"Order {{ input.order_id }} is over the limit" missing:"Enter what to tell."`
	Mention       string `json:"mention" label:"Mention" ref:"true" advanced:"true" example:"channel" help:"Who is called: channel, here, or members as the chat numbers them (Slack U012AB3CD, Discord 80351110224678912, Mattermost anna), separated by commas. Nothing in the text calls anybody."`
}

// chatMessage tells people in a chat, at an address that is a secret: it is in no
// message, log or record.
func chatMessage(o *outbound) workflow.StepType {
	return workflow.WithTry(workflow.NewStepType(workflow.StepType{
		Name:    "chat_message",
		Title:   "Tell a chat",
		Summary: "Sends a message to Slack, Teams, Discord, Mattermost, Google Chat, Telegram, ntfy or a program like them.",
		Said:    "send post message notify inform slack teams discord mattermost google telegram ntfy channel",
		Icon:    "message-square",
		Outputs: []workflow.Output{
			{Name: "status", Title: "answer code", Type: "number", Help: "The number by which the chat says how it went.", Example: 200},
			{Name: "taken_by", Type: "text", Help: "The kind of chat that has taken the message. Whether it shows it, it does not tell.", Example: "slack"},
			{Name: "cut", Type: "boolean", Help: "Whether the text was longer than the chat takes, and was cut.", Example: false},
		},
		Effects: func(map[string]any) bool { return true },
		Check:   checkChatMessage,
		Did: func(config map[string]any) string {
			return "The chat of “" + textAt(config, "webhook_secret") + "” was told."
		},
		Sentence: func(config map[string]any) string {
			secret := textAt(config, "webhook_secret")
			if secret == "" {
				return "Tells no chat yet"
			}
			return "Tells " + short(secret) + ": " + short(textAt(config, "text"))
		},
	}, o.tell), tryChatMessage)
}

func checkChatMessage(config map[string]any) []workflow.Problem {
	if textAt(config, "mention") == "" || chat.Kind(orAuto(textAt(config, "kind"))).CanMention() {
		return nil
	}
	return []workflow.Problem{{Path: "mention", Code: "not_applicable", Message: "This kind of chat calls nobody from outside. Leave this empty."}}
}

func orAuto(kind string) string {
	if kind == "" {
		return string(chat.Auto)
	}
	return kind
}

func (c chatMessageConfig) message() chat.Message {
	mentioned := strings.FieldsFunc(c.Mention, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '@' })
	return chat.Message{Title: c.Title, Text: c.Text, Mention: mentioned}
}

// tell is one attempt: exactly one call, since a chat that is asked elsewhere may have
// taken the message already.
func (o *outbound) tell(ctx context.Context, call workflow.Call, config chatMessageConfig) (workflow.Outcome, error) {
	address, err := o.chatAddress(config.WebhookSecret)
	if err != nil {
		return workflow.Outcome{}, err
	}
	kind := chat.Kind(config.Kind)
	if kind == chat.Auto {
		kind = chat.Guess(address)
	}
	post, err := chat.Compose(kind, address.Query(), config.message())
	if err != nil {
		return workflow.Outcome{}, err
	}
	response, err := o.once(ctx, chatRequest(address, post))
	if err != nil {
		return workflow.Outcome{}, callErrorAt(ctx, "host of the chat", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, workflow.FreeBytes))
	if err != nil && response.StatusCode > 299 {
		return workflow.Outcome{}, readError(ctx, err)
	}
	if refused := chat.Refused(kind, address, response.StatusCode, body); refused != nil {
		refused.RetryAfter = max(refused.RetryAfter, retryAfter(response, call.Now))
		return workflow.Outcome{}, refused
	}
	output := map[string]any{"status": json.Number(strconv.Itoa(response.StatusCode)), "taken_by": string(kind), "cut": post.Cut != ""}
	if post.Cut != "" {
		output["note"] = post.Cut
	}
	return workflow.Outcome{Output: output}, nil
}

// chatAddress reads the value of the secret; what is wrong with it is said without it.
func (o *outbound) chatAddress(value string) (*url.URL, error) {
	value = strings.TrimSpace(value)
	address, err := url.Parse(value)
	if err != nil || address.Host == "" {
		return nil, permanent("invalid_config", "The secret holds no address of a chat. Store it again under Settings, Secrets: it begins with https://.")
	}
	bare := *address
	bare.User = nil // a chat of one's own may ask for a user name and a password
	if code, message := o.checkURL(bare.String()); code != "" {
		return nil, permanent(code, "The address in the secret cannot be called. "+message)
	}
	return address, nil
}

func chatRequest(address *url.URL, post chat.Post) *http.Request {
	target := *address
	if post.Query == nil {
		target.RawQuery = ""
	}
	request := &http.Request{Method: http.MethodPost, URL: &target, Host: target.Host, Header: post.Header.Clone(), ContentLength: int64(len(post.Body)), Body: io.NopCloser(bytes.NewReader(post.Body))}
	request.Header.Set("User-Agent", userAgent)
	return request
}

// tryChatMessage shows what would be sent. Of which kind an address is cannot be known
// without it.
func tryChatMessage(_ workflow.Call, config chatMessageConfig) (workflow.Part, error) {
	kind := chat.Kind(config.Kind)
	where, format := "POST "+config.WebhookSecret+"\n\n", true
	if kind == chat.Auto {
		kind, format = chat.Other, false
		where = "To " + config.WebhookSecret + ", in the form that this kind of chat takes:\n\n"
		config.Mention = ""
	}
	post, err := chat.Compose(kind, url.Values{"chat_id": {"(as the address says)"}}, config.message())
	if err != nil {
		return workflow.Part{}, err
	}
	text := string(post.Body)
	if title := post.Header.Get("Title"); title != "" {
		text = "Title: " + title + "\n\n" + text
	}
	if value, err := document.Value(post.Body); err == nil {
		text = string(document.Indented(value))
	}
	if !format {
		text = strings.TrimSpace(config.Title + "\n\n" + config.Text)
	}
	return workflow.Part{Title: "What would be sent", Text: where + text}, nil
}
