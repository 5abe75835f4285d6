package runs

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// ByID returns those of the runs that exist, by id, without their payloads:
// for lists that name runs they were told of, such as what workers are busy with.
// Texts that are no ids are left out.
func ByID(ctx context.Context, db *gorm.DB, ids []string) (map[string]models.Run, error) {
	wanted := make([]string, 0, len(ids))
	for _, id := range ids {
		if models.ValidID(id) {
			wanted = append(wanted, id)
		}
	}
	found := make(map[string]models.Run, len(wanted))
	if len(wanted) == 0 {
		return found, nil
	}
	var runs []models.Run
	err := db.WithContext(ctx).Omit("Input", "Output", "Trigger").Where("id IN ?", wanted).Find(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("look up runs: %w", models.Kind(err))
	}
	for _, run := range runs {
		found[run.ID] = run
	}
	return found, nil
}

// Statuses are the states of those of the runs that exist, by id.
func Statuses(ctx context.Context, db *gorm.DB, ids []string) (map[string]string, error) {
	found := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, 500) { // within the number of parameters that SQLite takes
		var rows []models.Run
		if err := db.WithContext(ctx).Select("id, status").Where("id IN ?", part).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("look up what became of runs: %w", models.Kind(err))
		}
		for _, row := range rows {
			found[row.ID] = row.Status
		}
	}
	return found, nil
}

// Status is a run's state alone, for those who ask again and again.
func Status(ctx context.Context, db *gorm.DB, id string) (string, error) {
	run, err := plain.Take[models.Run](ctx, db.Select("status").Where("id = ?", id))
	if err != nil {
		return "", fmt.Errorf("find the run's state: %w", models.Kind(err))
	}
	return run.Status, nil
}
