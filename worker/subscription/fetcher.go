package subscription

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/worker/duty"
	"workflows/worker/outage"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// FetchTime bounds one fetch.
const FetchTime = 20 * time.Second

const (
	// every is the time between two looks for what is due: somebody may wait for it.
	every    = 2 * time.Second
	dutyFor  = "subscriptions"
	dutyTime = 15 * time.Second
	// lease is after how long another worker takes for lost who has begun a fetch.
	lease    = time.Minute
	atOnce   = 4
	due      = 40 // of one round
	roundFor = 10 * time.Second
)

// Answer is what came from an address.
type Answer struct {
	// Unchanged: it is what it was when ETag and Modified came; there is no Text.
	Unchanged            bool
	Text, ETag, Modified string
}

// Fetch asks an address, unless its file is what it was when etag and modified came. An error
// that is a *workflow.StepError is a sentence for people.
type Fetch func(ctx context.Context, address, etag, modified string) (Answer, error)

// Fetcher fetches what is due. Any number may do so on one database: one of them looks at a
// time, and each address is fetched by who has taken its row.
type Fetcher struct {
	DB      *gorm.DB
	Secrets *secrets.Store
	Fetch   Fetch
	Name    string           // who fetches: unique among the processes
	Now     func() time.Time // the database's clock when nil
	Log     *slog.Logger
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
}

// Run fetches until ctx ends. What is on its way then is given back.
func (f *Fetcher) Run(ctx context.Context) error {
	mine := duty.Duty{DB: f.DB, Name: dutyFor, Holder: f.Name, Length: dutyTime}
	fetching := outage.NewChore(f.Log, "no calendar is fetched from its address", "calendars are fetched from their addresses again", f.Database)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		began := time.Now()
		if err := f.turn(ctx, &mine); ctx.Err() == nil {
			fetching.Note(began, err)
		}
		select {
		case <-ctx.Done():
			if err := mine.Leave(ctx); err != nil { // it runs out by itself
				f.Log.Debug("the duty to fetch calendars could not be handed over", "error", err)
			}
			return nil
		case <-ticker.C:
		}
	}
}

func (f *Fetcher) turn(ctx context.Context, mine *duty.Duty) error {
	asking, done := context.WithTimeout(ctx, roundFor)
	defer done()
	if is, err := mine.Mine(asking); err != nil || !is {
		return err
	}
	return f.Round(ctx)
}

// Round fetches what is due, once.
func (f *Fetcher) Round(ctx context.Context) error {
	asking, done := context.WithTimeout(ctx, roundFor)
	defer done()
	now, err := f.now(asking)
	if err != nil {
		return err
	}
	found, err := subscriptions.Due(asking, f.DB, now, due)
	if err != nil {
		return err
	}
	group := errgroup.Group{}
	group.SetLimit(atOnce)
	for _, s := range found {
		group.Go(func() error { return f.one(ctx, s) })
	}
	return group.Wait()
}

// one fetches one address, if no other worker has it.
func (f *Fetcher) one(ctx context.Context, s subscriptions.Subscription) error {
	asking, done := context.WithTimeout(ctx, roundFor)
	defer done()
	now, err := f.now(asking)
	if err != nil {
		return err
	}
	mine, err := subscriptions.Take(asking, f.DB, &s, now.Add(lease))
	if err != nil || !mine {
		return err
	}
	answer, problem, stops := f.ask(ctx, s, now)
	o := outcome{problem: problem}
	if stops == nil && problem == "" { // before the time for storing begins: it has its own
		if o, err = f.read(context.WithoutCancel(ctx), s, answer, now); err != nil {
			return err
		}
	}
	storing, done := context.WithTimeout(context.WithoutCancel(ctx), roundFor)
	defer done()
	if stops != nil {
		return subscriptions.GiveBack(storing, f.DB, s, now)
	}
	if now, err = f.now(storing); err != nil {
		return err
	}
	return f.store(storing, s, o, now)
}

// ask fetches the file. problem is why nothing came; err is that the worker stops.
func (f *Fetcher) ask(ctx context.Context, s subscriptions.Subscription, now time.Time) (answer Answer, problem string, err error) {
	address, err := f.Secrets.OpenAddress(s.ID, s.Sealed)
	if err != nil {
		return Answer{}, "The address cannot be read: its key is not in SECRET_KEYS. Enter the address again.", nil
	}
	etag, modified := known(s, now)
	answer, err = f.Fetch(ctx, address, etag, modified)
	if failed := new(workflow.StepError); errors.As(err, &failed) {
		return Answer{}, strings.ReplaceAll(failed.Message, address, s.Host+"/…"), nil
	}
	return answer, "", err
}

func (f *Fetcher) now(ctx context.Context) (time.Time, error) {
	if f.Now != nil {
		return f.Now(), nil
	}
	return models.DatabaseNow(ctx, f.DB)
}
