package runs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"workflows/models"
)

// Batch is what one transaction does for many runs of a worker: claims by hints,
// and advances of runs that it holds. What leaves something behind is committed by
// CommitOne instead.
type Batch struct {
	Owner    string
	Claims   []string // ids of runs
	Now      time.Time
	Lease    time.Duration
	Advances []Advance
}

// Commit does all of it in one transaction. On PostgreSQL that is one round trip
// and one flush of its log, which is what limits how many runs a worker finishes.
//
// Claimed are those of the runs that may start or go on now: each gets a lease for
// the owner and a new attempt number. Runs that somebody else holds, that are final
// or whose time has not come are simply not among them. The lease is on the
// database's clock where there is a server, on Now otherwise. Done says of each
// advance whether it counted.
func Commit(ctx context.Context, db *gorm.DB, c Batch) (claimed []Claimed, done []bool, err error) {
	valid := make([]string, 0, len(c.Claims))
	for _, id := range c.Claims {
		if models.ValidID(id) {
			valid = append(valid, id)
		}
	}
	c.Claims = valid
	if len(c.Claims) == 0 && len(c.Advances) == 0 {
		return nil, nil, nil
	}
	commit := commitSQLite
	if models.IsPostgres(db) {
		commit = commitPostgres
	}
	claimed, done, err = commit(ctx, db, c)
	if err != nil {
		return nil, nil, fmt.Errorf("claim and advance runs: %w", models.Kind(err))
	}
	return claimed, done, nil
}

func commitSQLite(ctx context.Context, db *gorm.DB, c Batch) (claimed []Claimed, done []bool, err error) {
	err = db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if len(c.Claims) > 0 {
			if claimed, err = claimSQLite(tx, c); err != nil {
				return err
			}
		}
		done = make([]bool, len(c.Advances))
		for i, a := range c.Advances {
			if done[i], err = advanceOne(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	return claimed, done, err
}

// commitPostgres sends the statements together; without a BEGIN the server runs
// what it gets before the next sync as one transaction.
func commitPostgres(ctx context.Context, db *gorm.DB, c Batch) (claimed []Claimed, done []bool, err error) {
	conn, err := models.ConnToCommit(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) (err error) {
		results := driver.(*stdlib.Conn).Conn().SendBatch(ctx, c.statements())
		if claimed, done, err = c.read(results); err != nil {
			_ = results.Close()
			return err
		}
		return results.Close() // the commit
	})
	return claimed, done, err
}

func (c Batch) statements() *pgx.Batch {
	batch := &pgx.Batch{}
	if len(c.Claims) > 0 {
		batch.Queue(claimStatement, c.claimArguments()...)
	}
	if len(c.Advances) == 0 {
		return batch
	}
	batch.Queue(advanceStatement, append(runColumns(c.Advances), stepColumns(c.Advances)...)...)
	return batch
}

func (c Batch) read(results pgx.BatchResults) (claimed []Claimed, done []bool, err error) {
	if len(c.Claims) > 0 {
		rows, err := results.Query()
		if err != nil {
			return nil, nil, err
		}
		if claimed, err = readClaimed(rows, c.Owner); err != nil {
			return nil, nil, err
		}
	}
	if len(c.Advances) > 0 {
		rows, err := results.Query()
		if err != nil {
			return nil, nil, err
		}
		if done, err = readDone(rows, len(c.Advances)); err != nil {
			return nil, nil, err
		}
	}
	return claimed, done, nil
}

// CommitOne writes one advance with what its steps leave behind, and reports
// whether it counted: then all of it is stored, else nothing. It has a transaction
// of its own, so that what may be large, wait for others or be refused holds up no
// other run.
func CommitOne(ctx context.Context, db *gorm.DB, a Advance, leaves ...models.Left) (counted bool, err error) {
	err = models.Tx(ctx, db, func(tx *gorm.DB) (err error) {
		if counted, err = advanceOne(tx, a); err != nil || !counted {
			return err
		}
		for _, left := range leaves {
			if err := left.Leave(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("advance a run: %w", err)
	}
	return counted, nil
}
