package api

import (
	"maps"
	"reflect"
	"strings"
	"time"

	"workflows/models"
)

type object = map[string]any

// schemas describes Go types as OpenAPI does, the named ones once each.
type schemas struct {
	named object
	types map[string]reflect.Type
	// words describes fields of types that carry no tags of ours: "Step.on_error".
	words map[string]object
}

// of describes a type. Fields say more through tags: doc, enum, format, and
// schema, which names what a JSON column holds.
func (s *schemas) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[Time](), reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[models.JSON]():
		return object{"nullable": true, "description": "Any JSON value."}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.of(t.Elem()))
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": true}
	case reflect.Struct:
		return s.ref(t)
	}
	return object{"nullable": true, "description": "Any JSON value."}
}

func (s *schemas) ref(t reflect.Type) object {
	name := nameOf(t)
	if other, taken := s.types[name]; taken && other != t {
		panic("two types of the API are called " + name) // the document's test makes it
	}
	if _, known := s.types[name]; !known {
		s.types[name] = t // stands while it is made: types may hold themselves
		s.named[name] = s.object(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// nameOf is the type's name; a list is named after what it holds.
func nameOf(t reflect.Type) string {
	name := t.Name()
	if base, of, generic := strings.Cut(name, "["); generic {
		of = strings.TrimSuffix(of, "]")
		return of[strings.LastIndex(of, ".")+1:] + base
	}
	return name
}

func (s *schemas) object(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, field := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" || (field.Anonymous && name == "") {
			continue
		}
		properties[name] = s.field(field)
		if words, ok := s.words[ownerOf(t, field)+"."+name]; ok {
			property := properties[name].(object)
			maps.Copy(property, words)
		}
		if !strings.Contains(rest, "omit") {
			required = append(required, name)
		}
	}
	described := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		described["required"] = required
	}
	return described
}

// ownerOf names the struct that declares a field, which may be embedded in t.
func ownerOf(t reflect.Type, field reflect.StructField) string {
	for _, at := range field.Index[:len(field.Index)-1] {
		t = t.Field(at).Type
	}
	return t.Name()
}

func (s *schemas) field(field reflect.StructField) object {
	described := s.of(field.Type)
	if known := field.Tag.Get("schema"); known != "" {
		described = nullable(object{"$ref": "#/components/schemas/" + known})
	}
	if options := field.Tag.Get("enum"); options != "" {
		values := []any{}
		for _, option := range strings.Split(options, ",") {
			values = append(values, option)
		}
		if described["nullable"] == true {
			values = append(values, nil)
		}
		described["enum"] = values
	}
	if format := field.Tag.Get("format"); format != "" {
		if items, isList := described["items"].(object); isList {
			items["format"] = format
		} else {
			described["format"] = format
		}
	}
	if doc := field.Tag.Get("doc"); doc != "" {
		described = documented(described, doc)
	}
	return described
}

// nullable also takes null. A reference takes nothing beside it, so it is wrapped.
func nullable(described object) object {
	if _, isRef := described["$ref"]; isRef {
		return object{"nullable": true, "allOf": []any{described}}
	}
	described["nullable"] = true
	return described
}

func documented(described object, doc string) object {
	if _, isRef := described["$ref"]; isRef {
		return object{"description": doc, "allOf": []any{described}}
	}
	described["description"] = doc
	return described
}
