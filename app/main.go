// Command app is the web process: pages for people and the API for programs.
// With nothing configured it is the whole system in one process.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zones are the same everywhere

	"workflows/worker/environment"
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
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	var err error
	switch {
	case command == "" && len(os.Args) == 1:
		err = serve(ctx, settings, environment.Logger(settings, os.Stderr), os.Stdout)
	case command == "migrate" && len(os.Args) == 2:
		err = migrate(ctx, settings, os.Stdout)
	default:
		fmt.Fprintln(os.Stderr, "There is no such command. Start the program alone, or with: migrate")
		return 2
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
