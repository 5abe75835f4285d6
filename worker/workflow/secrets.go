package workflow

import (
	"slices"

	"workflows/worker/document"
)

// SecretUse is a field of a definition that uses a secret.
type SecretUse struct{ Path, Name string }

// SecretsIn lists the secrets that a definition's triggers and steps use, in
// document order.
func SecretsIn(d Definition) []SecretUse {
	var uses []SecretUse
	for i, t := range d.Triggers {
		if t.Secret != "" {
			uses = append(uses, SecretUse{document.Item("triggers", i) + ".secret", t.Secret})
		}
	}
	Walk(d.Steps, func(path string, step *Step, _ []*Step) bool {
		walkTexts(step.Config, path+".config", func(at, text string) {
			for _, name := range secretsOf(text) {
				uses = append(uses, SecretUse{at, name})
			}
		})
		return true
	})
	return uses
}

// SecretsOf names the secrets that a step's config uses, each once.
func SecretsOf(config map[string]any) []string {
	var names []string
	walkTexts(config, "", func(_, text string) { names = append(names, secretsOf(text)...) })
	slices.Sort(names)
	return slices.Compact(names)
}

func secretsOf(text string) []string {
	if !hasReference(text) {
		return nil
	}
	references, _ := References(text) // a broken one fails when it is resolved
	var names []string
	for _, reference := range references {
		if reference.Root == "secrets" && len(reference.Path) == 1 {
			names = append(names, reference.Path[0])
		}
	}
	return names
}

// SecretReference is how a text uses a secret: "{{ secrets.SHOP_KEY }}".
func SecretReference(name string) string {
	return Reference{Root: "secrets", Path: []string{name}}.String()
}

// TakesSecrets reports whether one of the fields, or of their parts, may hold a secret.
func TakesSecrets(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.Secret || TakesSecrets(f.Fields) })
}
