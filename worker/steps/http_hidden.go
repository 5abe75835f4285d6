package steps

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// hidden are texts that a call has got and sent and that no record may hold: an answer
// may repeat them.
type hidden struct{ values []string }

// shortestHidden is the length from which on a value is looked for: shorter ones occur by
// chance.
const shortestHidden = 8

// add has a value hidden, as it is and as programs write it in JSON and in addresses.
func (h *hidden) add(value string) {
	if len(value) < shortestHidden {
		return
	}
	forms := []string{value, url.QueryEscape(value)}
	for _, escapes := range [][]string{{"/", `\/`}, {"+", `\u002b`}, {"+", `\u002B`}, {"=", `\u003d`}, {"=", `\u003D`}} {
		for _, form := range forms {
			forms = append(forms, strings.ReplaceAll(form, escapes[0], escapes[1]))
		}
	}
	for _, form := range forms {
		if !slices.Contains(h.values, form) {
			h.values = append(h.values, form)
		}
	}
}

// in has an answer give stars in their places.
func (h *hidden) in(response *http.Response) {
	for _, value := range h.values {
		for name, list := range response.Header {
			for i := range list {
				list[i] = strings.ReplaceAll(list[i], value, strings.Repeat("*", len(value)))
			}
			response.Header[name] = list
		}
		response.Body = &hidingReader{ReadCloser: response.Body, value: []byte(value)}
	}
}

// hidingReader gives what it reads with stars in the places of a value: as many, so that
// the length stays. It holds back what may be the beginning of it.
type hidingReader struct {
	io.ReadCloser
	value   []byte
	buffer  []byte
	checked int // of the buffer may go out
	err     error
}

// Read implements io.Reader.
func (r *hidingReader) Read(into []byte) (int, error) {
	for r.checked == 0 && r.err == nil {
		chunk := make([]byte, 16<<10)
		var n int
		n, r.err = r.ReadCloser.Read(chunk)
		r.buffer = append(r.buffer, chunk[:n]...)
		r.buffer = bytes.ReplaceAll(r.buffer, r.value, bytes.Repeat([]byte("*"), len(r.value)))
		r.checked = len(r.buffer)
		if r.err == nil {
			r.checked = max(0, len(r.buffer)-len(r.value)+1)
		}
	}
	if r.checked == 0 {
		return 0, r.err
	}
	n := copy(into, r.buffer[:r.checked])
	r.buffer, r.checked = r.buffer[n:], r.checked-n
	return n, nil
}
