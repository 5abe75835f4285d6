// Package plain is gorm in plain words. They stand in the place of gorm.G[T], which
// says the same but brings some sixty methods for each model; and the linker keeps them
// all, since gorm looks up methods by names that it cannot foresee. It was nearly
// 5 MB of the web process and 3 of the worker.
package plain

import (
	"context"

	"gorm.io/gorm"
)

// Take returns the one row that the query finds, or gorm.ErrRecordNotFound.
func Take[T any](ctx context.Context, query *gorm.DB) (row T, err error) {
	err = query.WithContext(ctx).Take(&row).Error
	return row, err
}

// Find returns the rows that the query finds.
func Find[T any](ctx context.Context, query *gorm.DB) (rows []T, err error) {
	err = query.WithContext(ctx).Find(&rows).Error
	return rows, err
}

// Create inserts the row that row points to; the query may hold what happens on a
// conflict.
func Create(ctx context.Context, query *gorm.DB, row any) error {
	return query.WithContext(ctx).Create(row).Error
}

// Remove deletes the rows that the query finds and reports how many there were.
func Remove[T any](ctx context.Context, query *gorm.DB) (int, error) {
	done := query.WithContext(ctx).Delete(new(T))
	return int(done.RowsAffected), done.Error
}
