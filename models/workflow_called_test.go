package models_test

import (
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestWorkflowsThatNameAnotherAreFoundInDraftsAndVersions(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, id := t.Context(), models.NewID()
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		store := func(id, name, draft, published string) {
			t.Helper()
			w := models.Workflow{ID: id, Name: name, Status: "draft", Draft: models.JSON(draft), DraftRevision: 1, CreatedAt: models.Now(), UpdatedAt: models.Now()}
			check(models.InsertWorkflow(ctx, db, &w))
			if published == "" {
				return
			}
			version := models.WorkflowVersion{ID: models.NewID(), WorkflowID: id, Number: 1, Name: name, Definition: models.JSON(published), CreatedAt: models.Now()}
			check(models.InsertVersion(ctx, db, &version))
			w.VersionID, w.Version = &version.ID, &version.Number
			check(models.UpdateWorkflow(ctx, db, w))
		}
		names := func(text string) string {
			return `{"steps":[{"name":"Größe 10 % _","config":{"workflow":"` + text + `"}}]}`
		}
		store(id, "Itself", names(id), names(id))
		store(models.NewID(), "draft", names(id), "")
		store(models.NewID(), "Both", names(id), names(id))
		store(models.NewID(), "As it is published", names(models.NewID()), names(id))
		store(models.NewID(), "Another one", names(models.NewID()), names(models.NewID()))
		store(models.NewID(), "Within a longer text", names(id+"0"), names("0"+id))
		store(models.NewID(), "In large letters", names(strings.ToUpper(id)), "")
		found, err := models.WorkflowsNaming(ctx, db, id)
		check(err)
		var got []string
		for _, w := range found {
			got = append(got, w.Name)
		}
		if want := []string{"As it is published", "Both", "draft"}; !slices.Equal(got, want) {
			t.Errorf("found are %q", got)
		}
		for _, text := range []string{"", "%", "' OR 1=1"} {
			if found, err := models.WorkflowsNaming(ctx, db, text); len(found) > 0 || err != nil {
				t.Errorf("%q finds %d, %v", text, len(found), err)
			}
		}
	})
}
