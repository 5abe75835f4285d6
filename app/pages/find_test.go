package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

// baserow#1350, homebox#480
func TestSearchFindsWordsInEveryScriptCaseAndOrder(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const name = "Ärger im ÖSTLICHEN Büro, Привет ΓΕΙΑ 100% done_now"
		d, problems, err := workflow.Parse([]byte(`{"format": 1, "name": "` + name + `",
			"triggers": [{"id": "day", "type": "schedule", "cron": "0 9 * * *", "time_zone": "UTC"}],
			"steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`))
		if s.Check(err); len(problems) > 0 {
			t.Fatal(problems)
		}
		w := s.Publish(d)
		run := s.Start(w, `{}`)
		b := s.As(auth.Viewer)
		for search, found := range map[string]bool{
			"ärger": true, "ÄRGER": true, "östlichen": true, "ÖSTLICHEN büro": true, "büro ärger": true, "  Büro   ÄRGER  ": true,
			"привет": true, "ПРИВЕТ γεια": true, "100%": true, "done_now": true, "ger im": true, "ärger ärger": true,
			"ärger westlichen": false, "arger": false, "1%0": false, "done%now": false, "doneXnow": false, strings.Repeat("ä ", 40) + "westlich": false,
		} {
			for list, link := range map[string]string{"/workflows": "/workflows/" + w.ID, "/runs": "/runs/" + run.ID, "/schedules": "/workflows/" + w.ID} {
				page := sitetest.MainOf(b.Get(list+"?"+url.Values{"q": {search}}.Encode(), http.StatusOK))
				if strings.Contains(page, `href="`+link) != found {
					t.Errorf("%s, %q: found is %v, which is wrong", list, search, !found)
				}
			}
		}
	})
}

func TestSearchForAFieldShowsWhereItStandsOrWhatIsWrong(t *testing.T) {
	s := sitetest.OnSQLite(t)
	order := s.Order()
	run := s.Start(order, `{"order_id": 4711}`)
	s.Execute(run.ID)
	s.Check(runs.StoreTexts(t.Context(), s.DB, []runs.Text{{RunID: run.ID, TriggerType: "manual", Ended: true, Values: [][]string{{"4711"}}}}))
	b := s.As(auth.Viewer)
	look := func(typed string, status int) string {
		return b.Get("/runs?"+url.Values{"q": {typed}}.Encode(), status)
	}
	sitetest.Shows(t, look("order_id:4711", http.StatusOK), "/runs/"+run.ID, "Was given: ", "<mark>4711</mark>", "How to search for a value in a field")
	sitetest.Shows(t, look("customer:4711", http.StatusOK), "!/runs/"+run.ID, "No run matches this filter.")
	sitetest.Shows(t, look("status:perfect", http.StatusUnprocessableEntity), "There is no state “perfect”.", `value="status:perfect"`, `aria-invalid="true"`)
}
