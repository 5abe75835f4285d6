// Package pattern holds back what patterns cost: memory in every process from its start,
// a quarter of a megabyte for one with letters of all languages or with a count such as
// {1,255}, also where nobody ever uses them.
package pattern

import (
	"regexp"
	"sync"
)

// Of is a pattern that is compiled when it is used first. It panics then when it is none.
func Of(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
