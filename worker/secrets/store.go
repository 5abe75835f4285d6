package secrets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
	"workflows/worker/memo"
)

const (
	// maxValue is the longest value of a secret in bytes: a private key fits.
	maxValue = 64 << 10
	// lookEvery is how soon a process looks for values that another one has stored.
	lookEvery = 2 * time.Second
	// acceptedFor is how long signatures may still be made with a value that was
	// replaced: time enough to replace it on the other side too.
	acceptedFor = 24 * time.Hour
	maxName     = 63
)

var namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// Store is the secrets of an installation. It is safe for many goroutines once
// DB and Log are set.
type Store struct {
	DB       *gorm.DB
	Keys     *Keys
	Redactor *Redactor
	Log      *slog.Logger
	Now      func() time.Time // models.Now when nil

	lately memo.Memo[opened] // by name
}

// Open makes a store with the keys of SECRET_KEYS and a redactor; DB and Log are
// for the caller to set.
func Open(keys string) (*Store, error) {
	parsed, err := ParseKeys(keys)
	if err != nil {
		return nil, err
	}
	return &Store{Keys: parsed, Redactor: &Redactor{}}, nil
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return models.Now()
	}
	return s.Now()
}

func place(name string) string { return "secret/" + name }

// Put stores a secret, over an older value of the same name. What cannot be kept
// is a *models.InvalidError.
func (s *Store) Put(ctx context.Context, name, value, by string) (models.Secret, error) {
	return s.put(ctx, name, value, by, false)
}

// PutNew stores a value beside all others: under the wanted name, or where there is such
// a secret under that name with a number. Its errors are those of Put.
func (s *Store) PutNew(ctx context.Context, wanted, value, by string) (models.Secret, error) {
	return s.put(ctx, wanted, value, by, true)
}

func (s *Store) put(ctx context.Context, name, value, by string, beside bool) (models.Secret, error) {
	if problems := check(name, value); len(problems) > 0 {
		return models.Secret{}, &models.InvalidError{Code: "invalid_secret", Message: "The secret cannot be stored like this.", Fields: problems}
	}
	now := s.now()
	var kept models.Secret
	defer func() { s.lately.Forget(kept.Name) }()
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		if err := s.Keys.hold(ctx, tx, now); err != nil {
			return err
		}
		name := name
		if beside { // nobody else stores one meanwhile
			var err error
			if name, err = freeName(ctx, tx, name); err != nil {
				return err
			}
		}
		// Known before it is stored: from then on it may turn up anywhere.
		s.Redactor.Add(map[string]string{name: value})
		before, err := models.SecretsByName(ctx, tx, []string{name})
		if err != nil {
			return err
		}
		action := "secret.changed"
		fresh := models.Secret{ID: models.NewID(), Name: name, Sealed: s.Keys.Seal(place(name), value), UpdatedBy: by, CreatedAt: now, UpdatedAt: now}
		if len(before) == 0 {
			action = "secret.created"
			if err := room(ctx, tx); err != nil {
				return err
			}
		} else {
			fresh.PreviousSealed, fresh.PreviousUntil = s.replaced(before[0], value)
		}
		kept, err = models.PutSecret(ctx, tx, fresh)
		if err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: action, ObjectKind: "secret", ObjectID: kept.ID, ObjectName: name})
	})
	return kept, err
}

// replaced is what becomes the value before when this one is stored. The day of
// grace of an earlier one goes on where nothing is replaced: the value is the same
// again, or nobody can read the present one.
func (s *Store) replaced(row models.Secret, value string) (sealed string, until *time.Time) {
	if present, err := s.Keys.Open(place(row.Name), row.Sealed); err == nil && present != value {
		until := s.now().Add(acceptedFor)
		return row.Sealed, &until
	}
	if _, ok := s.previous(row); ok {
		return row.PreviousSealed, row.PreviousUntil
	}
	return "", nil
}

// previous is the value before, while it can be read and its day of grace lasts.
func (s *Store) previous(row models.Secret) (string, bool) {
	if row.PreviousSealed == "" || row.PreviousUntil == nil || !row.PreviousUntil.After(s.now()) {
		return "", false
	}
	value, err := s.Keys.Open(place(row.Name), row.PreviousSealed)
	return value, err == nil
}

func freeName(ctx context.Context, tx *gorm.DB, wanted string) (string, error) {
	all, err := models.ListSecrets(ctx, tx)
	name := wanted
	for n := 2; slices.ContainsFunc(all, func(s models.Secret) bool { return s.Name == name }); n++ {
		name = fmt.Sprintf("%s_%d", wanted, n)
	}
	return name, err
}

func room(ctx context.Context, tx *gorm.DB) error {
	all, err := models.ListSecrets(ctx, tx)
	if err == nil && len(all) >= models.MaxSecrets {
		return &models.ConflictError{Code: "too_many", Message: fmt.Sprintf("There are %d secrets already, which is the most. Delete some that are not used.", models.MaxSecrets)}
	}
	return err
}

func check(name, value string) []models.FieldError {
	var problems []models.FieldError
	add := func(path, code, message string) {
		problems = append(problems, models.FieldError{Path: path, Code: code, Message: message})
	}
	switch {
	case name == "":
		add("name", "required", "Give the secret a name, such as SHOP_KEY.")
	case len(name) > maxName, !namePattern.MatchString(name):
		add("name", "invalid_name", "Use letters, digits and _ for the name, beginning with a letter, at most 63; such as SHOP_KEY.")
	}
	switch {
	case value == "":
		add("value", "required", "Enter the secret value.")
	case strings.TrimSpace(value) == "":
		add("value", "required", "Enter the secret value; spaces and line breaks alone are none.")
	case len(value) > maxValue:
		add("value", "too_long", "The value is longer than 64 kB.")
	case !columns.Holds(value):
		add("value", "invalid_character", "The value contains a character that cannot be sent. Write it in base64 instead.")
	}
	return problems
}

