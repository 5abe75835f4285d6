package document

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// binder puts a tree into Go values and collects everything that does not fit.
type binder struct {
	loose    bool                                     // convert between texts, numbers and booleans; ignore unknown fields
	duration func(text string) (time.Duration, error) // of a loose one
	problems []Problem
}

// Bind puts a value into a struct, forgiving what references bring about: a number
// where a text is wanted, a text of digits where a number is. duration reads the
// lengths of time.
func Bind(value map[string]any, into any, duration func(text string) (time.Duration, error)) []Problem {
	b := &binder{loose: true, duration: duration}
	b.bind(treeOf(value), reflect.ValueOf(into).Elem(), "")
	return b.problems
}

func (b *binder) wrongType(path, want string, n node) {
	b.problems = append(b.problems, Problem{Path: path, Code: "wrong_type", Message: fmt.Sprintf("This must be %s, not %s.", want, n.words())})
}

func (b *binder) bind(n node, v reflect.Value, path string) {
	if n.kind == '0' {
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		b.bind(n, v.Elem(), path)
		return
	}
	if target, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		if err := target.UnmarshalJSON(JSON(n.plain())); err != nil {
			b.problems = append(b.problems, Problem{Path: path, Code: "invalid_value", Message: "This value cannot be read. Check how it is written."})
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		b.bindStruct(n, v, path)
	case reflect.Map:
		b.bindMap(n, v, path)
	case reflect.Slice:
		b.bindSlice(n, v, path)
	case reflect.Interface:
		v.Set(reflect.ValueOf(n.plain()))
	case reflect.String:
		b.bindString(n, v, path)
	case reflect.Bool:
		b.bindBool(n, v, path)
	default:
		b.bindNumber(n, v, path)
	}
}

func (b *binder) bindStruct(n node, v reflect.Value, path string) {
	if b.loose && n.kind == 's' && (n.text == "" || n.text == "none") {
		return
	}
	if n.kind != 'o' {
		b.wrongType(path, "an object", n)
		return
	}
	fields := fieldsOf(v.Type())
	for _, m := range n.members {
		index, known := fields.at[m.name]
		if !known {
			if !b.loose {
				b.problems = append(b.problems, UnknownField(Member(path, m.name), m.name, fields.names))
			}
			continue
		}
		b.bind(m.value, v.FieldByIndex(index), Member(path, m.name))
	}
}

// UnknownField is the problem of a name that is not one of names.
func UnknownField(path, name string, names []string) Problem {
	return Problem{Path: path, Code: "unknown_field", Unknown: true, Message: "There is no field “" + Shorten(name, 60) + "” here." + DidYouMean(name, names)}
}

// jsonFields are those of a type: JSON names in their order, and where each has its field, those of
// embedded structs included.
type jsonFields struct {
	at    map[string][]int
	names []string
}

// knownFields keeps the fields of each type that was bound: to find them takes as long as the rest.
var knownFields sync.Map // reflect.Type to jsonFields

func fieldsOf(t reflect.Type) jsonFields {
	if known, ok := knownFields.Load(t); ok {
		return known.(jsonFields)
	}
	fields := jsonFields{at: map[string][]int{}}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "-" || (field.Anonymous && name == "") {
			continue
		}
		if name == "" {
			name = field.Name
		}
		fields.at[name] = field.Index
		fields.names = append(fields.names, name)
	}
	knownFields.Store(t, fields)
	return fields
}

func (b *binder) bindMap(n node, v reflect.Value, path string) {
	if n.kind != 'o' {
		b.wrongType(path, "an object", n)
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.members)))
	for _, m := range n.members {
		value := reflect.New(v.Type().Elem()).Elem()
		b.bind(m.value, value, Member(path, m.name))
		v.SetMapIndex(reflect.ValueOf(m.name).Convert(v.Type().Key()), value)
	}
}

func (b *binder) bindSlice(n node, v reflect.Value, path string) {
	if v.Type().Elem().Kind() == reflect.Uint8 { // raw JSON
		v.SetBytes(JSON(n.plain()))
		return
	}
	if n.kind != 'a' {
		b.wrongType(path, "a list", n)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		b.bind(item, v.Index(i), Item(path, i))
	}
}

func (b *binder) bindString(n node, v reflect.Value, path string) {
	wantsNumber := v.Type() == reflect.TypeFor[json.Number]()
	switch {
	case n.kind == 's' && !wantsNumber, n.kind == 'n' && wantsNumber:
		v.SetString(n.text)
	case wantsNumber:
		b.wrongType(path, "a number", n)
	case b.loose:
		v.SetString(Text(n.plain()))
	default:
		b.wrongType(path, "a text", n)
	}
}

func (b *binder) bindBool(n node, v reflect.Value, path string) {
	if n.kind == 'b' {
		v.SetBool(n.flag)
		return
	}
	if answer, ok := YesOrNo(n.plain()); b.loose && ok {
		v.SetBool(answer)
		return
	}
	b.wrongType(path, "true or false", n)
}

func (b *binder) bindNumber(n node, v reflect.Value, path string) {
	if b.loose && v.Type() == reflect.TypeFor[time.Duration]() {
		b.bindDuration(n, v, path)
		return
	}
	if n.kind != 'n' && (!b.loose || n.kind != 's') {
		b.wrongType(path, "a number", n)
		return
	}
	text := strings.TrimSpace(n.text)
	switch {
	case v.CanFloat():
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			v.SetFloat(f)
			return
		}
	case v.CanInt():
		if i, err := strconv.ParseInt(text, 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
			return
		}
	case v.CanUint():
		if u, err := strconv.ParseUint(text, 10, v.Type().Bits()); err == nil {
			v.SetUint(u)
			return
		}
	}
	b.problems = append(b.problems, Problem{Path: path, Code: "wrong_type", Message: "This must be a whole number."})
}

func (b *binder) bindDuration(n node, v reflect.Value, path string) {
	if n.kind == 's' && n.text == "" {
		return
	}
	d, err := b.duration(Text(n.plain()))
	if err != nil {
		b.problems = append(b.problems, Problem{Path: path, Code: "invalid_value", Message: err.Error()})
		return
	}
	v.SetInt(int64(d))
}
