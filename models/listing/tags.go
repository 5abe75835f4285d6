package listing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"workflows/models"
)

const (
	// longestTag is how many letters a tag may have, mostTags how many a workflow.
	longestTag, mostTags = 40, 20
	// offeredTags is how many are offered.
	offeredTags = 500
)

// ReadTags are tags as they are kept: without spaces around, in order, each once in whatever
// case. What cannot be one is a *models.InvalidError.
func ReadTags(typed []string) ([]string, error) {
	tags := []string{}
	for i, text := range typed {
		tag := strings.Join(strings.Fields(text), " ")
		message := ""
		switch {
		case tag == "":
			message = "Type the word to put on the workflow."
		case strings.Contains(tag, ","):
			message = "A tag has no comma: give one after the other."
		case utf8.RuneCountInString(tag) > longestTag:
			message = fmt.Sprintf("A tag has at most %d letters.", longestTag)
		case strings.ContainsFunc(tag, func(letter rune) bool { return !unicode.IsPrint(letter) }):
			message = "A tag has letters, digits and signs only."
		}
		if message != "" {
			return nil, wrongTag(fmt.Sprintf("tags[%d]", i), message)
		}
		if !slices.ContainsFunc(tags, func(other string) bool { return strings.EqualFold(other, tag) }) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > mostTags {
		return nil, wrongTag("tags", fmt.Sprintf("A workflow has at most %d tags.", mostTags))
	}
	slices.SortFunc(tags, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return tags, nil
}

func wrongTag(path, message string) error {
	return &models.InvalidError{Code: "invalid_tag", Message: message, Fields: []models.FieldError{{Path: path, Code: "invalid_tag", Message: message}}}
}

// SetTags has a workflow have these tags, as ReadTags gives them, and no others. One that
// other workflows have keeps their spelling.
func SetTags(ctx context.Context, tx *gorm.DB, workflowID string, tags []string) error {
	tx = tx.WithContext(ctx)
	if err := tx.Exec("DELETE FROM workflow_tags WHERE workflow_id = ?", workflowID).Error; err != nil {
		return fmt.Errorf("remove the workflow's tags: %w", models.Kind(err))
	}
	for _, tag := range tags {
		err := tx.Exec(`INSERT INTO workflow_tags (workflow_id, tag) SELECT w.id, coalesce((SELECT min(t.tag) FROM workflow_tags t WHERE folded(t.tag) = folded(?)), ?)
			FROM workflows w WHERE w.id = ? ON CONFLICT DO NOTHING`, tag, tag, workflowID).Error
		if err != nil {
			return fmt.Errorf("store the workflow's tags: %w", models.Kind(err))
		}
	}
	return nil
}

// TagsOf returns the tags of workflows, by their ids.
func TagsOf(ctx context.Context, db *gorm.DB, workflowIDs ...string) (map[string][]string, error) {
	tags := map[string][]string{}
	if len(workflowIDs) == 0 {
		return tags, nil
	}
	var rows []struct{ WorkflowID, Tag string }
	if err := db.WithContext(ctx).Raw("SELECT workflow_id, tag FROM workflow_tags WHERE workflow_id IN ? ORDER BY folded(tag)", workflowIDs).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the tags of workflows: %w", models.Kind(err))
	}
	for _, row := range rows {
		tags[row.WorkflowID] = append(tags[row.WorkflowID], row.Tag)
	}
	return tags, nil
}

// AllTags returns the tags that workflows have.
func AllTags(ctx context.Context, db *gorm.DB) (tags []string, err error) {
	err = db.WithContext(ctx).Raw("SELECT tag FROM workflow_tags GROUP BY tag ORDER BY folded(tag) LIMIT ?", offeredTags).Scan(&tags).Error
	if err != nil {
		return nil, fmt.Errorf("list the tags: %w", models.Kind(err))
	}
	return tags, nil
}
