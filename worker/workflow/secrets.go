package workflow

import (
	"slices"

	"workflows/worker/document"
)

// SecretUse is a field of a definition that uses a secret.
type SecretUse struct{ Path, Name string }

// SecretsIn lists the secrets that a definition's triggers, messages and steps use, in
// document order.
func (t Types) SecretsIn(d Definition) []SecretUse {
	var uses []SecretUse
	for i, trigger := range d.Triggers {
		if trigger.Secret != "" {
			uses = append(uses, SecretUse{document.Item("triggers", i) + ".secret", trigger.Secret})
		}
		if trigger.VerifySecret != "" {
			uses = append(uses, SecretUse{document.Item("triggers", i) + ".verify_secret", trigger.VerifySecret})
		}
	}
	for i, rule := range d.Settings.Notify {
		at := document.Item("settings.notify", i)
		if rule.ChatSecret != "" {
			uses = append(uses, SecretUse{at + ".chat_secret", rule.ChatSecret})
		}
		if rule.WebhookSecret != "" {
			uses = append(uses, SecretUse{at + ".webhook_secret", rule.WebhookSecret})
		}
	}
	Walk(d.Steps, func(path string, step *Step, _ []*Step) bool {
		t[step.Type].eachSecret(step.Config, path+".config", func(at, name string) {
			uses = append(uses, SecretUse{at, name})
		})
		return true
	})
	return uses
}

// SecretsOf names the secrets that the config of a step of this type uses, each once.
func (t StepType) SecretsOf(config map[string]any) []string {
	var names []string
	t.eachSecret(config, "", func(_, name string) { names = append(names, name) })
	slices.Sort(names)
	return slices.Compact(names)
}

// eachSecret visits the secrets that texts of a config insert, and those that its
// fields name.
func (t StepType) eachSecret(config map[string]any, path string, visit func(at, name string)) {
	walkTexts(config, path, func(at, text string) {
		for _, name := range secretsOf(text) {
			visit(at, name)
		}
	})
	eachNamed(t.Fields, config, path, visit)
}

func eachNamed(fields []Field, config map[string]any, path string, visit func(at, name string)) {
	for _, field := range fields {
		at := document.Member(path, field.Name)
		switch value := config[field.Name].(type) {
		case string:
			if field.Kind.Secret && value != "" && !hasReference(value) {
				visit(at, value)
			}
		case map[string]any:
			eachNamed(field.Fields, value, at, visit)
		}
	}
}

func secretsOf(text string) []string {
	var names []string
	for _, reference := range Used(text) {
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

// TakesSecrets reports whether one of the fields, or of their parts, may hold or name
// a secret.
func TakesSecrets(fields []Field) bool {
	return InsertsSecrets(fields) || slices.ContainsFunc(fields, func(f Field) bool { return f.Kind.Secret || TakesSecrets(f.Fields) })
}

// InsertsSecrets reports whether one of them may hold {{ secrets.NAME }}.
func InsertsSecrets(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.Secret || InsertsSecrets(f.Fields) })
}
