package secrets

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/subscriptions"
)

func addressPlace(id string) string { return "subscription/" + id }

// SealAddress encrypts the address of a calendar file for the subscription of this id, in the
// transaction that stores it. It is not redacted from what runs store: of a public calendar
// it is no secret, and nothing but a subscription's own fetch is given it.
func (s *Store) SealAddress(ctx context.Context, tx *gorm.DB, id, address string) (string, error) {
	if err := s.Keys.hold(ctx, tx, s.now()); err != nil {
		return "", err
	}
	return s.Keys.Seal(addressPlace(id), address), nil
}

// OpenAddress reads what SealAddress has sealed.
func (s *Store) OpenAddress(id, sealed string) (string, error) {
	address, err := s.Keys.Open(addressPlace(id), sealed)
	if err != nil {
		return "", fmt.Errorf("use the address of a calendar: %w", err)
	}
	return address, nil
}

// sealedAddress is one that is stored, and whether a key opens it.
type sealedAddress struct {
	id, called, sealed, address string
	readable                    bool
}

// addresses are those of calendars. Those at which somebody only looks are none: they are
// gone in a day, and are entered again.
func (k *Keys) addresses(ctx context.Context, db *gorm.DB) ([]sealedAddress, error) {
	stored, err := subscriptions.Sealed(ctx, db)
	if err != nil {
		return nil, err
	}
	var found []sealedAddress
	for _, row := range stored {
		address, err := k.Open(addressPlace(row.ID), row.Sealed)
		found = append(found, sealedAddress{row.ID, "the address of the calendar “" + row.Calendar + "”", row.Sealed, address, err == nil})
	}
	return found, nil
}

// resealAddresses encrypts with the first key those that an older one has encrypted.
func (s *Store) resealAddresses(ctx context.Context, tx *gorm.DB) (count int, lost []sealedAddress, err error) {
	all, err := s.Keys.addresses(ctx, tx)
	if err != nil {
		return 0, nil, err
	}
	for _, a := range all {
		switch {
		case !a.readable:
			lost = append(lost, a)
		case KeyOf(a.sealed) != s.Keys.first:
			if err := subscriptions.Reseal(ctx, tx, a.id, a.sealed, s.Keys.Seal(addressPlace(a.id), a.address)); err != nil {
				return 0, nil, err
			}
			count++
		}
	}
	return count, lost, nil
}

// forgetAddresses leaves without an address the subscriptions whose address nobody can read.
func (s *Store) forgetAddresses(ctx context.Context, tx *gorm.DB) (gone []string, err error) {
	all, err := s.Keys.addresses(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.readable {
			continue
		}
		if err := subscriptions.Forget(ctx, tx, a.id, "The key with which the address was encrypted is lost. Enter the address again.", s.now()); err != nil {
			return nil, err
		}
		if err := models.Record(ctx, tx, models.Act{Action: "secret.deleted", ObjectKind: "secret", ObjectName: a.called}); err != nil {
			return nil, err
		}
		gone = append(gone, a.called)
	}
	return gone, nil
}
