package changes

import (
	"cmp"
	"slices"
	"strings"

	"workflows/worker/workflow"
)

// rows says which entries of a field come, go or have other values.
func (d *differ) rows(what string, rows *workflow.Rows, before, after any) {
	was, is := rows.Of(before), rows.Of(after)
	for _, entry := range is {
		old, existed := named(was, entry.Name)
		name := what + ": “" + entry.Name + "”"
		words := d.is.entry(rows, entry, after)
		switch {
		case !existed && words == "":
			d.say("%s is added, empty.", name)
		case !existed && fitsSentence(words):
			d.say("%s is added: %s.", name, words)
		case !existed:
			d.changes = append(d.changes, Change{Sentence: name + " is added.", Is: words})
		case old != entry:
			d.value(name, d.was.entry(rows, old, before), words)
		}
	}
	for _, entry := range was {
		if _, stays := named(is, entry.Name); stays {
			continue
		}
		if words := d.was.entry(rows, entry, before); words != "" && fitsSentence(words) {
			d.say("%s: “%s” is removed; it was %s.", what, entry.Name, words)
		} else {
			d.changes = append(d.changes, Change{Sentence: what + ": “" + entry.Name + "” is removed.", Was: words})
		}
	}
}

func named(rows []workflow.Row, name string) (workflow.Row, bool) {
	i := slices.IndexFunc(rows, func(row workflow.Row) bool { return row.Name == name })
	if i < 0 {
		return workflow.Row{}, false
	}
	return rows[i], true
}

// entries are all rows of a field with their names.
func (s side) entries(rows *workflow.Rows, value any) []string {
	var lines []string
	for _, row := range rows.Of(value) {
		lines = append(lines, row.Name+": "+cmp.Or(s.entry(rows, row, value), "nothing"))
	}
	return lines
}

// entry is the value of a row, and what kind it is of where that is chosen beside it.
func (s side) entry(rows *workflow.Rows, row workflow.Row, of any) string {
	words := s.plain(row.Value)
	if values, isObject := of.(map[string]any); isObject {
		words = s.plain(values[row.Name])
	}
	i := slices.IndexFunc(rows.Kinds, func(o workflow.Option) bool { return o.Value == row.Kind })
	if i < 0 {
		return words
	}
	return strings.TrimSpace(words + " (" + strings.ToLower(rows.Kinds[i].Label) + ")")
}
