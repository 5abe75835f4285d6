package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// ChangedDrafts says which of these workflows have a draft that differs from
// their published version, in one query.
func ChangedDrafts(ctx context.Context, db *gorm.DB, workflowIDs []string) (map[string]bool, error) {
	changed := map[string]bool{}
	if len(workflowIDs) == 0 {
		return changed, nil
	}
	var ids []string
	err := db.WithContext(ctx).Raw(`SELECT w.id FROM workflows w JOIN workflow_versions v ON v.id = w.version_id
		WHERE w.id IN ? AND CAST(w.draft AS text) <> CAST(v.definition AS text)`, workflowIDs).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("compare drafts with their versions: %w", kind(err))
	}
	for _, id := range ids {
		changed[id] = true
	}
	return changed, nil
}
