package steps

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// maxShownCell is how much of a cell a table in plain text shows, in characters.
const maxShownCell = 100

// textTable writes a table for a message in plain text: columns under one another by
// the width of their letters, numbers to the right.
func textTable(t table) (workflow.Outcome, error) {
	text, err := tableText(t)
	if err != nil {
		return workflow.Outcome{}, err
	}
	return madeText(text)
}

func tableText(t table) (string, error) {
	rows := t.cells
	if len(t.names) > 0 {
		names := make([]cell, len(t.names))
		for i, name := range t.names {
			names[i] = cell{text: name}
		}
		rows = append([][]cell{names}, rows...)
	}
	var widths []int
	for _, row := range rows {
		for i, one := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			row[i].text = document.Shorten(oneLine(one.text), maxShownCell)
			widths[i] = max(widths[i], widthOf(row[i].text))
		}
	}
	total := 0
	for _, w := range widths {
		total += w + 2
	}
	if total*len(rows) > maxMade {
		return "", permanent("too_large", "The text would be larger than 8 MB. Write fewer rows or columns.")
	}
	var b strings.Builder
	for i, row := range rows {
		writeRow(&b, row, widths)
		if i == 0 && len(t.names) > 0 {
			ruled := make([]cell, len(widths))
			for j, w := range widths {
				ruled[j] = cell{text: strings.Repeat("-", w)}
			}
			writeRow(&b, ruled, widths)
		}
	}
	return b.String(), nil
}

func writeRow(b *strings.Builder, row []cell, widths []int) {
	var line strings.Builder
	for i, one := range row {
		if i > 0 {
			line.WriteString("  ")
		}
		space := strings.Repeat(" ", widths[i]-widthOf(one.text))
		if one.number {
			line.WriteString(space + one.text)
		} else {
			line.WriteString(one.text + space)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// oneLine has a blank in place of whatever would begin a new line or move the cursor.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// widthOf is how many letters wide a text is shown: those of East Asia are two.
func widthOf(text string) int {
	n := 0
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case kind == width.EastAsianWide, kind == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
