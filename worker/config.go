package main

import (
	"errors"
	"os"

	"workflows/worker/environment"
)

const needsDatabase = `The worker needs a database that it shares with the web process.
There are two ways to go on:
  - run "go run ./app" alone: web and worker in one process, nothing to set up;
  - set DATABASE_URL to a PostgreSQL database (see .env.example).`

// config reads the environment and a .env file in the working directory. Its
// error is the text that the person at the terminal reads.
func config() (environment.Settings, error) {
	lookup, err := environment.File(".env", os.LookupEnv)
	if err != nil {
		return environment.Settings{}, err
	}
	settings, problems := environment.Load(lookup)
	if len(problems) > 0 {
		return settings, errors.New(environment.Explain(problems))
	}
	if settings.Standalone {
		return settings, errors.New(needsDatabase)
	}
	return settings, nil
}
