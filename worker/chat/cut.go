package chat

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// limit is how much of a text a kind of chat takes: so many of its characters.
type limit struct {
	most  int
	width func(r rune) int // of a character, as that chat counts
	words string
}

// longest is the limit of programs that we know nothing of, and more than any other.
const longest = 100_000

// limit errs on the safe side where it is not said how a chat counts.
func (k Kind) limit() limit {
	switch k {
	case Slack:
		return limit{40_000, escaped, "40,000 characters"} // then it cuts
	case Teams:
		// 28,672 bytes of a message whose card stands in there as a text, counted by a
		// flow that has said that all is well.
		return limit{22_000, twiceInJSON, "22 kB"}
	case Discord:
		return limit{2_000, unit, "2,000 characters"}
	case Mattermost:
		return limit{16_383, character, "16,383 characters"}
	case GoogleChat:
		return limit{4_096, utf8.RuneLen, "4,096 bytes"}
	case Telegram:
		return limit{4_096, unit, "4,096 characters"}
	case Ntfy:
		return limit{4_096, utf8.RuneLen, "4,096 bytes"} // then it becomes an attachment
	}
	return limit{longest, character, "100,000 characters"}
}

func character(rune) int { return 1 }

// unit counts as JavaScript and Java do.
func unit(r rune) int { return utf16.RuneLen(r) }

func escaped(r rune) int {
	if r == '&' || r == '<' || r == '>' {
		return 5
	}
	return unit(r)
}

func twiceInJSON(r rune) int {
	switch {
	case r == '\n': // written twice
		return 6
	case r == '"' || r == '\\' || r < ' ':
		return 4
	case r < utf8.RuneSelf:
		return 1
	}
	return 7 * unit(r) // \\u00e4
}

// fit cuts a text that stands after others so that a chat of this kind takes it, and
// notes what it says of that.
func (p *Post) fit(kind Kind, before, text string) string {
	limit := kind.limit()
	for _, r := range before {
		limit.most -= limit.width(r)
	}
	text, short := cut(text, limit.most, limit.width)
	if short {
		p.Cut = "The text was longer than the " + limit.words + " that " + kind.Title() + " takes; the rest was left out."
	}
	return text
}

// widest is how much one byte of a text counts for at most, whichever way a chat counts.
const widest = 7

// cut keeps what fits of a text, with an ellipsis for what does not.
func cut(text string, most int, width func(rune) int) (string, bool) {
	if widest*len(text) <= most {
		return text, false
	}
	total, kept := 0, 0
	for at, r := range text {
		if total+width('…') <= most {
			kept = at
		}
		if total += width(r); total > most {
			return strings.TrimRightFunc(text[:kept], unicode.IsSpace) + "…", true
		}
	}
	return text, false
}

// plain is a text with line ends of one kind and without what cannot be seen and chats
// refuse.
func plain(text string) string {
	if isPlain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "�"))
}

// isPlain reports whether nothing need be looked at closer, as in most texts.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}
