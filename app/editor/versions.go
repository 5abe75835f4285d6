package editor

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/changes"
	"workflows/worker/workflow"
)

// versionsLimit is how many versions one page of the list has.
const versionsLimit = 20

// VersionsShow lists a workflow's published versions and what each one changed.
func (s *Site) VersionsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	before, err := strconv.ParseInt(cmp.Or(c.Query("cursor"), "0"), 10, 32)
	if err != nil {
		return nil, models.ErrNotFound
	}
	// One more than is shown: the last one is compared with the one before it.
	found, _, err := models.ListVersions(ctx, s.DB, d.workflow.ID, int(before), versionsLimit+1)
	if err != nil {
		return nil, err
	}
	page := views.VersionsPage{Layout: s.versionsLayout(c, d, "Versions"), WorkflowID: d.workflow.ID, Name: d.workflow.Name, MayEdit: auth.May(ctx, auth.Editor)}
	if page.Published, err = s.published(ctx, d); err != nil {
		return nil, err
	}
	page.Revision = d.revision()
	for i, version := range found {
		if i == versionsLimit {
			page.Pages.NextURL = web.NextCursor(c, strconv.Itoa(found[i-1].Number))
			break
		}
		row := versionRow(d.workflow, version)
		if i+1 < len(found) {
			if row.Changes, err = s.versionChanges(ctx, found[i+1], version); err != nil {
				return nil, err
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return views.Versions(page), nil
}

// onlyWritten is said of a draft that means the same and is written differently.
const onlyWritten = "Only the way it is written changes; it does the same."

// changes says in words what changes from one definition to another.
func (s *Site) changes(ctx context.Context, old, new workflow.Definition) ([]views.Change, error) {
	said, err := s.Catalog.Changes(ctx, old, new)
	if err != nil {
		return nil, err
	}
	return frame.Changes(said), nil
}

func (s *Site) versionChanges(ctx context.Context, old, new models.WorkflowVersion) ([]views.Change, error) {
	was, err := workflow.Load(old.Definition)
	if err != nil {
		return nil, nil
	}
	is, err := workflow.Load(new.Definition)
	if err != nil {
		return nil, nil
	}
	return s.changes(ctx, was, is)
}

func versionRow(w models.Workflow, version models.WorkflowVersion) views.VersionRow {
	return views.VersionRow{
		Number: version.Number, At: version.CreatedAt, By: version.PublishedBy, Present: w.VersionID != nil && *w.VersionID == version.ID,
	}
}

// VersionShow is one published version as it was.
func (s *Site) VersionShow(c *gin.Context) (templ.Component, error) {
	d, version, err := s.version(c)
	if err != nil {
		return nil, err
	}
	definition, err := workflow.Load(version.Definition)
	if err != nil {
		return nil, err
	}
	steps, err := s.readRows(c.Request.Context(), definition)
	if err != nil {
		return nil, err
	}
	page := views.VersionPage{
		Layout: s.versionsLayout(c, d, "Version "+strconv.Itoa(version.Number)), WorkflowID: d.workflow.ID, Name: version.Name, Row: versionRow(d.workflow, version),
		Triggers: triggerRows(definition, nil), Inputs: inputRows(definition.Inputs), Steps: steps,
		Definition: version.Definition, MayEdit: auth.May(c.Request.Context(), auth.Editor),
	}
	if page.Published, err = s.published(c.Request.Context(), d); err != nil {
		return nil, err
	}
	page.Revision = d.revision()
	page.Layout.Crumbs = append(page.Layout.Crumbs, ui.Link{Label: "Versions", URL: d.url("/versions")})
	page.Layout.Wide = true
	return views.Version(page), nil
}

// VersionFile is a published version's definition, whole.
func (s *Site) VersionFile(c *gin.Context) {
	_, version, err := s.version(c)
	if err != nil {
		web.Fail(c, err)
		return
	}
	frame.SendJSON(c, "definition.json", version.Definition)
}

// VersionRestoreAsk asks before a published version takes the draft's place, and lists
// what of it was not published. The version that runs is what is left when the draft is
// discarded.
func (s *Site) VersionRestoreAsk(c *gin.Context) (templ.Component, error) {
	d, version, err := s.version(c)
	if err != nil {
		return nil, err
	}
	page := views.ConfirmationPage{
		Layout: s.versionsLayout(c, d, "Restore version "+strconv.Itoa(version.Number)), Title: "Restore version " + strconv.Itoa(version.Number) + " into the draft?",
		Sentence: "It replaces the draft. What runs stays as it is until you publish.",
		Form: ui.ConfirmForm{
			Action: d.url("/versions/", strconv.Itoa(version.Number), "/restore"), BackURL: d.url("/versions"), Hidden: []ui.Pair{{Name: "revision", Value: d.revision()}},
			Button: ui.ButtonProps{Label: "Restore version " + strconv.Itoa(version.Number), Icon: "rotate-ccw", Kind: "danger"},
		},
	}
	page.Layout.Crumbs = append(page.Layout.Crumbs, ui.Link{Label: "Versions", URL: d.url("/versions")})
	if d.runs(version) {
		label := discardLabel(version.Number)
		page.Title, page.Layout.Title = label+"?", label
		page.Sentence = "The draft becomes the same as version " + strconv.Itoa(version.Number) + " again, which runs."
		page.Form.Button.Label, page.Form.Button.Icon, page.Form.BackURL = label, "trash-2", d.url("/edit")
	}
	unpublished, by, err := s.unpublished(c, d)
	if err != nil {
		return nil, err
	}
	if len(unpublished) > 0 {
		page.Sentence += " Undo brings back what it replaces. " + replacedWords(len(unpublished), by) + ":"
		page.Details = unpublished
	}
	return views.Confirmation(page), nil
}

// VersionRestore makes a published version the draft again. Where that would replace
// what nobody has published, it asks first; the form of the question carries the
// revision that it asked about.
func (s *Site) VersionRestore(c *gin.Context) (templ.Component, error) {
	d, version, err := s.version(c)
	if err != nil {
		return nil, err
	}
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	unpublished, changers, err := s.unpublished(c, d)
	if err != nil {
		return nil, err
	}
	seen, err := strconv.ParseInt(form.Get("revision"), 10, 64)
	if err != nil || seen != d.workflow.DraftRevision { // changed since: ask about what it is now
		if len(unpublished) > 0 {
			return nil, web.SeeOther(d.url("/versions/", strconv.Itoa(version.Number), "/restore"))
		}
		seen = d.workflow.DraftRevision
	}
	if _, err := s.Catalog.Restore(ctx, d.workflow.ID, version.Number, &seen, auth.By(ctx)); err != nil {
		return nil, err
	}
	said := "Version " + strconv.Itoa(version.Number) + " is the draft now. It runs once you have published it."
	if d.runs(version) {
		said = "The draft is the same as version " + strconv.Itoa(version.Number) + " again, which runs."
	}
	if len(unpublished) > 0 {
		said += " " + replacedWords(len(unpublished), changers) + ". Undo brings them back."
	}
	return nil, web.Done(d.url("/edit"), said)
}

// runs reports whether a version is the one that is published.
func (d draft) runs(version models.WorkflowVersion) bool {
	return d.workflow.VersionID != nil && *d.workflow.VersionID == version.ID
}

// unpublished is what of a draft nobody has published, in sentences, and who changed it
// since the last version was.
func (s *Site) unpublished(c *gin.Context, d draft) (unpublished, by []string, err error) {
	ctx := c.Request.Context()
	same, err := s.published(ctx, d)
	if err != nil || same || d.workflow.VersionID == nil {
		return nil, nil, err
	}
	version, err := models.VersionByID(ctx, s.DB, *d.workflow.VersionID)
	if err != nil {
		return nil, nil, err
	}
	was, err := workflow.Load(version.Definition)
	if err != nil {
		return nil, nil, err
	}
	said, err := s.Catalog.Changes(ctx, was, d.definition)
	if err != nil {
		return nil, nil, err
	}
	if unpublished = changes.Sentences(said); len(unpublished) == 0 {
		unpublished = []string{onlyWritten}
	}
	events, _, err := models.ListAuditEvents(ctx, s.DB, models.AuditFilter{Object: d.workflow.ID, Action: "workflow.changed", From: &version.CreatedAt, Limit: models.MaxAuditEvents})
	for _, event := range events {
		if name := event.ActorName; !slices.Contains(by, name) {
			by = append(by, name)
		}
	}
	return unpublished, by, err
}

// replacedWords say whose work goes.
func replacedWords(n int, by []string) string {
	words := frame.Count(int64(n), "unpublished change")
	if len(by) > 0 {
		words += " by " + strings.Join(by, ", ")
	}
	return words + frame.Either(n == 1, " is replaced", " are replaced")
}

func (s *Site) version(c *gin.Context) (draft, models.WorkflowVersion, error) {
	d, err := s.draft(c)
	if err != nil {
		return draft{}, models.WorkflowVersion{}, err
	}
	number, err := strconv.Atoi(c.Param("number"))
	if err != nil {
		return draft{}, models.WorkflowVersion{}, models.ErrNotFound
	}
	version, err := models.GetVersion(c.Request.Context(), s.DB, d.workflow.ID, number)
	return d, version, err
}

func (s *Site) versionsLayout(c *gin.Context, d draft, title string) ui.Page {
	p := s.Page(c, title, "workflows")
	p.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	return p
}
