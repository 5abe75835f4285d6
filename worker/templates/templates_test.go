package templates_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"workflows/worker/schedule"
	"workflows/worker/steps"
	"workflows/worker/templates"
	"workflows/worker/workflow"
)

// sample is something that fits a question.
func sample(q templates.Question) any {
	switch {
	case q.Default != nil:
		return q.Default
	case q.Kept():
		return q.Secret
	case q.Kind == templates.Calendar:
		return nil
	case q.Kind != "":
		return "orders"
	case q.Type == "number":
		return json.Number("7")
	case q.Type == "email":
		return "anna@example.com"
	case q.Type == "url":
		return "https://shop.example.com/orders"
	}
	if q.Name == "statement" {
		return "SELECT 1"
	}
	return "Something {{ odd }} and “this”"
}

func TestTemplatesAreCompleteOnceTheirValuesAreEntered(t *testing.T) {
	checker := workflow.Checker{Types: steps.All(steps.Options{}), Trigger: schedule.CheckTrigger}
	all := templates.All()
	if len(all) < 15 {
		t.Errorf("there are %d templates", len(all))
	}
	for _, template := range all {
		answers := map[string]any{}
		for _, q := range template.Questions {
			answers[q.Name] = sample(q)
			if q.Label == "" || q.Required && answers[q.Name] == nil {
				t.Errorf("%s asks for %s without a word", template.ID, q.Name)
			}
			if text, isText := answers[q.Name].(string); isText && !q.Kept() && q.Problem(text) != "" {
				t.Errorf("%s: %s does not take %q: %s", template.ID, q.Name, text, q.Problem(text))
			}
		}
		d, err := template.Fill(answers, "Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		parsed, problems, err := workflow.Parse(d.Marshal())
		if problems = append(problems, checker.Check(parsed)...); err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %+v", template.ID, err, problems)
		}
		if text := string(d.Marshal()); strings.ContainsAny(text, "«»") {
			t.Errorf("%s has marks that nothing fills: %s", template.ID, text)
		}
	}
}

// What people read of a template has no sign of how it is made, and nothing in a file is
// passed over.
func TestFilesSayWhatTheyAreInWords(t *testing.T) {
	for _, template := range templates.All() {
		texts := []string{template.Title, template.Summary}
		for _, q := range template.Questions {
			texts = append(texts, q.Label, q.Help)
		}
		for _, text := range texts {
			if strings.ContainsAny(text, "{}«»_") {
				t.Errorf("%s says %q", template.ID, text)
			}
		}
		if !slices.Contains(templates.Wants(), template.Want) || len(template.Questions) > 5 || template.Words == "" {
			t.Errorf("%s is for %q, found by %q, and asks %d questions", template.ID, template.Want, template.Words, len(template.Questions))
		}
		file, err := os.Open("library/" + template.ID + ".json")
		if err != nil {
			t.Fatal(err)
		}
		strict := json.NewDecoder(file)
		strict.DisallowUnknownFields()
		if err := strict.Decode(new(templates.Template)); err != nil {
			t.Errorf("%s: %v", template.ID, err)
		}
		_ = file.Close()
	}
}

func TestTemplatesAreFoundByWhatPeopleWant(t *testing.T) {
	for search, wanted := range map[string]string{
		"watch a website": "watch_website", "uptime": "watch_website watch_addresses", "new feed items to chat": "feed_to_chat",
		"orders over 100 as a table by mail": "large_orders", "collect and approve": "collect_and_approve", "Backup finished?": "backup_finished",
		"remind on working days": "remind", "copy new rows from a database": "new_rows", "slack": "feed_to_chat github_to_chat webhook_to_chat contact_form watch_addresses",
		"cron": "remind backup_finished database_report", "reminders": "remind invoices_due", "csv": "large_orders database_report", "approval": "collect_and_approve approve_call",
		"on-call": "on_call", "STRIPE": "webhook_to_chat", "pager": "on_call", "postgres": "database_report new_rows", "zzz": "",
	} {
		var found []string
		for _, template := range templates.Search(search) {
			found = append(found, template.ID)
		}
		for id := range strings.FieldsSeq(wanted) {
			if !slices.Contains(found, id) {
				t.Errorf("%q finds %v without %s", search, found, id)
			}
		}
		if wanted == "" && len(found) > 0 || len(found) > 6 {
			t.Errorf("%q finds %v", search, found)
		}
	}
	if all, few := templates.Search("to a"), templates.All(); len(all) != len(few) {
		t.Errorf("%d of %d are shown to who wants nothing", len(all), len(few))
	}
}

func TestWhatIsEnteredStaysAValue(t *testing.T) {
	template, _ := templates.Find("large_orders")
	d, err := template.Fill(map[string]any{"address": "https://shop.example.com/«who»", "limit": json.Number("99.5"), "who": "{{x}}@example.com", "value": "sum.net", "list": "orders"}, "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	fetch, large := d.Steps[0].Config, d.Steps[1].Config
	condition := workflow.ConditionsOf(large["conditions"])[0]
	if fetch["url"] != "https://shop.example.com/«who»" || condition.Other != json.Number("99.5") || condition.Value != "{{ item.sum.net }}" || large["list"] != "{{ steps.fetch.body.orders }}" {
		t.Errorf("%v %v", fetch, large)
	}
	if to := d.Steps[2].Then[0].Config["to"]; to != `{{ "{{" }}x}}@example.com` || d.Triggers[0].TimeZone != "Europe/Berlin" {
		t.Errorf("%v %v", to, d.Triggers)
	}
	for path, question := range map[string]string{"steps[0].config.url": "address", "steps[2].then[0].config.to": "who", "steps[0].name": "", "steps[9].x": ""} {
		if behind := template.Behind(path); behind != question {
			t.Errorf("behind %s stands %q", path, behind)
		}
	}
}

func TestTheNameOfAValueAndOfATableIsAName(t *testing.T) {
	long := strings.Repeat("a", 64)
	for kind, texts := range map[string]struct{ fit, misfit []string }{
		templates.Path: {[]string{"total", "_x", "customer.name", "orders.0.id", long[1:], "a.b.c.d.e.f.g.h.i.j"}, []string{"", ".", "a.", ".a", "a..b", "1a", "a-b", "a b", "ä", long, "a." + long, "a.b.c.d.e.f.g.h.i.j.k"}},
		templates.Name: {[]string{"orders", "shop.orders", "_x._y", long[1:] + "." + long[1:]}, []string{"", ".", "a.", "a.b.c", "1a", "shop.1", "a-b", long, "a." + long}},
	} {
		for _, text := range append(texts.fit, texts.misfit...) {
			fits := slices.Contains(texts.fit, text)
			if problem := (templates.Question{Kind: kind}).Problem(text); (problem == "") != fits {
				t.Errorf("%s %q: %q", kind, text, problem)
			}
		}
	}
}
