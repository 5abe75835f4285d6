package editor

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/worker/workflow"
)

const (
	// autosave is the command of a form that the page sends by itself while somebody types.
	autosave = "autosave"
	notSaved = "Not saved: "
)

// autosaving reports whether the page sent the form by itself.
func autosaving(sent url.Values) bool { return sent.Get("do") == autosave }

// autosaves answers a form on a page of its own that was sent by itself and has made this of
// the draft. What is wrong is kept, for the page that comes next to mark; problems are what
// cannot be, by its entries.
func (s *Site) autosaves(c *gin.Context, d draft, sent url.Values, problems map[string]string) (templ.Component, error) {
	if problem := firstOf(problems); problem != "" {
		return views.AutosavedForm(sent.Get("revision"), notSaved+problem), nil
	}
	if _, err := s.savedTyped(c, d, sent); err != nil {
		return nil, err
	}
	return views.AutosavedForm(sent.Get("revision"), saidSaved(c)), nil
}

// savedTyped saves a draft as a form has made it while somebody types into that. From then on
// the form is of the revision that its page shows.
func (s *Site) savedTyped(c *gin.Context, d draft, sent url.Values) (models.Workflow, error) {
	ctx := c.Request.Context()
	opened, err := strconv.ParseInt(d.revision(), 10, 64)
	if err != nil {
		return models.Workflow{}, err
	}
	shown := opened
	stored, err := s.savedBy(c, d, proposal{form: sent}, func(next workflow.Definition, revision int64) (w models.Workflow, err error) {
		w, shown, err = s.Catalog.SaveTyped(ctx, d.workflow.ID, d.definition, next, revision, opened, auth.By(ctx))
		return w, err
	})
	if err == nil {
		sent.Set("revision", strconv.FormatInt(shown, 10))
	}
	return stored, err
}

func saidSaved(c *gin.Context) string { return strings.TrimSpace("Saved. " + web.AlsoSaid(c)) }

// sentBack reports whether a form comes back with what was typed, which is not in the draft.
func sentBack(c *gin.Context) bool { return c.Request.Method == http.MethodPost }

// firstOf is one of the problems, the same each time; "" for none.
func firstOf(problems map[string]string) string {
	for _, path := range slices.Sorted(maps.Keys(problems)) {
		return problems[path]
	}
	return ""
}
