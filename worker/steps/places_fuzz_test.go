package steps

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"workflows/worker/chat"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// outside is what the other side of each step type would read of an attempt, as its
// structure: how many parts, parameters, headers, fields, recipients, rows and cells.
var outside = map[string]func(t *testing.T, config map[string]any) (any, error){
	`http_request {"url": "https://a.example.com/p/«x»/q?a=«x»&b=1", "method": "POST", "headers": {"X-Note": "«x»"}, "query": {"c": "«x»"}, "body_type": "json", "body": "{\"a\": \"«x»\", \"b\": «x»}"}`: calledBy,
	`http_request {"url": "https://a.example.com", "method": "POST", "body_type": "form", "body": "a=«x»&b=1", "auth": {"type": "basic", "username": "«x»", "password": "p"}}`:                            calledBy,
	`send_email {"to": "ann@example.com, «x»", "subject": "About «x»", "text": "«x»"}`:                                                                                                                    mailed,
	`send_email {"to": "ann@example.com", "reply_to": "«x»", "subject": "s", "text": "t «x»"}`:                                                                                                            mailed,
	`chat_message {"kind": "slack", "webhook_secret": "CHAT", "text": "«x»", "title": "«x»"}`:                                                                                                             chatted,
	`chat_message {"kind": "teams", "webhook_secret": "CHAT", "text": "«x»", "title": "«x»"}`:                                                                                                             chatted,
	`chat_message {"kind": "discord", "webhook_secret": "CHAT", "text": "«x»", "title": "t"}`:                                                                                                             chatted,
	`chat_message {"kind": "telegram", "webhook_secret": "CHAT", "text": "«x»", "title": "t"}`:                                                                                                            chatted,
	`chat_message {"kind": "other", "webhook_secret": "CHAT", "text": "«x»", "title": "t"}`:                                                                                                               chatted,
	`set_values {"values": {"a": "«x»", "b": {"c": ["«x»", "y"]}}}`:                                                                                                                                       asGiven,
	`filter_list {"list": ["«x»", "b"], "conditions": []}`:                                                                                                                                                gave,
	`make_data {"rows": [{"a": "«x»", "b": 1}, {"a": 2, "b": "«x»"}], "format": "csv"}`:                                                                                                                   rowsOfCSV,
	`make_data {"rows": [{"a": "«x»", "b": 1}, {"a": 2, "b": "«x»"}], "format": "html_table"}`:                                                                                                            tagsOfHTML,
	`make_data {"rows": [{"a": "«x»", "b": 1}, {"a": 2, "b": "«x»"}], "format": "json"}`:                                                                                                                  madeJSON,
}

// Whatever is inserted into whatever field, the other side reads as much structure as
// the author has typed, or the step fails.
func FuzzDataInEveryStep(f *testing.F) {
	for _, seed := range []string{"", "a b", "Müller & Söhne", "a#b?c/d", "../..", `x", "admin": "true`, "\\", "\r\nX: y", "Tom&role=admin", "eve@example.com", "a@b.de, c@d.de", "<!channel> <b>", "</td></tr>", "1,2;3\t4", "=1+1", "\"\n", "\x00\xff", "{{ secrets.X }}", "[\"a\"]", "{\"a\": {}}"} {
		f.Add(seed)
	}
	configs := map[string]map[string]any{}
	for template := range outside {
		_, config, _ := strings.Cut(template, " ")
		configs[template] = object(f, strings.ReplaceAll(config, "«x»", "{{ input.x }}"))
	}
	structure := func(t *testing.T, template, data string) (any, error) {
		name, _, _ := strings.Cut(template, " ")
		filled, err := triedTypes[name].Resolve(configs[template], workflow.Scope{Input: map[string]any{"x": data}, Secrets: map[string]string{"CHAT": "https://chat.example.com/hooks/x"}})
		if err != nil {
			return nil, err
		}
		return outside[template](t, map[string]any{"type": name, "config": filled})
	}
	wanted := map[string][]any{} // of each template, made at its first try: they are always the same
	f.Fuzz(func(t *testing.T, data string) {
		if strings.TrimSpace(data) == "" {
			return // nothing is inserted
		}
		for template := range outside {
			if wanted[template] == nil {
				for _, plain := range []string{"v", "v@example.com"} { // an address, where one is wanted
					if want, err := structure(t, template, plain); err == nil {
						wanted[template] = append(wanted[template], want)
					}
				}
			}
			got, err := structure(t, template, data)
			if err != nil {
				continue // it is refused
			}
			for _, want := range wanted[template] {
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s with %q reads as %v, not as %v", template, data, got, want)
				}
			}
		}
	})
}

