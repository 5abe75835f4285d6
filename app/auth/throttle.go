package auth

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"

	"workflows/app/web"
)

// How often one may try to sign in, and how many keys are kept in memory.
const (
	triesPerPlace = 20  // a minute, 30 at once
	triesThere    = 5   // a minute, 10 at once, for one account from one place
	triesInAll    = 100 // an hour, as many at once, for one account
	outsideCalls  = 60  // a minute and place, of pages for people without an account
	throttleKeys  = 20_000
)

// throttle limits sign-ins by place and by account. Whoever guesses from one place
// meets the limit of the two together, so that nobody else is kept out; whoever
// guesses from many, the one of the account. It is kept in memory, so that it holds
// while Redis is away; each web process counts by itself.
type throttle struct {
	place, there, account, outside *throttled.GCRARateLimiterCtx
}

func newThrottle() (*throttle, error) {
	var t throttle
	var err error
	for _, l := range []struct {
		limiter **throttled.GCRARateLimiterCtx
		rate    throttled.Rate
		atOnce  int
	}{
		{&t.place, throttled.PerMin(triesPerPlace), 30},
		{&t.there, throttled.PerMin(triesThere), 10},
		{&t.account, throttled.PerHour(triesInAll), triesInAll},
		{&t.outside, throttled.PerMin(outsideCalls), outsideCalls},
	} {
		if *l.limiter, err = newLimiter(l.rate, l.atOnce); err != nil {
			return nil, err
		}
	}
	return &t, nil
}

func newLimiter(rate throttled.Rate, atOnce int) (*throttled.GCRARateLimiterCtx, error) {
	memory, err := memstore.NewCtx(throttleKeys)
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	limiter, err := throttled.NewGCRARateLimiterCtx(memory, throttled.RateQuota{MaxRate: rate, MaxBurst: atOnce - 1})
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	return limiter, nil
}

// try counts one attempt to sign in from somewhere; the error says how long to wait.
func (t *throttle) try(ctx context.Context, address, account string) error {
	if err := allow(ctx, t.place, web.Network(address)); err != nil {
		return err
	}
	// A fingerprint, since what was typed may be as long as a form.
	return allow(ctx, t.there, web.Network(address)+" "+fingerprint(account))
}

// everywhere counts one attempt to sign in to an account, wherever it came from.
func (t *throttle) everywhere(ctx context.Context, account string) error {
	return allow(ctx, t.account, fingerprint(account))
}

// AllowOutsider counts a call of a page that needs no account; the error says how
// long to wait.
func (s *Sessions) AllowOutsider(ctx context.Context, address string) error {
	return allow(ctx, s.throttle.outside, web.Network(address))
}

func allow(ctx context.Context, limiter *throttled.GCRARateLimiterCtx, key string) error {
	limited, result, err := limiter.RateLimitCtx(ctx, key, 1)
	if err != nil {
		return fmt.Errorf("count the request: %w", err)
	}
	if !limited {
		return nil
	}
	return tooMany(result.RetryAfter)
}

func tooMany(wait time.Duration) error {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	return &web.Failure{
		Status: http.StatusTooManyRequests, Code: "too_many_requests", RetryAfter: time.Duration(seconds) * time.Second,
		Message: fmt.Sprintf("That was too often. Wait %d seconds and try again.", seconds),
	}
}
