package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
)

// SecretBody is a secret as it is sent.
type SecretBody struct {
	Name  string `json:"name" doc:"Letters, digits and _, beginning with a letter, at most 63. Fields that may hold secrets name it as {{ secrets.NAME }}."`
	Value string `json:"value" doc:"At most 64 kB. No answer ever contains it."`
}

// Secret is what is told of a secret: not its value.
type Secret struct {
	Name      string   `json:"name"`
	UsedBy    []UsedBy `json:"used_by" doc:"The workflows that use it, in their draft or as they are published."`
	UpdatedBy string   `json:"updated_by"`
	CreatedAt Time     `json:"created_at"`
	UpdatedAt Time     `json:"updated_at"`
}

func (a *API) secretOperations() []Operation {
	const group = "Secrets"
	return []Operation{
		{Method: http.MethodGet, Path: "/secrets", Name: "listSecrets", Group: group, Summary: "List the names of all secrets, at most 1,000. Values are never returned.", Scope: auth.ScopeRead, Status: 200, Answer: List[Secret]{}, Handle: a.listSecrets},
		{Method: http.MethodPost, Path: "/secrets", Name: "putSecret", Group: group, Summary: "Store a secret, over an older value of the same name. Runs use the new value from their next step on.", Scope: auth.ScopeSecrets, Status: 201, Body: SecretBody{}, Answer: Secret{}, Errors: []int{400, 409, 413, 415, 422}, Handle: a.putSecret},
		{Method: http.MethodDelete, Path: "/secrets/:name", Name: "deleteSecret", Group: group, Summary: "Delete a secret that no workflow uses.", Scope: auth.ScopeSecrets, Status: 204, Errors: []int{404, 409}, Handle: a.deleteSecret},
	}
}

func (a *API) listSecrets(c *gin.Context) (any, error) {
	if _, err := read(c, nil); err != nil {
		return nil, err
	}
	found, err := models.ListSecrets(c.Request.Context(), a.DB)
	if err != nil {
		return nil, err
	}
	uses, err := a.Catalog.SecretUses(c.Request.Context())
	if err != nil {
		return nil, err
	}
	rows := make([]Secret, len(found))
	for i, s := range found {
		rows[i] = secretOf(s)
		for _, use := range uses[s.Name] {
			rows[i].UsedBy = append(rows[i].UsedBy, UsedBy(use))
		}
	}
	return list(rows, ""), nil
}

func (a *API) putSecret(c *gin.Context) (any, error) {
	var sent SecretBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	kept, err := a.Secrets.Put(c.Request.Context(), sent.Name, sent.Value, by(c))
	if err != nil {
		return nil, err
	}
	return secretOf(kept), nil
}

func (a *API) deleteSecret(c *gin.Context) (any, error) {
	return nil, a.Catalog.DeleteSecret(c.Request.Context(), c.Param("name"))
}

func secretOf(s models.Secret) Secret {
	return Secret{Name: s.Name, UsedBy: []UsedBy{}, UpdatedBy: s.UpdatedBy, CreatedAt: Time(s.CreatedAt), UpdatedAt: Time(s.UpdatedAt)}
}
