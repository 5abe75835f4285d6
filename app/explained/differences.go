package explained

import (
	"fmt"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/differences"
)

// Differences says what is otherwise in a run than in the last one that succeeded before it.
func (s *Site) Differences(c *gin.Context) (templ.Component, error) {
	run, definition, err := s.run(c)
	if err != nil {
		return nil, err
	}
	ctx, done := models.Bounded(c.Request.Context())
	defer done()
	found, err := differences.Since(ctx, s.DB, run, differences.Naming{Inputs: definition.Inputs, Types: s.Types})
	if err != nil {
		return nil, err
	}
	page := views.RunDifferencesPage{Page: s.page(c, run, "What differs from the last run that succeeded"), RunURL: "/runs/" + run.ID, Notes: found.Notes}
	if found.Before == nil {
		return views.RunDifferences(page), nil
	}
	page.BeforeURL, page.BeforeAt = frame.RunURL(found.Before.ID), found.Before.QueuedAt
	if found.Before.Version != run.Version {
		page.CompareURL = fmt.Sprintf("/workflows/%s/compare?from=%d&to=%d", run.WorkflowID, found.Before.Version, run.Version)
	}
	for _, d := range found.List {
		title := titleOf(d.About)
		if n := len(page.Parts); n == 0 || page.Parts[n-1].Title != title {
			page.Parts = append(page.Parts, views.RunDifferencesPart{Title: title})
		}
		part := &page.Parts[len(page.Parts)-1]
		part.Changes = append(part.Changes, views.Change{Sentence: d.Sentence, Was: d.Was, Is: d.Is})
		if d.About == differences.Given && len(page.Values) == 0 && len(run.Input) > 0 {
			page.Values = []ui.Link{
				{Label: "All that this run was given", URL: "/runs/" + run.ID + "/values/input?show=all"},
				{Label: "All that the other one was given", URL: "/runs/" + found.Before.ID + "/values/input?show=all"},
			}
		}
	}
	return views.RunDifferences(page), nil
}

func titleOf(about string) string {
	switch about {
	case differences.Given:
		return "What it was given"
	case differences.Took:
		return "How long it took"
	case differences.Gave:
		return "What its steps came to"
	}
	return "How it was started"
}
