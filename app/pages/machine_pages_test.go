package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/schedules"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/workflow"
)

func TestOverviewSaysWhatNeedsAttention(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		eve, bob := s.As(auth.Editor), s.As(auth.Viewer)
		sitetest.Shows(t, eve.Get("/", 200), "There is no workflow yet", "/workflows/new", "No worker is connected", "go run ./worker")
		sitetest.Shows(t, bob.Get("/", 200), "Somebody who may edit has to make the first one", "!/workflows/new")
		w := s.Order(everyDayAtNine)
		s.Start(w, `{"order_id": 1}`)
		s.Board.Invalidate()
		page := eve.Get("/", 200)
		sitetest.Shows(t, page, "Waiting to start", "Every day at 09:00", "!"+sitetest.Evil, `hx-get="/live/overview"`, "Nothing runs at the moment")

		s.Check(s.Queue.Count(context.Background(), models.Now(), map[string]queue.Turnover{"default": {Succeeded: 3, Failed: 1}}))
		s.Redis.SetError("") // still reachable
		s.Board.Invalidate()
		first := bob.Send(http.MethodGet, "/live/overview", nil, nil)
		sitetest.Shows(t, first.Body, "/runs?status=failed", "4 runs finished in the last hour, 1 of them failed.", "!<html")
		if same := s.As(auth.Viewer).Send(http.MethodGet, "/live/overview", nil, http.Header{"If-None-Match": {first.Tag}}); same.Status != http.StatusNotModified {
			t.Fatalf("the same part answered %d to another viewer", same.Status)
		}
		s.Redis.Close()
		s.Board.Invalidate()
		sitetest.Shows(t, eve.Get("/", 200), "Redis cannot be reached at")
	})
}

func everyDayAtNine(d *workflow.Definition) {
	d.Triggers = []workflow.Trigger{{ID: "daily", Type: "schedule", Cron: "0 9 * * *", TimeZone: "Europe/Berlin"}}
}

func TestQueuePageShowsLanesAndLetsOperatorsPauseThem(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob := s.As(auth.Operator), s.As(auth.Viewer)
		s.Start(s.Order(), `{"order_id": 1}`)
		sitetest.Shows(t, ann.Get("/queue", 200), "default", "No worker is connected", "Pause", "Nothing has finished lately", "Finished in the last hour")
		sitetest.Shows(t, bob.Get("/queue", 200), "!/queues/default/pause", "What is stored", "The whole database", "30 days, where their workflow says nothing else", "Workflows with the most runs", `data-label="Runs" class="num">1</td>`)
		sitetest.Shows(t, bob.Get("/live/queue", 200), "!/queues/default/pause", "!<details")
		sitetest.Shows(t, ann.Get("/live/queue", 200), "/queues/default/pause")

		bob.Post("/queues/default/pause", nil, http.StatusForbidden)
		ann.Post("/queues/odd/pause", nil, http.StatusNotFound)
		ann.Post("/queues/default/pause", nil, http.StatusSeeOther)
		sitetest.Shows(t, ann.Get("/queue", 200), "Resume", "Paused: nothing is taken from it", "The queue “default” is paused", "!Go to the queue")
		paused, err := models.PausedLanes(context.Background(), s.DB)
		if err != nil || len(paused) != 1 || paused[0].PausedBy != "Ann" {
			t.Fatal(paused, err)
		}
		ann.Post("/queues/default/resume", nil, http.StatusSeeOther)
		sitetest.Shows(t, ann.Get("/queue", 200), "!Paused: nothing is taken from it")
	})
}

func TestQueuePageNamesWorkersAndWhatTheyDo(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ctx, stop := context.WithCancel(context.Background())
		entered, leave := make(chan struct{}), make(chan struct{})
		ended := make(chan error, 1)
		run := s.Start(s.Order(), `{"order_id": 1}`)
		go func() {
			ended <- pool.Run(ctx, s.Queue, pool.Options{Concurrency: 3, DB: s.DB, Grace: time.Second, Handle: func(context.Context, string) error {
				close(entered)
				<-leave
				return nil
			}})
		}()
		defer func() { close(leave); stop(); <-ended }()
		select {
		case <-entered:
		case <-time.After(time.Minute):
			t.Fatal("the worker did not take the run within 10 s")
		}
		ann := s.As(auth.Viewer)
		modelstest.Eventually(t, "the queue page names the worker's run", func() bool {
			s.Board.Invalidate()
			page := ann.Get("/queue", 200)
			return sitetest.Contains(page, "1 of 3", "process ", "/runs/"+run.ID, "Orders &lt;script&gt;")
		})
	})
}

