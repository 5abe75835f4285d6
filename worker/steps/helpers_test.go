package steps

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

func loopback() Options {
	return Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
}

// execute runs one attempt of a step type with a resolved config.
func execute(t *testing.T, options Options, name string, config map[string]any) (workflow.Outcome, error) {
	t.Helper()
	return executeIn(t.Context(), options, name, config)
}

func executeIn(ctx context.Context, options Options, name string, config map[string]any) (workflow.Outcome, error) {
	return All(options)[name].Execute(ctx, workflow.Call{
		RunID: "r1", StepID: "s1", Attempt: 1, IdempotencyKey: "r1/s1", Config: config,
		Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	})
}

func server(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

func assertFails(t *testing.T, err error, code string, lasting bool) *workflow.StepError {
	t.Helper()
	var failed *workflow.StepError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, want a step error %s", err, code)
	}
	if failed.Code != code || failed.Permanent != lasting {
		t.Fatalf("got %s (permanent %v): %s; want %s (%v)", failed.Code, failed.Permanent, failed.Message, code, lasting)
	}
	if !strings.HasSuffix(failed.Message, ".") || strings.Contains(failed.Message, "dial tcp") {
		t.Errorf("not a sentence: %q", failed.Message)
	}
	return failed
}

// problemsOf checks a definition with one step of that config.
func problemsOf(options Options, name string, config map[string]any) []workflow.Problem {
	return workflow.Checker{Types: All(options)}.Check(workflow.Definition{
		Format: 1, Name: "x",
		Inputs: []workflow.Input{{Name: "x", Type: "text"}},
		Steps:  []workflow.Step{{ID: "s", Type: name, Config: config}},
	})
}

func hasProblem(problems []workflow.Problem, path, code string) bool {
	return slices.ContainsFunc(problems, func(p workflow.Problem) bool {
		return p.Path == "steps[0].config."+path && p.Code == code && strings.HasSuffix(p.Message, ".")
	})
}
