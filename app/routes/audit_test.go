package routes_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

// acts are the actions in the audit log, oldest first.
func (s *site) acts() []string {
	s.t.Helper()
	events, _, err := models.ListAuditEvents(s.t.Context(), s.db, models.AuditFilter{Limit: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	var acts []string
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].ActorName != "the configuration" { // which has made the token of these tests
			acts = append(acts, events[i].Action)
		}
	}
	return acts
}

func TestEveryActIsInTheAuditLog(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		definition := object{"format": 1, "name": "Nightly", "triggers": []object{{"id": "often", "type": "schedule", "every": "1h"}}, "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "failed"}}}}
		flow := s.api("POST", "/workflows", definition).decoded(t)["id"].(string)
		definition["name"] = "Nightly 2"
		s.api("PUT", "/workflows/"+flow, definition)
		s.api("PUT", "/workflows/"+flow, definition) // changes nothing
		s.api("POST", "/workflows/"+flow+"/publish", nil)
		schedule := s.api("GET", "/schedules", nil).decoded(t)["data"].([]any)[0].(object)["id"].(string)
		run := s.api("POST", "/workflows/"+flow+"/runs", object{}).decoded(t)["id"].(string)
		calendar := s.api("POST", "/calendars", object{"name": "Free", "weekend": []int{0}, "days": []object{}}).decoded(t)["id"].(string)
		s.api("PUT", "/calendars/"+calendar+"/subscription", object{"address": "https://example.com/a.ics"})
		for _, call := range [][2]string{
			{"POST", "/workflows/" + flow + "/pause"},
			{"POST", "/workflows/" + flow + "/resume"},
			{"POST", "/schedules/" + schedule + "/pause"},
			{"POST", "/schedules/" + schedule + "/resume"},
			{"POST", "/queues/default/pause"},
			{"POST", "/queues/default/resume"},
			{"POST", "/runs/" + run + "/cancel"},
			{"POST", "/calendars/" + calendar + "/fetch"},
			{"DELETE", "/calendars/" + calendar + "/subscription"},
			{"DELETE", "/calendars/" + calendar},
		} {
			if a := s.api(call[0], call[1], nil); a.StatusCode >= 300 {
				t.Errorf("%s answered %d %s", call, a.StatusCode, a.body)
			}
		}
		retried := s.api("POST", "/runs/"+run+"/retry", object{}).decoded(t)["id"].(string)
		s.api("POST", "/runs/"+retried+"/cancel", nil)
		s.api("DELETE", "/workflows/"+flow, nil)
		want := "workflow.created workflow.changed workflow.published calendar.created calendar.subscribed workflow.paused workflow.resumed schedule.paused schedule.resumed queue.paused queue.resumed run.cancelled calendar.fetched calendar.unsubscribed calendar.deleted run.retried run.cancelled workflow.deleted"
		if got := strings.Join(s.acts(), " "); got != want {
			t.Errorf("the log says\n%s, not\n%s", got, want)
		}
		if a := s.api("POST", "/workflows/"+flow+"/pause", nil); a.StatusCode != 404 {
			t.Errorf("pausing what is gone answered %d", a.StatusCode)
		}
		before := len(s.acts())
		b := s.signedIn(auth.Administrator)
		b.post("/settings/tokens", url.Values{"token_name": {"Nightly import"}, "scopes": {"read"}})
		b.post("/settings/password", url.Values{"present": {"wrong wrong wrong"}, "password": {"another long password"}})
		b.post("/settings/password", url.Values{"present": {password}, "password": {"another long password"}})
		b.post("/logout", nil)
		s.visitor().post("/login", url.Values{"email": {"nobody@example.com"}, "password": {"canary of a password"}})
		want = "user.signed_in token.created user.refused user.password_changed user.signed_in user.signed_out user.refused"
		if got := strings.Join(s.acts()[before:], " "); got != want {
			t.Errorf("the log says\n%s, not\n%s", got, want)
		}
		events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: "token.created", Limit: 5})
		if err != nil || len(events) != 2 || events[1].ActorKind != models.ActorSystem || events[1].ActorName != "the configuration" || events[0].ActorKind != models.ActorPerson || events[0].Address == "" || events[0].RequestID == "" || !strings.Contains(string(events[0].After), `"scopes":["read"]`) {
			t.Errorf("a token was made: %+v, %v", events, err)
		}
		for _, e := range s.acts() {
			if strings.Contains(e, "canary") {
				t.Error("what was typed as a password stands in the log")
			}
		}
	})
}

func TestAuditLogCannotBeChanged(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "SHOP", "value": "open sesame"})
		for _, statement := range []string{"UPDATE audit_events SET actor_name = 'Eve'", "DELETE FROM audit_events"} {
			if err := s.db.Exec(statement).Error; err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if acts := s.acts(); len(acts) != 1 {
			t.Errorf("the log says %v", acts)
		}
	})
}

