package workflow

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"workflows/worker/document"
)

// fieldsOf derives a form from a config struct. The tags, all optional but json:
// json (name), label, help, kind, options ("GET,POST" or "value=Label,…"),
// default, example, missing, showif, follows, fold, wants (what is chosen rather than typed, such as
// list), names and name (the field whose items' fields this
// one names, several or one), and with the value "true": required, ref,
// each, secret, advanced. own are kinds that only this struct has.
func fieldsOf[C any](own ...Kind) []Field { return fieldsOfType(reflect.TypeFor[C](), own) }

func fieldsOfType(t reflect.Type, own []Kind) []Field {
	var fields []Field
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		set := func(flag string) bool { return f.Tag.Get(flag) == "true" }
		field := Field{
			Name: name, Label: f.Tag.Get("label"), Help: f.Tag.Get("help"),
			Options: optionsOf(f.Tag.Get("options")), Default: f.Tag.Get("default"), Example: f.Tag.Get("example"),
			Required: set("required"), Reference: set("ref") || set("each"), Each: set("each"), Secret: set("secret"), Advanced: set("advanced"),
			ShowIf: f.Tag.Get("showif"), Follows: f.Tag.Get("follows"), Fold: f.Tag.Get("fold"), Missing: f.Tag.Get("missing"), Flexible: f.Type.Kind() == reflect.Interface,
		}
		field.Wants = f.Tag.Get("wants")
		field.NamesOf, field.OneName = f.Tag.Get("names"), false
		if one := f.Tag.Get("name"); one != "" {
			field.NamesOf, field.OneName = one, true
		}
		if field.Each && !holdsReferences(f.Type) {
			panic("workflow: the field " + name + " is filled in per item, and its type cannot hold the references until then")
		}
		field.Kind = kindNamed(cmp.Or(f.Tag.Get("kind"), kindOf(f.Type, field)), own)
		if field.Kind.Parts {
			field.Fields = fieldsOfType(structOf(f.Type), own)
		}
		fields = append(fields, field)
	}
	return fields
}

// holdsReferences reports whether a reference fits wherever a value of this type has
// one: it is bound before the step fills it in.
func holdsReferences(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return holdsReferences(t.Elem())
	case reflect.Struct:
		return !slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
			return f.Type != reflect.SliceOf(t) && !holdsReferences(f.Type) // a list of its own kind holds what it holds
		})
	}
	return false
}

func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func optionsOf(tag string) []Option {
	if tag == "" {
		return nil
	}
	var options []Option
	for part := range strings.SplitSeq(tag, ",") {
		value, label, named := strings.Cut(part, "=")
		if !named {
			label = value
		}
		options = append(options, Option{Value: value, Label: label})
	}
	return options
}

func optionValues(options []Option) []string {
	values := make([]string, len(options))
	for i, option := range options {
		values[i] = option.Value
	}
	return values
}

// Shown reports whether a field's form entry applies, given the values beside it.
func (f Field) Shown(config map[string]any, siblings []Field) bool {
	return f.ShowIf == "" || beside(f.ShowIf, config, siblings)
}

// InRows is how the field is filled in by rows, given the values beside it; nil where it is
// by one control.
func (f Field) InRows(config map[string]any, siblings []Field) *Rows {
	rows := f.RowsBeside(config, siblings)
	if rows != nil && rows.Fits != nil && !rows.Fits(config[f.Name]) {
		return nil
	}
	return rows
}

// RowsBeside are the rows that the values beside it ask for, whatever it holds itself.
func (f Field) RowsBeside(config map[string]any, siblings []Field) *Rows {
	rows := f.Kind.Rows
	for rows != nil && rows.If != "" && !beside(rows.If, config, siblings) {
		rows = rows.Or
	}
	return rows
}

// Followed is what the field becomes by a change of its neighbours from was to config; "" for
// what it is.
func (f Field) Followed(was, config map[string]any, siblings []Field) string {
	condition, value, _ := strings.Cut(f.Follows, ":")
	own := f.Name + "=" + f.Default
	if value == "" || !beside(own, was, siblings) || !beside(own, config, siblings) || beside(condition, was, siblings) || !beside(condition, config, siblings) {
		return ""
	}
	return value
}

// beside reports whether a condition such as "body_type=json,form" holds.
func beside(condition string, config map[string]any, siblings []Field) bool {
	name, values, _ := strings.Cut(condition, "=")
	current := document.Text(config[name])
	if current == "" {
		for _, sibling := range siblings {
			if sibling.Name == name {
				current = sibling.Default
			}
		}
	}
	return slices.Contains(strings.Split(values, ","), current)
}
