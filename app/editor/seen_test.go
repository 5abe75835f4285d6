package editor_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/hooks"
	"workflows/worker/workflow"
)

// chosen presses, in the chooser, the button that chooses a reference.
func chosen(t *testing.T, b *sitetest.Browser, page, action, reference string) string {
	t.Helper()
	form := sitetest.FormOf(t, page, action)
	for rest := page; ; {
		_, after, found := strings.Cut(rest, `name="row" value="choose `)
		if !found {
			t.Fatalf("%s is not offered", reference)
		}
		command, _, _ := strings.Cut(after, `"`)
		if rest = after; strings.HasSuffix(command, " "+strings.ReplaceAll(reference, `"`, "&#34;")) {
			form.Set("row", "choose "+strings.ReplaceAll(command, "&#34;", `"`))
			address, _, _ := strings.Cut(action, "#")
			return b.Post(address, form, http.StatusOK).Body
		}
	}
}

func TestInsertDataOffersThePartsOfWhatTheLastRunGave(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w := s.Publish(workflow.Definition{Format: 1, Name: "Parts", Inputs: []workflow.Input{{Name: "orders", Type: "json", Label: "Orders"}}, Steps: []workflow.Step{
			{ID: "take", Type: "set_values", Config: map[string]any{"values": map[string]any{"shop": "{{ input.orders }}"}}},
			{ID: "keep", Type: "filter_list", Config: map[string]any{"list": "{{ steps.take.shop.list }}"}},
			{ID: "loop", Type: "for_each", Config: map[string]any{"list": "{{ steps.keep.items }}"}, Do: []workflow.Step{
				{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"a": "{{ item }}"}}},
			}},
		}})
		edit := "/workflows/" + w.ID + "/edit"
		address := edit + "/steps/"
		b := s.As(auth.Editor)
		items := edit + "/data?step=keep&for=config.conditions.value"
		sitetest.Shows(t, b.Get(items, http.StatusOK), "!{{ item.total }}", "Each item")
		sitetest.Shows(t, b.Get(address+"loop", http.StatusOK), "When it has run once")
		s.Execute(s.Start(w, `{"orders":{"list":[{"total":50,"customer":{"name":"<script>alert(1)</script>"}}]}}`).ID)
		page := b.Get(items, http.StatusOK)
		sitetest.Shows(t, page, "{{ item.total }}", "From the last run", "50", "!<script>alert")
		sitetest.Shows(t, b.Get(address+"loop", http.StatusOK), "!When it has run once", "items of Filter a list")

		form := b.Fill(address+"keep", address+"keep", url.Values{"name": {"Typed & kept"}})
		page = b.Post(items, form, http.StatusOK).Body
		page = chosen(t, b, page, address+"keep#config-conditions-value-choose", "{{ item.total }}")
		sitetest.Shows(t, page, "total of the item", "50", `value="{{ item.total }}"`, "is over", `value="greater_than" selected`, "such as 50", "Typed &amp; kept", "autofocus")
		_, d := s.Stored(edit[:len(edit)-len("/edit")])
		if d.Steps[1].Name != "" {
			t.Error("choosing has saved the form")
		}
		// A list that was typed anew decides what its items have.
		form.Set("config.list", "{{ steps.take.other }}")
		sitetest.Shows(t, b.Post(items, form, http.StatusOK).Body, "!{{ item.total }}")
		sitetest.Shows(t, b.Get(edit+"/data?step=note&for=config.values.value", http.StatusOK), "{{ item.customer.name }}", "name of the item")
		sitetest.Shows(t, b.Get(edit+"/data?step=note&for=config.values.value&row=0", http.StatusOK), "the item", "Change how it is written")
		for _, nothing := range []string{"?step=gone&for=config.list", "?step=keep&for=config.gone", "?step=keep&for=config.match", "?step=keep&for=name", "?webhook=gone&for=config.conditions.value", "?step=keep&for=config.list.value", ""} {
			b.Get(edit+"/data"+nothing, http.StatusNotFound)
		}
	})
}

func TestTheDataIsSearchedWithinWhatIsListed(t *testing.T) {
	s := sitetest.OnSQLite(t)
	w := s.Publish(workflow.Definition{Format: 1, Name: "Search", Inputs: []workflow.Input{{Name: "order", Type: "json"}}, Steps: []workflow.Step{{ID: "end", Type: "stop", Config: map[string]any{"outcome": "succeeded"}}}})
	s.Execute(s.Start(w, `{"order":{"total":50,"customer":{"name":"Ada Byron"}}}`).ID)
	b := s.As(auth.Editor)
	data := "/workflows/" + w.ID + "/edit/data?step=end&for=config.message"
	for query, shows := range map[string][]string{
		"TOTAL": {"{{ input.order.total }}", "!{{ input.order.customer.name }}", "1 found"},
		"byron": {"{{ input.order.customer.name }}", "!{{ input.order.total }}"},
		"xyz":   {"Nothing here is called “xyz”"},
	} {
		form := b.Fill(data, "/workflows/"+w.ID+"/edit/steps/end#config-message-choose", url.Values{"data.q": {query}})
		sitetest.Shows(t, b.Post(data, form, http.StatusOK).Body, shows...)
	}
}

