package steps

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"workflows/models/columns"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// maxResponse bounds an answer after decompression.
const maxResponse = 5 << 20

// readResponse reads an answer and gives the step's output, which is made later where
// that takes much memory.
func readResponse(ctx context.Context, call workflow.Call, response *http.Response) (any, error) {
	data, err := readContent(ctx, call, response)
	if err != nil {
		return nil, err
	}
	if len(data) <= workflow.FreeBytes {
		return outputOf(response, data), nil
	}
	return workflow.Large{Bytes: len(data), Make: func() any { return outputOf(response, data) }}, nil
}

// readContent reads the content as far as there is room for it, and asks for more
// where it is larger than that.
func readContent(ctx context.Context, call workflow.Call, response *http.Response) ([]byte, error) {
	var content bytes.Buffer
	for _, most := range parts(response) {
		if most > workflow.FreeBytes && call.Room != nil {
			if err := call.Room(ctx, most); err != nil {
				return nil, err
			}
		}
		if most != workflow.FreeBytes {
			content.Grow(most - content.Len() + bytes.MinRead)
		}
		_, err := io.CopyN(&content, response.Body, int64(most-content.Len()))
		if errors.Is(err, io.EOF) && content.Len() <= maxResponse {
			return content.Bytes(), nil
		} else if err != nil && content.Len() <= maxResponse {
			return nil, readError(ctx, err)
		}
	}
	return nil, permanent("response_too_large", "The answer is larger than 5 MB. Ask the other side for less, for example page by page.")
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
func outputOf(response *http.Response, data []byte) map[string]any {
	headers := make(map[string]any, len(response.Header))
	for name, values := range response.Header {
		headers[strings.ToLower(name)] = columns.Fit(strings.Join(values, ", "))
	}
	output := map[string]any{"status": json.Number(strconv.Itoa(response.StatusCode)), "headers": headers}
	body, note := bodyValue(data, response.Header.Get("Content-Type"))
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" && len(data) > 0 {
		// Secrets that it may repeat could not be seen in there.
		body, note = "", "The content is compressed in a way that was not asked for; it is not kept."
	}
	output["body"] = body
	if note != "" {
		output["body_note"] = note
	}
	return output
}

// bodyValue turns an answer's bytes into a value that can be stored and
// inserted, with a note where it is not what the other side said it was.
func bodyValue(data []byte, contentType string) (value any, note string) {
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		mediaType = strings.TrimSpace(mediaType)
	}
	isJSON := mediaType == "application/json" || strings.HasSuffix(mediaType, "+json") || mediaType == "text/json"
	if len(data) == 0 {
		return "", ""
	}
	text, ok, note := decodeText(data, mediaType, parameters["charset"], isJSON)
	if !ok {
		return base64.StdEncoding.EncodeToString(data), "The content is not text; it is given in base64."
	}
	if !isJSON {
		return columns.Fit(text), note
	}
	decoded, problem := decodeJSON(text)
	if problem != "" {
		return columns.Fit(text), problem
	}
	return decoded, note
}

// decodeText reads bytes as text in the character set that was declared, or in
// UTF-8 where they are that, or in the one that old web servers mean.
func decodeText(data []byte, mediaType, charset string, isJSON bool) (text string, ok bool, note string) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if charset != "" && !strings.EqualFold(charset, "utf-8") {
		if encoding, err := htmlindex.Get(charset); err == nil {
			if decoded, err := encoding.NewDecoder().Bytes(data); err == nil {
				return string(decoded), true, ""
			}
		}
	}
	textual := isJSON || isTextType(mediaType)
	switch {
	case mediaType == "" || textual:
		if utf8.Valid(data) && (textual || !bytes.ContainsRune(data, 0)) {
			return string(data), true, ""
		}
	default:
		return "", false, ""
	}
	if !textual {
		return "", false, ""
	}
	encoding, err := htmlindex.Get("windows-1252")
	if err != nil {
		return "", false, ""
	}
	decoded, err := encoding.NewDecoder().Bytes(data)
	return string(decoded), err == nil, "The content is not valid UTF-8; it was read as Windows-1252."
}

func isTextType(mediaType string) bool {
	if strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "+xml") || strings.HasSuffix(mediaType, "+yaml") {
		return true
	}
	switch mediaType {
	case "application/xml", "application/javascript", "application/x-www-form-urlencoded", "application/yaml", "application/x-yaml", "application/graphql", "application/x-ndjson", "application/csv":
		return true
	}
	return false
}

const (
	maxJSONDepth  = 100
	maxJSONNumber = 300 // characters
)

// decodeJSON reads JSON as the other side meant it, with exact numbers.
func decodeJSON(text string) (value any, problem string) {
	if err := document.Decode([]byte(text), &value); err != nil {
		return nil, "The content is called JSON but is not valid JSON; it is given as text."
	}
	cleaned, ok := cleanValue(value, 0)
	if !ok {
		return nil, "The content is JSON nested too deep or with a number too large to be stored; it is given as text."
	}
	return cleaned, ""
}

func cleanValue(value any, depth int) (any, bool) {
	if depth > maxJSONDepth {
		return nil, false
	}
	switch v := value.(type) {
	case string:
		return columns.Fit(v), true
	case json.Number:
		_, err := v.Float64()
		return v, err == nil && len(v) <= maxJSONNumber && !tinyExponent(v.String())
	case []any:
		for i, item := range v {
			cleaned, ok := cleanValue(item, depth+1)
			if !ok {
				return nil, false
			}
			v[i] = cleaned
		}
	case map[string]any:
		for name, item := range v {
			cleaned, ok := cleanValue(item, depth+1)
			if !ok {
				return nil, false
			}
			if clean := columns.Fit(name); clean != name {
				delete(v, name)
				name = clean
			}
			v[name] = cleaned
		}
	}
	return value, true
}

// tinyExponent finds 1e-400000: zero as a float, but very long when exact.
func tinyExponent(number string) bool {
	at := strings.IndexAny(number, "eE")
	return at >= 0 && len(strings.TrimLeft(number[at+1:], "+-0")) > 3
}
