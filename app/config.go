package main

import (
	"os"

	"workflows/worker/environment"
)

// config reads the environment and the .env file beside it; problem is the text
// to print when the program cannot start with it.
func config() (settings environment.Settings, problem string) {
	lookup, err := environment.File(".env", os.LookupEnv)
	if err != nil {
		return settings, err.Error()
	}
	settings, problems := environment.Load(lookup)
	if len(problems) > 0 {
		return settings, environment.Explain(problems)
	}
	return settings, ""
}
