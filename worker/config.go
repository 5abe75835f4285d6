package main

import (
	"os"

	"workflows/worker/environment"
	"workflows/worker/secrets"
)

const needsDatabase = `The worker needs a database that it shares with the web process.
There are two ways to go on:
  - run "go run ./app" alone: web and worker in one process, nothing to set up;
  - set DATABASE_URL to a PostgreSQL database (see .env.example).`

// refusal is why the program does not start, as the person at the terminal
// reads it.
type refusal string

func (r refusal) Error() string { return string(r) }

// config reads the environment and a .env file in the working directory.
func config() (environment.Settings, error) {
	lookup, err := environment.File(".env", os.LookupEnv)
	if err != nil {
		return environment.Settings{}, err
	}
	settings, problems := environment.Load(lookup)
	if len(problems) > 0 {
		return settings, refusal(environment.Explain(problems))
	}
	if settings.Standalone {
		return settings, refusal(needsDatabase)
	}
	if settings.SecretKeys == "" {
		return settings, refusal(environment.Explain([]environment.Problem{environment.NoKeys(secrets.NewKey("k1"))}))
	}
	return settings, nil
}
