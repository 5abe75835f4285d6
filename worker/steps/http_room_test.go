package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"workflows/worker/query"
	"workflows/worker/workflow"
)

func TestAnswersAskForRoomBeforeTheyAreLarge(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		bytes  int
		known  bool // the other side says how long it is
		asked  []int
		code   string
	}{
		"small":                  {bytes: 1000, known: true},
		"small, unknown":         {bytes: 1000},
		"free, unknown":          {bytes: workflow.FreeBytes - 1},
		"just free, unknown":     {bytes: workflow.FreeBytes, asked: []int{1 << 20}},
		"middle":                 {bytes: 500_000, known: true, asked: []int{500_001}},
		"middle, unknown":        {bytes: 500_000, asked: []int{1 << 20}},
		"large":                  {bytes: maxResponse, known: true, asked: []int{maxResponse + 1}},
		"large, unknown":         {bytes: maxResponse, asked: []int{1 << 20, maxResponse + 1}},
		"too large":              {bytes: maxResponse + 1, known: true, asked: []int{maxResponse + 1}, code: "response_too_large"},
		"too large, unknown":     {bytes: maxResponse + 1, asked: []int{1 << 20, maxResponse + 1}, code: "response_too_large"},
		"only its head is asked": {method: "HEAD", bytes: maxResponse + 1, known: true},
	} {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			if c.known {
				w.Header().Set("Content-Length", fmt.Sprint(c.bytes))
			} else {
				w.(http.Flusher).Flush()
			}
			io.WriteString(w, strings.Repeat("x", c.bytes))
		})
		var asked []int
		output, err := executeWith(t, map[string]any{"url": url, "method": c.method}, func(_ context.Context, bytes int) error {
			asked = append(asked, bytes)
			return nil
		})
		if !slices.Equal(asked, c.asked) {
			t.Errorf("%s: asked for %v", name, asked)
		}
		if c.code != "" {
			assertFails(t, err, c.code, true)
			continue
		}
		want := c.bytes
		if c.method == "HEAD" {
			want = 0
		}
		large, isLarge := output.(workflow.Large)
		if isLarge {
			output, err = large.Make()
		}
		given, _ := output.(map[string]any)
		if body, _ := given["body"].(string); err != nil || len(body) != want || isLarge != (want > workflow.FreeBytes) || (isLarge && large.Bytes != want) {
			t.Errorf("%s: %v, %d bytes, large: %v", name, err, len(body), isLarge)
		}
	}
}

func TestAnAnswerWithoutRoomFailsAsItsContextEnds(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 100_000)) })
	full := errors.New("the step's time is over")
	if _, err := executeWith(t, map[string]any{"url": url}, func(context.Context, int) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func executeWith(t *testing.T, config map[string]any, room func(context.Context, int) error) (any, error) {
	t.Helper()
	outcome, err := All(loopback())["http_request"].Execute(t.Context(), workflow.Call{RunID: "r1", StepID: "s1", Attempt: 1, Config: config, Room: room})
	return outcome.Output, err
}

// An answer of control characters is six times as long as it is stored, and a table of
// empty cells a hundred times as large as values.
func TestAnswersThatGrowAskForMoreRoom(t *testing.T) {
	for name, c := range map[string]struct {
		sent, as string
		want     int
	}{
		"plain":              {strings.Repeat("x\n", 50_000), "", 100_000},
		"control characters": {strings.Repeat("\x01", 100_000), "", 200_000},
		"a table":            {strings.Repeat(",\n", 50_000), "csv", 800_000},
	} {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, c.sent) })
		outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": url, "read_as": c.as})
		if large, is := outcome.Output.(workflow.Large); err != nil || !is || large.Bytes != c.want {
			t.Errorf("%s: %d bytes, %v, want %d", name, large.Bytes, err, c.want)
		}
	}
	cell := strings.Repeat("\x01", 1000)
	if bytes := rowsWeight(query.Answer{Bytes: 1016, Rows: [][]*string{{&cell, nil}}}); bytes != 2016 {
		t.Errorf("a row of control characters counts as %d bytes", bytes)
	}
	kind := All(Options{})["read_data"]
	if yaml, lines := kind.Grows(map[string]any{"format": "yaml"}), kind.Grows(map[string]any{"format": "lines"}); yaml < 8 || lines != 1 {
		t.Errorf("YAML grows %d times, lines %d times", yaml, lines)
	}
}
