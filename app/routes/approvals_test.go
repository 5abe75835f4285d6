package routes_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

// asking makes a run that asks, and returns it with the id of its question.
func (s *site) asking(question, assignees string) (run, id string) {
	s.t.Helper()
	config := object{"question": question}
	if assignees != "" {
		config["assignees"] = assignees
	}
	made := s.api("POST", "/workflows", object{"format": 1, "name": "Refunds", "publish": true, "steps": []object{{"id": "ask", "type": "approval", "name": "Ask the boss", "config": config}}})
	if made.StatusCode != 201 {
		s.t.Fatalf("making it answered %d %s", made.StatusCode, made.body)
	}
	run = s.api("POST", "/workflows/"+made.decoded(s.t)["id"].(string)+"/runs", object{}).decoded(s.t)["id"].(string)
	s.execute(run)
	waiting := s.api("GET", "/approvals?state=waiting&run_id="+run, nil).decoded(s.t)["data"].([]any)
	return run, waiting[0].(object)["id"].(string)
}

func TestPersonInsideDecides(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		run, id := s.asking("Refund <b>7</b>?", "")
		viewer, operator := s.signedIn(auth.Viewer), s.signedIn(auth.Operator)
		if page := viewer.get("/inbox/" + id); page.StatusCode != 200 || strings.Contains(page.body, `name="decision"`) || strings.Contains(page.body, "/approvals/") || strings.Contains(page.body, "<b>7</b>") {
			t.Errorf("a viewer sees %d %s", page.StatusCode, page.text())
		}
		if a := viewer.post("/inbox/"+id, url.Values{"decision": {"approved"}}); a.StatusCode != 403 {
			t.Errorf("a viewer decided: %d", a.StatusCode)
		}
		if page := operator.get("/inbox"); !strings.Contains(page.text(), "Refund &lt;b&gt;7&lt;/b&gt;?") {
			t.Errorf("the inbox shows %s", page.text())
		}
		if page := operator.get("/"); !strings.Contains(page.text(), "1 run waits for an approval.") {
			t.Errorf("the overview shows %s", page.text())
		}
		if page := operator.get("/runs/" + run); !strings.Contains(page.body, "/inbox?run_id="+run) {
			t.Errorf("the run's page does not lead there: %s", page.text())
		}
		if a := operator.post("/inbox/"+id, url.Values{"decision": {"perhaps"}, "comment": {"as typed"}}); a.StatusCode != 422 || !strings.Contains(a.body, "as typed") {
			t.Errorf("a decision that is none answered %d %s", a.StatusCode, a.text())
		}
		if a := operator.post("/inbox/"+id, url.Values{"decision": {"rejected"}, "comment": {"Too much."}}); a.StatusCode != 303 {
			t.Errorf("deciding answered %d %s", a.StatusCode, a.text())
		}
		if a := operator.post("/inbox/"+id, url.Values{"decision": {"approved"}}); a.StatusCode != 409 || !strings.Contains(a.text(), "decided already: rejected by Anna") {
			t.Errorf("deciding again answered %d %s", a.StatusCode, a.text())
		}
		s.execute(run)
		if now := s.run(run); now.Status != "succeeded" || string(now.Output) != `{"by":"Anna","comment":"Too much.","decision":"rejected"}` {
			t.Errorf("the run is %s %s", now.Status, now.Output)
		}
		events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: "approval", Limit: 10})
		if err != nil || len(events) != 1 || events[0].Action != "approval.rejected" || events[0].ActorKind != models.ActorPerson || events[0].ObjectID != run {
			t.Errorf("the audit log says %+v, %v", events, err)
		}
	})
}

func TestOnlyThoseWhoWereNamedDecide(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	viewer := s.signedIn(auth.Viewer)
	users := modelstest.Everything(t, s.db)["users"]
	email := strings.Fields(users[strings.Index(users, "email=")+len("email="):])[0]
	_, id := s.asking("Well?", strings.ToUpper(email)+", otto@example.com")
	if a := s.signedIn(auth.Editor).post("/inbox/"+id, url.Values{"decision": {"approved"}}); a.StatusCode != 403 {
		t.Errorf("an editor who was not named decided: %d", a.StatusCode)
	}
	if page := viewer.get("/inbox"); !strings.Contains(page.text(), "For you") {
		t.Errorf("the one who was named sees %s", page.text())
	}
	if a := viewer.post("/inbox/"+id, url.Values{"decision": {"approved"}}); a.StatusCode != 303 {
		t.Errorf("the one who was named is refused: %d %s", a.StatusCode, a.text())
	}
}

