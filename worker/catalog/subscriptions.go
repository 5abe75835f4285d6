package catalog

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/worker/subscription"
	"workflows/worker/workflow"
)

// LookAt has a worker fetch the calendar file at an address, once, for somebody who wants to
// see what it says, and returns the id of what will have come. An empty address is the one
// that the calendar of this id follows.
func (c *Catalog) LookAt(ctx context.Context, calendarID, typed string) (id string, err error) {
	if typed == "" && calendarID != "" {
		if typed, err = c.followedAddress(ctx, calendarID); err != nil {
			return "", err
		}
	}
	var look subscriptions.Subscription
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		look, err = c.sealed(ctx, tx, typed)
		if err != nil {
			return err
		}
		return subscriptions.Insert(ctx, tx, &look)
	})
	return look.ID, err
}

// Subscribe has a calendar follow an address from now on, without a look at it before: its
// days stay what they are until a worker has fetched it.
func (c *Catalog) Subscribe(ctx context.Context, calendarID, typed string, choice subscription.Choice) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		calendar, before, err := subscriptions.LockCalendar(ctx, tx, calendarID)
		if err != nil {
			return err
		}
		fresh, err := c.sealed(ctx, tx, typed)
		if err != nil {
			return err
		}
		if fresh.Choice, err = models.ToJSON(choice); err != nil {
			return err
		}
		if before != nil {
			fresh.Own, fresh.Came, fresh.Excluded = before.Own, before.Came, before.Excluded
		} else {
			days, err := subscription.CalendarDays(calendar)
			if err != nil {
				return err
			}
			if fresh.Own, err = models.ToJSON(days); err != nil {
				return err
			}
		}
		return c.follow(ctx, tx, calendar, &fresh)
	})
}

// EndSubscription has a calendar follow its address no more. It keeps its days.
func (c *Catalog) EndSubscription(ctx context.Context, calendarID string) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		calendar, followed, err := subscriptions.LockCalendar(ctx, tx, calendarID)
		if err != nil {
			return err
		}
		if followed == nil {
			return notSubscribed()
		}
		if err := subscriptions.End(ctx, tx, calendarID); err != nil {
			return err
		}
		return recordCalendar(ctx, tx, "unsubscribed", calendar, map[string]any{"from": subscription.Shown(followed.Host)}, nil)
	})
}

// FetchCalendar has a worker fetch a calendar's address now.
func (c *Catalog) FetchCalendar(ctx context.Context, calendarID string) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		calendar, followed, err := subscriptions.LockCalendar(ctx, tx, calendarID)
		if err != nil {
			return err
		}
		switch {
		case followed == nil:
			return notSubscribed()
		case followed.Sealed == "":
			return &models.ConflictError{Code: "no_address", Message: followed.Problem}
		}
		now, err := models.DatabaseNow(ctx, tx)
		if err != nil {
			return err
		}
		if err := subscriptions.Hurry(ctx, tx, calendarID, now); err != nil {
			return err
		}
		return recordCalendar(ctx, tx, "fetched", calendar, nil, map[string]any{"from": subscription.Shown(followed.Host)})
	})
}

func notSubscribed() error {
	return &models.ConflictError{Code: "not_subscribed", Message: "This calendar follows no address."}
}

// sealed is an address that is due now, as it is stored. What is wrong with it is a
// *models.InvalidError.
func (c *Catalog) sealed(ctx context.Context, tx *gorm.DB, typed string) (subscriptions.Subscription, error) {
	address, host, problem := subscription.Address(typed)
	if problem == "" && c.Secrets == nil {
		problem = "No address can be kept: SECRET_KEYS is not set."
	}
	if problem != "" {
		return subscriptions.Subscription{}, invalidCalendar([]workflow.Problem{{Path: "address", Code: "invalid_value", Message: problem}})
	}
	now, err := models.DatabaseNow(ctx, tx)
	if err != nil {
		return subscriptions.Subscription{}, err
	}
	empty, none := models.JSON("{}"), models.JSON("[]")
	s := subscriptions.Subscription{ID: models.NewID(), Host: host, Choice: empty, Own: empty, Came: empty, Excluded: none, Offered: none, DueAt: &now, CreatedAt: now}
	s.Sealed, err = c.Secrets.SealAddress(ctx, tx, s.ID, address)
	return s, err
}

func (c *Catalog) followedAddress(ctx context.Context, calendarID string) (string, error) {
	followed, err := subscriptions.Of(ctx, c.DB, calendarID)
	if err != nil || followed == nil || c.Secrets == nil {
		return "", err
	}
	address, err := c.Secrets.OpenAddress(followed.ID, followed.Sealed)
	if err != nil {
		return "", &models.ConflictError{Code: "no_address", Message: "The address cannot be read any more: its key is not in SECRET_KEYS. Enter it again."}
	}
	return address, nil
}

// lookedAt is what somebody subscribes to, with the days that are taken of it; nil where they
// do not. Of the days that came before, those that have passed stay.
func (c *Catalog) lookedAt(ctx context.Context, days CalendarDays, past subscription.Beside) (*subscriptions.Subscription, error) {
	if days.Look == "" {
		return nil, nil
	}
	look, err := subscriptions.Look(ctx, c.DB, days.Look)
	if errors.Is(err, models.ErrNotFound) || err == nil && look.ReadAt == nil {
		return nil, invalidCalendar([]workflow.Problem{{Path: "address", Code: "gone", Message: "What the address says is not here (any more). Enter the address and look at it again."}})
	}
	if err != nil {
		return nil, err
	}
	now := c.now()
	reading, err := subscription.Read(ctx, look.Content, days.Choice, now)
	if err != nil {
		return nil, invalidCalendar([]workflow.Problem{{Path: "address", Code: "invalid_value", Message: "It is not taken: " + subscription.Why(err) + "."}})
	}
	if reading.Days.Empty() {
		return nil, invalidCalendar([]workflow.Problem{{Path: "file", Code: "empty", Message: "No day would come from the address. Tick what is free for you, or leave the address out."}})
	}
	look.Content, look.LeftOut = "", reading.LeftOut
	next := now.Add(subscription.Every)
	look.DueAt, look.ChangedAt = &next, &now
	for of, value := range map[*models.JSON]any{&look.Choice: days.Choice, &look.Offered: reading.Groups, &look.Came: subscription.Renew(past.Came, reading.Days, now)} {
		if *of, err = models.ToJSON(value); err != nil {
			return nil, err
		}
	}
	return &look, nil
}

// follow stores that a calendar follows an address; nil changes nothing.
func (c *Catalog) follow(ctx context.Context, tx *gorm.DB, calendar models.Calendar, followed *subscriptions.Subscription) error {
	if followed == nil {
		return nil
	}
	if err := subscriptions.Replace(ctx, tx, calendar.ID, *followed); err != nil {
		return err
	}
	return recordCalendar(ctx, tx, "subscribed", calendar, nil, map[string]any{"from": subscription.Shown(followed.Host), "choice": followed.Choice})
}
