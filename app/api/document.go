package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"workflows/worker/workflow"
)

const introduction = `Send a token, made under Settings, in the header Authorization: Bearer TOKEN. Times are RFC 3339 in UTC. Lists give next_cursor: pass it as cursor to get the next page.

An error says in one sentence what to do, and names the fields that it is about. Every operation may answer 401 (no token), 403 (the token lacks the scope), 408 (what was sent came too slowly), 429 (too often, too much at once, or, with the code limit_reached, a workflow that refuses more runs at once; Retry-After says how long to wait) and 503 (a server cannot be reached).`

// errorAnswer is the contract's form of every error.
type errorAnswer struct {
	Error errorDetails `json:"error"`
}

type errorDetails struct {
	Code      string       `json:"code" doc:"For programs; does not change."`
	Message   string       `json:"message" doc:"One plain sentence for people."`
	Fields    []errorField `json:"fields"`
	RequestID string       `json:"request_id" doc:"The number of the request in the log."`
}

type errorField struct {
	Path    string `json:"path" doc:"Where in the body or which parameter."`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Document is the OpenAPI description of all operations.
func (a *API) Document() map[string]any {
	s := &schemas{named: object{}, types: map[string]reflect.Type{}, words: a.vocabulary()}
	for _, t := range []reflect.Type{reflect.TypeFor[workflow.Definition](), reflect.TypeFor[RunTrigger](), reflect.TypeFor[workflow.Failure]()} {
		s.ref(t)
	}
	for _, stepType := range a.Types.List() {
		s.named[configName(stepType.Name)] = configSchema(stepType)
	}
	s.named["Error"] = s.object(reflect.TypeFor[errorAnswer]())
	paths, tags, seen := object{}, []any{}, map[string]bool{}
	for _, operation := range a.Operations() {
		if !seen[operation.Group] {
			seen[operation.Group] = true
			tags = append(tags, object{"name": operation.Group})
		}
		path, names := braces(operation.Path)
		entry, _ := paths[path].(object)
		if entry == nil {
			entry = object{}
			paths[path] = entry
		}
		entry[strings.ToLower(operation.Method)] = operation.describe(s, names)
	}
	return object{
		"openapi":    "3.0.3",
		"info":       object{"title": "Workflow System", "version": "1", "description": introduction},
		"servers":    []any{object{"url": a.Settings.BaseURL + "/api/v1"}},
		"tags":       tags,
		"paths":      paths,
		"components": object{"schemas": s.named, "securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}}},
	}
}

// braces turns /runs/:id into /runs/{id}, and names the parameters.
func braces(path string) (string, []string) {
	var names []string
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, isParameter := strings.CutPrefix(part, ":"); isParameter {
			parts[i] = "{" + name + "}"
			names = append(names, name)
		}
	}
	return strings.Join(parts, "/"), names
}

func (o Operation) describe(s *schemas, inPath []string) object {
	parameters := []any{}
	for _, name := range inPath {
		parameters = append(parameters, object{"in": "path", "name": name, "required": true, "schema": pathSchema(name)})
	}
	for _, p := range o.Parameters {
		parameters = append(parameters, object{"in": p.In, "name": p.Name, "description": p.Summary, "schema": p.schema()})
	}
	described := object{
		"operationId": o.Name, "tags": []any{o.Group}, "summary": o.Summary, "parameters": parameters, "responses": o.answers(s),
		"security": []any{},
	}
	if o.Scope != "" {
		described["security"] = []any{object{"token": []any{}}}
		described["description"] = "Needs a token with the scope “" + strings.ReplaceAll(o.Scope, " ", "” or “") + "”."
	}
	if o.Body != nil {
		described["requestBody"] = object{"required": !o.BodyOptional, "content": content(s.of(reflect.TypeOf(o.Body)))}
	}
	return described
}

func pathSchema(name string) object {
	switch name {
	case "number":
		return object{"type": "integer", "minimum": 1}
	case "id":
		return object{"type": "string", "format": "uuid"}
	}
	return object{"type": "string"}
}

func (p Parameter) schema() object {
	schema := object{"type": "string"}
	switch p.Type {
	case "integer":
		schema = object{"type": "integer", "minimum": 1, "maximum": 100}
	case "uuid", "date-time":
		schema["format"] = p.Type
	}
	if len(p.Options) > 0 && p.Name != "status" || p.Name == "status" && !strings.Contains(p.Summary, "commas") {
		values := []any{}
		for _, option := range p.Options {
			values = append(values, option)
		}
		if len(values) > 0 {
			schema["enum"] = values
		}
	}
	return schema
}

func (o Operation) answers(s *schemas) object {
	success := object{"description": o.Summary}
	if o.Answer != nil {
		success["content"] = content(s.of(reflect.TypeOf(o.Answer)))
	}
	answers := object{strconv.Itoa(o.Status): success}
	codes := append([]int{}, o.Errors...)
	if o.Scope != "" {
		codes = append(codes, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	}
	for _, code := range codes {
		answers[strconv.Itoa(code)] = object{"description": http.StatusText(code), "content": content(object{"$ref": "#/components/schemas/Error"})}
	}
	return answers
}

func content(schema object) object { return object{"application/json": object{"schema": schema}} }