func TestPersonOutsideDecidesOnceByTheLink(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		run, id := s.asking("Well?", "")
		page := s.signedIn(auth.Operator).get("/inbox/" + id).body
		at := strings.Index(page, host+"/approvals/")
		if at < 0 {
			t.Fatalf("there is no link in %s", page)
		}
		link, _, _ := strings.Cut(strings.TrimPrefix(page[at:], host), "<")
		outside := s.visitor()
		shown := outside.get(link)
		if shown.StatusCode != 200 || !strings.Contains(shown.text(), "Well?") || strings.Contains(shown.body, run) || shown.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the link shows %d %v %s", shown.StatusCode, shown.Header, shown.text())
		}
		if s.run(run).Status != "waiting" {
			t.Error("looking has decided")
		}
		for _, forged := range []string{link[:len(link)-1] + "x", "/approvals/" + id, "/approvals/" + id + ".", "/approvals/" + models.NewID() + link[strings.Index(link, "."):], "/approvals/x"} {
			if a := outside.get(forged); a.StatusCode != 404 {
				t.Errorf("%s answered %d", forged, a.StatusCode)
			}
			if a := outside.post(forged, url.Values{"decision": {"approved"}, "name": {"Eve"}}); a.StatusCode != 404 {
				t.Errorf("%s took a decision: %d", forged, a.StatusCode)
			}
		}
		if strings.Contains(shown.body, `<button class="button primary" type="submit" name=`) || strings.Count(shown.body, `type="submit"`) != 1 || strings.Count(shown.body, `type="radio"`) != 2 || strings.Contains(shown.body, "checked") {
			t.Errorf("pressing Enter in it decides: %s", shown.body)
		}
		for name, form := range map[string]url.Values{
			"without a name":           {"decision": {"rejected"}, "comment": {"as typed"}},
			"with a hidden character":  {"decision": {"rejected"}, "comment": {"as typed"}, "name": {"Olga\u202e"}},
			"with a long name":         {"decision": {"rejected"}, "comment": {"as typed"}, "name": {strings.Repeat("x", 101)}},
			"without a decision":       {"comment": {"as typed"}, "name": {"Olga"}},
			"with another decision":    {"decision": {"expired"}, "comment": {"as typed"}, "name": {"Olga"}},
			"with too long a comment ": {"decision": {"rejected"}, "comment": {"as typed" + strings.Repeat("x", 2000)}, "name": {"Olga"}},
		} {
			a := outside.post(link, form)
			if a.StatusCode != 422 || !strings.Contains(a.body, "as typed") || form.Get("decision") == "rejected" && !strings.Contains(a.body, `value="rejected" checked`) {
				t.Errorf("%s it answered %d %s", name, a.StatusCode, a.body)
			}
		}
		if a := outside.post(link, url.Values{"decision": {"approved"}, "name": {"Olga <i>"}, "comment": {"{{ secrets.X }}"}}); a.StatusCode != 303 || a.Header.Get("Location") != link {
			t.Errorf("deciding answered %d %s", a.StatusCode, a.text())
		}
		if a := outside.get(link); a.StatusCode != 200 || strings.Contains(a.body, `name="decision"`) || !strings.Contains(a.text(), "Approved") {
			t.Errorf("afterwards the link shows %d %s", a.StatusCode, a.text())
		}
		if a := outside.post(link, url.Values{"decision": {"rejected"}, "name": {"Olga"}}); a.StatusCode != 409 {
			t.Errorf("the link worked twice: %d", a.StatusCode)
		}
		events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: "approval", Limit: 10})
		if err != nil || len(events) != 1 || events[0].ActorKind != models.ActorOutsider || events[0].ActorName != "Olga <i>" || events[0].ActorID != "" || events[0].Address == "" || events[0].RequestID == "" {
			t.Errorf("the audit log says %+v, %v", events, err)
		}
		s.execute(run)
		if output := string(s.run(run).Output); output != `{"by":"Olga <i> (by link)","comment":"{{ secrets.X }}","decision":"approved"}` {
			t.Errorf("the run came to %s", output)
		}
		if strings.Contains(s.log.String(), strings.TrimPrefix(link, "/approvals/")) {
			t.Error("the log holds the link")
		}
		refused := 0
		for range 80 {
			if outside.get("/approvals/x").StatusCode == 429 {
				refused++
			}
		}
		if refused == 0 {
			t.Error("one may try as many links as one likes")
		}
	})
}

