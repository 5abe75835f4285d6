package workflow

import (
	"slices"
	"strings"
)

// ProvesSender reports whether a header of this name says who sends: a password, a
// signature or the like. It may be checked and is neither kept nor shown.
func ProvesSender(header string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc([]string{"auth", "token", "secret", "signature", "hmac", "api-key", "apikey", "cookie", "password"}, func(word string) bool {
		return strings.Contains(header, word)
	})
}
