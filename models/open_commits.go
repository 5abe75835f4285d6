package models

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"workflows/models/dial"
)

// maxCommits is how many connections runs.Commit has.
const maxCommits = 2

// commits are connections to PostgreSQL for runs.Commit alone: others that exhaust
// the pool cannot hold it up, and its statements keep their plans. It is kept
// with the gorm.DB as a plugin, gorm's way to carry such things.
type commits struct{ *sql.DB }

var _ gorm.Plugin = commits{}

// Name implements gorm.Plugin.
func (commits) Name() string { return "workflows:commits" }

// Initialize implements gorm.Plugin.
func (commits) Initialize(*gorm.DB) error { return nil }

// pinPlans has each statement planned once, by primary keys. Without it the server
// plans every commit anew, which takes a fifth of its time; a plan made for a table
// that is still small would read all of it.
const pinPlans = plainPlans + `; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off`

func openCommits(address string) (commits, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return commits{}, err
	}
	return commits{stdlib.OpenDB(*config, dial.Impatient(), asking(pinPlans))}, nil
}

// commitsOf finds the connections of openCommits that belong to a db.
func commitsOf(db *gorm.DB) (commits, bool) {
	found, ok := db.Plugins[commits{}.Name()].(commits)
	return found, ok
}

// ConnToCommit takes one of these connections, or one of all the others' when the
// server gives no more: what uses up its limit may be theirs, and idle.
func ConnToCommit(ctx context.Context, db *gorm.DB) (*sql.Conn, error) {
	commits, _ := commitsOf(db)
	conn, err := commits.Conn(ctx)
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || answer.Code != tooManyConnections {
		return conn, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	return pool.Conn(ctx)
}

// tooManyConnections is how PostgreSQL refuses one more.
const tooManyConnections = "53300"
