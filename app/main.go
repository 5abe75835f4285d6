// Command app is the web process: pages for people and the API for programs.
// With nothing configured it is the whole system in one process.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"workflows/worker/environment"
	"workflows/worker/secrets"
)

func main() {
	os.Exit(start())
}

// start runs one command and returns the process's exit code.
func start() int {
	settings, problem := config()
	if problem != "" {
		fmt.Fprintln(os.Stderr, problem)
		return 1
	}
	known := secrets.Knowing(settings.Secrets())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	var err error
	switch command := strings.Join(os.Args[1:], " "); command {
	case "":
		err = serve(ctx, settings, os.Stderr, os.Stdout)
	case "migrate":
		err = migrate(ctx, settings, os.Stdout)
	case "rotate-keys", "forget-keys":
		err = changeKeys(ctx, settings, command, os.Stdout)
	case "doctor", "doctor --json":
		err = examine(ctx, settings, command != "doctor", known.Writer(os.Stdout))
	default:
		err = files(ctx, settings, os.Args[1:], os.Stdin, os.Stdout)
	}
	if err != nil {
		return environment.Complain(err, os.Stderr, known.Writer)
	}
	return 0
}
