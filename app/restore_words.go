package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models/archive"
	"workflows/worker/restored"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
)

// databaseWords are the databases as the header of a backup names them.
var databaseWords = map[string]string{"sqlite": "an embedded database", "postgresql": "PostgreSQL"}

// holds says how much of what is in a backup.
func holds(s archive.Summary) string {
	var parts []string
	for _, of := range []struct{ table, word string }{
		{"workflows", "workflow"},
		{"workflow_versions", "version"},
		{"schedules", "schedule"},
		{"runs", "run"},
		{"secrets", "secret"},
		{"users", "account"},
		{"api_tokens", "API token"},
		{"audit_events", "audit event"},
	} {
		if n := s.Rows[of.table]; n > 0 {
			parts = append(parts, count(n, of.word))
		}
	}
	switch len(parts) {
	case 0:
		return "nothing yet"
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

func count(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

func stamp(at time.Time) string { return at.UTC().Format("2 January 2006, 15:04:05 UTC") }

// keysWords says of some keys whether they open the secrets of a database.
func (r *restoring) keysWords(ctx context.Context, db *gorm.DB, needed []string, text, from string) (string, error) {
	if len(needed) == 0 {
		return "No secret is in it, so it needs no key.\n", nil
	}
	names := strings.Join(needed, ", ")
	missing := "SECRET_KEYS"
	if r.settings.Standalone {
		missing = filepath.Join(r.settings.DataDir, "secret_keys")
	}
	if text == "" {
		return fmt.Sprintf("Its secrets need the keys named %s, and there are none: put those of the other installation into %s before the start. If they are lost, “go run ./app forget-keys” deletes the secrets.\n", names, missing), nil
	}
	keys, err := secrets.ParseKeys(text)
	if err != nil {
		return "", err
	}
	if wrong := keys.Fits(ctx, db); wrong != nil {
		return wrong.Error() + "\n", nil
	}
	unreadable, all, err := keys.Unreadable(ctx, db)
	if err != nil {
		return "", err
	}
	said := fmt.Sprintf("Its secrets need the keys named %s, which %s has: %d of %d can be read.\n", names, from, all-len(unreadable), all)
	if len(unreadable) > 0 {
		said += "Enter these again, which no key opens: " + strings.Join(unreadable, ", ") + "\n"
	}
	if from == "the file" && !r.settings.Standalone {
		said += "Set them for all processes before the start: SECRET_KEYS=" + text + "\n"
	}
	return said, nil
}

// shownSchedules is how many schedules are named.
const shownSchedules = 20

// waiting says what waits for a person's word after a restore.
func waiting(s *restored.Standing) string {
	if s == nil {
		return ""
	}
	var said strings.Builder
	if s.Unfinished() == 0 {
		said.WriteString("No run was under way.\n")
	} else {
		fmt.Fprintf(&said, "Under way then: %s (%d not begun, %d at work, %d waiting). They go on, or end as cancelled, as is decided.\n", count(s.Unfinished(), "run"), s.Queued, s.Running, s.Waiting)
	}
	if s.Times == 0 {
		said.WriteString("No planned time has passed since.\n")
		return said.String()
	}
	fmt.Fprintf(&said, "Planned times that have passed since: %s%d, of %s. They are passed over, or made up for by each rule, as is decided.\n", moreThan(s.More), s.Times, count(int64(len(s.Passed)), "schedule"))
	for _, of := range s.Passed[:min(len(s.Passed), shownSchedules)] {
		fmt.Fprintf(&said, "  %s: %s%s, the last one %s; its rule: %s\n", of.WorkflowName, moreThan(of.More), count(int64(of.Times), "time"), stamp(of.Newest), missedWords(of))
	}
	if left := len(s.Passed) - shownSchedules; left > 0 {
		fmt.Fprintf(&said, "  and %s\n", count(int64(left), "other"))
	}
	return said.String()
}

func moreThan(more bool) string {
	if more {
		return "more than "
	}
	return ""
}

// missedWords says what a schedule's rule makes up for.
func missedWords(of schedule.Unaccounted) string {
	switch schedule.TriggerOf(of.Schedule).Missed {
	case schedule.MissedSkip:
		return "none is made up for."
	case schedule.MissedAll:
		return "all are made up for, at most 100."
	}
	return "the latest is made up for."
}
