package models

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// CalledWorkflow is a workflow as another one that runs it needs to know it.
type CalledWorkflow struct {
	ID, Name   string
	Definition JSON // what is published; nil for a draft
}

// CalledWorkflows returns those of the workflows that exist, by id. Texts that
// are no ids are left out.
func CalledWorkflows(ctx context.Context, db *gorm.DB, ids []string) (map[string]CalledWorkflow, error) {
	wanted := validIDs(ids)
	found := make(map[string]CalledWorkflow, len(wanted))
	if len(wanted) == 0 {
		return found, nil
	}
	var rows []CalledWorkflow
	err := db.WithContext(ctx).Raw(`SELECT w.id, w.name, v.definition FROM workflows w
		LEFT JOIN workflow_versions v ON v.id = w.version_id WHERE w.id IN ?`, wanted).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the workflows to run: %w", Kind(err))
	}
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

func validIDs(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return !ValidID(text) })
}

// KeepWorkflows holds off whoever wants to delete one of the workflows before the
// transaction ends, and whoever else publishes one that runs others: two that are
// published at once could run each other. On SQLite the transaction itself does.
func KeepWorkflows(ctx context.Context, tx *gorm.DB, ids []string) error {
	wanted := validIDs(ids)
	if !IsPostgres(tx) || len(wanted) == 0 {
		return nil
	}
	if err := tx.WithContext(ctx).Exec("SELECT pg_advisory_xact_lock(hashtextextended('workflows that run others', 0))").Error; err != nil {
		return fmt.Errorf("wait for another publication: %w", Kind(err))
	}
	if err := tx.WithContext(ctx).Exec("SELECT 1 FROM workflows WHERE id IN ? ORDER BY id FOR KEY SHARE", wanted).Error; err != nil {
		return fmt.Errorf("hold the workflows to run: %w", Kind(err))
	}
	return nil
}

// NamingWorkflow is a workflow whose draft or published version names another.
type NamingWorkflow struct {
	ID, Name          string
	Draft, Definition JSON
}

// WorkflowsNaming returns at most 100 other workflows that have this id as a text
// somewhere in their draft or published version; whether they run it, the caller
// must look. The database looks through all definitions, on PostgreSQL in a seventh of
// the time that LIKE takes.
func WorkflowsNaming(ctx context.Context, db *gorm.DB, id string) ([]NamingWorkflow, error) {
	if !ValidID(id) {
		return nil, nil
	}
	var found []NamingWorkflow
	place, quoted := "instr", `"`+id+`"`
	if IsPostgres(db) {
		place = "strpos"
	}
	err := db.WithContext(ctx).Raw(`SELECT w.id, w.name, w.draft, v.definition FROM workflows w
		LEFT JOIN workflow_versions v ON v.id = w.version_id
		WHERE w.id <> ? AND (`+place+`(CAST(w.draft AS text), ?) > 0 OR `+place+`(CAST(v.definition AS text), ?) > 0) ORDER BY lower(w.name), w.id LIMIT 100`,
		id, quoted, quoted).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find what uses the workflow: %w", Kind(err))
	}
	return found, nil
}
