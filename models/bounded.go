package models

import (
	"context"
	"time"
)

// Patience is how long a chore waits for the database. Whatever is worth waiting
// for longer is done again.
const Patience = 15 * time.Second

// Bounded gives one chore, a few statements or one transaction, a deadline of its
// own. Every loop that lives as long as its process asks for one each time: on a
// way on which nothing passes any more a statement without a deadline holds its
// loop for ever. Call done when the chore is.
func Bounded(ctx context.Context) (bounded context.Context, done context.CancelFunc) {
	return context.WithTimeout(ctx, Patience)
}