// triedTypes are made once: that takes longer than a try.
var triedTypes = All(Options{Mail: mailAt("smtp://127.0.0.1:1")})

func tried(t *testing.T, step map[string]any) (string, error) {
	t.Helper()
	name := step["type"].(string)
	part, err := triedTypes[name].Try(workflow.Call{Config: step["config"].(map[string]any)})
	return part.Text, err
}

func calledBy(t *testing.T, step map[string]any) (any, error) {
	text, err := tried(t, step)
	if err != nil {
		return nil, err
	}
	head, body, _ := strings.Cut(text, "\n\n")
	line, headers, _ := strings.Cut(head, "\n")
	_, address, _ := strings.Cut(line, " ")
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	var content any = strings.Count(body, "&")
	if value, err := document.Value([]byte(body)); err == nil {
		content = shape(value)
	}
	return []any{target.Host, strings.Count(target.EscapedPath(), "/"), strings.Count(target.RawQuery, "&"), strings.Count(headers, "\n"), content}, nil
}

func chatted(_ *testing.T, step map[string]any) (any, error) {
	config := step["config"].(map[string]any)
	message := chat.Message{Title: document.Text(config["title"]), Text: document.Text(config["text"])}
	post, err := chat.Compose(chat.Kind(config["kind"].(string)), url.Values{"chat_id": {"1"}}, message)
	if err != nil {
		return nil, err
	}
	value, err := document.Value(post.Body)
	return shape(value), err
}

func mailed(_ *testing.T, step map[string]any) (any, error) {
	config := step["config"].(map[string]any)
	to, refused := addressList(config["to"])
	if refused != nil {
		return nil, refused
	}
	typed := sendEmailConfig{To: config["to"], ReplyTo: document.Text(config["reply_to"]), Subject: document.Text(config["subject"]), Text: document.Text(config["text"])}
	message, err := typed.email()
	if err != nil {
		return nil, err
	}
	composed, err := compose(message, "us@example.com", time.Now())
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if _, err := composed.WriteTo(&text); err != nil {
		return nil, err
	}
	head, _, _ := strings.Cut(text.String(), "\r\n\r\n")
	names := 0
	for line := range strings.SplitSeq(head, "\r\n") {
		if line[0] != ' ' && line[0] != '\t' { // else it goes on with the one before
			names++
		}
	}
	return []any{len(to), names}, nil
}

func asGiven(_ *testing.T, step map[string]any) (any, error) { return shape(step["config"]), nil }

func gave(_ *testing.T, step map[string]any) (any, error) {
	outcome, err := triedTypes[step["type"].(string)].Execute(context.Background(), workflow.Call{Config: step["config"].(map[string]any)})
	return shape(outcome.Output), err
}

func made(step map[string]any) (string, error) {
	outcome, err := triedTypes["make_data"].Execute(context.Background(), workflow.Call{Config: step["config"].(map[string]any)})
	if err != nil {
		return "", err
	}
	return document.Text(outcome.Output.(map[string]any)["text"]), nil
}

func rowsOfCSV(_ *testing.T, step map[string]any) (any, error) {
	text, err := made(step)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return "unreadable", nil
	}
	sizes := []int{}
	for _, row := range rows {
		sizes = append(sizes, len(row))
	}
	return sizes, nil
}

func tagsOfHTML(_ *testing.T, step map[string]any) (any, error) {
	text, err := made(step)
	return []int{strings.Count(text, "<t"), strings.Count(text, "</")}, err
}

func madeJSON(_ *testing.T, step map[string]any) (any, error) {
	text, err := made(step)
	if err != nil {
		return nil, err
	}
	value, err := document.Value([]byte(text))
	return shape(value), err
}

// shape is a value without its texts, numbers and the like.
func shape(value any) any {
	switch v := value.(type) {
	case map[string]any:
		parts := map[string]any{}
		for name, part := range v {
			parts[name] = shape(part)
		}
		return parts
	case []any:
		parts := make([]any, len(v))
		for i, part := range v {
			parts[i] = shape(part)
		}
		return parts
	}
	return nil
}
