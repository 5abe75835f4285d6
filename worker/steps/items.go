package steps

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// picked is an item of a list with its place in it and, where the list is sorted, by
// what.
type picked struct {
	item any
	at   int
	key  sortable
}

// listOf is the list that was inserted or typed, or a failure that says what there is
// instead.
func listOf(value any, most int) ([]any, error) {
	list, ok := listIn(value)
	switch {
	case !ok:
		return nil, permanent("not_a_list", "There is no list to go through: what was inserted is "+kindWords(value)+". Choose a list that an earlier step gives.")
	case len(list) > most:
		return nil, permanent("too_many_items", fmt.Sprintf("The list has %d items; %d is the most.", len(list), most))
	}
	return list, nil
}

// listIn reads a list, or a text that is one in JSON and can be kept.
func listIn(value any) ([]any, bool) {
	text, isText := value.(string)
	if !isText {
		list, ok := value.([]any)
		return list, ok
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return nil, false
	}
	var list []any
	if document.Decode([]byte(text), &list) != nil {
		return nil, false
	}
	_, ok := document.Storable(list)
	return list, ok
}

func kindWords(value any) string {
	switch v := value.(type) {
	case nil:
		return "empty"
	case string:
		if strings.HasPrefix(strings.TrimSpace(v), "[") {
			return "a text that is no list in JSON, or one that is nested too deep or has a number that is too large"
		}
		return "a text"
	case bool:
		return "true or false"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

// checkList checks the field "list" as far as it can be known.
func checkList(config map[string]any, most int) []workflow.Problem {
	value := config["list"]
	if !given(value) || isReference(value) {
		return nil
	}
	list, ok := listIn(value)
	switch {
	case !ok:
		return []workflow.Problem{{Path: "list", Code: "not_a_list", Message: "Insert a list that an earlier step gives, or write one like [\"Ada\", \"Bob\"]."}}
	case len(list) > most:
		return []workflow.Problem{{Path: "list", Code: "too_many", Message: fmt.Sprintf("The list has more than %d items.", most)}}
	}
	return nil
}

// tidyList turns a list that was typed into the value that it stands for.
func tidyList(config map[string]any) {
	if text, isText := config["list"].(string); isText {
		if list, ok := listIn(text); ok {
			config["list"] = list
		}
	}
}

// isReference reports whether a value is known only when the step runs.
func isReference(value any) bool {
	text, isText := value.(string)
	return isText && strings.Contains(text, "{{")
}

// partOf is what a field of the form asks of an item: a text with references is
// filled in, any other names a field of the item. What the item has not is null.
func partOf(ctx context.Context, call workflow.Call, by string, one picked) (any, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if strings.Contains(by, "{{") {
		return call.PerItem(by, one.item, one.at)
	}
	return fieldAt(one.item, strings.TrimSpace(by)), nil
}

// fieldAt is the field of that name, which may hold dots; else what the path leads to.
func fieldAt(value any, path string) any {
	if object, ok := value.(map[string]any); ok {
		if field, found := object[path]; found {
			return field
		}
	}
	for part := range strings.SplitSeq(path, ".") {
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

// samenessOf is the same text for values that conditions hold equal: beside what is of
// one identity two ways to write one moment. Nothing has none.
func samenessOf(value any) string {
	if at, isTime := timeIn(value, true); isTime {
		return at.Format(time.RFC3339Nano)
	}
	return identityOf(value)
}

// identityOf is the same text for values that are the same: 1 and 1.0 are, and so are
// 1 and the text "1". Nothing has none. What was remembered is known by it, so that it
// can never become another.
func identityOf(value any) string {
	if number, ok := document.Number(value, false); ok {
		return number.RatString()
	}
	return document.Text(value)
}

// sortable is a value in a form in which it is compared.
type sortable struct {
	none   bool
	number *big.Rat
	time   time.Time
	folded string // letters count before their being capitals
	text   string
}

// sortables are values in a form that suits all of them: numbers, or times, or else
// texts.
func sortables(values []any) []sortable {
	numbers, times := true, true
	keys := make([]sortable, len(values))
	for i, value := range values {
		if keys[i].none = !given(value); keys[i].none {
			continue
		}
		keys[i].number, numbers = numberIn(value, numbers)
		keys[i].time, times = timeIn(value, times)
	}
	for i, value := range values {
		switch {
		case numbers:
		case times:
			keys[i].number = nil
		default:
			keys[i].text = document.Text(value)
			keys[i] = sortable{none: keys[i].none, text: keys[i].text, folded: strings.ToLower(keys[i].text)}
		}
	}
	return keys
}

// numberIn and timeIn read a value as long as all before it could be read so.
func numberIn(value any, so bool) (*big.Rat, bool) {
	if !so {
		return nil, false
	}
	return document.Number(value, true)
}

func timeIn(value any, so bool) (time.Time, bool) {
	text, isText := value.(string)
	if !so || !isText {
		return time.Time{}, false
	}
	at, err := workflow.ParseTime(text)
	return at, err == nil
}

// compare orders two of the same list, neither of which is nothing.
func (s sortable) compare(other sortable) int {
	if s.number != nil && other.number != nil {
		return s.number.Cmp(other.number)
	}
	return cmp.Or(s.time.Compare(other.time), strings.Compare(s.folded, other.folded), strings.Compare(s.text, other.text))
}
