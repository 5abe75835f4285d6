package steps

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"workflows/worker/workflow"
)

type httpRequestConfig struct {
	URL      string         `json:"url" label:"Address" kind:"address" required:"true" ref:"true" example:"https://shop.example.com/orders/1" missing:"Enter the address to call."`
	Method   string         `json:"method" label:"What it does there" options:"GET=Reads (GET),POST=Sends (POST),PUT=Puts in the place of what is there (PUT),PATCH=Changes what is there (PATCH),DELETE=Deletes (DELETE),HEAD=Asks whether it is there (HEAD),OPTIONS=Asks what is possible (OPTIONS)" default:"GET" follows:"body_type=json,form,multipart,text:POST" fold:"Send data"`
	Query    map[string]any `json:"query" label:"Query parameters" kind:"pairs" ref:"true" secret:"true" help:"Added to the address after a question mark." fold:"Send data"`
	Headers  map[string]any `json:"headers" label:"Headers" kind:"pairs" ref:"true" secret:"true" fold:"Send data"`
	BodyType string         `json:"body_type" label:"What is sent" options:"none=Nothing,json=JSON,form=Form fields,multipart=Form with files,text=Text" fold:"Send data"`
	Body     any            `json:"body" label:"Content" kind:"content" ref:"true" secret:"true" showif:"body_type=json,form,text" help:"JSON: a value such as {\"order\": 7, \"note\": \"for Anna\"}; what is inserted between quotation marks is text." fold:"Send data"`
	callParts
	Auth   authConfig `json:"auth" label:"Sign in" help:"How the other side knows who is calling." fold:"Sign in"`
	ReadAs string     `json:"read_as" label:"Read the answer as" options:"auto=What it is called and looks like,json=JSON,csv=CSV (a table),xml=XML,text=Text" default:"auto" advanced:"true" help:"JSON and the fields of a form are recognised, whatever they are called; all else is a text."`
	callPages
	callCertificates
	ExpectStatus any `json:"expect_status" label:"Expected status" default:"2xx" advanced:"true" fold:"Details" example:"200-299, 404" help:"Any other answer fails the step. Use 2xx, 200, 200-299, or several with commas."`
}

type authConfig struct {
	Type     string `json:"type" label:"Kind" options:"none=None,basic=User name and password,bearer=Token,digest=User name and password (digest),oauth2_client_credentials=OAuth 2 (client credentials),oauth2_refresh_token=OAuth 2 (refresh token)" default:"none"`
	Username string `json:"username" label:"User name" ref:"true" secret:"true" required:"true" showif:"type=basic,digest"`
	Password string `json:"password" label:"Password" ref:"true" secret:"true" showif:"type=basic,digest"`
	Token    string `json:"token" label:"Token" ref:"true" secret:"true" required:"true" showif:"type=bearer"`
	tokenConfig
}

// httpRequest calls a web address and gives its answer.
func httpRequest(o *outbound) workflow.StepType {
	outputs := []workflow.Output{
		{Name: "body", Title: "content", Type: "any", Help: "The content: a value when it is JSON or a form, else a text.", Example: map[string]any{"total": 120}},
		{Name: "headers", Type: "object", Help: "The headers, with names in small letters.", Example: map[string]any{"content-type": "application/json"}},
		{Name: "cookies", Type: "object", Help: "The cookies that were set, by their names.", Example: map[string]any{"session": "6f1c"}},
		// Last, since whoever looks for the status of a shop finds it in the content.
		{Name: "status", Title: "answer code", Type: "number", Help: "The number by which the address says how it went.", Example: 200},
	}
	return workflow.WithTry(workflow.NewStepType(workflow.StepType{
		Name:    "http_request",
		Title:   "Call a web address",
		Summary: "Asks a web address, or sends it something, and gives the answer to later steps.",
		Said:    "get load download fetch read open page website site server api url put post upload status check ping http",
		Icon:    "globe",
		Chip:    "Call",
		Takes:   func(typed string) bool { return asWebAddress(typed) != "" },
		Begin:   beginCall,
		Outputs: outputs,
		OutputsOf: func(config map[string]any) []workflow.Output {
			if isPaged(config) {
				return pagedOutputs(outputs)
			}
			return outputs
		},
		Effects: func(config map[string]any) bool { return hasEffects(methodOf(config)) },
		Check: func(config map[string]any) []workflow.Problem {
			return append(o.checkRequest(config), checkPages(config)...)
		},
		Kinds: []workflow.Kind{contentKind()},
		Did: func(config map[string]any) string {
			return "It was sent to " + textAt(config, "url") + "."
		},
		Sentence: func(config map[string]any) string {
			address := textAt(config, "url")
			if address == "" {
				return "Calls no address yet"
			}
			return callWords(methodOf(config)) + " " + address
		},
	}, o.request), o.try)
}

