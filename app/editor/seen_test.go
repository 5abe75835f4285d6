package editor_test

import (
	"net/http"
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/workflow"
)

func TestInsertDataOffersThePartsOfWhatTheLastRunGave(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w := s.Publish(workflow.Definition{Format: 1, Name: "Parts", Inputs: []workflow.Input{{Name: "orders", Type: "json", Label: "Orders"}}, Steps: []workflow.Step{
			{ID: "take", Type: "set_values", Config: map[string]any{"values": map[string]any{"shop": "{{ input.orders }}"}}},
			{ID: "keep", Type: "filter_list", Config: map[string]any{"list": "{{ steps.take.shop.list }}"}},
			{ID: "loop", Type: "for_each", Config: map[string]any{"list": "{{ steps.keep.items }}"}, Do: []workflow.Step{
				{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"a": "{{ item }}"}}},
			}},
		}})
		address := "/workflows/" + w.ID + "/edit/steps/"
		b := s.As(auth.Editor)
		before := b.Get(address+"keep", http.StatusOK)
		sitetest.Shows(t, before, `!value="{{ item.total }}"`)
		sitetest.Shows(t, b.Get(address+"loop", http.StatusOK), "When it has run once")
		s.Execute(s.Start(w, `{"orders":{"list":[{"total":50,"customer":{"name":"<script>alert(1)</script>"}}]}}`).ID)
		sitetest.Shows(t, b.Get(address+"keep", http.StatusOK), `value="{{ steps.take.shop.list }}"`, `value="{{ item.total }}"`, "total (such as 50)", "!<script>alert")
		sitetest.Shows(t, b.Get(address+"loop", http.StatusOK), "!When it has run once")
		page := b.Get(address+"keep", http.StatusOK)
		sitetest.Shows(t, page, `data-inserted="show-parts"`, `id="show-parts"`)
		form := b.Fill(address+"keep", address+"keep", url.Values{"row": {"show"}, "config.list": {"{{ steps.take.other }}"}})
		sitetest.Shows(t, b.Post(address+"keep", form, http.StatusOK).Body, `!value="{{ item.total }}"`, `value="{{ steps.take.other }}"`)
		form.Set("config.list", "{{ steps.take.shop.list }}")
		sitetest.Shows(t, b.Post(address+"keep", form, http.StatusOK).Body, `value="{{ item.total }}"`)
		sitetest.Shows(t, b.Get(address+"note", http.StatusOK), `value="{{ item.customer.name }}"`)
	})
}
