package models

// array gathers one field of every row into the array that PostgreSQL's unnest
// reads: a statement with few such parameters is read and planned once, one with
// thousands of single values each time. It is a pointer, since gorm takes slices
// apart.
func array[T, V any](rows []T, field func(T) V) *[]V {
	values := column(rows, field)
	return &values
}
