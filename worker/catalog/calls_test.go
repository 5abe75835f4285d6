package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

// calling is a definition with one step that runs another workflow.
func calling(name, id string, input map[string]any) workflow.Definition {
	d := definition(name)
	d.Steps = append(d.Steps, workflow.Step{ID: "loop", Type: "for_each", Config: map[string]any{"list": []any{1}}, Do: []workflow.Step{
		{ID: "other", Type: "run_workflow", Config: map[string]any{"workflow": id, "input": input}},
	}})
	return d
}

// refusal is what is said about a field of a refused definition: "code message".
func refusal(err error, path string) string {
	var invalid *models.InvalidError
	if !errors.As(err, &invalid) {
		return ""
	}
	i := slices.IndexFunc(invalid.Fields, func(f models.FieldError) bool { return f.Path == path })
	if i < 0 {
		return ""
	}
	return invalid.Fields[i].Code + " " + invalid.Fields[i].Message
}

const calledAt = "steps[1].do[0].config.workflow"

func TestOnlyPublishedWorkflowsCanBeRunByOthers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		draft := must[models.Workflow](t)(c.Create(t.Context(), definition("Draft"), false, ""))
		for name, one := range map[string]struct{ id, code string }{
			"a draft": {draft.ID, "not_published"}, "one that is not there": {models.NewID(), "unknown_workflow"},
		} {
			made, err := c.Create(t.Context(), calling("A", one.id, nil), false, "")
			if err != nil {
				t.Fatalf("%s: a draft may name it: %v", name, err)
			}
			if _, err := c.Publish(t.Context(), made.ID, nil, ""); !strings.HasPrefix(refusal(err, calledAt), one.code) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := c.Create(t.Context(), calling("A", "orders", nil), false, ""); !strings.HasPrefix(refusal(err, calledAt), "unknown_workflow") {
			t.Errorf("what is no id: %v", err)
		}
		must[models.Workflow](t)(c.Publish(t.Context(), draft.ID, nil, ""))
		must[models.Workflow](t)(c.Create(t.Context(), calling("A", draft.ID, nil), true, ""))
	})
}

func TestAWorkflowCannotRunItselfDirectlyOrThroughOthers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		a := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), true, ""))
		b := must[models.Workflow](t)(c.Create(t.Context(), calling("B", a.ID, nil), true, ""))
		third := must[models.Workflow](t)(c.Create(t.Context(), calling("C", b.ID, nil), true, ""))
		for name, id := range map[string]string{"itself": a.ID, "B, which runs it": b.ID, "C, which runs B": third.ID} {
			if _, err := c.SaveDraft(t.Context(), a.ID, calling("A", id, nil), nil, ""); !strings.HasPrefix(refusal(err, calledAt), "calls_itself") {
				t.Errorf("saved with a step that runs %s: %v", name, err)
			}
			must[models.Workflow](t)(c.SaveDraftLoosely(t.Context(), a.ID, calling("A", id, nil), nil, ""))
			if _, err := c.Publish(t.Context(), a.ID, nil, ""); !strings.HasPrefix(refusal(err, calledAt), "calls_itself") {
				t.Errorf("published with a step that runs %s: %v", name, err)
			}
		}
		off := calling("A", b.ID, nil)
		off.Steps[1].Disabled = true
		must[models.Workflow](t)(c.SaveDraft(t.Context(), a.ID, off, nil, ""))
		must[models.Workflow](t)(c.Publish(t.Context(), a.ID, nil, ""))
	})
}

func TestTwoWorkflowsPublishedAtOnceCannotRunEachOther(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		for range 10 {
			a := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), true, ""))
			b := must[models.Workflow](t)(c.Create(t.Context(), definition("B"), true, ""))
			must[models.Workflow](t)(c.SaveDraft(t.Context(), a.ID, calling("A", b.ID, nil), nil, ""))
			must[models.Workflow](t)(c.SaveDraft(t.Context(), b.ID, calling("B", a.ID, nil), nil, ""))
			refusals := make(chan error, 2)
			for _, id := range []string{a.ID, b.ID} {
				go func() {
					_, err := c.Publish(t.Context(), id, nil, "")
					refusals <- err
				}()
			}
			first, second := <-refusals, <-refusals
			if (first == nil) == (second == nil) || !strings.HasPrefix(refusal(errors.Join(first, second), calledAt), "calls_itself") {
				t.Fatalf("published at once: %v and %v", first, second)
			}
		}
	})
}

func TestWhatTheOtherWorkflowAsksForIsAskedFor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		asking := definition("Orders")
		asking.Inputs = []workflow.Input{{Name: "order_id", Type: "number", Label: "Order number", Required: true}, {Name: "size", Type: "number", Required: true, Default: 1}}
		orders := must[models.Workflow](t)(c.Create(t.Context(), asking, true, ""))
		for path, input := range map[string]map[string]any{
			"input.order_id": {"size": 2}, "input.order": {"order_id": 1, "order": 2},
		} {
			made := must[models.Workflow](t)(c.Create(t.Context(), calling("A", orders.ID, input), false, ""))
			if _, err := c.Publish(t.Context(), made.ID, nil, ""); !strings.Contains(refusal(err, strings.TrimSuffix(calledAt, "workflow")+path), "“Orders”: ") {
				t.Errorf("%s: %v", path, err)
			}
		}
		must[models.Workflow](t)(c.Create(t.Context(), calling("A", orders.ID, map[string]any{"order_id": "{{ item }}"}), true, ""))
	})
}

func TestAWorkflowThatOthersRunIsNotDeleted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		orders := must[models.Workflow](t)(c.Create(t.Context(), definition("Orders"), true, ""))
		mentions := definition("Mentions")
		mentions.Steps[0].Config = map[string]any{"values": map[string]any{"id": orders.ID}}
		must[models.Workflow](t)(c.Create(t.Context(), mentions, true, ""))
		drafted := must[models.Workflow](t)(c.Create(t.Context(), calling("Draft", orders.ID, nil), false, ""))
		published := must[models.Workflow](t)(c.Create(t.Context(), calling("Nightly", orders.ID, nil), true, ""))
		must[models.Workflow](t)(c.SaveDraft(t.Context(), published.ID, definition("Nightly"), nil, ""))
		err := c.Delete(t.Context(), orders.ID)
		if conflictCode(err) != "in_use" || !strings.Contains(err.Error(), "“Draft” and “Nightly” run this workflow") {
			t.Fatalf("deleted: %v", err)
		}
		for _, user := range []models.Workflow{drafted, published} {
			if err := c.Delete(t.Context(), user.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Delete(t.Context(), orders.ID); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCheckSaysOfANewWorkflowWhatItSaysOfAStoredOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, _ := newCatalog(db)
		for _, id := range []string{"", models.NewID()} {
			problems, err := c.Check(t.Context(), id, calling("A", models.NewID(), nil))
			if err != nil || len(problems) != 1 || problems[0].Path != calledAt || !problems[0].Incomplete {
				t.Errorf("%q: %+v %v", id, problems, err)
			}
		}
	})
}
