package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

const (
	// getting is how long a new token may take to come and to be stored; a turn lasts
	// longer, so that nobody else uses the token before while it does.
	getting = 90 * time.Second
	turn    = 2 * time.Minute
	// turnEvery is how soon those who wait for their turn look again.
	turnEvery = 200 * time.Millisecond
)

func tokenPlace(id string) string { return "token/" + id }

// Renew has one caller of all processes at a time get a new token in the place of the one
// that is kept under an id. get is given that one, "" where there is none, and returns the
// one to keep; the same one is no new one. It returns what is kept then.
//
// A server may take a refresh token once only: so who has begun to get a new one goes on
// until it is stored, also when ctx ends, which only ends the waiting for it.
func (s *Store) Renew(ctx context.Context, id string, get func(ctx context.Context, kept string) (string, error)) (string, error) {
	taken, err := s.takeTurn(ctx, id)
	if err != nil {
		return "", err
	}
	type result struct {
		token string
		err   error
	}
	done := make(chan result, 1)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), getting)
	go func() {
		defer cancel()
		token, err := s.renew(bounded, taken, get)
		done <- result{token, err}
	}()
	select {
	case r := <-done:
		return r.token, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// takeTurn waits for the turn of one caller, and for a database that is away.
func (s *Store) takeTurn(ctx context.Context, id string) (models.KeptToken, error) {
	by := models.NewID()
	ticker := time.NewTicker(turnEvery)
	defer ticker.Stop()
	for {
		bounded, done := models.Bounded(ctx)
		taken, mine, err := models.TakeKeptToken(bounded, s.DB, id, by, turn)
		done()
		if mine {
			return taken, nil
		}
		if err != nil && !errors.Is(err, models.ErrUnavailable) && ctx.Err() == nil {
			return models.KeptToken{}, err
		}
		select {
		case <-ctx.Done():
			return models.KeptToken{}, context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

func (s *Store) renew(ctx context.Context, taken models.KeptToken, get func(ctx context.Context, kept string) (string, error)) (string, error) {
	kept := ""
	if taken.Sealed != "" {
		var err error
		if kept, err = s.Keys.Open(tokenPlace(taken.ID), taken.Sealed); err != nil {
			s.Log.Error("a token that was kept cannot be read; a new one is asked for", "error", err)
		}
	}
	token, err := get(ctx, kept)
	if err != nil || token == kept {
		if leaving := models.LeaveKeptToken(ctx, s.DB, taken); leaving != nil { // the turn ends by itself
			s.Log.Debug("the turn to get a token could not be left", "error", leaving)
		}
		return token, err
	}
	return token, s.keep(ctx, taken, token)
}

// keep stores a token, also in a database that is away for a while: the one before may be
// of no use any more.
func (s *Store) keep(ctx context.Context, taken models.KeptToken, token string) error {
	for {
		err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
			if err := s.Keys.hold(ctx, tx, s.now()); err != nil {
				return err
			}
			_, err := models.KeepToken(ctx, tx, taken, s.Keys.Seal(tokenPlace(taken.ID), token))
			return err
		})
		if err == nil {
			return nil
		}
		if !errors.Is(err, models.ErrUnavailable) || ctx.Err() != nil {
			s.Log.Error("a token was got and could not be kept: it may have to be entered anew", "error", err)
			return fmt.Errorf("keep a token: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// InUse notes that the token under an id is in use, so that it stays.
func (s *Store) InUse(ctx context.Context, id string) error {
	return models.TouchKeptToken(ctx, s.DB, id)
}

// eachToken visits all tokens that are kept, in one order.
func eachToken(ctx context.Context, tx *gorm.DB, visit func(models.KeptToken) error) error {
	after := ""
	for {
		some, err := models.KeptTokensAfter(ctx, tx, after)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, token := range some {
			if err := visit(token); err != nil {
				return err
			}
		}
		after = some[len(some)-1].ID
	}
}

// resealTokens encrypts with the first key the tokens that an older one has encrypted,
// and forgets those that nobody can read: they are given anew.
func (s *Store) resealTokens(ctx context.Context, tx *gorm.DB) (count int, err error) {
	err = eachToken(ctx, tx, func(token models.KeptToken) error {
		if KeyOf(token.Sealed) == s.Keys.first {
			return nil
		}
		value, err := s.Keys.Open(tokenPlace(token.ID), token.Sealed)
		if err != nil {
			return models.ResealKeptToken(ctx, tx, token, "")
		}
		count++
		return models.ResealKeptToken(ctx, tx, token, s.Keys.Seal(tokenPlace(token.ID), value))
	})
	return count, err
}

// forgetTokens removes those that nobody can read.
func (s *Store) forgetTokens(ctx context.Context, tx *gorm.DB) error {
	return eachToken(ctx, tx, func(token models.KeptToken) error {
		if _, err := s.Keys.Open(tokenPlace(token.ID), token.Sealed); err == nil {
			return nil
		}
		return models.ResealKeptToken(ctx, tx, token, "")
	})
}
