package auth

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// MinPassword is the shortest password, in characters.
const MinPassword = 12

// PasswordRule is shown beside every field in which a password is chosen.
const PasswordRule = "At least 12 characters. A few words in a row are easy to remember." // #nosec G101 -- a sentence for people

// dummyHash is compared when there is no such user, so that the time an answer
// takes does not tell who exists. No password is known for it.
const dummyHash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmUhIQ$Yb7iT1gM4X0mD2sWc1mVx8pQb4cT0y7Jm2n9o3rQ5aE"

// Passwords hashes and compares passwords: argon2id with 19 MiB, two passes and
// one thread (OWASP's advice), at most four at once, so that a flood of sign-ins
// takes neither all memory nor all processors.
type Passwords struct{ slots chan struct{} }

// NewPasswords returns a hasher.
func NewPasswords() *Passwords { return &Passwords{slots: make(chan struct{}, 4)} }

// Hash returns the text to store for a password.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := p.enter(ctx); err != nil {
		return "", err
	}
	defer p.leave()
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return hash, nil
}

// Matches compares a password with a stored hash; with "" it takes as long and
// is false.
func (p *Passwords) Matches(ctx context.Context, password, hash string) (bool, error) {
	if err := p.enter(ctx); err != nil {
		return false, err
	}
	defer p.leave()
	known := hash != ""
	if !known {
		hash = dummyHash
	}
	same, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare the password: %w", err)
	}
	return same && known, nil
}

func (p *Passwords) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave has the 19 MB of a hash collected before the next one begins: left to the
// collector's own pace, a flood of sign-ins piles up half a gigabyte of them.
func (p *Passwords) leave() {
	runtime.GC()
	<-p.slots
}

// CheckPassword says what is wrong with a new password; "" when it is good.
func CheckPassword(password, email string) string {
	switch {
	case password == "":
		return "Choose a password."
	case utf8.RuneCountInString(password) < MinPassword:
		return fmt.Sprintf("Choose a password of at least %d characters.", MinPassword)
	case len(password) > 1000:
		return "Choose a password of at most 1,000 characters."
	case strings.EqualFold(password, email):
		return "Choose a password that is not your e-mail address."
	case strings.Trim(password, password[:1]) == "":
		return "Choose a password that is not one character repeated."
	}
	return ""
}
