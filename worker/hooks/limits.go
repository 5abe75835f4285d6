package hooks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"

	"workflows/models"
	"workflows/worker/workflow"
)

const (
	// rejectedAMinute is how many rejected deliveries of a webhook are stored.
	rejectedAMinute = 60
	limitedKeys     = 20_000
)

// limits count deliveries in memory, so that they hold while Redis is away; each
// web process counts by itself.
type limits struct {
	mu     sync.Mutex
	byRate map[int]*throttled.GCRARateLimiterCtx
}

// allow counts a delivery; a *models.LimitError says how long to wait. A third of
// a minute's worth may come at once.
func (l *limits) allow(ctx context.Context, hook string, perMinute int) error {
	if perMinute == 0 {
		perMinute = workflow.DefaultRate
	}
	limited, wait, err := l.count(ctx, perMinute, max(perMinute/3, 1), hook)
	if err != nil || !limited {
		return err
	}
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	return &models.LimitError{
		Code: "too_many_requests", RetryAfter: time.Duration(seconds) * time.Second,
		Message: fmt.Sprintf("This webhook takes %d deliveries a minute. Send this one again in %d seconds.", perMinute, seconds),
	}
}

// mayKeep reports whether one more rejected delivery is stored.
func (l *limits) mayKeep(ctx context.Context, hook string) bool {
	limited, _, err := l.count(ctx, rejectedAMinute, rejectedAMinute, "rejected "+hook)
	return err == nil && !limited
}

func (l *limits) count(ctx context.Context, perMinute, burst int, key string) (bool, time.Duration, error) {
	limiter, err := l.limiter(perMinute, burst)
	if err != nil {
		return false, 0, err
	}
	limited, result, err := limiter.RateLimitCtx(ctx, key, 1)
	if err != nil {
		return false, 0, fmt.Errorf("count the delivery: %w", err)
	}
	return limited, result.RetryAfter, nil
}

func (l *limits) limiter(perMinute, burst int) (*throttled.GCRARateLimiterCtx, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := l.byRate[perMinute]; found != nil {
		return found, nil
	}
	memory, err := memstore.NewCtx(limitedKeys)
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	made, err := throttled.NewGCRARateLimiterCtx(memory, throttled.RateQuota{MaxRate: throttled.PerMin(perMinute), MaxBurst: burst - 1})
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	if l.byRate == nil || len(l.byRate) >= 1000 {
		l.byRate = map[int]*throttled.GCRARateLimiterCtx{}
	}
	l.byRate[perMinute] = made
	return made, nil
}
