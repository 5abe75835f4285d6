package offer

import "strings"

// Matching is what of a tree is called like the query, or was a value that has it, with
// what leads there.
func Matching(list []Data, query string) []Data {
	var found []Data
	for _, data := range list {
		parts := Matching(data.Parts, query)
		if !data.matches(query) && len(parts) == 0 {
			continue
		}
		data.Parts, data.Left, data.Unwritable = parts, 0, 0
		found = append(found, data)
	}
	return found
}

// Count is how many of a tree match the query themselves.
func Count(list []Data, query string) int {
	number := 0
	for _, data := range list {
		if data.matches(query) {
			number++
		}
		number += Count(data.Parts, query)
	}
	return number
}

func (d Data) matches(query string) bool {
	query = strings.ToLower(query)
	return d.Reference != "" && (strings.Contains(strings.ToLower(d.Name), query) || strings.Contains(strings.ToLower(d.Shown), query))
}
