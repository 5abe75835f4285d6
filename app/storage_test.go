package main

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/environment"
	"workflows/worker/queue"
	"workflows/worker/secrets"
)

func TestFullDiskIsToldWhereItIsLookedForAndGoneWhenThereIsRoom(t *testing.T) {
	db := modelstest.SQLite(t)
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1) // the limit is the connection's
	limit := func(pages string) {
		t.Helper()
		if err := db.Exec("PRAGMA max_page_count = " + pages).Error; err != nil {
			t.Fatal(err)
		}
	}
	var log buffer
	vault := &secrets.Store{DB: db, Keys: someKeys(t), Redactor: &secrets.Redactor{}}
	d := newDatabase(db, environment.Settings{BaseURL: "http://x"}, vault, slog.New(slog.NewTextHandler(&log, nil)), &buffer{})
	q, err := queue.Open(queue.Options{URL: "redis://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	told := 0
	heard := func(err error) {
		told++
		d.storage.doubt(err)
	}
	site, err := routes.New(routes.Parts{
		DB: db, Queue: q, Secrets: vault, Log: slog.New(slog.DiscardHandler), Problem: d.Problem, Storage: d.storage.Problem, Heard: heard,
		Settings: environment.Settings{BaseURL: "http://x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://x"+path, nil))
		return answer.Code, answer.Body.String()
	}
	d.storage.next = time.Now().Add(time.Hour) // what is written and removed would leave room
	if err := d.check(t.Context()); err != nil {
		t.Fatal(err)
	}
	limit("1") // 1 means: as many as there are
	err = models.Tx(t.Context(), db, func(tx *gorm.DB) error {
		return models.SetSetting(t.Context(), tx, "a", strings.Repeat("x", 1<<20), models.Now())
	})
	if !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("a run that is to be kept fails with %v", err)
	}
	heard(err)
	if err := d.check(t.Context()); err != nil || d.storage.Problem() == "" {
		t.Errorf("what a request has met is not looked into at once: %v", err)
	}
	for _, full := range []bool{true, true, false} {
		limit(map[bool]string{true: "1", false: "1000000"}[full])
		d.storage.next = time.Time{}
		if err := d.check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d.Problem() != "" {
			t.Fatalf("the pages are closed: %s", d.Problem())
		}
		if status, body := ask("/readyz"); (status == 503) != full || strings.Contains(body, "The disk of the data folder is full") != full {
			t.Errorf("full %v: /readyz answers %d %s", full, status, body)
		}
		if status, _ := ask("/login"); status != 200 {
			t.Errorf("full %v: a page answers %d", full, status)
		}
	}
	if text := log.String(); strings.Count(text, "the database stores nothing") != 1 || strings.Count(text, "the database stores again") != 1 {
		t.Errorf("the log says\n%s", text)
	}
	before := told
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	if ask("/forms/nobodys"); told == before {
		t.Error("the errors of requests are not told")
	}
}