func TestAuditLogIsReadAndSavedByAdministrators(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "SHOP", "value": "open sesame"})
		b := s.signedIn(auth.Administrator)
		page := b.get("/settings/audit?action=secret")
		if page.StatusCode != 200 || !strings.Contains(page.text(), "secret: created") || !strings.Contains(page.text(), "API token") || strings.Contains(page.text(), "user: signed in") || strings.Contains(page.body, "open sesame") {
			t.Errorf("the page is %d %s", page.StatusCode, page.text())
		}
		if a := b.get("/settings/audit?from=yesterday"); a.StatusCode != 422 || !strings.Contains(a.text(), "Enter a date") {
			t.Errorf("a day that is none answered %d", a.StatusCode)
		}
		if a := b.get("/settings/audit?actor=nobody"); a.StatusCode != 200 || !strings.Contains(a.text(), "Nothing matches this filter.") {
			t.Errorf("nobody's acts are %d %s", a.StatusCode, a.text())
		}
		file := b.get("/settings/audit.csv?action=secret")
		if file.StatusCode != 200 || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") || strings.Count(file.body, "\n") != 2 || !strings.Contains(file.body, "secret.created,secret,") || !strings.Contains(file.body, ",token,ADMIN_TOKEN,"+s.record("secret").ActorID+",") {
			t.Errorf("the file is %d %s", file.StatusCode, file.body)
		}
	})
}

// record is the newest entry of the audit log about an action.
func (s *site) record(action string) models.AuditEvent {
	s.t.Helper()
	events, _, err := models.ListAuditEvents(s.t.Context(), s.db, models.AuditFilter{Action: action, Limit: 1})
	if err != nil || len(events) != 1 {
		s.t.Fatalf("%s: %+v, %v", action, events, err)
	}
	return events[0]
}

func TestAuditLogKeepsWhatAnActHasDestroyed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "SHOP", "value": "open sesame"})
		says := func(action, before, after string) {
			t.Helper()
			e := s.record(action)
			if !strings.Contains(string(e.Before), before) || before == "" && e.Before != nil || !strings.Contains(string(e.After), after) || after == "" && e.After != nil {
				t.Errorf("%s says %s, then %s", action, e.Before, e.After)
			}
		}
		step := func(values object) []object {
			return []object{{"id": "note", "type": "set_values", "config": object{"values": values}}}
		}
		definition := object{"format": 1, "name": "Nightly", "publish": true, "triggers": []object{{"id": "often", "type": "schedule", "every": "1h"}}, "steps": step(object{"a": "open sesame"})}
		flow := s.api("POST", "/workflows", definition).decoded(t)["id"].(string)
		delete(definition, "publish")
		definition["name"] = "Nightly with open sesame"
		s.api("PUT", "/workflows/"+flow, definition)
		says("workflow.changed", "", `"changes":["The workflow is now called “Nightly with [secret SHOP]” instead of “Nightly”."]`)
		for _, path := range []string{"/workflows/" + flow, "/schedules/" + s.api("GET", "/schedules", nil).decoded(t)["data"].([]any)[0].(object)["id"].(string)} {
			kind := strings.TrimSuffix(strings.Split(path, "/")[1], "s")
			s.api("POST", path+"/pause", object{"reason": "Holidays"})
			says(kind+".paused", "", `"reason":"Holidays"`)
			s.api("POST", path+"/pause", object{"reason": "Longer"})
			says(kind+".paused", `"reason":"Holidays"`, `"reason":"Longer"`)
			s.api("POST", path+"/resume", nil)
			says(kind+".resumed", `"reason":"Longer"`, "")
		}
		if a := s.api("DELETE", "/workflows/"+flow, nil); a.StatusCode >= 300 {
			t.Fatalf("deleting answered %d %s", a.StatusCode, a.body)
		}
		says("workflow.deleted", `"name":"Nightly"`, "")
		says("workflow.deleted", `"a":"[secret SHOP]"`, "")
		large := object{}
		for _, name := range strings.Split("a b c d e f g h i j k l m n o p q r s t", " ") {
			large[name] = strings.Repeat(name, 4000)
		}
		flow = s.api("POST", "/workflows", object{"format": 1, "name": "Large", "steps": step(large)}).decoded(t)["id"].(string)
		s.api("DELETE", "/workflows/"+flow, nil)
		if e := s.record("workflow.deleted"); len(e.Before) < 30_000 || len(e.Before) > 60_000 || !strings.Contains(string(e.Before), "beginning_of_definition") {
			t.Errorf("of a large one it keeps %d bytes", len(e.Before))
		}

		b := s.signedIn(auth.Administrator)
		b.post("/settings/tokens", url.Values{"token_name": {"Import"}, "scopes": {"read", "approve"}})
		b.post("/settings/tokens/"+s.record("token.created").ObjectID+"/revoke", nil)
		says("token.revoked", `"scopes":["read","approve"]`, "")
		b.post("/settings/people", url.Values{"email": {"olga@example.com"}, "role": {"editor"}})
		page := b.get("/settings/people").body
		at := strings.Index(page, "/settings/invitations/")
		withdraw, _, _ := strings.Cut(page[at:], `"`)
		b.post(withdraw, nil)
		says("user.link_withdrawn", `"role":"editor"`, "")
		otto := s.user("otto@example.com", auth.Operator)
		browsers := []*browser{s.visitor(), s.visitor()}
		for _, o := range browsers {
			o.headers.Set("User-Agent", "Firefox of Otto")
			o.post("/login", url.Values{"email": {"otto@example.com"}, "password": {password}})
		}
		page = browsers[0].get("/settings").body
		end, _, _ := strings.Cut(page[strings.Index(page, "/settings/sessions/"):], `"`)
		browsers[0].post(end, nil)
		says("user.session_ended", `"browser":"Firefox of Otto"`, "")
		b.post("/settings/people/"+otto.ID+"/remove", nil)
		says("user.removed", `"role":"operator"`, "")
	})
}

