package models

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// MaxSecrets is how many secrets there may be.
const MaxSecrets = 1000

// Secret is a value that steps use and nobody reads back. It is encrypted by
// worker/secrets, bound to its name.
type Secret struct {
	ID        string `gorm:"primaryKey"`
	Name      string // unique
	Sealed    string
	UpdatedBy string
	// PreviousSealed is the value before, which signatures may be made with until
	// PreviousUntil; "" when there is none.
	PreviousSealed string
	PreviousUntil  *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ListSecrets returns all secrets by name.
func ListSecrets(ctx context.Context, db *gorm.DB) ([]Secret, error) {
	found, err := plain.Find[Secret](ctx, db.Order("name").Limit(MaxSecrets))
	if err != nil {
		return nil, fmt.Errorf("list the secrets: %w", Kind(err))
	}
	return found, nil
}

// SecretsByName returns the secrets of these names; those that do not exist are
// absent.
func SecretsByName(ctx context.Context, db *gorm.DB, names []string) ([]Secret, error) {
	if len(names) == 0 {
		return nil, nil
	}
	found, err := plain.Find[Secret](ctx, db.Where("name IN ?", names))
	if err != nil {
		return nil, fmt.Errorf("find the secrets: %w", Kind(err))
	}
	return found, nil
}

// PutSecret stores a secret, over an older value of the same name. The row that
// came of it is returned.
func PutSecret(ctx context.Context, tx *gorm.DB, s Secret) (Secret, error) {
	err := plain.Create(ctx, tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"sealed", "previous_sealed", "previous_until", "updated_by", "updated_at"}),
	}), &s)
	if err != nil {
		return Secret{}, fmt.Errorf("store the secret: %w", Kind(err))
	}
	found, err := plain.Take[Secret](ctx, tx.Where("name = ?", s.Name))
	if err != nil {
		return Secret{}, fmt.Errorf("read the secret: %w", Kind(err))
	}
	return found, nil
}

// DeleteSecret removes a secret.
func DeleteSecret(ctx context.Context, tx *gorm.DB, name string) error {
	return Changed("delete the secret", tx.WithContext(ctx).Where("name = ?", name).Delete(&Secret{}))
}

// ResealSecret replaces how a secret's values are encrypted, and whether there is
// one before, by those of after. It reports false, and changes nothing, when the
// secret has changed since before was read.
func ResealSecret(ctx context.Context, db *gorm.DB, before, after Secret) (bool, error) {
	result := db.WithContext(ctx).Model(&Secret{}).
		Where("id = ? AND sealed = ? AND previous_sealed = ?", before.ID, before.Sealed, before.PreviousSealed).
		Updates(map[string]any{"sealed": after.Sealed, "previous_sealed": after.PreviousSealed, "previous_until": after.PreviousUntil})
	if result.Error != nil {
		return false, fmt.Errorf("encrypt a secret again: %w", Kind(result.Error))
	}
	return result.RowsAffected == 1, nil
}

// EndPreviousSecret has the value before not accepted any more. There has to be one.
func EndPreviousSecret(ctx context.Context, tx *gorm.DB, name string) error {
	return Changed("end the secret's previous value", tx.WithContext(ctx).Model(&Secret{}).Where("name = ? AND previous_sealed <> ''", name).
		Updates(map[string]any{"previous_sealed": "", "previous_until": nil}))
}

// SecretsState tells whether any secret, or sealed setting, has come, gone or changed: it
// is another one then.
func SecretsState(ctx context.Context, db *gorm.DB) (string, error) {
	var row struct {
		Count  int
		Newest *string
	}
	err := db.WithContext(ctx).Raw(`SELECT count(*) AS count, CAST(max(updated_at) AS text) AS newest
		FROM (SELECT updated_at FROM secrets UNION ALL SELECT updated_at FROM settings WHERE name IN ?) AS sealed`,
		slices.Sorted(maps.Keys(SealedSettings()))).Scan(&row).Error
	if err != nil {
		return "", fmt.Errorf("look for changed secrets: %w", Kind(err))
	}
	if row.Newest == nil {
		return "", nil
	}
	return fmt.Sprint(row.Count, " ", *row.Newest), nil
}

// definitionsAtOnce bounds how many definitions stand in memory at once.
const definitionsAtOnce = 200

// DefinitionsNaming passes on the draft and the published definition of all
// workflows that contain a text, by name. It reads all definitions: only for what
// happens seldom.
func DefinitionsNaming(ctx context.Context, db *gorm.DB, text string, take func(NamingWorkflow)) error {
	pattern := "%" + EscapeLike(text) + "%"
	after := BeforeAllIDs
	for {
		var found []NamingWorkflow
		err := db.WithContext(ctx).Raw(`SELECT w.id, w.name, w.draft, v.definition FROM workflows w
			LEFT JOIN workflow_versions v ON v.id = w.version_id
			WHERE w.id > ? AND (CAST(w.draft AS text) LIKE ? ESCAPE '\' OR CAST(v.definition AS text) LIKE ? ESCAPE '\')
			ORDER BY w.id LIMIT ?`, after, pattern, pattern, definitionsAtOnce).Scan(&found).Error
		if err != nil {
			return fmt.Errorf("find the workflows that name something: %w", Kind(err))
		}
		for _, workflow := range found {
			take(workflow)
		}
		if len(found) < definitionsAtOnce {
			return nil
		}
		after = found[len(found)-1].ID
	}
}
