package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/archive"
	"workflows/models/modelstest"
)

func TestABackupGoesIntoEitherDatabaseAndComesOutTheSame(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		rows := func(table string) int {
			if table == "audit_events" {
				return 210 // more than go into a table by one statement
			}
			return 12
		}
		fillEach(t, db, rows)
		backup := write(t, db)
		want := lines(t, backup)
		if len(want) != len(tables)*13+198 {
			t.Fatalf("%d lines", len(want))
		}
		summary, err := archive.Read(t.Context(), bytes.NewReader(backup))
		if err != nil || summary.Rows["runs"] != 12 || summary.Rows["audit_events"] != 210 || summary.MadeBy != "a test" {
			t.Fatalf("%+v, %v", summary, err)
		}
		for kind, into := range both(t) {
			if err := restore(t, into, backup); err != nil {
				t.Fatalf("into %s: %v", kind, err)
			}
			got := lines(t, write(t, into))
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Fatalf("into %s: got\n%.500s\nwant\n%.500s", kind, got[i], want[i])
				}
			}
			if len(got) != len(want) {
				t.Errorf("into %s: %d lines", kind, len(got))
			}
			waits, err := models.RestoredFrom(t.Context(), into)
			if err != nil || waits == nil || !waits.MadeAt.Equal(summary.MadeAt) {
				t.Errorf("into %s: it waits with %+v, %v", kind, waits, err)
			}
		}
	})
}

// SQLite takes any bytes as a text.
func TestTextsThatOnlySQLiteHoldsAreCarriedThereAndRefusedByPostgreSQL(t *testing.T) {
	const odd = "half a character \xe2\x82, and \x00"
	source := modelstest.SQLite(t)
	if err := models.SetSetting(t.Context(), source, "odd", odd, models.Now()); err != nil {
		t.Fatal(err)
	}
	backup := write(t, source)
	for kind, into := range both(t) {
		err := restore(t, into, backup)
		if kind == "sqlite" {
			if got, _ := models.GetSetting(t.Context(), into, "odd"); err != nil || got != odd {
				t.Errorf("%q, %v", got, err)
			}
			continue
		}
		if wrong := (*archive.FileError)(nil); !errors.As(err, &wrong) || rowsIn(t, into) != 0 {
			t.Errorf("%v, and %d rows", err, rowsIn(t, into))
		}
	}
}

func TestWhatMeansNothingElsewhereStaysOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		user := models.User{ID: models.NewID(), Email: "a@example.com", Name: "A", Role: "viewer", CreatedAt: now}
		for _, row := range []any{
			&user, &models.Session{Token: "canary", Data: []byte("canary"), ExpiresAt: now},
			&models.Invitation{ID: models.NewID(), Hash: "canary", Email: "b@example.com", Role: "viewer", CreatedAt: now, ExpiresAt: now},
		} {
			if err := db.Create(row).Error; err != nil {
				t.Fatal(err)
			}
		}
		for name, value := range map[string]string{models.SettingSetupToken: "canary", "house.name": "Ours"} {
			if err := models.SetSetting(t.Context(), db, name, value, now); err != nil {
				t.Fatal(err)
			}
		}
		all := strings.Join(lines(t, write(t, db)), "")
		if strings.Contains(all, "canary") || !strings.Contains(all, "a@example.com") || !strings.Contains(all, "Ours") {
			t.Error(all)
		}
	})
}

func TestABackupIsOfOneMomentAndHoldsNobodyUp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		fill(t, db, 40) // more than lies between the writer and a reader that pauses
		out, in := io.Pipe()
		var group errgroup.Group
		group.Go(func() error {
			_, err := archive.Write(t.Context(), db, in, archive.Options{})
			_ = in.CloseWithError(err)
			return err
		})
		begun := make([]byte, 1)
		if _, err := io.ReadFull(out, begun); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for ever, if the backup held them up
		defer cancel()
		for _, name := range []string{"later", "zz later"} {
			if err := models.SetSetting(ctx, db, name, "written while the backup is", models.Now()); err != nil {
				t.Fatalf("others have to wait: %v", err)
			}
		}
		rest, err := io.ReadAll(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		backup := append(begun, rest...)
		if all := lines(t, backup); slices.ContainsFunc(all, func(line string) bool { return strings.Contains(line, "later") }) {
			t.Error("what came later is in it")
		}
		if _, err := archive.Read(t.Context(), bytes.NewReader(backup)); err != nil {
			t.Error(err)
		}
	})
}

func TestOnlyAnEmptyDatabaseTakesABackup(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		backup := write(t, modelstest.SQLite(t))
		// What a first start leaves.
		if err := models.SetSetting(t.Context(), db, models.SettingSetupToken, "x", now); err != nil {
			t.Fatal(err)
		}
		if err := db.Create(&models.Session{Token: "x", Data: []byte("x"), ExpiresAt: now}).Error; err != nil {
			t.Fatal(err)
		}
		if err := archive.Ready(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if err := restore(t, db, backup); err != nil {
			t.Fatal(err)
		}
		var sessions int64
		if err := db.Table("sessions").Count(&sessions).Error; err != nil || sessions != 0 {
			t.Errorf("%d sessions, %v", sessions, err)
		}
		user := models.User{ID: models.NewID(), Email: "a@example.com", Name: "A", Role: "viewer", CreatedAt: now}
		if err := db.Create(&user).Error; err != nil {
			t.Fatal(err)
		}
		err := restore(t, db, backup)
		if busy := (*archive.BusyError)(nil); !errors.As(err, &busy) || !strings.Contains(busy.Message, "not empty (users)") {
			t.Errorf("%v", err)
		}
	})
}

