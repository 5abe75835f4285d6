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
	// rejectedAMinute is how many deliveries of a webhook with one outcome that starts
	// nothing are stored.
	rejectedAMinute = 60
	// refusedAMinute is how many callers from one address are told that they are not
	// believed; the others are told to wait.
	refusedAMinute = 60
	// looksAMinute is how often one network may ask whether the address answers.
	looksAMinute = 60
	limitedKeys  = 20_000
)

// limits count deliveries in memory, so that they hold while Redis is away; each
// web process counts by itself.
type limits struct {
	mu      sync.Mutex
	byQuota map[quota]*throttled.GCRARateLimiterCtx
}

// quota is what one kind of keys may use. Each remembers limitedKeys keys: many
// addresses push no webhook's count out.
type quota struct {
	of               string // webhook, caller, kept
	perMinute, burst int
}

// allow counts a delivery that is believed; a *models.LimitError says how long to
// wait. A third of a minute's worth may come at once.
func (l *limits) allow(ctx context.Context, hook string, perMinute int) error {
	if perMinute == 0 {
		perMinute = workflow.DefaultRate
	}
	limited, wait, err := l.count(ctx, quota{"webhook", perMinute, max(perMinute/3, 1)}, hook)
	if err != nil || !limited {
		return err
	}
	return tooMany(wait, "This webhook takes %d deliveries a minute.", perMinute)
}

// refused counts a caller who is not believed, by where they call from. It takes
// nothing from those who are.
func (l *limits) refused(ctx context.Context, hook, network string) error {
	limited, wait, err := l.count(ctx, quota{"caller", refusedAMinute, refusedAMinute}, hook+" "+network)
	if err != nil || !limited {
		return err
	}
	return tooMany(wait, "More than %d calls a minute came from your address that were not signed right.", refusedAMinute)
}

func tooMany(wait time.Duration, sentence string, perMinute int) error {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	return &models.LimitError{
		Code: "too_many_requests", RetryAfter: time.Duration(seconds) * time.Second,
		Message: fmt.Sprintf(sentence+" Send this one again in %d seconds.", perMinute, seconds),
	}
}

// looked counts a caller who only asks whether the address answers, by where they call
// from. It takes nothing from deliveries.
func (l *limits) looked(ctx context.Context, hook, network string) error {
	limited, wait, err := l.count(ctx, quota{"look", looksAMinute, looksAMinute}, hook+" "+network)
	if err != nil || !limited {
		return err
	}
	return tooMany(wait, "An address is asked at most %d times a minute whether it answers.", looksAMinute)
}

// mayKeep reports whether one more delivery that starts nothing is stored.
func (l *limits) mayKeep(ctx context.Context, hook, outcome string) bool {
	limited, _, err := l.count(ctx, quota{"kept", rejectedAMinute, rejectedAMinute}, hook+" "+outcome)
	return err == nil && !limited
}

func (l *limits) count(ctx context.Context, q quota, key string) (bool, time.Duration, error) {
	limiter, err := l.limiter(q)
	if err != nil {
		return false, 0, err
	}
	limited, result, err := limiter.RateLimitCtx(ctx, key, 1)
	if err != nil {
		return false, 0, fmt.Errorf("count the delivery: %w", err)
	}
	return limited, result.RetryAfter, nil
}

func (l *limits) limiter(q quota) (*throttled.GCRARateLimiterCtx, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := l.byQuota[q]; found != nil {
		return found, nil
	}
	memory, err := memstore.NewCtx(limitedKeys)
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	made, err := throttled.NewGCRARateLimiterCtx(memory, throttled.RateQuota{MaxRate: throttled.PerMin(q.perMinute), MaxBurst: q.burst - 1})
	if err != nil {
		return nil, fmt.Errorf("prepare a rate limit: %w", err)
	}
	if l.byQuota == nil || len(l.byQuota) >= 1000 {
		l.byQuota = map[quota]*throttled.GCRARateLimiterCtx{}
	}
	l.byQuota[q] = made
	return made, nil
}
