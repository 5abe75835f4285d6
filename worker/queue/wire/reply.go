package wire

import (
	"context"
	"errors"

	"github.com/gomodule/redigo/redis"

	"workflows/models"
)

// FirstError is the first refusal among the replies.
func FirstError(replies []any) error {
	for _, reply := range replies {
		if refusal, ok := reply.(redis.Error); ok {
			return refusal
		}
	}
	return nil
}

// Refused reports whether Redis has answered, with a refusal.
func Refused(err error) bool { return errors.As(err, new(redis.Error)) }

// NotServing is the refusal that Redis gives to everything while it loads its
// data or wants a password: no number is known then.
func NotServing(replies []any) error {
	for _, reply := range replies {
		if _, refused := reply.(redis.Error); !refused {
			return nil
		}
	}
	return FirstError(replies)
}

// Number reads a count; what is none counts as nothing.
func Number(reply any) int64 {
	n, err := redis.Int64(reply, nil)
	if err != nil {
		return 0
	}
	return n
}

// Unavailable marks what Redis could not do now. Its refusals count too: out of
// memory, read-only and loading are all "not now" for whoever wanted to ring.
func Unavailable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(models.ErrUnavailable, err)
}
