package steps

import (
	"net/mail"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

const maxAddresses = 50 // in one field

// addressList reads a field of e-mail addresses: a text with commas, semicolons
// or lines between them, or a list of texts, each of which is one address.
func addressList(value any) ([]string, *workflow.StepError) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = document.Text(item)
		}
		return addresses(parts)
	case string:
		return addresses(strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }))
	}
	return nil, permanent("invalid_config", "These are not e-mail addresses. Write them like anna@example.com, separated by commas.")
}

func addresses(parts []string) ([]string, *workflow.StepError) {
	var list []string
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if !isAddress(strings.ToLower(part)) {
			named := "“" + part + "”" // as it is, never a part of it: a part of a secret is not recognised
			if len(part) > 254 {
				named = "Something long"
			}
			return nil, permanent("invalid_config", named+" is not an e-mail address. Write them like anna@example.com, separated by commas.")
		}
		list = append(list, strings.ToLower(part))
	}
	if len(list) > maxAddresses {
		return nil, permanent("invalid_config", "There are more than 50 addresses. Choose fewer.")
	}
	return list, nil
}

// isAddress accepts a plain address whose domain has a dot. Others exist inside
// of organizations; in a form they are slips.
func isAddress(text string) bool {
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text {
		return false
	}
	_, domain, _ := strings.Cut(text[strings.LastIndex(text, "@"):], "@")
	dot := strings.LastIndex(domain, ".")
	return dot > 0 && dot < len(domain)-1 && len(text) <= 254 && !strings.ContainsAny(text, "\r\n\t \"")
}

// checkAddresses finds what is wrong with a field of addresses as far as can be
// known before its references are resolved.
func checkAddresses(field string, value any) []workflow.Problem {
	if hasUnknown(value) {
		return nil
	}
	if _, err := addressList(value); err != nil {
		return []workflow.Problem{{Path: field, Code: "invalid_value", Message: err.Message}}
	}
	return nil
}

// hasUnknown reports whether a value holds a reference, or what only the step
// itself can judge.
func hasUnknown(value any) bool {
	list, isList := value.([]any)
	for _, item := range list {
		if text, isText := item.(string); !isText || strings.Contains(text, "{{") {
			return true
		}
	}
	text, isText := value.(string)
	return !isText && !isList || strings.Contains(text, "{{")
}
