package editor_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/sitetest"
	"workflows/models"
)

// airflow#50711
func TestListsOfWorkflowsSayThatThereAreMoreAndFindThem(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	const step = `{"format": 1, "name": "Calls", "steps": [{"id": "call", "type": "run_workflow", "config": {"workflow": ""}}]}`
	flow := s.Keep(step)
	lists := []string{"/runs", "/alerts", "/schedules/ledger", flow + "/edit/steps/call"}
	for _, list := range lists {
		sitetest.Shows(t, b.Get(list, http.StatusOK), "!"+frame.FindWorkflow)
	}
	rows := make([]models.Workflow, 0, 250)
	for i := range 250 {
		name := fmt.Sprintf("Flow %03d", i)
		if i == 249 {
			name = "Zügig liefern"
		}
		rows = append(rows, models.Workflow{ID: models.NewID(), Name: name, Draft: models.JSON(step), DraftRevision: 1, Status: "draft", CreatedAt: models.Now(), UpdatedAt: models.Now()})
	}
	s.Check(s.DB.Create(&rows).Error)
	last := `value="` + rows[249].ID + `"`
	for _, list := range lists {
		sitetest.Shows(t, b.Get(list, http.StatusOK), "The list has the first 200 by name. Type words of another&#39;s name.", "!"+last)
	}
	find := url.Values{frame.FindWorkflow: {"LIEFERN  zügig"}}
	for _, list := range lists[:3] {
		page := b.Get(list+"?"+find.Encode(), http.StatusOK)
		sitetest.Shows(t, page, last, "The list has those with these words in their names.", "!"+rows[0].ID)
	}
	find.Set("row", "show")
	sitetest.Shows(t, b.Submit(lists[3], find, http.StatusOK).Body, last, "!"+rows[0].ID)
	find.Set(frame.FindWorkflow, "flow")
	sitetest.Shows(t, b.Submit(lists[3], find, http.StatusOK).Body, "first 200 of those with these words")
	find.Set("config.workflow", rows[249].ID)
	page := b.Submit(lists[3], find, http.StatusOK).Body
	if !strings.Contains(page, last+" selected") {
		t.Errorf("what was chosen is not in the list: %s", sitetest.MainOf(page))
	}
	find = url.Values{"crontab": {"0 9 * * * x"}, frame.FindWorkflow: {"zügig"}}
	sitetest.Shows(t, b.Submit("/schedules/import", find, http.StatusOK).Body, last)
}
