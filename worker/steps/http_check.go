package steps

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/place"
	"workflows/worker/workflow"
)

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
	if address := strings.TrimSpace(textAt(config, "url")); address != "" && readable(address) {
		if code, message := o.checkTemplate(address); code != "" {
			add("url", code, message)
		}
	}
	auth, _ := config["auth"].(map[string]any)
	if address := strings.TrimSpace(textAt(auth, "token_url")); address != "" {
		if code, message := o.checkTemplate(address); code != "" {
			add("auth.token_url", code, message)
		}
	}
	headers, _ := config["headers"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if message := headerProblem(name, typed(document.Text(headers[name]), "")); message != "" {
			add("headers."+name, "invalid_header", message)
		}
	}
	if kind, body := textAt(config, "body_type"), textAt(config, "body"); kind == "json" && body != "" && readable(body) {
		text, err := place.JSON(named(body))
		problem := document.WrongJSON(text)
		if misfit := new(place.Error); errors.As(err, &misfit) {
			problem = misfit.Message
		}
		if problem != "" {
			add("body", "invalid_json", problem)
		}
	}
	if expected := config["expect_status"]; expected != nil && expected != "" {
		if _, ok := parseStatuses(expected); !ok {
			add("expect_status", "invalid_value", "Use 2xx, 200, 200-299, or several with commas.")
		}
	}
	return problems
}

// named takes a text apart with the name of each reference in its place, so that what is wrong
// around it can be quoted.
func named(text string) []place.Piece {
	pieces := workflow.StandIn(text, nil)
	for i := range pieces {
		pieces[i].Value = pieces[i].Name
	}
	return pieces
}

// readable reports whether the references of a text can be read; what is wrong with
// others is said elsewhere.
func readable(text string) bool {
	_, err := workflow.References(text)
	return err == nil
}

// typed is what was typed of a text, with a value in the place of each reference.
func typed(text, value string) string {
	return document.Text(place.Joined(append(workflow.StandIn(text, value), place.Piece{})))
}

// checkTemplate checks an address that may hold references: what they stand for
// is checked again when the step runs.
func (o *outbound) checkTemplate(text string) (code, message string) {
	pieces := workflow.StandIn(text, standIn)
	if pieces[0].Typed == "" { // the reference may bring scheme and host along
		return "", ""
	}
	scheme, rest, _ := strings.Cut(text, "://")
	if host := rest[:max(strings.IndexAny(rest+"/", "/?#"), 0)]; strings.Contains(host, "{{") && !strings.Contains(scheme, "{{") {
		// The host itself is inserted, or a part of it: only the rest can be checked now.
		if strings.Contains(typed(host, ""), "@") {
			return o.checkURL(scheme + "://user@example.com")
		}
		return o.checkURL(scheme + "://example.com")
	}
	address, err := place.Address(pieces)
	if misfit := new(place.Error); errors.As(err, &misfit) {
		return misfit.Code, misfit.Message
	}
	return o.checkURL(address)
}
