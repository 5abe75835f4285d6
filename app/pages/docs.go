package pages

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/views"
	"workflows/worker/document"
)

// Docs shows the OpenAPI document as a page to read. Document returns it.
func (s *Site) Docs(c *gin.Context) (templ.Component, error) {
	data, err := json.Marshal(s.Document())
	if err != nil {
		return nil, fmt.Errorf("write the API's description: %w", err)
	}
	var described openAPI
	if err := document.Decode(data, &described); err != nil {
		return nil, fmt.Errorf("read the API's description: %w", err)
	}
	layout := s.Page(c, "API", "")
	layout.Wide = layout.Viewer == nil // the bare sheet is too narrow for tables
	page := views.APIDocs{Layout: layout, Introduction: strings.Split(described.Info.Description, "\n\n"), Server: s.Settings.BaseURL + "/api/v1"}
	for _, tag := range described.Tags {
		group := views.APIGroup{Name: tag.Name}
		for _, path := range keysOf(described.Paths) {
			for _, method := range []string{"get", "post", "put", "delete"} {
				operation, ok := described.Paths[path][method]
				if ok && slices.Contains(operation.Tags, tag.Name) {
					group.Operations = append(group.Operations, operation.view(strings.ToUpper(method), path, described))
				}
			}
		}
		page.Groups = append(page.Groups, group)
	}
	for _, name := range keysOf(described.Components.Schemas) {
		page.Types = append(page.Types, described.Components.Schemas[name].view(name))
	}
	return views.Docs(page), nil
}

// openAPI is as much of the document as the page shows.
type openAPI struct {
	Info       struct{ Description string }
	Tags       []struct{ Name string }
	Paths      map[string]map[string]openOperation
	Components struct{ Schemas map[string]openSchema }
}

type openOperation struct {
	OperationID, Summary, Description string
	Tags                              []string
	Parameters                        []struct {
		In, Name, Description string
		Schema                openSchema
	}
	RequestBody *struct {
		Content map[string]struct{ Schema openSchema }
	}
	Responses map[string]struct {
		Description string
		Content     map[string]struct{ Schema openSchema }
	}
}

type openSchema struct {
	Ref         string `json:"$ref"`
	Type        string
	Format      string
	Description string
	Nullable    bool
	Enum        []any
	AllOf       []openSchema
	Items       *openSchema
	Properties  map[string]openSchema
	Required    []string
}

func (o openOperation) view(method, path string, document openAPI) views.APIOperation {
	shown := views.APIOperation{ID: o.OperationID, Method: method, Path: path, Summary: o.Summary, Needs: o.Description}
	for _, p := range o.Parameters {
		shown.Parameters = append(shown.Parameters, views.APIField{Name: p.Name, Type: p.Schema.words(), Note: cmp.Or(p.Description, "In the "+p.In+".")})
	}
	if o.RequestBody != nil {
		shown.Body = o.RequestBody.Content["application/json"].Schema.target()
	}
	for _, code := range keysOf(o.Responses) {
		response := o.Responses[code]
		if code[0] == '2' {
			shown.Status, shown.Answer = code, response.Content["application/json"].Schema.target()
			continue
		}
		if !slices.Contains([]string{"401", "403", "429", "503"}, code) { // said once, above
			shown.Errors = append(shown.Errors, code+" "+response.Description)
		}
	}
	return shown
}

func (s openSchema) view(name string) views.APIType {
	shown := views.APIType{Name: name}
	for _, field := range keysOf(s.Properties) {
		property := s.Properties[field]
		shown.Fields = append(shown.Fields, views.APIField{
			Name: field, Type: property.words(), Link: property.target(), Note: property.Description, Optional: !slices.Contains(s.Required, field),
		})
	}
	return shown
}

// target names the type that a schema refers to, itself or for its items.
func (s openSchema) target() string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case len(s.AllOf) > 0:
		return s.AllOf[0].target()
	case s.Items != nil:
		return s.Items.target()
	}
	return ""
}

func (s openSchema) words() string {
	words := cmp.Or(s.Format, s.Type, s.target(), "any")
	switch {
	case s.Items != nil:
		words = "list of " + s.Items.words()
	case len(s.Enum) > 0:
		var options []string
		for _, option := range s.Enum {
			if option != nil {
				options = append(options, fmt.Sprint(option))
			}
		}
		words = strings.Join(options, " | ")
	}
	if s.Nullable && words != "any" {
		words += " or null"
	}
	return words
}

func keysOf[T any](from map[string]T) []string {
	keys := make([]string, 0, len(from))
	for key := range from {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
