package machine_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/machine"
	"workflows/worker/queue/queuetest"
)

func TestAWorkerIsDrainedAndReleasedOnThePageOfTheQueue(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		queuetest.Beat(t, s.Queue, "0a", "web-1", 42)
		operator, viewer := s.As(auth.Operator), s.As(auth.Viewer)
		const drain, release = "/workers/0a/drain", "/workers/0a/release"
		if page := viewer.Get("/queue", http.StatusOK); strings.Contains(page, drain) || strings.Contains(page, "drained") {
			t.Error("a viewer may drain it")
		}
		viewer.Post(drain, nil, http.StatusForbidden)
		if page := operator.Get("/queue", http.StatusOK); !strings.Contains(page, drain) {
			t.Error("nobody may drain it")
		}
		operator.Post("/workers/other/drain", nil, http.StatusNotFound)
		operator.Post(drain, nil, http.StatusSeeOther)
		page := operator.Get("/queue", http.StatusOK)
		for _, words := range []string{"The worker “web-1, process 42” takes nothing further", "Drained by Ann: takes nothing, and may be stopped.", "All workers are drained. Nothing starts until one is released", release} {
			if !strings.Contains(page, words) {
				t.Errorf("the page does not say %q", words)
			}
		}
		operator.Post(release, nil, http.StatusSeeOther)
		if page := operator.Get("/queue", http.StatusOK); strings.Contains(page, "Drained by") || !strings.Contains(page, drain) {
			t.Error("it is drained still")
		}
	})
}

func TestWhatTheQueuesWereLikeIsDrawn(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		viewer, now := s.As(auth.Viewer), models.Now()
		if page := viewer.Get("/queue/history", http.StatusOK); strings.Count(page, "<figure") != 4 || !strings.Contains(page, "0 in all, 0 failed") {
			t.Error("nothing is not drawn as nothing")
		}
		s.Check(machine.KeepMinutes(t.Context(), s.DB, []machine.QueueMinute{
			{Minute: now.Add(-2 * time.Minute), Queue: "high", Waiting: 4, OldestMS: 2500, Succeeded: 7, Failed: 2, Started: 4, WaitedMS: 2000},
			{Minute: now.Add(-3 * time.Hour), Queue: "low", Succeeded: 100},
			{Minute: now.Add(-3 * 24 * time.Hour), Queue: "low", Succeeded: 1000},
		}, now))
		for address, words := range map[string][]string{
			"/queue/history":                     {"9 in all, 2 failed", "At most 500 ms", "At most 4 runs", "At most 2.5 s"},
			"/queue/history?span=day":            {"109 in all, 2 failed"},
			"/queue/history?span=week":           {"1,109 in all, 2 failed"},
			"/queue/history?span=week&queue=low": {"1,100 in all, 0 failed", "At most 0 runs", `aria-current="page">low`},
		} {
			page := viewer.Get(address, http.StatusOK)
			for _, w := range words {
				if !strings.Contains(page, w) {
					t.Errorf("%s does not say %q", address, w)
				}
			}
		}
		viewer.Get("/queue/history?span=year", http.StatusNotFound)
		viewer.Get("/queue/history?queue=other", http.StatusNotFound)
	})
}

func TestAdministratorsSeeWhatTheDoctorFinds(t *testing.T) {
	s := sitetest.OnSQLite(t)
	s.As(auth.Editor).Get("/settings/doctor", http.StatusForbidden)
	admin := s.As(auth.Administrator)
	page := admin.Get("/settings/doctor", http.StatusOK)
	for _, words := range []string{"It answers at", "The database takes what is written.", "SECRET_KEYS is not set", "problem", "Look again"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
}

func TestWhatGoesOnByItselfIsToldToGoOnNow(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		operator, viewer := s.As(auth.Operator), s.As(auth.Viewer)
		for address, words := range map[string]string{"/queue/later": "No run waits for another try.", "/queue/later?for=time": "No run waits for a time."} {
			if page := viewer.Get(address, http.StatusOK); !strings.Contains(page, words) {
				t.Errorf("%s does not say %q", address, words)
			}
		}
		viewer.Get("/queue/later?for=approval", http.StatusNotFound)
		now := models.Now()
		due := now.Add(time.Hour)
		w := models.Workflow{ID: models.NewID(), Name: "Orders", Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
		s.Check(s.DB.Create(&w).Error)
		run := models.Run{
			ID: models.NewID(), WorkflowID: w.ID, VersionID: w.ID, Version: 1, WorkflowName: "Orders", Status: "waiting", WaitingFor: "retry", DueAt: &due,
			TriggerType: "manual", Trigger: models.JSON(`{"type":"manual"}`), Queue: "default", QueuedAt: now,
		}
		s.Check(s.DB.Create(&run).Error)
		step := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "send", Name: "Send", Type: "http_request", Attempt: 2, Status: "failed", WakeAt: &due, Error: models.JSON(`{"code":"http_status","message":"The shop is away."}`)}
		s.Check(s.DB.Create(&step).Error)
		goOn := "/runs/" + run.ID + "/continue"
		if page := viewer.Get("/queue/later", http.StatusOK); strings.Contains(page, goOn) || !strings.Contains(page, "Failed 2 times: The shop is away.") {
			t.Error("a viewer may have it go on, or is not told why it waits")
		}
		viewer.Post(goOn, nil, http.StatusForbidden)
		if page := operator.Get("/queue/later", http.StatusOK); !strings.Contains(page, goOn) || !strings.Contains(page, "Cancel all") {
			t.Error("nobody may have it go on")
		}
		operator.Post(goOn, nil, http.StatusSeeOther)
		var stored models.Run
		s.Check(s.DB.First(&stored, "id = ?", run.ID).Error)
		if stored.Status != "queued" || stored.DueAt != nil {
			t.Errorf("it is %s, due at %v", stored.Status, stored.DueAt)
		}
		operator.Post(goOn, nil, http.StatusConflict)
	})
}
