package frame

import (
	"fmt"
	"testing"
	"time"

	"workflows/models"
)

func TestAStripShowsTheOldestRunFirstTheLongestHighestAndCountsWhatEnded(t *testing.T) {
	start := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	run := func(id, status string, took time.Duration) models.Run {
		r := models.Run{ID: id, Status: status, QueuedAt: start}
		if took >= 0 {
			end := start.Add(took)
			r.StartedAt, r.FinishedAt = &start, &end
		}
		return r
	}
	runs := []models.Run{
		run("7", "running", -1), run("6", "succeeded", 2*time.Second), run("5", "failed", 8*time.Second), run("4", "cancelled", time.Second),
		run("3", "succeeded", 4*time.Second), run("2", "succeeded", time.Millisecond), run("1", "succeeded", 3*time.Second),
	}
	got := ""
	for _, bar := range RunBars(runs) {
		got += fmt.Sprintf("%s %s %d; ", bar.URL, bar.Status, bar.Height)
	}
	if got != "/runs/1#step succeeded 12; /runs/2#step succeeded 2; /runs/3#step succeeded 16; /runs/4#step cancelled 4; /runs/5#step failed 32; /runs/6#step succeeded 8; /runs/7#step running 2; " {
		t.Error(got)
	}
	if facts := fmt.Sprint(RunFacts(runs)); facts != "[{Succeeded 4 of 5 (80 %)} {Usually takes 3 s} {Longest 8 s}]" {
		t.Error(facts)
	}
	if facts := RunFacts(runs[:1]); len(facts) > 0 {
		t.Errorf("of what has not ended: %v", facts)
	}
	century := run("1", "succeeded", 100*365*24*time.Hour)
	if bars := RunBars([]models.Run{century}); bars[0].Height != 32 {
		t.Errorf("a run of a hundred years is %d high", bars[0].Height)
	}
}
