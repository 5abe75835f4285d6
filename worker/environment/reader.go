package environment

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// reader reads single variables and gathers what is wrong with them.
type reader struct {
	lookup   func(string) (string, bool)
	problems []Problem
}

func (r *reader) wrong(variable, example, format string, values ...any) {
	r.problems = append(r.problems, Problem{Variable: variable, Example: example, Message: fmt.Sprintf(format, values...)})
}

// text returns the variable without surrounding space, or what else holds.
func (r *reader) text(variable, otherwise string) string {
	value, _ := r.lookup(variable)
	if value = strings.TrimSpace(value); value == "" {
		return otherwise
	}
	return value
}

func (r *reader) number(variable string, otherwise, least, most int) int {
	value := r.text(variable, "")
	if value == "" {
		return otherwise
	}
	number, err := strconv.Atoi(value)
	if err != nil || number < least || number > most {
		r.wrong(variable, strconv.Itoa(otherwise), "%q is not a whole number from %d to %d.", value, least, most)
		return otherwise
	}
	return number
}

func (r *reader) flag(variable string) bool {
	switch value := r.text(variable, "0"); value {
	case "0", "false":
		return false
	case "1", "true":
		return true
	default:
		r.wrong(variable, "1", "%q is neither 0 nor 1.", value)
		return false
	}
}

func (r *reader) choice(variable string, choices ...string) string {
	value := strings.ToLower(r.text(variable, ""))
	if value == "" || slices.Contains(choices, value) {
		return value
	}
	r.wrong(variable, choices[0], "%q is not one of: %s.", value, strings.Join(choices, ", "))
	return ""
}

// prefixes reads a comma-separated list of address ranges. A single address
// stands for itself alone.
func (r *reader) prefixes(variable, example string) []netip.Prefix {
	var found []netip.Prefix
	for _, part := range strings.Split(r.text(variable, ""), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			address, problem := netip.ParseAddr(part)
			if problem != nil || address.Zone() != "" {
				r.wrong(variable, example, "%q is not a range of addresses.", part)
				continue
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		found = append(found, prefix.Masked())
	}
	return found
}
