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
	triesPerAddress = 20 // a minute, 30 at once
	triesPerAccount = 5  // a minute, 10 at once
	outsideCalls    = 60 // a minute and address, of pages for people without an account
	throttleKeys    = 20_000
)

// throttle limits sign-ins by address and by account. It is kept in memory, so
// that it holds while Redis is away; each web process counts by itself.
type throttle struct {
	address *throttled.GCRARateLimiterCtx
	account *throttled.GCRARateLimiterCtx
	outside *throttled.GCRARateLimiterCtx
}

func newThrottle() (*throttle, error) {
	address, err := newLimiter(triesPerAddress, 29)
	if err != nil {
		return nil, err
	}
	account, err := newLimiter(triesPerAccount, 9)
	if err != nil {
		return nil, err
	}
	outside, err := newLimiter(outsideCalls, outsideCalls-1)
	if err != nil {
		return nil, err
	}
	return &throttle{address: address, account: account, outside: outside}, nil
}

func newLimiter(perMinute, burst int) (*throttled.GCRARateLimiterCtx, error) {
	memory, err := memstore.NewCtx(throttleKeys)
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	limiter, err := throttled.NewGCRARateLimiterCtx(memory, throttled.RateQuota{MaxRate: throttled.PerMin(perMinute), MaxBurst: burst})
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	return limiter, nil
}

// try counts one attempt to sign in; the error says how long to wait.
func (t *throttle) try(ctx context.Context, address, account string) error {
	if err := allow(ctx, t.address, address); err != nil {
		return err
	}
	return allow(ctx, t.account, account)
}

// AllowOutsider counts a call of a page that needs no account; the error says how
// long to wait.
func (s *Sessions) AllowOutsider(ctx context.Context, address string) error {
	return allow(ctx, s.throttle.outside, address)
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
