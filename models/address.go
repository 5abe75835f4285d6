package models

import (
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"workflows/models/address"
)

// Address says where the database is, without its password, for messages about
// one that cannot be reached.
func Address(db *gorm.DB) string {
	dialector, ok := db.Dialector.(*postgres.Dialector)
	if !ok {
		return "the data folder"
	}
	server, err := address.Postgres(dialector.DSN)
	if err != nil {
		return "PostgreSQL"
	}
	return server.String()
}
