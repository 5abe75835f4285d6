package workflow

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
)

func number(text string) json.Number { return json.Number(text) }

func assertStepError(t *testing.T, err error, code string) {
	t.Helper()
	var failed *StepError
	if !errors.As(err, &failed) || failed.Code != code {
		t.Fatalf("got %v, want a step error %s", err, code)
	}
	assertSentence(t, failed.Message)
}

// assertSentence holds what every message to people must be.
func assertSentence(t *testing.T, message string) {
	t.Helper()
	first := []rune(message + " ")[0]
	if !unicode.IsUpper(first) && first != '“' || !strings.ContainsRune(".?", rune(message[len(message)-1])) {
		t.Errorf("not a sentence: %q", message)
	}
	for _, inner := range []string{"json:", "strconv", "reflect", "interface", "%!", "regexp", "nil"} {
		if strings.Contains(message, inner) {
			t.Errorf("shows inner text: %q", message)
		}
	}
}

// assertProblem wants a problem at a path with a code, said as a sentence.
func assertProblem(t *testing.T, problems []Problem, path, code string) {
	t.Helper()
	for _, problem := range problems {
		assertSentence(t, problem.Message)
	}
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Path == path && p.Code == code }) {
		t.Errorf("no problem %s at %q in %+v", code, path, problems)
	}
}

func parsed(t *testing.T, document string) Definition {
	t.Helper()
	d, problems, err := Parse([]byte(document))
	if err != nil || len(problems) > 0 {
		t.Fatalf("parse: %v %+v", err, problems)
	}
	return d
}

// processorTime is what this process has used so far: unlike the time that passes
// it does not depend on what else the machine does.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
