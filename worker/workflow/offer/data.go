package offer

import (
	"maps"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/filter"
	"workflows/worker/workflow"
)

// Data is something that may be chosen for a field, and what is inside it.
type Data struct {
	Reference string // "{{ steps.fetch.body.total }}"; "" heads what is inside it
	Name      string // what it is called beside its neighbours: total, first, count
	Words     string // what it is called anywhere: “total of Fetch the order”
	Type      string // text number boolean date list object any …
	// Shown is the beginning of what it was, and Known whether that is known at all.
	Shown string
	Known bool
	Help  string
	Parts []Data
	// Left is how many parts are not listed, since there are too many or they are too
	// deep, and Unwritable how many have a name that no reference can hold.
	Left, Unwritable int
}

// Source is one place that data comes from.
type Source struct {
	Title  string
	StepID string // "" where that is no step
	Note   string // what to know about all of it
	From   Origin // of what is shown; no Kind where nothing is
	Data   []Data
}

// What is listed is bounded, however much was seen.
const (
	deepestPart = 8    // levels
	mostBeside  = 100  // parts of one value
	mostOfEach  = 20   // fields of “each”, and of the last entry
	mostOfOne   = 400  // parts of one output, at all levels
	mostInAll   = 1500 // parts in one chooser
)

// growing is a value whose parts are still to be listed.
type growing struct {
	into  *Data
	at    workflow.Reference
	value any
	deep  int
	list  []any // “each”: those of which value is the first
	base  any   // what the word pick at the end of at begins from
}

// grow lists the parts of a value level by level, so that those further out are there
// when there is no room for all.
func (k Knowledge) grow(root *Data, at workflow.Reference, value any) {
	room := min(mostOfOne, *k.room)
	before := room
	for queue := []growing{{into: root, at: at, value: value}}; len(queue) > 0; queue = queue[1:] {
		g := queue[0]
		var parts []growing
		switch v := g.value.(type) {
		case map[string]any:
			parts = k.fields(g, v, room)
		case []any:
			parts = k.ofList(g, v)
		}
		if g.deep == deepestPart || len(parts) > room {
			g.into.Left += len(parts)
			g.into.Parts = nil
			continue
		}
		room -= len(parts)
		queue = append(queue, parts...)
	}
	*k.room -= before - room
}

// fields are those of an object; into gets their descriptions.
func (k Knowledge) fields(g growing, object map[string]any, room int) []growing {
	most := min(mostBeside, room)
	if len(g.at.Changes) > 0 || g.list != nil {
		most = min(most, mostOfEach)
	}
	all := names(object)
	parts := make([]growing, 0, min(len(all), most))
	data := make([]Data, 0, cap(parts)) // its entries stay where they are
	for _, name := range all {
		at, ok := inside(g, name)
		switch {
		case !ok:
			g.into.Unwritable++
			continue
		case len(parts) == most:
			g.into.Left++
			continue
		}
		part := growing{at: at, value: object[name], deep: g.deep + 1, list: g.list, base: g.base}
		shown, kind := object[name], typeOf(object[name])
		if g.list != nil {
			shown, kind = pickedOf(g.list, at), "list"
		}
		data = append(data, k.described(at, document.Shorten(document.Line(name), 40), kind, shown))
		part.into = &data[len(data)-1]
		if _, isList := part.value.([]any); isList && (len(at.Changes) > 0 || g.list != nil) {
			part.value = nil // words lead no further
		}
		parts = append(parts, part)
	}
	g.into.Parts = data
	return parts
}

// ofList are the words that lead into a list: how many there are, the first, the last,
// and one field of each.
func (k Knowledge) ofList(g growing, list []any) []growing {
	if len(list) == 0 || len(g.at.Changes) > 0 {
		return nil
	}
	counted := changed(g.at, filter.Filter{Name: "count"})
	first := workflow.Reference{Root: g.at.Root, Path: append(slices.Clip(g.at.Path), "0")}
	data := []Data{
		k.described(counted, "number of them", "number", lengthOf(list)),
		k.described(first, "first", typeOf(list[0]), list[0]),
	}
	parts := []growing{{}, {at: first, value: list[0], deep: g.deep + 1}}
	if end := list[len(list)-1]; len(list) > 1 {
		last := changed(g.at, filter.Filter{Name: "last"})
		data = append(data, k.described(last, "last", typeOf(end), end))
		if object, is := end.(map[string]any); is {
			parts = append(parts, growing{at: last, value: object, deep: g.deep + 1, base: object})
		} else {
			parts = append(parts, growing{})
		}
	}
	if one, allObjects := oneOf(list); allObjects {
		data = append(data, Data{Name: "each", Known: true, Shown: "one field of all entries"})
		parts = append(parts, growing{at: g.at, value: one, deep: g.deep + 1, list: list, base: one})
	}
	for i := range parts {
		parts[i].into = &data[i]
	}
	g.into.Parts = data
	return parts
}

// oneOf is the first object of a list of objects.
func oneOf(list []any) (first map[string]any, allObjects bool) {
	for _, item := range list {
		object, is := item.(map[string]any)
		if !is && item != nil {
			return nil, false
		}
		if first == nil {
			first = object
		}
	}
	return first, first != nil
}

// inside is the reference to a field of what g refers to, if one can be written.
func inside(g growing, name string) (workflow.Reference, bool) {
	if g.base == nil {
		part := workflow.Reference{Root: g.at.Root, Path: append(slices.Clip(g.at.Path), name)}
		return part, writable(part)
	}
	if name == "" || strings.ContainsAny(name, ".\"\\{}|") || name != document.Line(name) {
		return workflow.Reference{}, false
	}
	part, before := g.at, ""
	if end := len(part.Changes) - 1; end >= 0 && part.Changes[end].Name == "pick" {
		before, _ = part.Changes[end].Args[0].Value.(string)
		part.Changes = part.Changes[:end:end]
		name = before + "." + name
		if object, is := g.base.(map[string]any); is {
			if _, hidden := object[name]; hidden {
				return workflow.Reference{}, false
			}
		}
	}
	part = changed(part, filter.Filter{Name: "pick", Args: []filter.Arg{{Value: name}}})
	return part, writable(part)
}

// names are those of an object's fields in alphabetical order; objects have no other.
func names(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }

// changed is a reference with one more word.
func changed(r workflow.Reference, word filter.Filter) workflow.Reference {
	r.Changes = append(slices.Clip(r.Changes), word)
	r.Text = ""
	return r
}

// pickedOf is the beginning of what the last word of at picks of each entry, as long as
// the list.
func pickedOf(list []any, at workflow.Reference) any {
	const enough = shownEntries + 1
	picked, err := filter.Change(slices.Clone(list[:min(len(list), enough)]), at.Changes, nil)
	begun, isList := picked.([]any)
	if err != nil || !isList {
		return nil
	}
	return beginningOf{begun, len(list)}
}

// writable reports whether a reference can be written so that it is read as what it is.
func writable(r workflow.Reference) bool {
	read, err := workflow.References(r.String())
	return err == nil && len(read) == 1 && read[0].String() == r.String() && len(read[0].Path) == len(r.Path)
}

func (k Knowledge) described(r workflow.Reference, name, kind string, value any) Data {
	return Data{Reference: r.String(), Name: name, Words: k.titles.Words(r), Type: kind, Shown: ShownShort(value), Known: true}
}