func TestOfTwoRestoresAtOnceOneIsDone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		source := modelstest.SQLite(t)
		fill(t, source, 40)
		backup := write(t, source)
		done := make(chan error, 2)
		for range 2 {
			go func() {
				err := restore(t, db, backup)
				done <- err
			}()
		}
		first, second := <-done, <-done
		if busy := (*archive.BusyError)(nil); (first == nil) == (second == nil) || !errors.As(errors.Join(first, second), &busy) {
			t.Errorf("%v; %v", first, second)
		}
		if got := lines(t, write(t, db)); !slices.Equal(got, lines(t, backup)) {
			t.Error("it is not what the backup has")
		}
	})
}

func TestNothingIsRestoredWhileOthersUseTheDatabase(t *testing.T) {
	db, url := modelstest.Postgres(t)
	source := modelstest.SQLite(t)
	fill(t, source, 1)
	backup := write(t, source)
	other, err := models.Open(models.Source{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close(other)
	if err := models.Ping(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	err = restore(t, db, backup)
	if busy := (*archive.BusyError)(nil); !errors.As(err, &busy) || !strings.Contains(busy.Message, "stop web and workers") || rowsIn(t, db) != 0 {
		t.Fatalf("%v, %d rows", err, rowsIn(t, db))
	}
	if err := models.Close(other); err != nil {
		t.Fatal(err)
	}
	if err := restore(t, db, backup); err != nil {
		t.Error(err)
	}
}

// Who is about to go, such as a worker that has just ended or the server's own cleaning, is waited for.
func TestWhoHoldsATableForAMomentIsWaitedFor(t *testing.T) {
	db, url := modelstest.Postgres(t)
	source := modelstest.SQLite(t)
	fill(t, source, 1)
	backup := write(t, source)
	other, err := models.Open(models.Source{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	held, gone := make(chan error), make(chan error, 1)
	go func() {
		gone <- other.Transaction(func(tx *gorm.DB) error {
			held <- tx.Exec("SELECT count(*) FROM runs").Error
			// Until somebody waits for it.
			return tx.Exec(`DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot();
				EXIT WHEN EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted); PERFORM pg_sleep(0.01); END LOOP; END $$`).Error
		})
		_ = models.Close(other)
	}()
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(restore(t, db, backup), <-gone); err != nil {
		t.Error(err)
	}
}

// cancelling is a file in the middle of which somebody interrupts.
type cancelling struct {
	*bytes.Reader
	half   int
	cancel func()
}

func (c *cancelling) Read(into []byte) (int, error) {
	if c.Len() < c.half {
		c.cancel()
	}
	return c.Reader.Read(into[:min(len(into), 512)])
}

func TestARestoreThatIsInterruptedLeavesNothingAndCanBeDoneAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		source := modelstest.SQLite(t)
		fill(t, source, 60)
		backup := write(t, source)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		read, err := archive.Read(t.Context(), bytes.NewReader(backup))
		if err != nil {
			t.Fatal(err)
		}
		if err := archive.Restore(ctx, db, &cancelling{Reader: bytes.NewReader(backup), half: len(backup) / 2, cancel: cancel}, read); err == nil {
			t.Fatal("it was not interrupted")
		}
		if n := rowsIn(t, db); n != 0 {
			t.Fatalf("%d rows are there", n)
		}
		if waits, err := models.RestoredFrom(t.Context(), db); err != nil || waits != nil {
			t.Errorf("%+v, %v", waits, err)
		}
		if err := restore(t, db, backup); err != nil {
			t.Error(err)
		}
	})
}

// full is a disk that has room for so many bytes.
type full struct{ room int }

func (f *full) Write(data []byte) (int, error) {
	if f.room -= len(data); f.room < 0 {
		return 0, syscall.ENOSPC
	}
	return len(data), nil
}

func TestAFullDiskIsTold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		fill(t, db, 40)
		for _, room := range []int{0, 10, 10_000} {
			if _, err := archive.Write(t.Context(), db, &full{room}, archive.Options{}); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("with %d bytes: %v", room, err)
			}
		}
	})
}

func TestTheFileIsWholeOrNotThereAndNeverReplacedUnasked(t *testing.T) {
	db := modelstest.SQLite(t)
	fill(t, db, 3)
	folder := t.TempDir()
	name := filepath.Join(folder, "a.backup")
	write := func(ctx context.Context, replace bool) error {
		_, _, err := archive.WriteFile(ctx, db, name, replace, archive.Options{})
		return err
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := write(stopped, false); err == nil {
		t.Error("it was not interrupted")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	if err := write(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := write(t.Context(), false); !errors.Is(err, archive.ErrExists) {
		t.Errorf("replaced: %v", err)
	}
	if err := os.WriteFile(name, []byte("older"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), true); err != nil {
		t.Error(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if summary, err := archive.Read(t.Context(), file); err != nil || summary.Rows["users"] != 3 || summary.Keys != "" {
		t.Errorf("%+v, %v", summary, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("it left %v, %v", left, err)
	}
	if err := os.Mkdir(filepath.Join(folder, "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(folder, "b")
	if err := write(t.Context(), true); err == nil {
		t.Error("a folder was replaced")
	}
}
