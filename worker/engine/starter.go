package engine

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/workflow"
)

// starter is what starting a run needs of an immutable version: without its
// steps, so that very many can be kept.
type starter struct {
	id, workflowID, name string
	number               int
	inputs               []workflow.Input
	settings             workflow.Settings
}

func (e *Engine) starter(ctx context.Context, tx *gorm.DB, id string) (*starter, error) {
	if found, ok := e.starters.get(id); ok {
		return found, nil
	}
	version, err := e.version(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return e.keepStarter(version), nil
}

func (e *Engine) keepStarter(v *version) *starter {
	s := &starter{id: v.id, workflowID: v.workflowID, name: v.name, number: v.number, inputs: v.definition.Inputs, settings: v.definition.Settings}
	e.starters.put(v.id, s)
	return s
}

// Warm reads what starting runs of these versions needs, if it is not kept yet.
func (e *Engine) Warm(ctx context.Context, versions []string) error {
	for part := range slices.Chunk(versions, 500) {
		if err := e.loadStarts(ctx, e.db, part); err != nil {
			return err
		}
	}
	return nil
}

// loadStarts reads those of the versions that are not kept in one question. What
// cannot be read is left for starter to say.
func (e *Engine) loadStarts(ctx context.Context, tx *gorm.DB, ids []string) error {
	missing := make([]string, 0, len(ids))
	for _, id := range ids {
		if _, found := e.starters.get(id); !found && models.ValidID(id) {
			missing = append(missing, id)
		}
	}
	if len(missing) < 2 {
		return nil
	}
	rows, err := models.VersionsToRun(ctx, tx, missing)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if version, err := newVersion(row, e.types); err == nil {
			e.keepStarter(version)
		}
	}
	return nil
}
