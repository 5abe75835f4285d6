package runs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// searchedAtOnce is how many runs one look into the index of words returns.
const searchedAtOnce = 1000

// Matching returns the ids of the runs that meet a filter, the oldest first, at most limit;
// the filter's own limit does not count. Where there are more, they are the newest.
func Matching(ctx context.Context, db *gorm.DB, filter Filter, limit int) ([]string, error) {
	ids, err := filter.idsMeeting(db.WithContext(ctx), limit)
	if err != nil {
		return nil, fmt.Errorf("find the runs that are meant: %w", models.Kind(err))
	}
	slices.Reverse(ids)
	return ids, nil
}

// idsMeeting are the ids, the newest first.
func (f Filter) idsMeeting(db *gorm.DB, limit int) (ids []string, err error) {
	if strings.TrimSpace(f.Search) == "" {
		query, possible := f.apply(db)
		if !possible {
			return nil, nil
		}
		if len(f.Status) > 0 || f.FailureID != "" {
			query = query.Where("status IN ?", f.wantedStates())
		}
		err = query.Model(&models.Run{}).Order("id DESC").Limit(limit).Pluck("id", &ids).Error
		return ids, err
	}
	for len(ids) < limit {
		found, next, err := f.found(db, min(searchedAtOnce, limit-len(ids)))
		if err != nil {
			return nil, err
		}
		for _, run := range found {
			ids = append(ids, run.ID)
		}
		if next == "" {
			break
		}
		f.Before = next
	}
	return ids, nil
}

// RunAgain says which of a few runs have been run again already.
func RunAgain(ctx context.Context, db *gorm.DB, ids []string) (map[string]bool, error) {
	var found []string
	if err := db.WithContext(ctx).Raw("SELECT retry_of FROM runs WHERE retry_of IN ?", ids).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("find which runs have been run again: %w", models.Kind(err))
	}
	again := make(map[string]bool, len(found))
	for _, id := range found {
		again[id] = true
	}
	return again, nil
}

// Entire returns a few runs with everything, by id.
func Entire(ctx context.Context, db *gorm.DB, ids []string) (map[string]models.Run, error) {
	rows, err := plain.Find[models.Run](ctx, db.Where("id IN ?", ids))
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", models.Kind(err))
	}
	found := make(map[string]models.Run, len(rows))
	for _, run := range rows {
		found[run.ID] = run
	}
	return found, nil
}
