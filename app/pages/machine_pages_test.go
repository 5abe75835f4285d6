package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

func TestOverviewSaysWhatNeedsAttention(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		eve, bob := s.as(auth.Editor), s.as(auth.Viewer)
		shows(t, eve.get("/", 200), "There is no workflow yet", "/workflows/new", "No worker is connected", "go run ./worker")
		shows(t, bob.get("/", 200), "Somebody who may edit has to make the first one", "!/workflows/new")
		w := s.order(everyDayAtNine)
		s.start(w, `{"order_id": 1}`)
		s.board.Expire()
		page := eve.get("/", 200)
		shows(t, page, "Waiting to start", "Every day at 09:00", "!"+evil, `hx-get="/live/overview"`, "Nothing runs at the moment")

		s.check(s.queue.Count(context.Background(), models.Now(), 3, 1))
		s.redis.SetError("") // still reachable
		s.board.Expire()
		first := bob.send(http.MethodGet, "/live/overview", nil, nil)
		shows(t, first.body, "1 run failed in the last hour.", "/runs?status=failed", "4 runs finished in the last hour, 1 of them failed.", "!<html")
		if same := eve.send(http.MethodGet, "/live/overview", nil, http.Header{"If-None-Match": {first.tag}}); same.status != http.StatusNotModified {
			t.Fatalf("the same part answered %d to another viewer", same.status)
		}
		s.redis.Close()
		s.board.Expire()
		shows(t, eve.get("/", 200), "Redis cannot be reached at")
	})
}

func everyDayAtNine(d *workflow.Definition) {
	d.Triggers = []workflow.Trigger{{ID: "daily", Type: "schedule", Cron: "0 9 * * *", TimeZone: "Europe/Berlin"}}
}

func TestQueuePageShowsLanesAndLetsOperatorsPauseThem(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann, bob := s.as(auth.Operator), s.as(auth.Viewer)
		s.start(s.order(), `{"order_id": 1}`)
		shows(t, ann.get("/queue", 200), "default", "No worker is connected", "Pause", "Nothing has finished lately", "Finished in the last hour")
		shows(t, bob.get("/queue", 200), "!/queues/default/pause")
		shows(t, bob.get("/live/queue", 200), "!/queues/default/pause", "!<details")
		shows(t, ann.get("/live/queue", 200), "/queues/default/pause")

		bob.post("/queues/default/pause", nil, http.StatusForbidden)
		ann.post("/queues/odd/pause", nil, http.StatusNotFound)
		ann.post("/queues/default/pause", nil, http.StatusSeeOther)
		shows(t, ann.get("/queue", 200), "Resume", "Paused: nothing is taken from it", "The queue “default” is paused")
		paused, err := models.PausedLanes(context.Background(), s.db)
		if err != nil || len(paused) != 1 || paused[0].PausedBy != "Ann" {
			t.Fatal(paused, err)
		}
		ann.post("/queues/default/resume", nil, http.StatusSeeOther)
		shows(t, ann.get("/queue", 200), "!Paused: nothing is taken from it")
	})
}

func TestQueuePageNamesWorkersAndWhatTheyDo(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ctx, stop := context.WithCancel(context.Background())
		entered, leave := make(chan struct{}), make(chan struct{})
		ended := make(chan error, 1)
		run := s.start(s.order(), `{"order_id": 1}`)
		go func() {
			ended <- s.queue.Run(ctx, queue.PoolOptions{Concurrency: 3, DB: s.db, Grace: time.Second, Handle: func(context.Context, string) error {
				close(entered)
				<-leave
				return nil
			}})
		}()
		defer func() { close(leave); stop(); <-ended }()
		select {
		case <-entered:
		case <-time.After(10 * time.Second):
			t.Fatal("the worker did not take the run within 10 s")
		}
		ann := s.as(auth.Viewer)
		eventually(t, "the queue page names the worker's run", func() bool {
			s.board.Expire()
			page := ann.get("/queue", 200)
			return contains(page, "1 of 3", "process ", "/runs/"+run.ID, "Orders &lt;script&gt;")
		})
	})
}

func TestQueuePageKeepsOldNumbersWhileRedisIsAway(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann := s.as(auth.Operator)
		ann.get("/queue", 200)
		s.redis.Close()
		s.board.Expire()
		shows(t, ann.get("/queue", 200), "Redis cannot be reached", "some numbers are old", "default")
	})
}

