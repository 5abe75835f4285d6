package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"workflows/models/columns"
	"workflows/worker/content"
	"workflows/worker/workflow"
)

// maxResponse bounds an answer after decompression; tooLarge is the code where it is larger.
const (
	maxResponse = 5 << 20
	tooLarge    = "response_too_large"
)

// readResponse reads an answer and gives the step's output, which is made later where
// that takes much memory. An answer that was expected, and is not what the config says
// that it is, is a failure.
func readResponse(ctx context.Context, call workflow.Call, response *http.Response, as string, expected bool) (any, error) {
	data, err := readContent(ctx, call, response)
	if err != nil {
		return nil, err
	}
	if len(data) > workflow.FreeBytes {
		return workflow.Large{Bytes: weightOf(data, as), Make: func() (any, error) { return outputOf(response, data, as, expected) }}, nil
	}
	return outputOf(response, data, as, expected)
}

// weightOf is how many bytes of JSON it takes as much memory to make values of, and to
// write those.
func weightOf(data []byte, as string) int { return len(data)*content.Grows(as) + controlsIn(data) }

// controlsIn counts control characters, each of which is written as \u0001, six times as
// long.
func controlsIn[text []byte | string](of text) (controls int) {
	for i := range len(of) {
		if c := of[i]; c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			controls++
		}
	}
	return controls
}

// readContent reads the content as far as there is room for it, and asks for more
// where it is larger than that.
func readContent(ctx context.Context, call workflow.Call, response *http.Response) ([]byte, error) {
	var read bytes.Buffer
	for _, most := range parts(response) {
		if most > workflow.FreeBytes && call.Room != nil {
			if err := call.Room(ctx, most); err != nil {
				return nil, err
			}
		}
		if most != workflow.FreeBytes {
			read.Grow(most - read.Len() + bytes.MinRead)
		}
		_, err := io.CopyN(&read, response.Body, int64(most-read.Len()))
		if errors.Is(err, io.EOF) && read.Len() <= maxResponse {
			return read.Bytes(), nil
		} else if err != nil && read.Len() <= maxResponse {
			return nil, readError(ctx, err)
		}
	}
	return nil, permanent(tooLarge, "The answer is larger than 5 MB. Ask the other side for less, for example page by page.")
}

// parts are how far an answer is read at a time: with the first byte after its end
// where that is known, else until it may be large, until it is, and to the most.
func parts(response *http.Response) []int {
	if known := response.ContentLength; known >= 0 && response.Request.Method != http.MethodHead {
		return []int{int(min(known, maxResponse)) + 1}
	}
	return []int{workflow.FreeBytes, 1 << 20, maxResponse + 1}
}

// outputOf makes the step's output.
func outputOf(response *http.Response, data []byte, as string, expected bool) (any, error) {
	output := map[string]any{"status": json.Number(strconv.Itoa(response.StatusCode)), "headers": headersOf(response)}
	body := content.Reader{As: as}.Read(data, response.Header.Get("Content-Type"))
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" && len(data) > 0 {
		// Secrets that it may repeat could not be seen in there.
		body = content.Content{Value: "", Note: "The content is compressed in a way that was not asked for; it is not kept."}
	}
	output["body"] = body.Value
	if body.Note != "" {
		output["body_note"] = body.Note
	}
	if body.Err != nil && as != "" && as != "auto" && expected {
		failed := permanent("unreadable_answer", "The answer cannot be read as "+strings.ToUpper(as)+". "+body.Err.Error())
		failed.Output = output
		return nil, failed
	}
	return output, nil
}

// headersOf are the headers by their names in small letters.
func headersOf(response *http.Response) map[string]any {
	headers := make(map[string]any, len(response.Header))
	for name, values := range response.Header {
		headers[strings.ToLower(name)] = columns.Fit(strings.Join(values, ", "))
	}
	return headers
}
