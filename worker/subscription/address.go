package subscription

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxAddress = 2000

// Address reads the address of a calendar file as people have it: webcal: is how calendar
// programs write https. host is all of it that may be shown; problem is what is wrong with
// it, in a sentence that repeats nothing of it.
func Address(typed string) (address, host, problem string) {
	typed = strings.TrimSpace(typed)
	parsed, err := url.Parse(typed)
	switch {
	case typed == "":
		return "", "", "Enter the address of the calendar."
	case len(typed) > maxAddress:
		return "", "", "The address is longer than 2,000 characters."
	case err != nil, parsed.Opaque != "", parsed.Hostname() == "", strings.ContainsFunc(typed, func(r rune) bool { return r <= ' ' || r == 0x7f }), strings.ContainsFunc(parsed.Host, hidden):
		return "", "", "This is not a web address. Write it like https://calendar.example.com/holidays.ics."
	case parsed.User != nil:
		return "", "", "The address contains a user name or password. Look for one that needs none."
	}
	switch parsed.Scheme { // url.Parse has made its letters small
	case "webcal", "webcals":
		parsed.Scheme = "https"
	case "https", "http":
	default:
		return "", "", "The address must begin with https:// or webcal://."
	}
	parsed.Fragment, parsed.RawFragment = "", "" // it is never sent
	return parsed.String(), parsed.Host, ""
}

// hidden reports what a host is neither stored nor shown with: url.Parse decodes %ff in it.
func hidden(r rune) bool { return r == utf8.RuneError || !unicode.IsGraphic(r) }
