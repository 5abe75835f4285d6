package filter

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"workflows/worker/document"
)

// ofText is a word that changes a text, at so much time for each byte of ASCII; other
// characters take four times as long.
func ofText(timeForByte int, change func(text string) string) func(*call, any) (any, error) {
	return func(c *call, value any) (any, error) {
		text, ok := c.text(value)
		if !ok {
			return nil, c.wants("a text", value)
		}
		time, memory := len(text)*timeForByte, len(text)
		if !isASCII(text) {
			time, memory = time*4, memory*2
		}
		if err := c.spend(time, memory); err != nil {
			return nil, err
		}
		return change(text), nil
	}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// orDefault is its argument in place of what is_empty holds empty.
func orDefault(c *call, value any) (any, error) {
	empty := false
	switch v := value.(type) {
	case nil:
		empty = true
	case string:
		empty = strings.TrimSpace(v) == ""
	case []any:
		empty = len(v) == 0
	case map[string]any:
		empty = len(v) == 0
	}
	if empty {
		return c.args[0], nil
	}
	return value, nil
}

// cut keeps the first characters, which are code points and not bytes.
func cut(c *call, value any) (any, error) {
	most, err := c.wholeArg(0, 0, 1_000_000_000)
	if err != nil {
		return nil, err
	}
	text, ok := c.text(value)
	if !ok {
		return nil, c.wants("a text", value)
	}
	if err := c.spend(min(len(text), 4*most)*3, 0); err != nil {
		return nil, err
	}
	for at := range text {
		if most == 0 {
			return text[:at], nil
		}
		most--
	}
	return text, nil
}

func replace(c *call, value any) (any, error) {
	text, ok := c.text(value)
	if !ok {
		return nil, c.wants("a text", value)
	}
	old, err := c.textArg(0)
	if err != nil {
		return nil, err
	}
	with, err := c.textArg(1)
	if err != nil {
		return nil, err
	}
	if old == "" {
		return nil, c.fails("needs something to look for, and got an empty text.")
	}
	if err := c.spend(len(text)*3, 0); err != nil {
		return nil, err
	}
	found := strings.Count(text, old)
	size := len(text) + found*(len(with)-len(old))
	if err := c.spend(found*20+size, size); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(text, old, with), nil
}

func split(c *call, value any) (any, error) {
	text, ok := c.text(value)
	if !ok {
		return nil, c.wants("a text", value)
	}
	at, err := c.textArg(0)
	switch {
	case err != nil:
		return nil, err
	case at == "":
		return nil, c.fails("needs something to split at, such as \",\", and got an empty text.")
	case text == "":
		return []any{}, nil
	}
	if err := c.spend(len(text)*2, 0); err != nil {
		return nil, err
	}
	entries := strings.Count(text, at) + 1
	if err := c.spend(entries*20, entries*16); err != nil {
		return nil, err
	}
	list := make([]any, 0, entries)
	var single [256]any // texts of one byte, of which there may be most: one of each
	for part := range strings.SplitSeq(text, at) {
		if len(part) != 1 {
			if err := c.spend(45, 16); err != nil {
				return nil, err
			}
			list = append(list, part)
			continue
		}
		if single[part[0]] == nil {
			single[part[0]] = part
		}
		list = append(list, single[part[0]])
	}
	return list, nil
}

// join writes the entries of a list as they would stand in a text.
func join(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil {
		return nil, err
	}
	between, err := c.textArg(0)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, item := range list {
		size += len(between)
		switch v := item.(type) {
		case string:
			size += len(v)
		case json.Number:
			size += len(v)
		case []any, map[string]any:
			if err := c.spendJSON(item); err != nil {
				return nil, err
			}
		}
	}
	if err := c.spend(len(list)*20+size, 2*size+len(list)*8); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.Grow(size)
	for i, item := range list {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(document.Text(item))
	}
	return b.String(), nil
}

// toText is what the value looks like inside a text.
func toText(c *call, value any) (any, error) {
	if text, ok := c.text(value); ok {
		return text, nil
	}
	if value == nil {
		return "", nil
	}
	if err := c.spendJSON(value); err != nil {
		return nil, err
	}
	return document.Text(value), nil
}
