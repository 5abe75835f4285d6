package senders

import (
	"fmt"
	"strings"
)

// Example is a call for a terminal, signed with what stands in SECRET. Its lines may use
// URL, the address, and BODY, the content.
type Example struct {
	Body    string   // as the shell quotes it; '{"hello": "world"}' where it is ""
	Type    string   // application/json where it is ""
	Before  []string // lines that compute what the headers hold
	Headers []string
}

// Script is the call of an address as lines for a shell.
func (e Example) Script(url string) string {
	body, kind := e.Body, e.Type
	if body == "" {
		body = quoted(`{"hello": "world"}`)
	}
	if kind == "" {
		kind = "application/json"
	}
	lines := []string{"BODY=" + body}
	if before := strings.Join(e.Before, " "); strings.Contains(before, "$URL") || strings.Contains(before, "${URL}") {
		lines = append(lines, "URL="+quoted(url))
	}
	call := []string{"curl -X POST " + quoted(url), "-H 'Content-Type: " + kind + "'"}
	for _, header := range e.Headers {
		call = append(call, `-H "`+header+`"`)
	}
	call = append(call, `-d "$BODY"`)
	return strings.Join(append(append(lines, e.Before...), strings.Join(call, " \\\n  ")), "\n")
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// macIn computes the signature of a text, as the shell has it between double quotes.
func macIn(algorithm, encoding, content string) string {
	pipe := `sed 's/^.* //'`
	binary := ""
	if encoding == "base64" {
		pipe, binary = "openssl base64 -A", " -binary"
	}
	return fmt.Sprintf(`SIGNATURE=$(printf '%%s' "%s" | openssl dgst -%s -hmac "$SECRET"%s | %s)`, content, algorithm, binary, pipe)
}

const timeNow = "TIME=$(date +%s)"

// signs is an example of those who sign the content alone.
func signs(encoding, header string) func(Scheme) Example {
	return func(Scheme) Example {
		return Example{Before: []string{macIn("sha256", encoding, "$BODY")}, Headers: []string{header}}
	}
}
