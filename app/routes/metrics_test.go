package routes_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
	"workflows/models/told"
	"workflows/worker/queue"
)

func store(t *testing.T, db *gorm.DB, row any) {
	t.Helper()
	if err := db.Create(row).Error; err != nil {
		t.Fatal(err)
	}
}

// metric is the value of a series on the page.
func metric(t *testing.T, page, series string) float64 {
	t.Helper()
	for line := range strings.Lines(page) {
		if text, found := strings.CutPrefix(line, series+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Errorf("%s is missing", series)
	return 0
}

func TestMetricsTellWhatPeopleAreWokenFor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := newSite(t, db)
		if page := s.visitor().get("/metrics").body; !strings.Contains(page, "workflows_run_oldest_ready_seconds 0\n") || strings.Contains(page, "workflow_runs_failed_total{") {
			t.Errorf("of nothing: %s", page)
		}
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: `Orders "large"`, Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
		store(t, db, &w)
		run := func(status string, age time.Duration, heldBack bool) {
			store(t, db, &models.Run{
				ID: models.NewID(), WorkflowID: w.ID, VersionID: models.NewID(), WorkflowName: w.Name, Status: status, TriggerType: "manual", Trigger: models.JSON("{}"),
				Error: models.JSON(`{"code":"timeout","message":"It took too long."}`), Queue: "default", QueuedAt: now.Add(-age), FinishedAt: &now, HeldBack: heldBack,
			})
		}
		run("queued", 7*time.Minute, false)
		run("queued", 70*time.Minute, true)
		run("failed", time.Hour, false)
		run("failed", time.Hour, false)
		if _, err := failures.Group(t.Context(), db, now, 10, nil); err != nil {
			t.Fatal(err)
		}
		passed := now.Add(-2 * time.Minute)
		store(t, db, &models.Schedule{
			ID: models.NewID(), WorkflowID: w.ID, TriggerID: "t", Rule: models.JSON("{}"), TimeZone: "UTC", Status: "active",
			NextFireAt: &passed, NextAt: &passed, AccountedUntil: passed, AnchorAt: passed, CreatedAt: now, UpdatedAt: now,
		})
		due := now.Add(time.Hour)
		if err := told.Insert(t.Context(), db, told.Message{ID: models.NewID(), Event: told.Test, Channel: told.Email, Recipient: "a@example.com", CreatedAt: now.Add(-20 * time.Minute), DueAt: &due}); err != nil {
			t.Fatal(err)
		}
		other := newSite(t, db) // whose numbers are not those of a moment ago
		if err := other.q.Count(t.Context(), now, map[string]queue.Turnover{"default": {Succeeded: 5, Failed: 2}}); err != nil {
			t.Fatal(err)
		}
		page := other.visitor().get("/metrics").body
		for name, least := range map[string]float64{
			"workflows_run_oldest_ready_seconds": 420, "workflows_schedule_longest_late_seconds": 120, "workflows_messages_unsent": 1,
			"workflows_message_oldest_unsent_seconds": 1200, `workflows_runs_ended_total{outcome="succeeded"}`: 5, `workflows_runs_ended_total{outcome="failed"}`: 2,
			`workflows_workflow_runs_failed_total{workflow="Orders \"large\"",workflow_id="` + w.ID + `"}`: 2,
		} {
			if got := metric(t, page, name); got < least || got > least+60 {
				t.Errorf("%s is %v, not %v", name, got, least)
			}
		}
	})
}

func TestMetricsAreAsPrometheusWantsThem(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	problems, err := promlint.New(strings.NewReader(s.visitor().get("/metrics").body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// rulesOf are the rules that the README shows.
func rulesOf(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```yaml\n(groups:\n.*?)```").FindSubmatch(readme)
	if found == nil {
		t.Fatal("the README shows no rules")
	}
	return string(found[1])
}

func TestEveryRuleOfTheReadmeAsksForNumbersThatThereAre(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	now := models.Now()
	w := models.Workflow{ID: models.NewID(), Name: "W", Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
	store(t, s.db, &w)
	store(t, s.db, &models.Run{ID: models.NewID(), WorkflowID: w.ID, VersionID: models.NewID(), Status: "failed", TriggerType: "manual", Trigger: models.JSON("{}"), Queue: "default", QueuedAt: now})
	if _, err := failures.Group(t.Context(), s.db, now, 10, nil); err != nil {
		t.Fatal(err)
	}
	page := s.visitor().get("/metrics").body
	names := regexp.MustCompile(`workflows_\w+`).FindAllString(rulesOf(t), -1)
	if len(names) < 7 {
		t.Fatal("few rules:", names)
	}
	for _, name := range names {
		if !strings.Contains(page, "\n"+name+" ") && !strings.Contains(page, "\n"+name+"{") {
			t.Errorf("nothing tells %s", name)
		}
	}
}

// TestPrometheusLoadsTheRulesAndOneFires has a real Prometheus ask us and raise the alarm
// when Redis is gone.
func TestPrometheusLoadsTheRulesAndOneFires(t *testing.T) {
	program := modelstest.Find("prometheus")
	if program == "" {
		modelstest.Missing(t, "Prometheus")
		t.Skip("there is no Prometheus")
	}
	s := newSite(t, modelstest.SQLite(t))
	server := httptest.NewServer(s.site)
	t.Cleanup(server.Close)
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("rules.yml", regexp.MustCompile(`(?m)^ +for: .*\n`).ReplaceAllString(rulesOf(t), "")) // nobody waits for minutes here
	write("prometheus.yml", fmt.Sprintf(`
global: {scrape_interval: 200ms, evaluation_interval: 200ms}
rule_files: [rules.yml]
scrape_configs:
  - job_name: workflows
    static_configs: [{targets: [%q]}]
`, strings.TrimPrefix(server.URL, "http://")))
	port, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	cmd := exec.CommandContext(t.Context(), program, "--config.file="+filepath.Join(folder, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address) // #nosec G204 -- a program of the tests
	log := &buffer{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	firing := func(alert string) bool {
		response, err := http.Get("http://" + address + "/api/v1/alerts")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		var answer struct {
			Data struct {
				Alerts []struct {
					Labels map[string]string
					State  string
				}
			}
		}
		if json.NewDecoder(response.Body).Decode(&answer) != nil {
			return false
		}
		for _, one := range answer.Data.Alerts {
			if one.State == "firing" && one.Labels["alertname"] == alert {
				return true
			}
		}
		return false
	}
	modelstest.Eventually(t, "it knows that no worker is there", func() bool { return firing("WorkflowsNoWorker") })
	if firing("WorkflowsServerAway") || firing("WorkflowsNotScraped") {
		t.Error("it raises the alarm while all is well")
	}
	s.stopRedis()
	modelstest.Eventually(t, "it raises the alarm that Redis is gone", func() bool { return firing("WorkflowsServerAway") })
}
