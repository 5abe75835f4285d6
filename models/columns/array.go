package columns

// Of gathers one field of every row into the array that PostgreSQL's unnest reads: a
// statement with few such parameters is read and planned once, one with thousands of
// single values each time.
func Of[T, V any](rows []T, field func(T) V) []V {
	values := make([]V, len(rows))
	for i, row := range rows {
		values[i] = field(row)
	}
	return values
}

// Array is the same for gorm, which takes slices apart and leaves pointers alone.
func Array[T, V any](rows []T, field func(T) V) *[]V {
	values := Of(rows, field)
	return &values
}
