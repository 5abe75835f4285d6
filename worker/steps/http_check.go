package steps

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

var referencePattern = regexp.MustCompile(`\{\{.*?\}\}`)

// stand-in for a reference in an address that is checked before it is known:
// digits pass as a port, a path or part of a host.
const standIn = "40404"

// checkRequest finds what is wrong with a call as far as can be known before
// its references are resolved.
func (o *outbound) checkRequest(config map[string]any) []workflow.Problem {
	var problems []workflow.Problem
	add := func(path, code, message string) {
		problems = append(problems, workflow.Problem{Path: path, Code: code, Message: message})
	}
	if address := strings.TrimSpace(textAt(config, "url")); address != "" {
		if code, message := o.checkTemplate(address); code != "" {
			add("url", code, message)
		}
	}
	headers, _ := config["headers"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if message := headerProblem(name, referencePattern.ReplaceAllString(document.Text(headers[name]), "")); message != "" {
			add("headers."+name, "invalid_header", message)
		}
	}
	if kind, body := textAt(config, "body_type"), textAt(config, "body"); kind == "json" && body != "" && !strings.Contains(body, "{{") {
		if _, err := jsonBody(body); err != nil {
			add("body", "invalid_json", "The content is not valid JSON. Check its quotation marks, commas and brackets, or choose “Text”.")
		}
	}
	if expected := config["expect_status"]; expected != nil && expected != "" {
		if _, ok := parseStatuses(expected); !ok {
			add("expect_status", "invalid_value", "Use 2xx, 200, 200-299, or several with commas.")
		}
	}
	return problems
}

// checkTemplate checks an address that may hold references: what they stand for
// is checked again when the step runs.
func (o *outbound) checkTemplate(address string) (code, message string) {
	first := strings.Index(address, "{{")
	if first < 0 {
		return o.checkURL(address)
	}
	scheme, rest, hasScheme := strings.Cut(address, "://")
	if !hasScheme || first < len(scheme) {
		if first == 0 {
			return "", "" // the reference may bring scheme and host along
		}
		return o.checkURL(referencePattern.ReplaceAllString(address, standIn))
	}
	filled := referencePattern.ReplaceAllString(rest, standIn)
	if end := strings.IndexAny(rest, "/?#"); first-len(scheme)-3 < end || end < 0 {
		// The host itself is inserted: only the rest can be checked now.
		host, _, _ := strings.Cut(rest, "/")
		if strings.Contains(referencePattern.ReplaceAllString(host, ""), "@") {
			return o.checkURL(scheme + "://user@example.com")
		}
		return o.checkURL(scheme + "://example.com")
	}
	return o.checkURL(scheme + "://" + filled)
}