func TestQueuePageKeepsOldNumbersWhileRedisIsAway(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		ann.Get("/queue", 200)
		s.Redis.Close()
		s.Board.Invalidate()
		sitetest.Shows(t, ann.Get("/queue", 200), "Redis cannot be reached", "some numbers are old", "default")
	})
}

func TestSchedulesListWhatComesNext(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, ctx := s.As(auth.Viewer), context.Background()
		sitetest.Shows(t, bob.Get("/schedules", 200), "Nothing runs by itself yet")
		w := s.Order(everyDayAtNine)
		page := bob.Get("/schedules", 200)
		sitetest.Shows(t, page, "Every day at 09:00", "Europe/Berlin", "Active", "!"+sitetest.Evil)

		found, _, err := schedules.ListComing(ctx, s.DB, schedules.ComingFilter{Limit: 1})
		s.Check(err)
		id, past := found[0].ID, models.Now().Add(-time.Hour)
		s.Check(s.DB.Model(&models.Schedule{}).Where("id = ?", id).Updates(map[string]any{"next_fire_at": past}).Error)
		run := s.Start(w, `{"order_id": 1}`)
		for i, row := range []models.PlannedRun{
			{PlannedAt: past.Add(-48 * time.Hour), Outcome: workflow.OutcomeRan, RunID: &run.ID, LateMS: 1500},
			{PlannedAt: past.Add(-24 * time.Hour), Outcome: workflow.OutcomeSkipped, RunID: &run.ID, Reason: "The last run was in the way " + sitetest.Evil},
		} {
			row.ID, row.ScheduleID, row.WorkflowID, row.CreatedAt = models.NewID(), id, w.ID, models.Now().Add(time.Duration(i))
			s.Check(s.DB.Create(&row).Error)
		}
		sitetest.Shows(t, bob.Get("/schedules", 200), "Late")
		one := bob.Get("/schedules/"+id, 200)
		sitetest.Shows(t, one, "It should have started on", "no worker is connected", "Show the queue and its workers", "The last run was in the way &lt;script&gt;", "Ran", "Skipped", "1.5 s", "/runs/"+run.ID, "!/edit/triggers/", "!"+sitetest.Evil, "Only the latest is made up for.")
		above, below, _ := strings.Cut(one, "<summary>Details</summary>")
		sitetest.Shows(t, above, "!Cron", "!0 9 * * *")
		sitetest.Shows(t, below, "Cron line", "0 9 * * *")
		sitetest.Shows(t, s.As(auth.Editor).Get("/schedules/"+id, 200), "/workflows/"+w.ID+"/edit/triggers/daily")
		s.Check(s.DB.Model(&models.Schedule{}).Where("id = ?", id).Updates(map[string]any{"moved_at": time.Date(2026, 11, 29, 23, 30, 0, 0, time.UTC), "moved_why": "Its next run moves."}).Error)
		sitetest.Shows(t, bob.Get("/schedules/"+id, 200), "30 November 2026: Its next run moves.") // on the clock of the schedule

		sitetest.Shows(t, bob.Get("/schedules/"+id+"?at="+past.Add(-24*time.Hour).In(berlin(t)).Format("2006-01-02T15:04"), 200), "was skipped. The last run was in the way", "Show the run")
		sitetest.Shows(t, bob.Get("/schedules/"+id+"?at=nonsense", 200), "Enter a date and a time")
		s.Check(s.DB.Model(&models.Schedule{}).Where("id = ?", id).Updates(map[string]any{"status": models.ScheduleOff, "next_fire_at": nil, "next_at": nil}).Error)
		sitetest.Shows(t, bob.Get("/schedules?status=off", 200), "Every day at 09:00", "Switched off")
		sitetest.Shows(t, bob.Get("/schedules/"+id, 200), "It is switched off: nothing is planned")
		bob.Get("/schedules/nonsense", 404)
		bob.Get("/schedules/"+models.NewID(), 404)
		bob.Get("/schedules?status=odd", 404)
		sitetest.Shows(t, bob.Get("/schedules?status=paused", 200), "No schedule is paused.")
	})
}

