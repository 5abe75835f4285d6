package workflow

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"workflows/worker/document"
)

// Seen is what steps have given lately, by their ids: what they will give next has most
// likely the same parts.
type Seen map[string]any

const (
	// partsDeep and maxParts bound the parts that are listed of one value, mostParts those
	// in one menu: a form shows it beside each of its fields.
	partsDeep = 4
	maxParts  = 30
	mostParts = 120
	// listsDeep bounds how far a list is followed to where its items come from.
	listsDeep = 20
)

// knowledge is where the parts of values are known from.
type knowledge struct {
	definition Definition
	types      Types
	seen       Seen
	room       *int // for how many parts there is room in the menu
}

func newKnowledge(d Definition, types Types, seen Seen) knowledge {
	room := mostParts
	return knowledge{d, types, seen, &room}
}

// PartsUnknown reports whether the output may have parts that only a run shows.
func (o Output) PartsUnknown() bool {
	return !o.Certain && o.ItemsOf == "" && (o.Type == "any" || o.Type == "object" || o.Type == "list")
}

// partsOf lists the parts of a value, the outer ones first beside what they hold, each
// with the beginning of what it was.
func (k knowledge) partsOf(whole Reference, label string, value any) []Insert {
	var list []Insert
	most := min(maxParts, *k.room)
	var walk func(at Reference, label string, value any, deep int)
	walk = func(at Reference, label string, value any, deep int) {
		parts, _ := value.(map[string]any)
		for _, name := range sortedKeys(parts) {
			part := Reference{Root: at.Root, Path: append(at.Path[:len(at.Path):len(at.Path)], name)}
			if deep == partsDeep || len(list) == most || !writable(part) {
				continue
			}
			title := label + " → " + document.Shorten(plainLine(name), 40)
			list = append(list, Insert{part.String(), title + beginning(parts[name]), typeOf(parts[name])})
			walk(part, title, parts[name], deep+1)
		}
	}
	walk(whole, label, value, 0)
	*k.room -= len(list)
	return list
}

// writable reports whether a reference can be written so that it is read as what it is.
func writable(r Reference) bool {
	read, err := References(r.String())
	return err == nil && len(read) == 1 && read[0].String() == r.String() && len(read[0].Path) == len(r.Path)
}

// beginning shows what a part may be, for people to know it again.
func beginning(value any) string {
	switch value.(type) {
	case nil, map[string]any:
		return ""
	case []any:
		return " (a list)"
	}
	text := strings.TrimSpace(plainLine(document.Shorten(fmt.Sprint(value), 30)))
	if text == "" {
		return ""
	}
	return " (such as " + text + ")"
}

// plainLine takes out of a text what would break a menu's line.
func plainLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

func typeOf(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case bool:
		return "boolean"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	case nil:
		return "any"
	}
	return "number"
}

// ItemSeen is an item of the list that a step of a definition goes through, as far as that
// is known; nil is unknown.
func ItemSeen(d Definition, stepID string, types Types, seen Seen) any {
	return newKnowledge(d, types, seen).ownItem(stepID)
}

// given is what an output of a step was, or surely looks like; nil when nobody knows.
func (k knowledge) given(step *Step, output Output, followed int) any {
	whole, _ := k.seen[step.ID].(map[string]any)
	value := whole[output.Name]
	if list, isList := value.([]any); value != nil && (!isList || len(list) > 0) {
		return value
	}
	switch {
	case output.Certain:
		return output.Example
	case output.ItemsOf != "":
		return k.list(step, output.ItemsOf, followed+1)
	}
	return nil
}

// list is what a field of a step holds: a list that was typed, or one that another step
// gives.
func (k knowledge) list(step *Step, field string, followed int) any {
	text, isText := step.Config[field].(string)
	if !isText {
		return step.Config[field]
	}
	references, err := References(text)
	if err != nil || len(references) != 1 || references[0].Text != strings.TrimSpace(text) || len(references[0].Changes) > 0 || followed > listsDeep {
		return nil
	}
	reference := references[0]
	switch {
	case reference.Root == "item":
		return follow(k.around(step.ID, followed+1), reference.Path)
	case reference.Root == "steps" && len(reference.Path) > 1:
		source, _, found := FindStep(&k.definition, reference.Path[0])
		if !found {
			return nil
		}
		for _, output := range k.types[source.Type].Gives(source.Config) {
			if output.Name == reference.Path[1] {
				return follow(k.given(source, output, followed+1), reference.Path[2:])
			}
		}
	}
	return nil
}

// loopItem is an item of the innermost loop around a step.
func (k knowledge) loopItem(stepID string) any { return k.around(stepID, 0) }

func (k knowledge) around(stepID string, followed int) (item any) {
	Walk(k.definition.Steps, func(_ string, step *Step, parents []*Step) bool {
		if step.ID != stepID {
			return true
		}
		for i := len(parents) - 1; i >= 0; i-- {
			if len(parents[i].Do) > 0 {
				item = k.itemOf(parents[i], followed)
				break
			}
		}
		return false
	})
	return item
}

// ownItem is an item of the list that a step itself goes through.
func (k knowledge) ownItem(stepID string) any {
	step, _, found := FindStep(&k.definition, stepID)
	if !found {
		return nil
	}
	return k.itemOf(step, 0)
}

func (k knowledge) itemOf(step *Step, followed int) any {
	through := k.types[step.Type].Through
	if through == "" {
		return nil
	}
	items, _ := k.list(step, through, followed).([]any)
	if len(items) == 0 {
		return nil
	}
	return items[0]
}

// follow goes down into a value.
func follow(value any, path []string) any {
	for _, part := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}
