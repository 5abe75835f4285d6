package models_test

import (
	"database/sql"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestConnectionsNoticeByThemselvesThatTheWayIsGone(t *testing.T) {
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("the embedded database has no connections")
	}
	_, address := modelstest.Postgres(t)
	for query, limit := range map[string]time.Duration{"": 10 * time.Second, "&connect_timeout=3": 3 * time.Second} {
		db, err := models.Open(models.Source{URL: address + query})
		if err != nil {
			t.Fatal(err)
		}
		defer models.Close(db)
		pool, err := db.DB()
		if err != nil {
			t.Fatal(err)
		}
		ours, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer ours.Close()
		commits, err := models.ConnToCommit(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		defer commits.Close()
		for name, conn := range map[string]*sql.Conn{"pool": ours, "commits": commits} {
			connect, unheard := patienceOf(t, conn)
			if connect != limit || unheard != 15*time.Second {
				t.Errorf("%s with %q: it waits %s for a connection and %s for a sign of life", name, query, connect, unheard)
			}
		}
	}
}

// patienceOf is how long a connection's making, and sent data, may take.
func patienceOf(t *testing.T, conn *sql.Conn) (connect, unheard time.Duration) {
	t.Helper()
	err := conn.Raw(func(driver any) error {
		under := driver.(*stdlib.Conn).Conn()
		connect = under.Config().ConnectTimeout
		raw, err := under.PgConn().Conn().(*net.TCPConn).SyscallConn()
		if err != nil {
			return err
		}
		return raw.Control(func(fd uintptr) {
			const tcpUserTimeout = 0x12
			milliseconds, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout)
			unheard = time.Duration(milliseconds) * time.Millisecond
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return connect, unheard
}
