// Package entry says whether what people and programs enter is what was asked for:
// an e-mail address, a phone number, the address of a page, a time, a file. It knows
// no workflow and asks nobody: that an address is one says not that it exists.
package entry

import (
	"net/mail"
	"net/url"
	"strings"
	"unicode"
)

// Longest texts, in bytes.
const (
	maxEmail = 254 // RFC 5321
	maxPhone = 40
	maxURL   = 2048
)

// Email reports whether a text is one plain e-mail address whose domain has a dot.
// Others exist inside of organizations; in a form they are slips.
func Email(text string) bool {
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || len(text) > maxEmail || strings.ContainsAny(text, "\r\n\t \"") {
		return false
	}
	domain := text[strings.LastIndex(text, "@")+1:]
	dot := strings.LastIndex(domain, ".")
	return dot > 0 && dot < len(domain)-1
}

// Phone reports whether a text can be a phone number, in whatever way countries write
// them: at least three digits, signs between them, and an extension (ext. 12, x12).
func Phone(text string) bool {
	number := strings.ToLower(text)
	for _, word := range []string{"extension", "ext.", "ext", "x"} {
		if before, after, found := strings.Cut(number, word); found && strings.Trim(after, " 0123456789") == "" {
			number = before + after
			break
		}
	}
	digits := 0
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-–()/. \u00a0", r):
			return false
		}
	}
	return digits >= 3 && len(text) <= maxPhone && strings.LastIndex(number, "+") < 1
}

// WebAddress reports whether a text is the whole address of a page: http or https and
// a host, without a user's name and password in it.
func WebAddress(text string) bool {
	parsed, err := url.Parse(text)
	if err != nil || len(text) > maxURL || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	return (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Hostname() != "" && parsed.User == nil
}

// Onward returns the origin of an address that people may be sent on to, such as
// https://example.com; "" for what is none: it has to be https, with a host in plain
// letters.
func Onward(text string) string {
	parsed, err := url.Parse(text)
	if err != nil || !WebAddress(text) || parsed.Scheme != "https" || strings.Contains(text, "{{") {
		return ""
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-.:", r)
	}
	if strings.ContainsFunc(parsed.Host, func(r rune) bool { return !plain(r) }) {
		return ""
	}
	return "https://" + strings.ToLower(parsed.Host)
}

// Completed is the address of a page as people type it: example.com is
// https://example.com.
func Completed(text string) string {
	if host, _, _ := strings.Cut(text, "/"); !strings.Contains(text, "://") && strings.Contains(host, ".") && !strings.ContainsAny(host, ":@") {
		return "https://" + text
	}
	return text
}
