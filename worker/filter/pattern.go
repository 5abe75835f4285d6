package filter

import (
	"strings"
	"time"

	"workflows/worker/document"
)

// maxPattern is the longest format of a date, in bytes.
const maxPattern = 200

// tokens are what a format may consist of, in Go's words.
var tokens = map[string]string{
	"yyyy": "2006", "yy": "06", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1", "dd": "02", "d": "2",
	"EEEE": "Monday", "EEE": "Mon", "HH": "15", "mm": "04", "ss": "05",
}

// formatted writes a time. Letters of a format that are no token stand between '…', but
// for a T.
func (c *call) formatted(when time.Time, pattern string) (any, error) {
	if pattern == "iso" {
		return when.Format(time.RFC3339Nano), nil
	}
	var b strings.Builder
	unknown, ok := eachToken(pattern, func(text string, token bool) {
		if token {
			text = when.Format(tokens[text])
		}
		b.WriteString(text)
	})
	if !ok {
		return nil, c.fails("%s", unknownToken(unknown))
	}
	return b.String(), nil
}

// checkPattern says what is wrong with a format, as the end of a sentence; "" is good.
func checkPattern(pattern string) string {
	if unknown, ok := eachToken(pattern, func(string, bool) {}); !ok && pattern != "iso" {
		return unknownToken(unknown)
	}
	return ""
}

func unknownToken(unknown string) string {
	if unknown == "" {
		return "needs a format of at most 200 letters such as \"yyyy-MM-dd\", or \"iso\"."
	}
	meant := map[string]string{"YYYY": "yyyy", "YY": "yy", "DD": "dd", "D": "d", "hh": "HH", "h": "HH", "H": "HH", "m": "mm", "s": "ss", "S": "ss", "SS": "ss", "E": "EEE", "EE": "EEE", "y": "yyyy", "DDDD": "EEEE", "DDD": "EEE", "dddd": "EEEE", "ddd": "EEE"}[unknown]
	sentence := "does not know “" + document.Shorten(unknown, 20) + "” in a format. It knows yyyy MM dd HH mm ss, EEE and EEEE for the day of the week, MMM and MMMM for the month, or iso alone; put other letters between '…'."
	if meant != "" {
		sentence += " Did you mean “" + meant + "”?"
	}
	return sentence
}

// eachToken goes through a format: tokens, and what stands between them. It stops with
// letters that are no token.
func eachToken(pattern string, visit func(text string, token bool)) (unknown string, ok bool) {
	if pattern == "" || len(pattern) > maxPattern {
		return "", false
	}
	for at := 0; at < len(pattern); {
		c := pattern[at]
		switch {
		case c == '\'':
			end := strings.IndexByte(pattern[at+1:], '\'')
			if end < 0 {
				return "'", false
			}
			literal := pattern[at+1 : at+1+end]
			if end == 0 {
				literal = "'"
			}
			visit(literal, false)
			at += end + 2
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			end := at
			for end < len(pattern) && pattern[end] == c {
				end++
			}
			run := pattern[at:end]
			if _, known := tokens[run]; !known && run != "T" {
				return run, false
			}
			visit(run, run != "T")
			at = end
		default:
			visit(pattern[at:at+1], false)
			at++
		}
	}
	return "", true
}
