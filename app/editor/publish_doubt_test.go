package editor_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

// Whoever publishes on a page is held up by a condition that is the same in every run;
// a program may mean it.
func TestAConditionOfFixedTextsHoldsUpPeopleAndNoProgram(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		d := workflow.Definition{Format: 1, Name: "Fixed", Steps: []workflow.Step{
			{ID: "decide", Type: "condition", Config: map[string]any{"match": "all", "conditions": []any{map[string]any{"value": "status", "operator": "not_equals", "other": "ok"}}}},
		}}
		draft, err := s.Catalog.Create(t.Context(), d, false, "Ann")
		s.Check(err)
		address, ann := "/workflows/"+draft.ID+"/publish", s.As(auth.Editor)
		sitetest.Shows(t, ann.Get(address, http.StatusOK), "“status” and “ok” are both fixed")
		page := ann.Post(address, url.Values{"revision": {strconv.FormatInt(draft.DraftRevision, 10)}}, http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, page, "“status” and “ok” are both fixed")
		if stored, err := models.GetWorkflow(t.Context(), s.DB, draft.ID); err != nil || stored.Version != nil {
			t.Fatalf("it is published as version %v, %v", stored.Version, err)
		}
		if published, err := s.Catalog.Publish(t.Context(), draft.ID, nil, "a program"); err != nil || published.Version == nil {
			t.Fatalf("a program cannot publish it: %v", err)
		}
	})
}
