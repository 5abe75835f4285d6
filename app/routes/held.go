package routes

import (
	"path"
	"strings"
)

// held is where addresses begin whose next part is a token: whoever knows it may,
// so no log shows one. It is read from the table, so no route can be forgotten. Written
// oddly, a sub-path is not taken off.
func held(table []Route, subPath string) []string {
	var prefixes []string
	for _, route := range table {
		if prefix, _, ok := strings.Cut(route.Path, ":token"); ok {
			prefixes = append(prefixes, prefix, subPath+prefix)
		}
	}
	return prefixes
}

// called is where the addresses of webhooks begin: what is sent there is another
// program's, whatever comes of it.
func called(table []Route) []string {
	var prefixes []string
	for _, route := range table {
		if route.Who == Caller() {
			prefix, _, _ := strings.Cut(route.Path, ":")
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// logged is an address's path as logs show it: without a token, also where the
// method is none of the route, more follows, or it was written oddly.
func logged(held []string, address string) string {
	tidy := path.Clean("/" + address)
	for _, prefix := range held {
		if len(tidy) > len(prefix) && strings.EqualFold(tidy[:len(prefix)], prefix) {
			return prefix + ":token"
		}
	}
	return address
}

func beginsWithAny(address string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(address, prefix) {
			return true
		}
	}
	return false
}
