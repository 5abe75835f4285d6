package asking

import (
	"strings"

	"workflows/models"
	"workflows/worker/secrets"
)

// linked is the purpose for which the link of a question is signed.
const linked = "approval"

// Link is the address at which whoever has it decides a question, once. It holds as
// long as its key is in SECRET_KEYS.
func Link(keys *secrets.Keys, baseURL, approvalID string) string {
	return baseURL + "/approvals/" + approvalID + "." + keys.Sign(linked, approvalID)
}

// Linked is the question whose link ends with the token; false for what we have not
// signed.
func Linked(keys *secrets.Keys, token string) (approvalID string, ours bool) {
	id, signature, _ := strings.Cut(token, ".")
	return id, models.ValidID(id) && keys.Signed(linked, id, signature)
}

// page is where somebody with an account answers.
func page(baseURL, approvalID string) string { return baseURL + "/inbox/" + approvalID }
