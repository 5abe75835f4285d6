package steps

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"

	"workflows/worker/workflow"
)

// maxTriedBody is how much of a body is shown, in bytes.
const maxTriedBody = 64 << 10

// try shows the request that an attempt would send. Headers by which it signs in are not
// shown, whoever typed them: a password in Basic is only written another way.
func (o *outbound) try(call workflow.Call, config httpRequestConfig) (workflow.Part, error) {
	request, err := o.build(call, config)
	if err != nil {
		return workflow.Part{}, err
	}
	request.URL = config.Pages.firstPage(request.URL)
	shownSignIn(config.Auth, request.Header)
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return workflow.Part{}, err
	}
	var text bytes.Buffer
	text.WriteString(request.Method + " " + request.URL.String() + "\n")
	for _, name := range slices.Sorted(maps.Keys(request.Header)) {
		value := strings.Join(request.Header[name], ", ")
		if workflow.ProvesSender(name) {
			value = unsaid(value)
		}
		text.WriteString(name + ": " + value + "\n")
	}
	if len(body) > 0 {
		text.WriteString("\n" + strings.ToValidUTF8(string(body[:min(len(body), maxTriedBody)]), "�"))
	}
	return workflow.Part{Title: "What would be sent", Text: text.String()}, nil
}

// unsaid is the value of a header without what it proves, with the way of proving it.
func unsaid(value string) string {
	if scheme, _, more := strings.Cut(value, " "); more && !strings.HasPrefix(value, "[") { // of a secret's mark
		return scheme + " (not shown)"
	}
	return "(not shown)"
}
