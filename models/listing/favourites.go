package listing

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
)

// SetFavourite has a workflow be one of a person's favourites, or none any more. Nothing
// happens where it is so already, or where either is gone.
func SetFavourite(ctx context.Context, db *gorm.DB, userID, workflowID string, favourite bool) error {
	statement := "DELETE FROM favourites WHERE user_id = ? AND workflow_id = ?"
	if favourite {
		statement = "INSERT INTO favourites (user_id, workflow_id) SELECT u.id, w.id FROM users u, workflows w WHERE u.id = ? AND w.id = ? ON CONFLICT DO NOTHING"
	}
	if err := db.WithContext(ctx).Exec(statement, userID, workflowID).Error; err != nil {
		return fmt.Errorf("note the favourite: %w", models.Kind(err))
	}
	return nil
}

// IsFavourite reports whether a workflow is one of a person's favourites.
func IsFavourite(ctx context.Context, db *gorm.DB, userID, workflowID string) (is bool, err error) {
	err = db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM favourites WHERE user_id = ? AND workflow_id = ?)", userID, workflowID).Scan(&is).Error
	if err != nil {
		return false, fmt.Errorf("read the favourite: %w", models.Kind(err))
	}
	return is, nil
}
