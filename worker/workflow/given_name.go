package workflow

import (
	"net"
	"regexp"
	"strings"
)

// Unnamed is what a workflow is called that has no name and no address yet.
const Unnamed = "New workflow"

// numbered ends the names of workflows that are called alike, and domain is a host by its
// last label.
var (
	numbered = regexp.MustCompile(` \(\d+\)$`)
	domain   = regexp.MustCompile(`^[^\s.]+(\.[^\s.]+)*\.([A-Za-z]{2,}|xn--[A-Za-z0-9-]+)$`)
	withPort = regexp.MustCompile(`^[^\s:]+:\d+$`)
)

// GivenName is a workflow's name for people outside, "" where it has none but an address: the
// editor calls a workflow after the first one that it calls, and nobody outside is told which
// machines those are.
func GivenName(name string) string {
	name = strings.TrimSpace(name)
	if name == Unnamed || NamesMachine(name) {
		return ""
	}
	return name
}

// NamesMachine reports whether a name is an address: a host with a domain, a port or a number.
func NamesMachine(name string) bool {
	name = numbered.ReplaceAllString(strings.TrimSpace(name), "")
	if strings.HasPrefix(name, "[") {
		host, _, _ := strings.Cut(name[1:], "]")
		return net.ParseIP(host) != nil
	}
	host, path, _ := strings.Cut(name, "/")
	if strings.ContainsAny(path, " \t\n") {
		return false
	}
	return domain.MatchString(host) || withPort.MatchString(host) || net.ParseIP(host) != nil
}
