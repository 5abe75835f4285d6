package entry

import (
	"encoding/json"
	"strings"
	"unicode"
)

// Number is a number as people write it, as JSON has it: with a comma or a point before its
// fraction, and between its thousands whatever is usual somewhere, as in 1.234,50, 1,234.50
// and 1 234,50. One comma before three digits may be either: either then says how the two
// numbers are written, and ok is false. A point that stands alone is always before a fraction.
func Number(text string) (number, either string, ok bool) {
	text = strings.TrimSpace(text)
	if json.Valid([]byte(text)) && strings.Trim(text, "0123456789+-.eE") == "" && text != "" {
		return text, "", true
	}
	sign, digits := "", strings.Map(plainSign, text)
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	} else {
		digits = strings.TrimPrefix(digits, "+")
	}
	if digits == "" {
		return "", "", false
	}
	whole, fraction, mark := parted(digits)
	if mark == "," && len(fraction) == 3 && len(whole) <= 3 && isDigits(whole) && isDigits(fraction) && whole[0] != '0' {
		return "", sign + whole + fraction + " or " + sign + whole + "." + fraction, false
	}
	whole, ok = ungrouped(whole)
	if !ok || mark != "" && !isDigits(fraction) || len(whole) > 1 && whole[0] == '0' {
		return "", "", false
	}
	if mark != "" {
		return sign + whole + "." + fraction, "", true
	}
	return sign + whole, "", true
}

// plainSign has one sign for all that look the same.
func plainSign(r rune) rune {
	switch {
	case r == '−':
		return '-'
	case r == '’':
		return '\''
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

// parted is a number before and after the mark of its fraction: the last point or comma, unless
// there are several of that one.
func parted(digits string) (whole, fraction, mark string) {
	last := strings.LastIndexAny(digits, ".,")
	if last < 0 {
		return digits, "", ""
	}
	mark = digits[last : last+1]
	if strings.Count(digits, mark) > 1 {
		return digits, "", ""
	}
	return digits[:last], digits[last+1:], mark
}

// ungrouped takes out what stands between the thousands, which has to be the same everywhere.
func ungrouped(whole string) (digits string, ok bool) {
	if whole == "" {
		return "0", true
	}
	at := strings.IndexAny(whole, ".,' ")
	if at < 0 {
		return whole, isDigits(whole)
	}
	groups := strings.Split(whole, whole[at:at+1])
	for i, group := range groups {
		if !isDigits(group) || i > 0 && len(group) != 3 || len(group) > 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
