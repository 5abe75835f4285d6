package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"

	"workflows/models/columns"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// modelLine is the calls of one attempt to a model's server.
type modelLine struct {
	outbound *outbound
	call     workflow.Call
	address  string
	key      string
	usage    map[string]any // of all calls together
	hasRoom  bool           // for a long answer
}

// What a server does not take and can do without: a schema for the answer, and
// instructions apart from the data.
const (
	codeSchema = "schema_refused"
	codeSystem = "system_refused"
)

func (o *outbound) modelAddress(address string) (string, error) {
	if code, message := o.checkURL(strings.TrimSpace(address)); code != "" {
		return "", permanent(code, message)
	}
	return completions(address), nil
}

// say sends a question and gives what the model says to it.
func (l *modelLine) say(ctx context.Context, question map[string]any) (string, error) {
	request, err := http.NewRequest(http.MethodPost, l.address, bytes.NewReader(document.JSON(question)))
	if err != nil {
		return "", permanent("invalid_url", "This is not a web address. Write it like https://models.example.com/v1.")
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if l.key != "" {
		if !httpguts.ValidHeaderFieldValue(l.key) {
			return "", permanent("invalid_header", "The key contains a line break or an invisible character. Store it again under Settings, Secrets.")
		}
		request.Header.Set("Authorization", "Bearer "+l.key)
	}
	response, err := l.outbound.once(ctx, request)
	if err != nil {
		return "", callError(ctx, request.URL, err)
	}
	defer response.Body.Close()
	body, err := l.read(ctx, response)
	if err != nil {
		return "", err
	}
	value, _ := document.Value(body)
	answer, _ := value.(map[string]any)
	if response.StatusCode > 299 {
		return "", l.refused(response, answer, string(body), question)
	}
	l.count(answer)
	return saidIn(answer)
}

// read reads an answer; a model that does not stop is cut off.
func (l *modelLine) read(ctx context.Context, response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, workflow.FreeBytes))
	if err == nil && len(body) == workflow.FreeBytes {
		if l.call.Room != nil && !l.hasRoom {
			l.hasRoom = true
			if err := l.call.Room(ctx, maxModelAnswer); err != nil {
				return nil, err
			}
		}
		var rest []byte
		rest, err = io.ReadAll(io.LimitReader(response.Body, maxModelAnswer-workflow.FreeBytes+1))
		body = append(body, rest...)
	}
	switch {
	case err != nil:
		return nil, readError(ctx, err)
	case len(body) > maxModelAnswer:
		return nil, permanent("response_too_large", "The model's answer is larger than 1 MB. Ask for less.")
	}
	return body, nil
}

// count adds up the tokens; a server may say nothing of them.
func (l *modelLine) count(answer map[string]any) {
	used, _ := answer["usage"].(map[string]any)
	for name, theirs := range map[string]string{"input": "prompt_tokens", "output": "completion_tokens", "total": "total_tokens"} {
		number, ok := document.Number(used[theirs], false)
		if !ok || !number.IsInt() || !number.Num().IsInt64() {
			continue
		}
		before, _ := strconv.ParseInt(document.Text(l.usage[name]), 10, 64)
		l.usage[name] = json.Number(strconv.FormatInt(before+number.Num().Int64(), 10))
	}
}

// thoughtEnds stands between what some models think and what they say.
const thoughtEnds = "</think>"

// saidIn finds what a model said in a server's answer.
func saidIn(answer map[string]any) (string, error) {
	choices, _ := answer["choices"].([]any)
	if len(choices) == 0 {
		return "", permanent("invalid_response", "What answered is no server of language models. Check the address: it ends in /v1 or /chat/completions.")
	}
	choice, _ := choices[0].(map[string]any)
	said, _ := choice["message"].(map[string]any)
	if refusal := textAt(said, "refusal"); refusal != "" {
		return "", permanent("model_refused", "The model does not answer this"+quotedWords(refusal)+" Change the instructions or the data.")
	}
	switch textAt(choice, "finish_reason") {
	case "length":
		return "", permanent("answer_cut", "The model's answer was cut off at its longest length. Ask for less, send less data, or choose another model.")
	case "content_filter":
		return "", permanent("model_refused", "The server's filter has stopped the answer. Change the instructions or the data.")
	}
	var text strings.Builder
	text.WriteString(textAt(said, "content"))
	parts, _ := said["content"].([]any)
	for _, part := range parts {
		inner, _ := part.(map[string]any)
		text.WriteString(textAt(inner, "text"))
	}
	content := text.String()
	if thought := strings.LastIndex(content, thoughtEnds); thought >= 0 {
		content = content[thought+len(thoughtEnds):]
	}
	return strings.TrimSpace(columns.Fit(content)), nil
}

// refused says why a server did not answer.
func (l *modelLine) refused(response *http.Response, answer map[string]any, body string, question map[string]any) error {
	inner, isObject := answer["error"].(map[string]any)
	words := textAt(inner, "message")
	if !isObject {
		words = textAt(answer, "error") + textAt(answer, "message")
	}
	status := response.StatusCode
	failed := &workflow.StepError{Code: "model_server_refused", RetryAfter: retryAfter(response, l.call.Now), Permanent: status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests}
	said := "The server answered " + statusWords(status) + quotedWords(words)
	_, withSchema := question["response_format"]
	switch code := textAt(inner, "code"); {
	case withSchema && speaksOf(body, "response_format", "response format", "json_schema", "json schema", "structured output", "guided") && slices.Contains([]int{400, 422, 500, 501}, status):
		failed.Code, failed.Message = codeSchema, said
	case hasSystem(question) && speaksOf(body, "system role", "system message", "roles must alternate") && slices.Contains([]int{400, 422, 500, 501}, status):
		failed.Code, failed.Message = codeSystem, said
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		failed.Message = said + " Check the key in the secret."
	case status == http.StatusNotFound:
		failed.Message = said + " Check the address and the name of the model."
	case code == "insufficient_quota":
		failed.Permanent, failed.Message = true, said+" The key's credit is used up."
	case status == http.StatusTooManyRequests:
		failed.Message = said + " It has too much to do. Try again later."
	case status >= 500:
		failed.Message = said + " Try again later."
	case status >= 300 && status <= 399:
		failed.Message = said + " The address leads to another one. Enter the one at which it ends."
	default:
		failed.Message = said + " Check the model, the instructions and the data."
	}
	return failed
}

// speaksOf reports whether a server's answer means something that was asked for, which
// many do not know.
func speaksOf(body string, words ...string) bool {
	body = strings.ToLower(body)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(body, word) })
}

func hasSystem(question map[string]any) bool {
	messages, _ := question["messages"].([]any)
	if len(messages) < 2 {
		return false
	}
	first, _ := messages[0].(map[string]any)
	return first["role"] == "system"
}

// quotedWords are a server's words as the end of a sentence, where they are few.
func quotedWords(words string) string {
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if words == "" || len(words) > 300 {
		return "." // not a part of it: a part of a secret is not recognised
	}
	return ": “" + strings.TrimSuffix(words, ".") + "”."
}
