package workflow

import (
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"workflows/worker/document"
	"workflows/worker/moment"
)

const (
	// MaxPattern is the longest pattern of "matches", in characters.
	MaxPattern = 1000
	// maxMatchWork bounds text length × pattern size: about 0.2 s.
	maxMatchWork = 20_000_000
)

// sameValue compares by meaning: 1.0 equals 1, the text "100" equals the number
// 100, "true" equals true; two texts are equal letter by letter, or as two writings of
// one moment.
func sameValue(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		if y, ok := b.(string); ok {
			return x == y || sameMoment(x, y)
		}
	case bool:
		y, ok := document.YesOrNo(b)
		return ok && x == y
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameValue)
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, sameValue)
	}
	if _, ok := b.(bool); ok {
		return sameValue(b, a)
	}
	x, ok := document.Number(a, true)
	y, also := document.Number(b, true)
	return ok && also && x.Cmp(y) == 0
}

// compareValues orders two numbers or two dates.
func compareValues(a, b any) (int, bool) {
	x, ok := document.Number(a, true)
	y, also := document.Number(b, true)
	if ok && also {
		return x.Cmp(y), true
	}
	s, ok := timeOf(a)
	t, also := timeOf(b)
	return s.Compare(t), ok && also
}

func sameMoment(a, b string) bool {
	s, ok := moment.Of(a)
	if !ok {
		return false
	}
	t, ok := moment.Of(b)
	return ok && s.Equal(t)
}

func timeOf(value any) (time.Time, bool) {
	text, _ := value.(string)
	return moment.Of(text)
}

// ParseTime reads a date or a time as package moment does, in UTC.
func ParseTime(text string) (time.Time, error) {
	t, err := moment.Read(text)
	if err != nil {
		return time.Time{}, sentence("%s", err)
	}
	return t.UTC(), nil
}

func contains(value, other any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return sameValue(item, other) })
	case map[string]any:
		_, found := v[document.Text(other)]
		return found
	}
	return strings.Contains(document.Text(value), document.Text(other))
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// matches looks for an RE2 pattern anywhere in a text.
func matches(text, pattern string) (bool, error) {
	expression, size, err := compilePattern(pattern)
	if err != nil {
		return false, err
	}
	if len(text)*size > maxMatchWork {
		return false, sentence("The text is too long for this pattern. Use a shorter text or a simpler pattern.")
	}
	return expression.MatchString(text), nil
}

func compilePattern(pattern string) (*regexp.Regexp, int, error) {
	if len([]rune(pattern)) > MaxPattern {
		return nil, 0, sentence("The pattern is longer than %d characters.", MaxPattern)
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, 0, sentence("The pattern “%s” cannot be read. Check its brackets and special characters.", document.Shorten(pattern, 60))
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil || len(program.Inst) > 20_000 {
		return nil, 0, sentence("The pattern “%s” is too costly. Use smaller repetitions.", document.Shorten(pattern, 60))
	}
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return nil, 0, sentence("The pattern “%s” cannot be read.", document.Shorten(pattern, 60))
	}
	return expression, len(program.Inst), nil
}
