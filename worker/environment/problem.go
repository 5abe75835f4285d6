package environment

import (
	"fmt"
	"strings"
)

// Problem is one variable whose value cannot be used. Message never contains a
// value that may be a secret.
type Problem struct {
	Variable string
	Message  string // one plain sentence
	Example  string // a value that would do
}

// String is the line that a person sees: the name, the problem, a good example.
func (p Problem) String() string {
	return fmt.Sprintf("%s: %s Example: %s=%s", p.Variable, p.Message, p.Variable, p.Example)
}

// Explain joins the problems into the text that a program prints before it ends.
func Explain(problems []Problem) string {
	lines := []string{"The configuration cannot be used:"}
	for _, problem := range problems {
		lines = append(lines, "  "+problem.String())
	}
	return strings.Join(append(lines, "Correct it in the environment or in the .env file, then start again. See .env.example."), "\n")
}

// NoKeys is the problem that SECRET_KEYS is not set where it has to be; fresh is a
// new key, which will do.
func NoKeys(fresh string) Problem {
	return Problem{
		Variable: "SECRET_KEYS", Example: fresh,
		Message: "It is not set. Secrets are encrypted with it, and both programs need the same. The example was made just now for you; keep a copy of it.",
	}
}