func methodOf(config map[string]any) string {
	if method := textAt(config, "method"); method != "" {
		return strings.ToUpper(method)
	}
	return http.MethodGet
}

// callWords begin the sentence of a call.
func callWords(method string) string {
	switch method {
	case http.MethodGet:
		return "Reads"
	case http.MethodPost:
		return "Sends to"
	case http.MethodPut:
		return "Replaces"
	case http.MethodPatch:
		return "Changes"
	case http.MethodDelete:
		return "Deletes"
	}
	return "Asks"
}

func hasEffects(method string) bool {
	return !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, method)
}

// request is one attempt: exactly one call, redirects aside.
func (o *outbound) request(ctx context.Context, call workflow.Call, config httpRequestConfig) (workflow.Outcome, error) {
	request, err := o.build(call, config)
	if err != nil {
		return workflow.Outcome{}, err
	}
	expected, ok := parseStatuses(config.ExpectStatus)
	if !ok {
		return workflow.Outcome{}, permanent("invalid_config", "The expected status cannot be read. Use 2xx, 200, 200-299, or several with commas.")
	}
	session, err := o.session(config)
	if err != nil {
		return workflow.Outcome{}, err
	}
	if err := session.signsIn(o, request.URL, config, call.Tokens); err != nil {
		return workflow.Outcome{}, err
	}
	if config.Pages.Next != "" && config.Pages.Next != "none" {
		return o.pages(ctx, call, config, session, request, expected)
	}
	response, err := session.do(ctx, request)
	if err != nil {
		return workflow.Outcome{}, callError(ctx, request.URL, err)
	}
	defer response.Body.Close()
	output, err := readResponse(ctx, call, response, config.ReadAs, expected.has(response.StatusCode))
	if err != nil {
		return workflow.Outcome{}, err
	}
	output = session.also(output)
	if expected.has(response.StatusCode) {
		return workflow.Outcome{Output: output}, nil
	}
	return workflow.Outcome{}, unexpected(response, output, call.Now)
}

// unexpected is the failure for a status that was not expected.
func unexpected(response *http.Response, output any, now time.Time) *workflow.StepError {
	if failed := answeredTLS(response, output); failed != nil {
		return failed
	}
	return &workflow.StepError{
		Code:       "unexpected_status",
		Message:    fmt.Sprintf("The address answered %s, which is not what the step expects. What it said stands in the step's output, often with the reason.", statusWords(response.StatusCode)),
		Permanent:  slices.Contains([]int{400, 401, 403, 404, 405, 410, 422}, response.StatusCode),
		RetryAfter: retryAfter(response, now),
		Output:     output,
	}
}

// statusWords is what an address answers, without its number: “Not Found” (nothing is there).
func statusWords(status int) string {
	name, means := http.StatusText(status), map[int]string{
		http.StatusUnauthorized: "it wants to know who calls", http.StatusForbidden: "whoever calls may not", http.StatusNotFound: "nothing is there", http.StatusTooManyRequests: "it wants to be asked less often",
	}[status]
	switch {
	case status >= 500:
		means = "the fault is on its side"
	case name == "":
		means = "in a way that has no name"
	}
	if name == "" {
		return means
	}
	if name = "“" + name + "”"; means != "" {
		name += " (" + means + ")"
	}
	return name
}
