package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"workflows/models/modelstest"
)

// badInput is one line of the catalogue of bad input: what is sent, and what the
// person or program gets for it. In path and body, {NAME} stands for what the
// ground has of that name.
type badInput struct {
	name         string
	as           string // program, nobody, editor or viewer; program when empty
	method, path string // POST when empty
	body         string
	headers      []string
	sign         func(body string) []string // headers that depend on the body
	status       int
	field        string   // the one that the answer names
	says         []string // what else the answer holds
}

// TestBadInputIsRefusedPlainly goes through the catalogue of bad input against
// the running program. For every line: its status, one plain sentence, the field,
// nothing written, no inner text, one line in the log.
func TestBadInputIsRefusedPlainly(t *testing.T) {
	everySystem(t, func(t *testing.T, s *system) {
		g := newGround(t, s)
		for _, chapter := range []struct {
			name string
			rows []badInput
		}{
			{"JSON API", badRequests()},
			{"definition", badDefinitions()},
			{"HTTP step", badCalls()},
			{"e-mail", badEmails()},
			{"references", badReferences()},
			{"cron", badSchedules()},
			{"webhooks", badDeliveries()},
			{"forms", badForms()},
		} {
			if chapter.name == "webhooks" {
				g.floods()
			}
			for _, row := range chapter.rows {
				g.refuses(chapter.name+": "+row.name, row)
			}
		}
		g.failsInRuns(badOutcomes(t))
		g.importsNothing()
		g.takesOnce()
		g.showsAsText()
		g.isCalm(t)
		g.loggedOnce()
	})
}

// floods uses up what the limited webhook takes in a minute: the first delivery may
// be that long ago.
func (g *ground) floods() {
	g.t.Helper()
	modelstest.Eventually(g.t, "the limited webhook refuses", func() bool {
		status, _ := g.post("nobody", g.names["rated.address"], "{}", "Content-Type", "application/json")
		return status == 429
	})
	g.eventuallyStill()
}

// everySystem runs a test against the standalone program, and against web and
// worker on real servers where these are installed.
func everySystem(t *testing.T, test func(t *testing.T, s *system)) {
	env := []string{"ADMIN_TOKEN=" + adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD=four-plain-words-do", "API_RATE_PER_MINUTE=0", "LOG_FORMAT=json"}
	t.Parallel()
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		test(t, standalone(t, env...))
	})
	t.Run("served", func(t *testing.T) {
		t.Parallel()
		test(t, served(t, env...))
	})
}

// refuses holds one line of the catalogue to the rules of all.
func (g *ground) refuses(name string, row badInput) {
	g.t.Helper()
	before := g.content()
	response, body := g.send(row)
	shown := body[:min(len(body), 600)]
	if response.StatusCode != row.status {
		g.t.Errorf("%s: answered %d instead of %d: %s%s", name, response.StatusCode, row.status, response.Header.Get("Location"), shown)
		return
	}
	for _, inner := range []string{"json:", "SQLSTATE", "goroutine", "unmarshal", "strconv", "gorm", "sql:", "runtime error", ".go:", "http: request", "invalid URL"} {
		if strings.Contains(body, inner) {
			g.t.Errorf("%s: shows inner text %q: %s", name, inner, shown)
		}
	}
	if row.status >= 400 {
		g.explains(name, row, response, body)
		g.refused[response.Header.Get("X-Request-Id")] = name
	}
	for _, words := range row.says {
		if !strings.Contains(body, words) && !strings.Contains(fmt.Sprint(response.Header), words) {
			g.t.Errorf("%s: does not say %q: %s %v", name, words, shown, response.Header)
		}
	}
	if after := g.content(); after != before {
		same := 0
		for same < min(len(before), len(after)) && before[same] == after[same] {
			same++
		}
		g.t.Errorf("%s: it has changed something: …%.200s is now …%.200s", name, before[max(0, same-60):], after[max(0, same-60):])
	}
}

func (g *ground) explains(name string, row badInput, response *http.Response, body string) {
	g.t.Helper()
	if response.Header.Get("X-Request-Id") == "" {
		g.t.Errorf("%s: the answer has no number", name)
	}
	if row.status == 405 && response.Header.Get("Allow") == "" || row.status == 429 && response.Header.Get("Retry-After") == "" {
		g.t.Errorf("%s: the answer lacks Allow or Retry-After: %v", name, response.Header)
	}
	var answer struct {
		Error struct {
			Code, Message string
			Fields        []struct{ Path, Message string }
		}
	}
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		return // a page: what it says is in the row
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Error.Code == "" || !isSentence(answer.Error.Message) {
		g.t.Errorf("%s: no plain sentence: %s", name, body)
	}
	named := func(f struct{ Path, Message string }) bool { return f.Path == row.field && isSentence(f.Message) }
	if row.field != "" && !slices.ContainsFunc(answer.Error.Fields, named) {
		g.t.Errorf("%s: does not name %s: %s", name, row.field, body)
	}
}

// isSentence also takes a question: "Did you mean “name”?"
func isSentence(text string) bool {
	return strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?")
}

// content is everything that a refused request could have changed.
func (g *ground) content() string {
	g.t.Helper()
	var all bytes.Buffer
	for _, list := range []string{"/workflows?limit=100", "/runs?limit=100", "/schedules", "/secrets"} {
		response, body := g.send(badInput{method: "GET", path: list})
		if response.StatusCode != http.StatusOK {
			g.t.Fatalf("%s answered %d", list, response.StatusCode)
		}
		all.WriteString(body)
	}
	_, people := g.send(badInput{as: "editor", method: "GET", path: "/settings/people"})
	all.WriteString(fmt.Sprint(strings.Count(people, "@example.com")))
	return all.String()
}

// loggedOnce looks for every refused request in the log of the web process.
func (g *ground) loggedOnce() {
	g.t.Helper()
	log := g.web.log.String()
	for number := range g.refused {
		if got := strings.Count(log, `"request_id":"`+number+`"`); got != 1 {
			g.t.Errorf("the request %s stands %d times in the log: %s", number, got, g.refused[number])
		}
	}
	if strings.Contains(log, "panic") {
		g.t.Error("something panicked")
	}
	if len(g.refused) < 150 {
		g.t.Errorf("only %d refused requests: the catalogue is not whole", len(g.refused))
	}
}