// Delete removes a secret. Whether it is in use the caller must have looked.
func Delete(ctx context.Context, tx *gorm.DB, name string) error {
	if err := models.DeleteSecret(ctx, tx, name); err != nil {
		return err
	}
	return models.Record(ctx, tx, models.Act{Action: "secret.deleted", ObjectKind: "secret", ObjectName: name})
}

// Values returns the values of the secrets of these names, as they are now; those
// that do not exist are absent. From then on they are redacted.
func (s *Store) Values(ctx context.Context, names []string) (map[string]string, error) {
	rows, err := models.SecretsByName(ctx, s.DB, names)
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(rows))
	for _, row := range rows {
		value, err := s.Keys.Open(place(row.Name), row.Sealed)
		if err != nil {
			return nil, fmt.Errorf("use the secret %s: %w", row.Name, err)
		}
		values[row.Name] = value
	}
	s.Redactor.Add(values)
	return values, nil
}

// Fitting are the names of those of the secrets whose value fits, by what a kind of value
// looks like. No value leaves, and one that no key opens fits nothing.
func (s *Store) Fitting(rows []models.Secret, fits func(value string) bool) []string {
	var names []string
	for _, row := range rows {
		if value, err := s.Keys.Open(place(row.Name), row.Sealed); err == nil && fits(value) {
			names = append(names, row.Name)
		}
	}
	return names
}

// Accepted returns the values with which signatures may be made: the present one
// and, for a day after it was replaced, the one before. Nothing when there is no
// such secret.
func (s *Store) Accepted(ctx context.Context, name string) ([]string, error) {
	found, err := s.lately.Renew(name, func() (opened, error) { return s.open(ctx, name) })
	return found.values(s.now()), err
}

// AcceptedLately is what Accepted found within the last second, which is remembered then.
func (s *Store) AcceptedLately(ctx context.Context, name string) (values []string, remembered bool, err error) {
	found, remembered, err := s.lately.Get(name, func() (opened, error) { return s.open(ctx, name) })
	return found.values(s.now()), remembered, err
}

// opened is a secret as signatures may be made with it.
type opened struct {
	present, previous string
	exists            bool
	until             *time.Time // of previous; nil: there is none
}

func (o opened) values(now time.Time) []string {
	switch {
	case !o.exists:
		return nil
	case o.until == nil || !now.Before(*o.until):
		return []string{o.present}
	}
	return []string{o.present, o.previous}
}

func (s *Store) open(ctx context.Context, name string) (opened, error) {
	rows, err := models.SecretsByName(ctx, s.DB, []string{name})
	if err != nil || len(rows) == 0 {
		return opened{}, err
	}
	o := opened{exists: true}
	if o.present, err = s.Keys.Open(place(name), rows[0].Sealed); err != nil {
		return opened{}, fmt.Errorf("use the secret %s: %w", name, err)
	}
	s.Redactor.Add(map[string]string{name: o.present})
	if previous, ok := s.previous(rows[0]); ok {
		o.previous, o.until = previous, rows[0].PreviousUntil
		s.Redactor.Add(map[string]string{name: previous})
	}
	return o, nil
}

// EndPrevious has the value before not accepted any more.
func (s *Store) EndPrevious(ctx context.Context, name string) error {
	defer s.lately.Forget(name)
	return models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		if err := models.EndPreviousSecret(ctx, tx, name); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "secret.previous_ended", ObjectKind: "secret", ObjectName: name})
	})
}

// Watch teaches the redactor what this and other processes store, until ctx ends.
func (s *Store) Watch(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	state := ""
	for {
		state = s.look(ctx, state)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look learns if the secrets are not in the state that is known, and returns the
// one that is known now.
func (s *Store) look(ctx context.Context, known string) string {
	bounded, done := models.Bounded(ctx)
	defer done()
	now, err := models.SecretsState(bounded, s.DB)
	if err != nil || now == known {
		return known
	}
	if err := s.Learn(bounded); err != nil {
		if ctx.Err() == nil && !errors.Is(err, models.ErrUnavailable) {
			s.Log.Error("the secrets could not be read; new ones are not redacted in this process", "error", err)
		}
		return known
	}
	return now
}

// Learn teaches the redactor all values that can be read, and logs which cannot.
func (s *Store) Learn(ctx context.Context) error {
	rows, err := models.ListSecrets(ctx, s.DB)
	if err != nil {
		return err
	}
	present, previous := make(map[string]string, len(rows)), map[string]string{}
	for _, row := range rows {
		if value, err := s.Keys.Open(place(row.Name), row.Sealed); err == nil {
			present[row.Name] = value
		} else {
			s.Log.Error("the value of a secret cannot be read; it is not redacted in this process", "secret", row.Name, "error", err)
		}
		if value, ok := s.previous(row); ok {
			previous[row.Name] = value
		} else if row.PreviousSealed != "" && row.PreviousUntil != nil && row.PreviousUntil.After(s.now()) {
			s.Log.Warn("the value before of a secret cannot be read; it is not redacted in this process", "secret", row.Name)
		}
	}
	settings, err := s.Keys.sealedSettings(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, setting := range settings {
		if setting.readable {
			present[setting.called] = setting.value
		} else {
			s.Log.Error("the value of a sealed setting cannot be read; it is not redacted in this process", "setting", setting.name)
		}
	}
	s.Redactor.Hold(present, previous)
	return nil
}
