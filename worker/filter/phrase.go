package filter

import (
	"fmt"

	"workflows/worker/document"
)

// Phrase is what people call a value that the word has changed, when they call it what
// words say: “the number of orders”, “total, rounded”. single says that it is one entry of
// a list.
func (f Filter) Phrase(words string, single bool) string {
	switch f.Name {
	case "first":
		return "the first of " + words
	case "last":
		return "the last of " + words
	case "at":
		return "entry " + f.said(0) + " of " + words
	case "count":
		return "number of " + words
	case "sum":
		return "sum of " + words
	case "min":
		return "the smallest of " + words
	case "max":
		return "the largest of " + words
	case "keys":
		return "the names in " + words
	case "values":
		return "the values in " + words
	case "pick":
		if single {
			return f.said(0) + " of " + words
		}
		return f.said(0) + " of each of " + words
	}
	return words + ", " + f.after()
}

// after is what is said of a changed value once it is named.
func (f Filter) after() string {
	switch f.Name {
	case "default":
		return "or else " + f.said(0)
	case "text":
		return "as a text"
	case "upper":
		return "in capitals"
	case "lower":
		return "in small letters"
	case "trim":
		return "without blanks around it"
	case "cut":
		return "its first " + f.said(0) + " characters"
	case "replace":
		return fmt.Sprintf("with “%s” for “%s”", f.said(1), f.said(0))
	case "split":
		return "split at “" + f.said(0) + "”"
	case "join":
		return "joined with “" + f.said(0) + "”"
	case "number":
		return "as a number"
	case "round":
		return "rounded"
	case "plus":
		return "plus " + f.said(0)
	case "minus":
		return "minus " + f.said(0)
	case "times":
		return "times " + f.said(0)
	case "divide":
		return "divided by " + f.said(0)
	case "sort":
		return "sorted"
	case "sort_by":
		return "sorted by " + f.said(0)
	case "reverse":
		return "turned round"
	case "unique":
		return "each only once"
	case "date":
		return "as a date"
	case "add":
		return f.said(0) + " later"
	case "subtract":
		return f.said(0) + " earlier"
	case "since":
		return "in seconds since " + f.said(0)
	case "parse_json":
		return "read as JSON"
	case "to_json":
		return "as JSON"
	}
	return f.Name
}

// said is an argument as people read it.
func (f Filter) said(i int) string {
	switch {
	case i >= len(f.Args):
		return ""
	case f.Args[i].Reference != "":
		return "another value"
	}
	return document.Shorten(document.Text(f.Args[i].Value), 40)
}
