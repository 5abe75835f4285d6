package models

import (
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"workflows/models/address"
)

// Address says where the database is, without its password, for messages about
// one that cannot be reached.
func Address(db *gorm.DB) string {
	if !IsPostgres(db) {
		return "the data folder"
	}
	server, err := read(db)
	if err != nil {
		return "PostgreSQL"
	}
	return server.String()
}

// read reads the address that a PostgreSQL was opened with.
func read(db *gorm.DB) (address.Server, error) {
	dialector, ok := db.Dialector.(*postgres.Dialector)
	if !ok {
		return address.Server{}, ErrNotFound
	}
	return address.Postgres(dialector.DSN)
}
