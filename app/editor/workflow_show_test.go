package editor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/modelstest"
)

// The page is an account of the workflow: what became of its last runs, who runs it, and on
// paper all that its steps are set to.
func TestAWorkflowsPageIsAnAccountOfIt(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	long := strings.Repeat("the whole of a long text ", 20) + "is kept"
	address := s.Keep(`{"format":1,"name":"Told","inputs":[{"name":"order_id","type":"text","label":"Order number"}],"steps":[{"id":"ask","type":"approval","config":{"question":"May {{ input.order_id }} go?"}},{"id":"say","type":"set_values","name":"Say it","config":{"values":{"words":"` + long + `"}},"retry":{"max_attempts":3}}]}`)
	b.Submit(address+"/publish", nil, http.StatusSeeOther)
	w, _ := s.Stored(address)
	var stored []models.Run
	for i := range 70 {
		at := models.Now().Add(time.Duration(i-100) * time.Minute)
		end := at.Add(time.Duration(i+1) * time.Second)
		run := models.Run{
			ID: modelstest.IDAt(at), WorkflowID: w.ID, VersionID: *w.VersionID, Version: 1, WorkflowName: w.Name, Status: []string{"succeeded", "failed"}[i%10/9],
			TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: at, StartedAt: &at, FinishedAt: &end,
		}
		if i == 69 {
			run.TriggerType = "try"
		}
		stored = append(stored, run)
	}
	s.Check(s.DB.Create(&stored).Error)
	page := b.Get(address, http.StatusOK)
	sitetest.Shows(t, page, "The last 60 runs, the oldest first", "54 of 60 (90 %)", long, "Tried 3 times", "Asks: May [Order number] go?")
	if n := strings.Count(page, `class="strip-cell`); n != 60 {
		t.Errorf("%d runs in the strip", n)
	}
	if strings.Contains(page, stored[69].ID) || !strings.Contains(page, `href="/runs/`+stored[68].ID) || strings.Contains(page, stored[8].ID) {
		t.Error("the strip holds a try, or not the last runs")
	}

	caller := s.Keep(fmt.Sprintf(`{"format":1,"name":"The one that calls","steps":[{"id":"run","type":"run_workflow","config":{"workflow":"%s"}}]}`, w.ID))
	const link = `>The one that calls</a>`
	for _, where := range []string{address, address + "/pause", address + "/delete"} {
		sitetest.Shows(t, b.Get(where, http.StatusOK), link, "in its draft only")
	}
	b.Submit(caller+"/publish", nil, http.StatusSeeOther)
	if page := b.Get(address, http.StatusOK); !strings.Contains(page, link) || strings.Contains(page, "in its draft only") {
		t.Error("it is not said that the other one runs it now")
	}
	if page := b.Get(caller, http.StatusOK); !strings.Contains(page, "Runs “Told”") || strings.Contains(sitetest.MainOf(page), "Where it is used") {
		t.Error("the other one does not name what it runs, or says that it is used")
	}
}

// Whoever pauses before the holidays has to know what goes on all the same.
func TestPausingSaysThatUnfinishedRunsGoOnAndLeadsToCancellingThem(t *testing.T) {
	s := sitetest.OnSQLite(t)
	w := s.Order()
	address, b := "/workflows/"+w.ID, s.As(auth.Operator)
	ask := `/bulk/new?action=cancel&amp;workflow_id=` + w.ID
	sitetest.Shows(t, b.Get(address+"/pause", 200), "!"+ask, "!have not ended")
	s.Start(w, `{"order_id": 1}`)
	s.Start(w, `{"order_id": 2}`)
	sitetest.Shows(t, b.Get(address+"/pause", 200), "2 runs of it have not ended, and go on.", ask, "Cancel the 2 runs")
	b.Submit(address+"/pause", nil, http.StatusSeeOther)
	sitetest.Shows(t, b.Get(address, 200), "It is paused", "2 runs of it have not ended, and go on.", ask)
	sitetest.Shows(t, s.As(auth.Viewer).Get(address, 200), "2 runs of it have not ended", "!"+ask)
}
