package models

import (
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// Address says where the database is, without its password, for messages about
// one that cannot be reached.
func Address(db *gorm.DB) string {
	dialector, ok := db.Dialector.(*postgres.Dialector)
	if !ok {
		return "the data folder"
	}
	config, err := pgconn.ParseConfig(dialector.DSN)
	if err != nil {
		return "PostgreSQL"
	}
	return fmt.Sprintf("postgres://%s:%d/%s", config.Host, config.Port, config.Database)
}
