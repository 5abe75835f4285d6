package frame

import (
	"context"
	"time"
)

// Await asks, every so often, until what a worker does is done or patience is over. Most of it
// takes a blink, and the page that comes next then shows it, also to whoever has no JavaScript.
func Await(ctx context.Context, patience, every time.Duration, done func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(every)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			is, err := done(ctx)
			if is || ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
}
