package documents

import (
	"cmp"
	"context"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

const (
	// theDraft stands in an address for what is not published yet.
	theDraft = "draft"
	// comparable is how many versions are offered, the newest.
	comparable = 100
)

// Compare says what differs between any two versions of a workflow, the draft being one.
func (s *Site) Compare(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	w, err := s.workflow(c)
	if err != nil {
		return nil, err
	}
	numbers, err := models.VersionNumbers(ctx, s.DB, w.ID, comparable)
	if err != nil {
		return nil, err
	}
	from, to := c.Query("from"), cmp.Or(c.Query("to"), theDraft)
	if from == "" {
		from = theDraft
		if len(numbers) > 0 {
			from = strconv.Itoa(numbers[0])
		}
	}
	old, err := s.version(ctx, w, from)
	if err != nil {
		return nil, err
	}
	new, err := s.version(ctx, w, to)
	if err != nil {
		return nil, err
	}
	said, err := s.Catalog.Changes(ctx, old, new)
	if err != nil {
		return nil, err
	}
	options := []ui.Option{{Value: theDraft, Label: "The draft"}}
	for _, number := range numbers {
		options = append(options, ui.Option{Value: strconv.Itoa(number), Label: "Version " + strconv.Itoa(number)})
	}
	page := views.ComparePage{
		Layout: s.layout(c, w, "Compare versions"), Action: "/workflows/" + w.ID + "/compare", Changes: frame.Changes(said),
		From:     ui.FieldProps{ID: "from", Name: "from", Label: "From", Kind: "choice", Value: from, Options: options},
		To:       ui.FieldProps{ID: "to", Name: "to", Label: "To", Kind: "choice", Value: to, Options: options},
		Sentence: "From " + called(from) + " to " + called(to) + " of “" + w.Name + "”.",
	}
	return views.Compare(page), nil
}

func called(version string) string {
	if version == theDraft {
		return "the draft"
	}
	return "version " + version
}

func (s *Site) version(ctx context.Context, w models.Workflow, version string) (workflow.Definition, error) {
	if version == theDraft {
		return workflow.Load(w.Draft)
	}
	number, err := strconv.Atoi(version)
	if err != nil {
		return workflow.Definition{}, models.ErrNotFound
	}
	found, err := models.GetVersion(ctx, s.DB, w.ID, number)
	if err != nil {
		return workflow.Definition{}, err
	}
	return workflow.Load(found.Definition)
}

// workflow reads the one that the address names.
func (s *Site) workflow(c *gin.Context) (models.Workflow, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return models.Workflow{}, err
	}
	return models.GetWorkflow(c.Request.Context(), s.DB, id)
}

func (s *Site) layout(c *gin.Context, w models.Workflow, title string) ui.Page {
	p := s.Page(c, title, "workflows")
	p.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: w.Name, URL: "/workflows/" + w.ID}}
	return p
}
