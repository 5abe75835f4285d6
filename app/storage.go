package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"workflows/app/doctor"
	"workflows/models"
)

const (
	// tryEvery is how often something is written to see whether it can be, and
	// tryAgainEvery how often while it cannot.
	tryEvery      = 30 * time.Second
	tryAgainEvery = 5 * time.Second
)

// storage knows whether the database takes what is written: it may answer and have a
// full disk. The pages go on, to be read.
type storage struct {
	db      *gorm.DB
	log     *slog.Logger
	problem atomic.Pointer[string]
	next    time.Time
	doubted atomic.Bool
}

// Problem is a sentence while nothing can be stored, "" otherwise.
func (s *storage) Problem() string {
	if said := s.problem.Load(); said != nil {
		return *said
	}
	return ""
}

// doubt has the next check try at once, where an error says that nothing was stored.
func (s *storage) doubt(err error) {
	switch models.TroubleOf(err) {
	case models.Full, models.ReadOnly, models.Failing:
		s.doubted.Store(true)
	}
}

// check tries when it is time to, and logs only what has changed.
func (s *storage) check(ctx context.Context) {
	if !s.doubted.Swap(false) && time.Now().Before(s.next) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, doctor.Patience)
	defer cancel()
	err := models.TryWrite(ctx, s.db)
	before, now := s.Problem(), ""
	switch models.TroubleOf(err) {
	case models.Full, models.ReadOnly, models.Failing:
		now = models.Explain(s.db, err)
		s.next = time.Now().Add(tryAgainEvery)
	case models.NoTrouble:
		s.next = time.Now().Add(tryEvery)
	default:
		return // it is away or busy, which is told elsewhere and says nothing of its disk
	}
	s.problem.Store(&now)
	switch {
	case now != "" && before == "":
		s.log.Error("the database stores nothing", "what", now, "error", err)
	case now == "" && before != "":
		s.log.Info("the database stores again", "where", models.Address(s.db))
	}
}
