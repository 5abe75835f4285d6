package catalog

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// secretProblems are those of fields that use secrets which do not exist. A draft
// may use one that is still to be made.
func (c *Catalog) secretProblems(ctx context.Context, db *gorm.DB, d workflow.Definition) ([]workflow.Problem, error) {
	missing, err := c.missingSecrets(ctx, db, d)
	var problems []workflow.Problem
	for _, use := range missing {
		problems = append(problems, workflow.Problem{
			Path: use.Path, Code: "unknown_secret", Incomplete: true,
			Message: "There is no secret “" + use.Name + "”. Make it under Settings, Secrets, or choose another one.",
		})
	}
	return problems, err
}

// MissingSecrets names the secrets that a definition uses and that do not exist here.
func (c *Catalog) MissingSecrets(ctx context.Context, d workflow.Definition) ([]string, error) {
	missing, err := c.missingSecrets(ctx, c.DB, d)
	var names []string
	for _, use := range missing {
		names = append(names, use.Name)
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

func (c *Catalog) missingSecrets(ctx context.Context, db *gorm.DB, d workflow.Definition) ([]workflow.SecretUse, error) {
	uses := c.Checker.Types.SecretsIn(d)
	if len(uses) == 0 {
		return nil, nil
	}
	names := make([]string, len(uses))
	for i, use := range uses {
		names[i] = use.Name
	}
	found, err := models.SecretsByName(ctx, db, names)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(uses), func(use workflow.SecretUse) bool {
		return slices.ContainsFunc(found, func(s models.Secret) bool { return s.Name == use.Name })
	}), nil
}

// Use names a workflow that uses something, in its draft or as it is published.
type Use struct{ WorkflowID, Name string }

// SecretUses tells by name which workflows use each secret.
func (c *Catalog) SecretUses(ctx context.Context) (map[string][]Use, error) {
	return c.secretUses(ctx, c.DB, "secret") // "{{ secrets.X }}" and "key_secret": "X" of a step, "secret": "X" of a trigger
}

// secretUses looks through the definitions that contain a text.
func (c *Catalog) secretUses(ctx context.Context, db *gorm.DB, text string) (map[string][]Use, error) {
	uses := map[string][]Use{}
	err := models.DefinitionsNaming(ctx, db, text, func(row models.NamingWorkflow) {
		var names []string
		for _, definition := range []models.JSON{row.Draft, row.Definition} {
			d, err := workflow.Load(definition)
			if err != nil {
				continue // a draft that never was, or that another program wrote
			}
			for _, use := range c.Checker.Types.SecretsIn(d) {
				names = append(names, use.Name)
			}
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			uses[name] = append(uses[name], Use{row.ID, row.Name})
		}
	})
	for _, users := range uses {
		slices.SortStableFunc(users, func(a, b Use) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	}
	return uses, err
}

// DeleteSecret removes a secret that no workflow uses; else it is a
// *models.ConflictError that names them.
func (c *Catalog) DeleteSecret(ctx context.Context, name string) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		found, err := models.SecretsByName(ctx, tx, []string{name})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return models.ErrNotFound
		}
		uses, err := c.secretUses(ctx, tx, name)
		if err != nil {
			return err
		}
		if users := uses[name]; len(users) > 0 {
			return secretInUse(name, users)
		}
		return secrets.Delete(ctx, tx, name)
	})
}

func secretInUse(name string, users []Use) error {
	var names []string
	for _, user := range users[:min(len(users), 5)] {
		names = append(names, "“"+user.Name+"”")
	}
	if len(users) > len(names) {
		names = append(names, "and others")
	}
	return &models.ConflictError{Code: "in_use", Message: "The secret “" + name + "” is used by " + strings.Join(names, ", ") + ". Take it out there and publish, then delete it."}
}
