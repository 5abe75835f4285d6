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

// try shows the request that an attempt would send. How it signs in is not shown,
// whoever typed it where: a password in Basic is only written another way.
func (o *outbound) try(call workflow.Call, config httpRequestConfig) (workflow.Part, error) {
	request, err := o.build(call, config)
	if err != nil {
		return workflow.Part{}, err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return workflow.Part{}, err
	}
	if scheme, _, signed := strings.Cut(request.Header.Get("Authorization"), " "); signed {
		request.Header.Set("Authorization", scheme+" (not shown)")
	}
	var text bytes.Buffer
	text.WriteString(request.Method + " " + request.URL.String() + "\n")
	for _, name := range slices.Sorted(maps.Keys(request.Header)) {
		text.WriteString(name + ": " + strings.Join(request.Header[name], ", ") + "\n")
	}
	if len(body) > 0 {
		text.WriteString("\n" + strings.ToValidUTF8(string(body[:min(len(body), maxTriedBody)]), "�"))
	}
	return workflow.Part{Title: "What would be sent", Text: text.String()}, nil
}
