package columns

import "github.com/jackc/pgx/v5/pgtype"

// Of gathers one field of every row into the array that PostgreSQL's unnest reads: a
// statement with few such parameters is read and planned once, one with thousands of
// single values each time.
func Of[T, V any](rows []T, field func(T) V) pgtype.FlatArray[V] {
	values := make(pgtype.FlatArray[V], len(rows))
	for i, row := range rows {
		values[i] = field(row)
	}
	return values
}

// Array is the same for gorm, which takes slices apart and leaves pointers alone.
func Array[T, V any](rows []T, field func(T) V) *[]V {
	values := []V(Of(rows, field))
	return &values
}
