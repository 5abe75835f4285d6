package document

import (
	"strings"
	"unicode"
)

// Shorten cuts a text for use in a sentence. It looks at no more of it than is shown.
func Shorten(text string, limit int) string {
	characters, end := 0, 0
	for at := range text {
		if characters == limit {
			return string([]rune(text[:end])) + "…"
		}
		if characters++; characters == limit {
			end = at
		}
	}
	return text
}

// Likely returns the candidate that was probably meant, or "".
func Likely(given string, candidates []string) string {
	best, distance := "", 3
	for _, candidate := range candidates {
		if strings.EqualFold(given, candidate) {
			return candidate
		}
		d := editDistance(strings.ToLower(given), candidate)
		if d < distance && d <= max(1, len(candidate)/3) {
			best, distance = candidate, d
		}
	}
	return best
}

// Line is a text in one line: what would break it is a blank.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// DidYouMean is the end of a sentence that names the likely candidate.
func DidYouMean(given string, candidates []string) string {
	if best := Likely(given, candidates); best != "" {
		return " Did you mean “" + best + "”?"
	}
	return ""
}

func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}

// YesOrNo reads true and false, and the texts for them.
func YesOrNo(value any) (answer, ok bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes":
			return true, true
		case "false", "no":
			return false, true
		}
	}
	return false, false
}
