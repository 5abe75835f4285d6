package templates

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Question is one value that a template asks for: an input with its label, help, type and
// default, and what more the value must be.
type Question struct {
	workflow.Input
	// Kind is what a value is beyond its type, one of those below; "" is nothing more.
	Kind string `json:"kind"`
	// Secret is the name under which a value is kept that nobody may read back.
	Secret string `json:"secret"`
	// Mine has the e-mail address of whoever makes the workflow stand there first.
	Mine bool `json:"mine"`
}

// Kinds of values.
const (
	// Path leads to a part of an answer: items, main.temp. In the workflow it comes with a
	// dot before it, and is nothing where nothing was entered.
	Path = "path"
	// Name is that of a field, a table or a column.
	Name = "name"
	// Whole is a whole number from 1 on.
	Whole = "whole"
	// Calendar is the name of a calendar, or nothing.
	Calendar = "calendar"
	// Chat and Database are addresses with a password in them, Key is one by itself: all
	// are kept as secrets.
	Chat     = "chat"
	Database = "database"
	Key      = "key"
)

var (
	wholePattern = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)
	namePattern  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	partPattern  = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

// maxPart is how long a name is at most, and each part of a path.
const maxPart = 63

// isPath reports whether a text is the way to a value: at most ten parts, of which the first
// is a name.
func isPath(text string) bool {
	parts := strings.Split(text, ".")
	return len(parts) <= 10 && namePattern.MatchString(parts[0]) && !slices.ContainsFunc(parts, func(part string) bool {
		return len(part) > maxPart || !partPattern.MatchString(part)
	})
}

// isName reports whether a text is the name of a table, or that of its schema before it.
func isName(text string) bool {
	parts := strings.Split(text, ".")
	return len(parts) <= 2 && !slices.ContainsFunc(parts, func(part string) bool {
		return len(part) > maxPart || !namePattern.MatchString(part)
	})
}

// Kept reports whether the value is kept as a secret.
func (q Question) Kept() bool { return slices.Contains([]string{Chat, Database, Key}, q.Kind) }

// Fits reports whether a value that is kept as a secret can be what is asked for: of a key,
// that it is no address.
func (q Question) Fits(value string) bool {
	if q.Kind == Key {
		return !(Question{Kind: Chat}).Fits(value) && !(Question{Kind: Database}).Fits(value)
	}
	return q.Problem(value) == ""
}

// Problem says what is wrong with a value that fits its type; "" is nothing.
func (q Question) Problem(value string) string {
	switch q.Kind {
	case Whole:
		if !wholePattern.MatchString(value) {
			return "Write a whole number, from 1 to 9999."
		}
	case Path:
		if !isPath(value) {
			return "Write only the name, such as total, or names with dots between them, such as customer.name."
		}
	case Name:
		if !isName(value) {
			return "Write only the name, in letters, digits and underscores, such as orders."
		}
	case Chat:
		address, err := url.Parse(strings.TrimSpace(value))
		if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
			return "This is not the address of a chat. Copy it from the chat’s settings: it begins with https://."
		}
	case Database:
		address, err := url.Parse(strings.TrimSpace(value))
		if err != nil || address.Host == "" || !slices.Contains([]string{"postgres", "postgresql", "mysql", "mariadb"}, address.Scheme) {
			return "This is not the address of a database. Write it like postgres://user:password@db.example.com:5432/shop."
		}
	}
	return ""
}

// written is the value as it stands in the workflow.
func (q Question) written(value any) any {
	switch {
	case value == nil:
		return ""
	case q.Kind == Path && value != "":
		return "." + document.Text(value)
	}
	return value
}
