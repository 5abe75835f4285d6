package models

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// Commit is what one transaction does for many runs of a worker: claims by hints,
// and advances of runs that it holds.
type Commit struct {
	Owner    string
	Claims   []string
	Now      time.Time
	Lease    time.Duration
	Advances []Advance
}

// CommitRuns does all of it in one transaction; see ClaimRuns and AdvanceRuns. On
// PostgreSQL that is one round trip and one flush of its log, which is what limits
// how many runs a worker finishes.
func CommitRuns(ctx context.Context, db *gorm.DB, c Commit) (claimed []ClaimedRun, done []bool, err error) {
	valid := make([]string, 0, len(c.Claims))
	for _, id := range c.Claims {
		if ValidID(id) {
			valid = append(valid, id)
		}
	}
	c.Claims = valid
	if len(c.Claims) == 0 && len(c.Advances) == 0 {
		return nil, nil, nil
	}
	commit := commitSQLite
	if IsPostgres(db) {
		commit = commitPostgres
	}
	claimed, done, err = commit(ctx, db, c)
	if err != nil {
		return nil, nil, fmt.Errorf("claim and advance runs: %w", kind(err))
	}
	return claimed, done, nil
}

func commitSQLite(ctx context.Context, db *gorm.DB, c Commit) (claimed []ClaimedRun, done []bool, err error) {
	err = db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if len(c.Claims) > 0 {
			if claimed, err = claimSQLite(tx, c); err != nil {
				return err
			}
		}
		done, err = advanceSQLite(tx, c.Advances)
		return err
	})
	return claimed, done, err
}

// commitPostgres sends the statements together; without a BEGIN the server runs
// what it gets before the next sync as one transaction.
func commitPostgres(ctx context.Context, db *gorm.DB, c Commit) (claimed []ClaimedRun, done []bool, err error) {
	conn, err := connToCommit(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) (err error) {
		results := driver.(*stdlib.Conn).Conn().SendBatch(ctx, c.batch())
		if claimed, done, err = c.read(results); err != nil {
			_ = results.Close()
			return err
		}
		return results.Close() // the commit
	})
	return claimed, done, err
}

func (c Commit) batch() *pgx.Batch {
	batch := &pgx.Batch{}
	if len(c.Claims) > 0 {
		batch.Queue(claimStatement, c.claimArguments()...)
	}
	if len(c.Advances) == 0 {
		return batch
	}
	statement, arguments := advanceStatement, append(runColumns(c.Advances), stepColumns(c.Advances)...)
	if payloads := orderedPayloads(c.Advances); len(payloads) > 0 {
		statement, arguments = statement+keepPayloads, append(arguments, payloadColumns(payloads)...)
	}
	batch.Queue(statement+answerDone, arguments...)
	return batch
}

func (c Commit) read(results pgx.BatchResults) (claimed []ClaimedRun, done []bool, err error) {
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
