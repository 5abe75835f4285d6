package steps

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// userAgent is how our calls introduce themselves.
const userAgent = "WorkflowSystem/1"

// build makes the request of one attempt from the resolved config.
func (o *outbound) build(call workflow.Call, config httpRequestConfig) (*http.Request, error) {
	address := strings.TrimSpace(config.URL)
	if code, message := o.checkURL(address); code != "" {
		return nil, permanent(code, message)
	}
	method := strings.ToUpper(config.Method)
	body, contentType, err := bodyOf(config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return nil, permanent("invalid_config", "The request cannot be made. Check the method and the address.")
	}
	request.URL.RawQuery = withQuery(request.URL.RawQuery, config.Query)
	request.Header.Set("User-Agent", userAgent)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if method != http.MethodGet && method != http.MethodHead && call.IdempotencyKey != "" {
		request.Header.Set("Idempotency-Key", call.IdempotencyKey)
	}
	if err := signIn(request, config.Auth); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(config.Headers)) {
		value := document.Text(config.Headers[name])
		if message := headerProblem(name, value); message != "" {
			return nil, permanent("invalid_header", message)
		}
		request.Header.Set(name, value)
	}
	return request, nil
}

func signIn(request *http.Request, auth authConfig) error {
	switch auth.Type {
	case "basic":
		request.SetBasicAuth(auth.Username, auth.Password)
	case "bearer":
		if !httpguts.ValidHeaderFieldValue(auth.Token) {
			return permanent("invalid_header", "The token contains a line break or an invisible character. Enter it again.")
		}
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(auth.Token))
	}
	return nil
}

func withQuery(raw string, query map[string]any) string {
	added := url.Values{}
	for name, value := range query {
		if list, many := value.([]any); many {
			for _, item := range list {
				added.Add(name, document.Text(item))
			}
			continue
		}
		added.Set(name, document.Text(value))
	}
	switch {
	case len(added) == 0:
		return raw
	case raw == "":
		return added.Encode()
	}
	return raw + "&" + added.Encode()
}

// headerProblem says in a sentence what is wrong with a header.
func headerProblem(name, value string) string {
	own := []string{"Host", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization"}
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return "“" + short(name) + "” cannot be the name of a header. Use letters, digits and hyphens."
	case slices.Contains(own, http.CanonicalHeaderKey(name)):
		return "The header “" + name + "” is set by the system. Remove it."
	case !httpguts.ValidHeaderFieldValue(value):
		return "The header “" + name + "” contains a line break or an invisible character. Remove it."
	}
	return ""
}

func short(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return text
}

// bodyOf writes the body and says what it is. Without a body type, a text is
// sent as text and anything else as JSON.
func bodyOf(config httpRequestConfig) (body []byte, contentType string, err error) {
	kind := config.BodyType
	if kind == "multipart" {
		return multipartBody(config.Parts)
	}
	_, isText := config.Body.(string)
	switch {
	case config.Body == nil && kind != "form", config.Body == "" && kind != "text":
		return nil, "", nil
	case kind == "" && isText:
		kind = "text"
	case kind == "":
		kind = "json"
	}
	switch kind {
	case "json":
		body, err = jsonBody(config.Body)
		return body, "application/json", err
	case "form":
		body, err = formBody(config.Body)
		return body, "application/x-www-form-urlencoded", err
	case "text":
		return []byte(document.Text(config.Body)), "text/plain; charset=utf-8", nil
	}
	return nil, "", nil
}

func jsonBody(value any) ([]byte, error) {
	if text, isText := value.(string); isText {
		if !json.Valid([]byte(text)) {
			return nil, permanent("invalid_body", "The content is not valid JSON. Check its quotation marks, commas and brackets, or choose “Text”.")
		}
		return []byte(text), nil
	}
	return document.JSON(value), nil
}

func formBody(value any) ([]byte, error) {
	if text, isText := value.(string); isText {
		object, err := document.Value([]byte(text))
		if _, isObject := object.(map[string]any); err != nil || !isObject {
			if _, err := url.ParseQuery(text); err != nil {
				return nil, permanent("invalid_body", "The content is not a list of form fields. Write it like name=Ada&city=London.")
			}
			return []byte(text), nil
		}
		value = object
	}
	fields, ok := value.(map[string]any)
	if !ok && value != nil {
		return nil, permanent("invalid_body", "Form fields must be names with values.")
	}
	return []byte(withQuery("", fields)), nil
}