func TestWhatTheConfigurationMakesIsRecorded(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for range 2 { // a restart
			if err := auth.MakeFirst(t.Context(), s.db, auth.First{Email: "ada@example.com", Password: password, Token: adminToken}, models.Now()); err != nil {
				t.Fatal(err)
			}
		}
		for _, action := range []string{"user.created", "token.created"} {
			events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: action, Limit: 5})
			if err != nil || len(events) != 1 || events[0].ActorKind != models.ActorSystem || events[0].ActorName != "the configuration" {
				t.Errorf("%s: %+v, %v", action, events, err)
			}
		}
	})
}

func TestAuditPageShowsNamesAndValues(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.signedIn(auth.Administrator)
		otto := s.user("otto@example.com", auth.Viewer)
		b.post("/settings/people/"+otto.ID+"/role", url.Values{"role": {"editor"}})
		b.post("/settings/tokens", url.Values{"token_name": {"Import"}, "scopes": {"read", "run"}})
		if page := b.get("/settings/audit?action=user.role_changed"); !strings.Contains(page.text(), "role editor, was viewer") || strings.Contains(page.body, "<details>") {
			t.Errorf("a role that changed is shown as %s", page.text())
		}
		if page := b.get("/settings/audit?action=token.created"); !strings.Contains(page.text(), "scopes read, run") || strings.Contains(page.text(), "expires at was") {
			t.Errorf("a token that was made is shown as %s", page.text())
		}
		flow := s.api("POST", "/workflows", object{"format": 1, "name": "Nightly", "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "failed"}}}}).decoded(t)["id"].(string)
		s.api("DELETE", "/workflows/"+flow, nil)
		if page := b.get("/settings/audit?action=workflow.deleted"); !strings.Contains(page.text(), "Details Before {") || strings.Contains(page.text(), "After {") {
			t.Errorf("a workflow that was deleted is shown as %s", page.text())
		}
		event := s.api("GET", "/audit-events?action=user.role_changed", nil).decoded(t)["data"].([]any)[0].(object)
		if event["actor_id"] != s.record("user.role_changed").ActorID || event["actor_id"] == "" {
			t.Errorf("the API says %v", event)
		}
	})
}

func TestAuditFileSaysWhenItIsNotAll(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Administrator)
	err := s.db.Exec(`INSERT INTO audit_events (id, happened_at, actor_kind, actor_id, actor_name, address, request_id, action, object_kind, object_id, object_name)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50001)
		SELECT printf('01000000-0000-7000-8000-%012d', i), '2026-01-01 00:00:00+00:00', 'person', '', char(13) || '=cmd', '', '', 'many.done', 'user', '', '' FROM n`).Error
	if err != nil {
		t.Fatal(err)
	}
	file := b.get("/settings/audit.csv?action=many")
	if lines := strings.Split(strings.TrimSpace(file.body), "\n"); file.StatusCode != 200 || len(lines) != 50_002 || !strings.HasPrefix(lines[50_001], "There are more.") && !strings.HasPrefix(lines[50_001], `"There are more.`) {
		t.Errorf("the file is %d of %d lines, the last is %s", file.StatusCode, len(lines), lines[len(lines)-1])
	}
	if !strings.Contains(file.body, "'\r=cmd") {
		t.Errorf("a cell is a formula: %q", file.body[:500])
	}
	file = b.get("/settings/audit.csv?action=user")
	if strings.Contains(file.body, "There are more.") {
		t.Errorf("the whole file says that it is not all: %s", file.body)
	}
}