func TestAPlannedTimeWhoseRunFailedIsNotShownAsRan(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob := s.As(auth.Viewer)
		w := s.Order(everyDayAtNine)
		found, err := schedules.Of(t.Context(), s.DB, w.ID)
		s.Check(err)
		for i, status := range []string{"failed", "succeeded", "cancelled", "failed"} {
			run := s.Start(w, `{"order_id": 1}`)
			s.Check(s.DB.Model(&models.Run{}).Where("id = ?", run.ID).Update("status", status).Error)
			row := models.PlannedRun{ID: models.NewID(), ScheduleID: found[0].ID, WorkflowID: w.ID, PlannedAt: models.Now().AddDate(0, 0, -i-1), Outcome: workflow.OutcomeRan, RunID: &run.ID, CreatedAt: models.Now()}
			if i == 3 { // what was in the way has failed, but this time did not start it
				row.Outcome = workflow.OutcomeSkipped
			}
			s.Check(s.DB.Create(&row).Error)
		}
		for _, page := range []string{"/schedules/" + found[0].ID, "/schedules/ledger"} {
			shown := bob.Get(page, 200)
			sitetest.Shows(t, shown, "Started, failed", "Started, cancelled", "Ran", "Skipped")
			if strings.Contains(page, "ledger") && strings.Count(shown, "Started, failed") != 1 {
				t.Errorf("%d rows of the ledger say that their run failed", strings.Count(shown, "Started, failed"))
			}
		}
		sitetest.Shows(t, bob.Get("/schedules/"+found[0].ID, 200), `class="strip-cell failed"`)
		sitetest.Shows(t, bob.Get("/schedules/ledger.csv", 200), "run_status", ",failed\n", ",succeeded\n")
	})
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := workflow.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestOneScheduleIsPausedAndResumedByForms(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w := s.Order(everyDayAtNine)
		found, err := schedules.Of(t.Context(), s.DB, w.ID)
		s.Check(err)
		page := "/schedules/" + found[0].ID
		bob := s.As(auth.Operator)
		sitetest.Shows(t, bob.Get(page, 200), "Its first time has not come", page+"/pause", "!/resume")
		sitetest.Shows(t, s.As(auth.Viewer).Get(page, 200), "!"+page+"/pause")
		sitetest.Shows(t, bob.Get(page+"/pause", 200), "noted as paused and not made up for", "The next time would be")
		sitetest.Shows(t, bob.Post(page+"/pause", url.Values{"until": {"2020-01-01T09:00"}, "reason": {"Noise " + sitetest.Evil}}, 422).Body, "Choose a time in the future", "Noise &lt;script&gt;")
		sitetest.Shows(t, bob.Post(page+"/pause", url.Values{"until": {"soon"}}, 422).Body, "Enter until when, a date and a time")
		bob.Post(page+"/pause", url.Values{"until": {"2999-01-01T09:00"}, "reason": {"Noise " + sitetest.Evil}}, 303)
		sitetest.Shows(t, bob.Get(page, 200), "The schedule was paused by", "Noise &lt;script&gt;", "until Tue 1 Jan 2999 at 09:00", page+"/resume", "!"+page+"/pause")
		bob.Post(page+"/resume", nil, 303)
		sitetest.Shows(t, bob.Get(page, 200), "Its first time has not come")
		bob.Get("/schedules/"+models.NewID()+"/pause", 404)
	})
}

func TestWhySaysWhatBecameOfTheRun(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w := timed(s, "Nightly", `"cron": "0 9 * * *"`)
		found, err := schedules.Of(t.Context(), s.DB, w.ID)
		s.Check(err)
		run := s.Start(w, `{}`)
		now := models.Now().Truncate(time.Minute)
		_, err = schedules.InsertPlanned(t.Context(), s.DB, []models.PlannedRun{{
			ID: models.NewID(), ScheduleID: found[0].ID, WorkflowID: w.ID, PlannedAt: now, Outcome: "ran", RunID: &run.ID, CreatedAt: now,
		}})
		s.Check(err)
		page, bob := "/schedules/"+found[0].ID, s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get(page, 200), "has not begun: no worker is connected.", "Show the queue and its workers")
		s.Check(s.Catalog.PauseLane(t.Context(), "default", "Ann"))
		s.Board.Invalidate()
		sitetest.Shows(t, bob.Get(page, 200), "has not begun: the queue “default” is paused.")
		s.Check(s.DB.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"status": "failed", "error": models.JSON(`{"code":"x","message":"The shop is closed. ` + `<script>"}`)}).Error)
		sitetest.Shows(t, bob.Get(page, 200), ", but failed: The shop is closed. &lt;script&gt;", "/runs/"+run.ID)
	})
}
