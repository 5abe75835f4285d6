package auth

import (
	"net/mail"
	"strings"
)

// CheckEmail says what is wrong with an e-mail address; "" when it can be used.
func CheckEmail(email string) string {
	const sentence = "Enter an e-mail address such as anna@example.com."
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || parsed.Name != "" || len(email) > 254 {
		return sentence
	}
	_, domain, _ := strings.Cut(email, "@")
	if !strings.Contains(strings.Trim(domain, "."), ".") && domain != "localhost" {
		return sentence
	}
	return ""
}
