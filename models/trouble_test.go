package models_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

// full leaves an embedded database no page more than it has.
func full(t *testing.T) (db *gorm.DB, makeRoom func()) {
	t.Helper()
	db = modelstest.SQLite(t)
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1) // the limit is the connection's
	limit := func(pages string) func() {
		return func() {
			if err := db.Exec("PRAGMA max_page_count = " + pages).Error; err != nil {
				t.Fatal(err)
			}
		}
	}
	limit("1")() // means: as many as there are
	return db, limit("1000000")
}

func TestFullDiskIsToldAndGoneWhenThereIsRoom(t *testing.T) {
	db, makeRoom := full(t)
	err := models.TryWrite(t.Context(), db)
	if models.TroubleOf(err) != models.Full || !errors.Is(err, models.ErrUnavailable) {
		t.Fatalf("%v", err)
	}
	if said := models.Explain(db, err); !strings.Contains(said, "The disk of the data folder is full") {
		t.Error(said)
	}
	if err := models.Ping(t.Context(), db); err != nil {
		t.Errorf("it does not answer: %v", err)
	}
	makeRoom()
	if err := models.TryWrite(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func TestTryingToWriteLeavesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		for range 2 {
			if err := models.TryWrite(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := models.SettingsBeginning(t.Context(), db, ""); err != nil || len(left) > 0 {
			t.Errorf("%v, %v", left, err)
		}
	})
}

// sqliteError is an error as SQLite's driver gives it.
type sqliteError int

func (e sqliteError) Error() string { return fmt.Sprintf("sqlite (%d)", int(e)) }
func (e sqliteError) Code() int     { return int(e) }

func TestEachTroubleOfADatabaseIsKnown(t *testing.T) {
	pg := func(code, file, message string) error {
		return fmt.Errorf("x: %w", &pgconn.PgError{Code: code, File: file, Message: message})
	}
	for _, one := range []struct {
		err  error
		want models.Trouble
	}{
		{pg("53100", "md.c", "could not extend file"), models.Full},
		{pg("XX000", "md.c", "could not extend file: Disk quota exceeded"), models.Full},
		{pg("42501", "md.c", "could not open file: Read-only file system"), models.ReadOnly},
		{pg("25006", "utility.c", ""), models.ReadOnly},
		{pg("58030", "fd.c", ""), models.Failing},
		{pg("57014", "postgres.c", "canceling statement due to statement timeout"), models.Busy},
		{pg("55P03", "lock.c", ""), models.Busy},
		{pg("25P03", "postgres.c", ""), models.Busy},
		{pg("53300", "proc.c", ""), models.Crowded},
		{pg("57P01", "postgres.c", ""), models.Away},
		{pg("42501", "aclchk.c", "permission denied"), models.NoTrouble},
		{pg("XX000", "execMain.c", ""), models.NoTrouble},
		{pg("23505", "nbtinsert.c", ""), models.NoTrouble},
		{sqliteError(13), models.Full},
		{sqliteError(10 | 19<<8), models.Failing},
		{sqliteError(8 | 1<<8), models.ReadOnly},
		{sqliteError(5 | 2<<8), models.Busy},
		{sqliteError(14), models.Away},
		{sqliteError(19), models.NoTrouble},
		{fmt.Errorf("x: %w", syscall.ENOSPC), models.Full},
		{syscall.EDQUOT, models.Full},
		{syscall.EROFS, models.ReadOnly},
		{context.Canceled, models.NoTrouble},
		{nil, models.NoTrouble},
	} {
		if got := models.TroubleOf(one.err); got != one.want {
			t.Errorf("%v is %d", one.err, got)
		}
		if models.TroubleOf(one.err) != models.NoTrouble && models.Refused(one.err) {
			t.Errorf("%v ends a run for good", one.err)
		}
	}
}

func TestPostgresThatAnswersIsNotCalledUnreachable(t *testing.T) {
	_, server := modelstest.Postgres(t)
	before, after, _ := strings.Cut(server, "?")
	base := before[:strings.LastIndex(before, "/")]
	for address, says := range map[string]string{
		base + "/no_such_one?" + after:                                             "has no database no_such_one. Make it: createdb no_such_one",
		strings.Replace(base, "test@", "nobody:canary@", 1) + "/postgres?" + after: "does not let this user in",
		server + "&pgbouncer=true":                                                 "does not know a parameter",
		strings.Replace(server, "sslmode=disable", "sslmode=require", 1):           "its encryption cannot be used",
	} {
		db, err := models.Open(models.Source{URL: address})
		if err != nil {
			t.Fatal(err)
		}
		err = models.Ping(t.Context(), db)
		if said := models.Explain(db, err); !strings.Contains(said, "PostgreSQL answers at ") || !strings.Contains(said, says) || strings.Contains(said, "canary") || models.TroubleOf(err) != models.Closed {
			t.Errorf("%s: %q %v", address, said, err)
		}
		_ = models.Close(db)
	}
}
