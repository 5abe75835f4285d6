package catalog

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/changes"
	"workflows/worker/workflow"
)

// Source is one document and where it stands, for messages.
type Source struct {
	From string // orders.yaml, or orders.yaml (document 2)
	workflow.Document
}

// Says is a sentence about what is wrong with a document, with the line that it is about.
func (s Source) Says(problem workflow.Problem) string {
	said := fmt.Sprintf("%s: %s: %s", s.From, problem.Path, problem.Message)
	if place := s.Lines.At(problem.Path); place.Line > 0 {
		said += "\n    " + place.String()
	}
	return said
}

// Change is what one document does to the workflow that has its name.
type Change struct {
	Source
	ID        string   // "" makes a new workflow
	Sentences []string // what changes; none: nothing does
}

// Plan says what documents would change, in their order, and in sentences all that
// is wrong with them; then nothing may be applied.
func (c *Catalog) Plan(ctx context.Context, sources []Source) (planned []Change, wrong []string, err error) {
	names := map[string]string{}
	for _, source := range sources {
		if other, taken := names[source.Name]; taken {
			wrong = append(wrong, source.Says(workflow.Problem{Path: "name", Message: fmt.Sprintf("“%s” stands in %s too. Rename one of them.", source.Name, other)}))
			continue
		}
		names[source.Name] = source.From
		change, problems, err := c.plan(ctx, source)
		if err != nil {
			return nil, nil, err
		}
		for _, problem := range problems {
			if !problem.Doubtful && (source.Publish || !problem.Incomplete) {
				wrong = append(wrong, source.Says(problem))
			}
		}
		planned = append(planned, change)
	}
	return planned, wrong, nil
}

func (c *Catalog) plan(ctx context.Context, source Source) (Change, []workflow.Problem, error) {
	change := Change{Source: source}
	there, err := models.WorkflowsNamed(ctx, c.DB, []string{source.Name})
	switch {
	case err != nil:
		return change, nil, err
	case len(there) > 1:
		return change, []workflow.Problem{{Path: "name", Code: "taken", Message: fmt.Sprintf("Several workflows are called “%s”. Rename them, so that it is clear which one is meant.", source.Name)}}, nil
	case len(there) == 0:
		change.Sentences = []string{"It is new."}
	default:
		change.ID = there[0].ID
		if change.Sentences, err = c.differences(ctx, there[0], source); err != nil {
			return change, nil, err
		}
	}
	problems, err := c.Check(ctx, change.ID, source.Definition)
	return change, problems, err
}

func (c *Catalog) differences(ctx context.Context, w models.Workflow, source Source) ([]string, error) {
	draft, err := workflow.Load(w.Draft)
	if err != nil {
		return nil, err
	}
	said, err := c.Changes(ctx, draft, source.Definition)
	if err != nil {
		return nil, err
	}
	sentences := changes.Sentences(said)
	if len(sentences) == 0 && string(draft.Marshal()) != string(source.Marshal()) {
		sentences = []string{"It is written differently and means the same."}
	}
	if !source.Publish || len(sentences) > 0 {
		return sentences, nil
	}
	same, err := published(ctx, c.DB, w, source.Definition)
	if err == nil && !same {
		sentences = []string{"The draft is published."}
	}
	return sentences, err
}

// Apply carries out a plan, all of it or nothing.
func (c *Catalog) Apply(ctx context.Context, planned []Change, by string) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		inside := *c
		inside.DB = tx
		for _, change := range slices.DeleteFunc(slices.Clone(planned), func(change Change) bool { return len(change.Sentences) == 0 }) {
			if err := inside.apply(ctx, change, by); err != nil {
				return fmt.Errorf("%s: %w", change.From, err)
			}
		}
		return nil
	})
}

func (c *Catalog) apply(ctx context.Context, change Change, by string) error {
	if change.ID == "" {
		_, err := c.Create(ctx, change.Definition, change.Publish, by)
		return err
	}
	w, err := c.SaveDraft(ctx, change.ID, change.Definition, nil, by)
	if err != nil || !change.Publish {
		return err
	}
	_, err = c.Publish(ctx, change.ID, &w.DraftRevision, by)
	return err
}
