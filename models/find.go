package models

import (
	"slices"
	"strings"

	"gorm.io/gorm"
)

// findWords bounds how many words of a search are looked for; a name has few.
const findWords = 16

// Find narrows a query to rows whose column holds every word of a search, in whatever
// case and order; the column is written by us. An empty search finds all.
func Find(query *gorm.DB, column, search string) *gorm.DB {
	words := strings.Fields(strings.ToLower(search))
	slices.Sort(words)
	words = slices.Compact(words)
	for _, word := range words[:min(len(words), findWords)] {
		query = query.Where(`folded(`+column+`) LIKE ? ESCAPE '\'`, "%"+EscapeLike(word)+"%")
	}
	return query
}