func TestAValueIsChangedByWordsWithWhatComesOfIt(t *testing.T) {
	s := sitetest.OnSQLite(t)
	w := s.Publish(workflow.Definition{Format: 1, Name: "Change", Inputs: []workflow.Input{{Name: "total", Label: "Total", Type: "number"}}, Steps: []workflow.Step{
		{ID: "end", Type: "stop", Config: map[string]any{"outcome": "succeeded", "message": "It is {{ input.total }} in all, {{ input.total }}"}},
	}})
	s.Execute(s.Start(w, `{"total":20.455}`).ID)
	b := s.As(auth.Editor)
	edit := "/workflows/" + w.ID + "/edit"
	data, step := edit+"/data?step=end&for=config.message", edit+"/steps/end#config-message-choose"
	sitetest.Shows(t, b.Get(edit+"/steps/end", http.StatusOK), "Reads: It is 20.455 in all, 20.455")
	page := b.Post(data, b.Fill(data, step, url.Values{"data.change": {"1 {{ input.total }}"}}), http.StatusOK).Body
	sitetest.Shows(t, page, "Total", "20.455", "Round…", "such as 20.46", "becomes 20.455", "!Capital letters…")
	form := sitetest.FormOf(t, page, step)
	form.Set("data.word", "round")
	form.Set("argument.round", "0")
	page = b.Post(data, form, http.StatusOK).Body
	sitetest.Shows(t, page, "20.455 becomes", "<strong>20</strong>")
	form = sitetest.FormOf(t, page, step)
	form.Set("data.take", "1 {{ input.total | round 0 }}")
	page = b.Post(data, form, http.StatusOK).Body
	sitetest.Shows(t, page, "Total, rounded", "20")
	page = chosen(t, b, page, step, "{{ input.total | round 0 }}")
	sitetest.Shows(t, page, "Reads: It is 20.455 in all, 20<")
	form.Set("data.word", "round")
	form.Set("argument.round", "many")
	form.Del("data.take")
	sitetest.Shows(t, b.Post(data, form, http.StatusOK).Body, "needs a whole number")
}

func TestAWebhooksConditionIsChosenFromTheLastDelivery(t *testing.T) {
	s := sitetest.OnSQLite(t)
	w := s.Publish(workflow.Definition{Format: 1, Name: "Hooked", Triggers: []workflow.Trigger{{ID: "shop", Type: "webhook"}}, Steps: []workflow.Step{
		{ID: "tell", Type: "send_email", Config: map[string]any{"to": "anna@example.com", "subject": "Paid", "text": "It is paid"}},
	}})
	stored, err := models.WebhooksOf(t.Context(), s.DB, w.ID)
	s.Check(err)
	_, err = s.Hooks.Receive(t.Context(), stored[0].Token, hooks.Request{Method: "POST", Header: http.Header{"Content-Type": {"application/json"}, "X-Event": {"paid"}}, Query: "kind=order"}, func() ([]byte, error) {
		return []byte(`{"event":"paid","customer":{"email":"ada@example.com"},"total":20}`), nil
	})
	s.Check(err)
	b := s.As(auth.Editor)
	edit := "/workflows/" + w.ID + "/edit"
	data := edit + "/data?webhook=shop&for=config.conditions.value"
	page := b.Get(data, http.StatusOK)
	sitetest.Shows(t, page, "From the last delivery", "{{ trigger.headers.x-event }}", "{{ trigger.query.kind }}", "ada@example.com")
	page = chosen(t, b, page, edit+"/webhooks/shop#config-conditions-value-choose", "{{ trigger.body.event }}")
	sitetest.Shows(t, page, "event of what was sent", "paid", `value="equals" selected`)
	form := sitetest.FormOf(t, page, edit+"/webhooks/shop")
	form.Set("config.conditions.other", "paid")
	b.Post(edit+"/webhooks/shop", form, http.StatusSeeOther)
	_, d := s.Stored("/workflows/" + w.ID)
	if c := d.Triggers[0].Filter.Conditions; len(c) != 1 || c[0].Value != "{{ trigger.body.event }}" || c[0].Operator != "equals" || c[0].Other != "paid" {
		t.Errorf("the filter is %+v", d.Triggers[0].Filter)
	}
	sitetest.Shows(t, b.Get(edit+"/data?webhook=&for=config.conditions.value", http.StatusOK), "{{ trigger.body.event }}")
	page = b.Get(edit+"/data?step=tell&for=config.to", http.StatusOK)
	sitetest.Shows(t, page, "Suits this field", "customer › email of what was sent")
	page = chosen(t, b, page, edit+"/steps/tell#config-to-choose", "{{ trigger.body.customer.email }}")
	sitetest.Shows(t, page, `value="anna@example.com, {{ trigger.body.customer.email }}"`, "Reads: anna@example.com, ada@example.com")
	sitetest.Shows(t, b.Get(added(b, edit, "@0", "send_email"), http.StatusOK), `value="{{ trigger.body.customer.email }}"`, "Reads: email: ada@example.com", "total: {{ trigger.body.total }}")
}

func TestColumnsAreSuggestedFromTheRows(t *testing.T) {
	s := sitetest.OnSQLite(t)
	w := s.Publish(workflow.Definition{Format: 1, Name: "Table", Inputs: []workflow.Input{{Name: "orders", Type: "json"}}, Steps: []workflow.Step{
		{ID: "table", Type: "make_data", Config: map[string]any{"rows": "{{ input.orders }}", "columns": "id"}},
	}})
	s.Execute(s.Start(w, `{"orders":[{"id":1,"total":50,"customer":{"name":"Ada"}}]}`).ID)
	b := s.As(auth.Editor)
	address := "/workflows/" + w.ID + "/edit/steps/table"
	sitetest.Shows(t, b.Get(address, http.StatusOK), "listed customer.name", "listed total", "!listed id")
	form := b.Fill(address, address, url.Values{"row": {"choose config.columns 0 listed total"}})
	sitetest.Shows(t, b.Post(address, form, http.StatusOK).Body, `value="id, total"`, "listed customer.name", "!listed total")
}
