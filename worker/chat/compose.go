package chat

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Message is what somebody is told.
type Message struct {
	Title, Text string
	// Mention are those whom the chat calls: channel, here, or members as it numbers
	// them. Nothing in the text calls anybody.
	Mention []string
}

// Post is a message as one kind of chat takes it.
type Post struct {
	Header http.Header
	Body   []byte
	// Query are the parameters that stay in the address.
	Query url.Values
	// Cut is the sentence that says how much was left out; "" where all of it is sent.
	Cut string
}

// maxTitle is how much of a title is kept, in characters.
const maxTitle = 200

// Compose writes a message for a kind of chat that is not Auto. The query is that of
// its address: Telegram's says for whom it is.
func Compose(kind Kind, query url.Values, m Message) (Post, error) {
	m.Text, _ = cut(m.Text, 2*longest, character) // what is left out is not worked on
	m.Title, m.Text = strings.Join(strings.Fields(plain(m.Title)), " "), strings.TrimSpace(plain(m.Text))
	m.Title, _ = cut(m.Title, maxTitle, character)
	if m.Text == "" {
		return Post{}, &workflow.StepError{Code: "missing_value", Permanent: true, Message: "Nothing is left to tell once the data is inserted. Enter the text."}
	}
	called, err := kind.mentions(m.Mention)
	if err != nil {
		return Post{}, err
	}
	post := Post{Query: query, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	switch kind {
	case Slack:
		text := post.fit(kind, called.text, headed(m, "*", "\n"))
		post.json(map[string]any{"text": called.text + slackText.Replace(text), "link_names": false})
	case Teams:
		post.json(teamsMessage(m.Title, post.fit(kind, m.Title, m.Text)))
	case Discord:
		text := headed(m, "**", "\n")
		if called.everyone {
			text = calm(text)
		}
		post.json(map[string]any{"content": called.text + post.fit(kind, called.text, text), "allowed_mentions": called.allowed()})
	case Mattermost:
		post.json(map[string]any{"text": called.text + post.fit(kind, called.text, calm(headed(m, "**", "\n")))})
	case GoogleChat:
		post.json(map[string]any{"text": called.text + post.fit(kind, called.text, calm(headed(m, "*", "\n")))})
	case Telegram:
		return post, post.telegram(calm(headed(m, "", "\n\n")))
	case Ntfy:
		post.Body = []byte(post.fit(kind, "", m.Text))
		post.Header.Set("Content-Type", "text/plain; charset=utf-8")
		if m.Title != "" {
			post.Header.Set("Title", mime.QEncoding.Encode("utf-8", m.Title)) // RFC 2047, which ntfy reads
		}
	default:
		body := map[string]any{"text": post.fit(kind, "", m.Text)}
		if m.Title != "" {
			body["title"] = m.Title
		}
		post.json(body)
	}
	return post, nil
}

func (p *Post) json(body map[string]any) { p.Body = document.JSON(body) }

// headed is the text below its title, which stands between marks.
func headed(m Message, mark, gap string) string {
	if m.Title == "" {
		return m.Text
	}
	return mark + m.Title + mark + gap + m.Text
}

// slackText writes as data what Slack would else read as markup, <!channel> too.
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// teamsMessage is what the flow "Post to a channel when a webhook request is received"
// goes through: without attachments it fails after it has answered that all is well. A
// block shows one line end only where two stand.
func teamsMessage(title, text string) map[string]any {
	blocks := []any{}
	if title != "" {
		blocks = append(blocks, map[string]any{"type": "TextBlock", "text": title, "wrap": true, "weight": "Bolder", "size": "Medium"})
	}
	blocks = append(blocks, map[string]any{"type": "TextBlock", "text": strings.ReplaceAll(text, "\n", "\n\n"), "wrap": true})
	return map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil,
		"content": map[string]any{
			"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
			"msteams": map[string]any{"width": "Full"}, "body": blocks,
		},
	}}}
}

// telegram takes what the address says about the message into its body: the chat's
// number, and a topic or silence where somebody wants that.
func (p *Post) telegram(text string) error {
	if p.Query.Get("chat_id") == "" {
		return &workflow.StepError{Code: "invalid_config", Permanent: true, Message: "The address of Telegram in the secret lacks the number of the chat. Store it as https://api.telegram.org/bot<token>/sendMessage?chat_id=<number>."}
	}
	body := map[string]any{}
	for name := range p.Query {
		body[name] = p.Query.Get(name)
	}
	delete(body, "parse_mode") // the text is data
	body["text"] = p.fit(Telegram, "", text)
	p.Query = nil
	p.json(body)
	return nil
}