func TestLinkInTheBrowserOfSomebodyElseIsNotTheirDecision(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, id := s.asking("Well?", "boss@example.com")
		b := s.signedIn(auth.Viewer)
		if a := b.post("/approvals/"+id+"."+s.secrets.Keys.Sign("approval", id), url.Values{"decision": {"approved"}, "name": {"Olga"}}); a.StatusCode != 303 {
			t.Fatalf("deciding answered %d %s", a.StatusCode, a.text())
		}
		events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: "approval", Limit: 10})
		if err != nil || len(events) != 1 || events[0].ActorKind != models.ActorOutsider || events[0].ActorName != "Olga" || events[0].ActorID != "" || events[0].Address == "" {
			t.Errorf("the audit log says %+v, %v", events, err)
		}
		if page := b.get("/inbox?state=all"); !strings.Contains(page.text(), "Olga (by link)") {
			t.Errorf("the inbox shows %s", page.text())
		}
		if page := b.get("/inbox/" + id); !strings.Contains(page.text(), "by Olga (by link)") {
			t.Errorf("the question shows %s", page.text())
		}
		if a := s.api("GET", "/approvals/"+id, nil); a.decoded(t)["decided_by"] != "Olga (by link)" {
			t.Errorf("the API says %s", a.body)
		}
		if page := s.signedIn(auth.Administrator).get("/settings/audit?action=approval"); !strings.Contains(page.text(), "Olga without an account, by a link") {
			t.Errorf("the audit log shows %s", page.text())
		}
	})
}

func TestTokenDecidesForNamedPeopleOnlyWithItsOwnScope(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		tokens, err := auth.NewTokens(s.db, 0, nil, models.Now)
		if err != nil {
			t.Fatal(err)
		}
		decide := func(id string, scopes ...string) answer {
			secret, _, err := tokens.Issue(t.Context(), "Import", scopes, 0, "")
			if err != nil {
				t.Fatal(err)
			}
			return s.api("POST", "/approvals/"+id+"/decide", object{"decision": "approved"}, "Authorization", "Bearer "+secret)
		}
		_, named := s.asking("Pay?", "boss@example.com")
		_, open := s.asking("Well?", "")
		if a := decide(named, auth.ScopeRead, auth.ScopeRun, auth.ScopeWrite); a.StatusCode != 403 || !strings.Contains(a.body, "names who decides") || a.code(t) != "missing_scope" {
			t.Errorf("without the scope it answered %d %s", a.StatusCode, a.body)
		}
		if a := s.api("GET", "/approvals/"+named, nil); a.decoded(t)["waiting"] != true {
			t.Errorf("it was decided all the same: %s", a.body)
		}
		if a := decide(open, auth.ScopeRead); a.StatusCode != 403 {
			t.Errorf("reading decided: %d", a.StatusCode)
		}
		if a := decide(open, auth.ScopeRun); a.StatusCode != 200 {
			t.Errorf("what names nobody answered %d %s", a.StatusCode, a.body)
		}
		if a := decide(named, auth.ScopeApprove); a.StatusCode != 200 || a.decoded(t)["decided_by"] != "token Import" {
			t.Errorf("with the scope it answered %d %s", a.StatusCode, a.body)
		}
		_, named = s.asking("Pay?", "boss@example.com")
		if a := s.api("POST", "/approvals/"+named+"/decide", object{"decision": "approved"}); a.StatusCode != 200 {
			t.Errorf("a token for everything answered %d %s", a.StatusCode, a.body)
		}
	})
}
