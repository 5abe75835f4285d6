package filter

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

func (c *call) list(value any) ([]any, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, c.wants("a list", value)
	}
	return list, nil
}

func first(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func last(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[len(list)-1], nil
}

// at is one entry, counted from 0, or from -1 at the end; null beyond the ends.
func at(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil {
		return nil, err
	}
	i, err := c.wholeArg(0, -1_000_000_000, 1_000_000_000)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return nil, nil
	}
	return list[i], nil
}

func count(c *call, value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return whole(0), nil
	case []any:
		return whole(len(v)), nil
	case map[string]any:
		return whole(len(v)), nil
	case string:
		return whole(utf8.RuneCountInString(v)), c.spend(len(v), 0)
	}
	return nil, c.wants("a list, an object or a text", value)
}

func reverse(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil {
		return nil, err
	}
	if err := c.spend(len(list)*16, len(list)*24); err != nil {
		return nil, err
	}
	turned := slices.Clone(list)
	slices.Reverse(turned)
	return turned, nil
}

// unique keeps the first of entries that are the same. A number and a text that looks
// like it are not.
func unique(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil {
		return nil, err
	}
	w, err := c.weigh(value)
	if err != nil {
		return nil, err
	}
	if err := c.spend(w.values*60+w.texts*timeToRank+w.objects*200+w.sorting*20+w.bytes*2+len(list)*260, w.bytes*2+len(list)*128); err != nil {
		return nil, err
	}
	seen := make(map[string]struct{}, len(list))
	var kept []any
	var key []byte
	for _, item := range list {
		key = appendKey(key[:0], item)
		if _, twice := seen[string(key)]; !twice {
			seen[string(key)] = struct{}{}
			kept = append(kept, item)
		}
	}
	if kept == nil {
		kept = []any{}
	}
	return kept, nil
}

// pick is a field of an object, or of each object of a list. A name with points leads
// further inside where no field has that name itself; what is not there is null.
func pick(c *call, value any) (any, error) {
	name, err := c.textArg(0)
	if err != nil {
		return nil, err
	}
	if object, ok := value.(map[string]any); ok {
		return field(object, name), nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, c.wants("an object or a list of objects", value)
	}
	return c.fields(list, name)
}

func (c *call) fields(list []any, name string) ([]any, error) {
	if err := c.spend(len(list)*(60+len(name)*4), len(list)*16); err != nil {
		return nil, err
	}
	picked := make([]any, len(list))
	for i, item := range list {
		object, ok := item.(map[string]any)
		if !ok && item != nil {
			return nil, c.fails("needs a list of objects, and its entry %d is %s.", i+1, shown(item))
		}
		picked[i] = field(object, name)
	}
	return picked, nil
}

func field(object map[string]any, name string) any {
	if value, ok := object[name]; ok {
		return value
	}
	var value any = object
	for part := range strings.SplitSeq(name, ".") {
		inside, _ := value.(map[string]any)
		value = inside[part]
	}
	return value
}

// names are those of an object's fields in alphabetical order; objects have no other.
func (c *call) names(value any) (map[string]any, []string, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, nil, c.wants("an object", value)
	}
	if err := c.spend(len(object)*400, len(object)*96); err != nil {
		return nil, nil, err
	}
	return object, slices.Sorted(maps.Keys(object)), nil
}

func keys(c *call, value any) (any, error) {
	_, names, err := c.names(value)
	if err != nil {
		return nil, err
	}
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = name
	}
	return list, nil
}

func values(c *call, value any) (any, error) {
	object, names, err := c.names(value)
	if err != nil {
		return nil, err
	}
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = object[name]
	}
	return list, nil
}

func sortedNames(object map[string]any) []string {
	if len(object) < 2 {
		for name := range object {
			return []string{name}
		}
		return nil
	}
	return slices.Sorted(maps.Keys(object))
}