func TestSchedulesListWhatComesNext(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		bob, ctx := s.as(auth.Viewer), context.Background()
		shows(t, bob.get("/schedules", 200), "Nothing runs by itself yet")
		w := s.order(everyDayAtNine)
		page := bob.get("/schedules", 200)
		shows(t, page, "Every day at 09:00", "Europe/Berlin", "Active", "!"+evil)

		found, _, err := models.ComingSchedules(ctx, s.db, models.ComingFilter{Limit: 1})
		s.check(err)
		id, past := found[0].ID, models.Now().Add(-time.Hour)
		s.check(s.db.Model(&models.Schedule{}).Where("id = ?", id).Updates(map[string]any{"next_fire_at": past}).Error)
		run := s.start(w, `{"order_id": 1}`)
		for i, row := range []models.PlannedRun{
			{PlannedAt: past.Add(-48 * time.Hour), Outcome: workflow.OutcomeRan, RunID: &run.ID, LateMS: 1500},
			{PlannedAt: past.Add(-24 * time.Hour), Outcome: workflow.OutcomeSkipped, RunID: &run.ID, Reason: "The last run was in the way " + evil},
		} {
			row.ID, row.ScheduleID, row.WorkflowID, row.CreatedAt = models.NewID(), id, w.ID, models.Now().Add(time.Duration(i))
			s.check(s.db.Create(&row).Error)
		}
		shows(t, bob.get("/schedules", 200), "Late")
		one := bob.get("/schedules/"+id, 200)
		shows(t, one, "It should have started on", "no worker is connected", "Show the queue and its workers", "The last run was in the way &lt;script&gt;", "Ran", "Skipped", "1.5 s", "/runs/"+run.ID, "!/edit/triggers/", "!"+evil, "Only the latest is made up for.")
		shows(t, s.as(auth.Editor).get("/schedules/"+id, 200), "/workflows/"+w.ID+"/edit/triggers/daily")

		shows(t, bob.get("/schedules/"+id+"?at="+past.Add(-24*time.Hour).In(berlin(t)).Format("2006-01-02T15:04"), 200), "was skipped. The last run was in the way", "Show the run")
		shows(t, bob.get("/schedules/"+id+"?at=nonsense", 200), "Enter a date and a time")
		s.check(s.db.Model(&models.Schedule{}).Where("id = ?", id).Updates(map[string]any{"status": models.ScheduleOff, "next_fire_at": nil, "next_at": nil}).Error)
		shows(t, bob.get("/schedules?status=off", 200), "Every day at 09:00", "Switched off")
		shows(t, bob.get("/schedules/"+id, 200), "It is switched off: nothing is planned")
		bob.get("/schedules/nonsense", 404)
		bob.get("/schedules/"+models.NewID(), 404)
		bob.get("/schedules?status=odd", 404)
		shows(t, bob.get("/schedules?status=paused", 200), "No schedule is paused.")
	})
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestOneScheduleIsPausedAndResumedByForms(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		w := s.order(everyDayAtNine)
		found, err := models.SchedulesOf(t.Context(), s.db, w.ID)
		s.check(err)
		page := "/schedules/" + found[0].ID
		bob := s.as(auth.Operator)
		shows(t, bob.get(page, 200), "Its first time has not come", page+"/pause", "!/resume")
		shows(t, s.as(auth.Viewer).get(page, 200), "!"+page+"/pause")
		shows(t, bob.get(page+"/pause", 200), "noted as paused and not made up for", "The next time would be")
		shows(t, bob.post(page+"/pause", url.Values{"until": {"2020-01-01T09:00"}, "reason": {"Noise " + evil}}, 422).body, "Choose a time in the future", "Noise &lt;script&gt;")
		shows(t, bob.post(page+"/pause", url.Values{"until": {"soon"}}, 422).body, "Enter a date and a time")
		bob.post(page+"/pause", url.Values{"until": {"2999-01-01T09:00"}, "reason": {"Noise " + evil}}, 303)
		shows(t, bob.get(page, 200), "The schedule was paused by", "Noise &lt;script&gt;", "until Tue 1 Jan 2999 at 09:00", page+"/resume", "!"+page+"/pause")
		bob.post(page+"/resume", nil, 303)
		shows(t, bob.get(page, 200), "Its first time has not come")
		bob.get("/schedules/"+models.NewID()+"/pause", 404)
	})
}

func TestWhySaysWhatBecameOfTheRun(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		w := s.timed("Nightly", `"cron": "0 9 * * *"`)
		found, err := models.SchedulesOf(t.Context(), s.db, w.ID)
		s.check(err)
		run := s.start(w, `{}`)
		now := models.Now().Truncate(time.Minute)
		_, err = models.InsertPlannedRuns(t.Context(), s.db, []models.PlannedRun{{
			ID: models.NewID(), ScheduleID: found[0].ID, WorkflowID: w.ID, PlannedAt: now, Outcome: "ran", RunID: &run.ID, CreatedAt: now,
		}})
		s.check(err)
		page, bob := "/schedules/"+found[0].ID, s.as(auth.Viewer)
		shows(t, bob.get(page, 200), "has not begun: no worker is connected.", "Show the queue and its workers")
		s.check(s.queue.Pause(t.Context(), s.db, "default", "Ann", now))
		s.board.Expire()
		shows(t, bob.get(page, 200), "has not begun: the queue “default” is paused.")
		s.check(s.db.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"status": "failed", "error": models.JSON(`{"code":"x","message":"The shop is closed. ` + `<script>"}`)}).Error)
		shows(t, bob.get(page, 200), ", but failed: The shop is closed. &lt;script&gt;", "/runs/"+run.ID)
	})
}
