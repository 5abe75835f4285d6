package routes_test

import (
	"net/url"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

func TestAnAdministratorStopsAllWorkAndLetsItGoOn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := newSite(t, db)
		id := s.made("/workflows", object{"format": 1, "name": "Order", "publish": true, "steps": []object{{"id": "a", "type": "set_values", "config": object{"values": object{"x": 1}}}}})["id"].(string)
		admin, viewer := s.signedIn(auth.Administrator), s.signedIn(auth.Viewer)
		const address = "/settings/maintenance"

		if a := viewer.post(address, url.Values{"reason": {"no"}}); a.StatusCode != 403 {
			t.Errorf("a viewer was answered %d", a.StatusCode)
		}
		if a := admin.post(address, url.Values{"reason": {strings.Repeat("ä", 501)}}); a.StatusCode != 422 || !strings.Contains(a.body, "at most 500 characters") || !strings.Contains(a.body, strings.Repeat("ä", 501)) {
			t.Errorf("a long reason was answered %d", a.StatusCode)
		}
		if a := admin.post(address, url.Values{"reason": {"Back at <15:00>"}}); a.StatusCode != 303 && a.StatusCode != 200 {
			t.Errorf("stopping was answered %d: %s", a.StatusCode, a.body)
		}
		for path, words := range map[string]string{
			"/": "Back at &lt;15:00&gt;", "/queue": "Workers take nothing, and show themselves when they do again", address: "Work is stopped for maintenance",
		} {
			if page := viewer.get(path).body; !strings.Contains(page, words) {
				t.Errorf("%s does not say %q", path, words)
			}
		}
		if strings.Contains(viewer.get(address).body, "Let work go on") {
			t.Error("a viewer may have it go on")
		}
		run := s.made("/workflows/"+id+"/runs", object{})["id"].(string) // which is accepted
		if page := viewer.get("/runs/" + run).body; !strings.Contains(page, "Waits because work is stopped for maintenance") {
			t.Error("the run does not say why it waits")
		}
		if a := s.api("GET", "/maintenance", nil).decoded(t); a["stopped"] != true || a["reason"] != "Back at <15:00>" || a["since"] == nil {
			t.Errorf("the API says %v", a)
		}
		if a := s.api("POST", "/maintenance", nil); a.StatusCode != 409 {
			t.Errorf("stopping again was answered %d", a.StatusCode)
		}
		if a := s.api("POST", "/maintenance/end", nil); a.StatusCode != 200 || a.decoded(t)["stopped"] != false {
			t.Errorf("the end was answered %d %s", a.StatusCode, a.body)
		}
		if a := s.api("POST", "/maintenance/end", nil); a.StatusCode != 409 {
			t.Errorf("the end again was answered %d", a.StatusCode)
		}
		if page := viewer.get("/").body; strings.Contains(page, "maintenance") {
			t.Error("it is told still")
		}
		s.api("POST", "/maintenance", object{"reason": "Move"})
		admin.post(address+"/end", nil)
		if still, err := models.StandstillOf(t.Context(), db); err != nil || still.Holds() {
			t.Errorf("%+v %v", still, err)
		}
		acts, _, err := models.ListAuditEvents(t.Context(), db, models.AuditFilter{Action: "maintenance", Limit: 10})
		if err != nil || len(acts) != 4 {
			t.Errorf("%d acts, %v", len(acts), err)
		}
	})
}
