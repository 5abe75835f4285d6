package auth

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/web"
	"workflows/models"
	"workflows/models/columns"
)

// How long a session lasts.
const (
	SessionLifetime = 14 * 24 * time.Hour // at most
	SessionIdle     = 24 * time.Hour      // without a request
	seenEvery       = 10 * time.Minute    // how exactly the last request is kept
	knownFor        = 3 * time.Second     // how long a session is not looked up again
	knownLimit      = 5000
)

// Sessions signs browsers in and out and knows them again. Sessions are in the
// database, so a flushed Redis signs nobody out; tokens are stored hashed.
type Sessions struct {
	db        *gorm.DB
	manager   *scs.SessionManager
	log       *slog.Logger
	now       func() time.Time
	passwords *Passwords
	signer    Signer
	throttle  *throttle

	mu      sync.Mutex
	known   map[string]known // by the cookie's value
	changes int              // how often known was forgotten
}

// known spares live parts, which poll, two queries each time.
type known struct {
	user models.User
	at   time.Time
}

// Options are what Sessions needs.
type Options struct {
	DB *gorm.DB
	// Secure is set when the site is served by HTTPS: the cookie is then sent by
	// HTTPS only and, without a sub-path, bound to this host.
	Secure bool
	// SubPath is where the cookie is sent; "" is everywhere on the host.
	SubPath string
	Log     *slog.Logger
	Now     func() time.Time
	// Signer lets a browser be known whose session is over; nil knows none.
	Signer Signer
}

// NewSessions prepares sessions; it asks the database for nothing.
func NewSessions(o Options) (*Sessions, error) {
	limits, err := newThrottle()
	if err != nil {
		return nil, err
	}
	// Not scs.New: it starts a cleaner of a store in memory, which cannot be
	// stopped at once without a race.
	manager := &scs.SessionManager{
		Store: &store{db: o.DB, now: o.Now}, Codec: scs.GobCodec{}, Lifetime: SessionLifetime, HashTokenInStore: true,
		Cookie: scs.SessionCookie{Name: "session", Path: cmp.Or(o.SubPath, "/"), HttpOnly: true, SameSite: http.SameSiteLaxMode, Persist: true},
	}
	switch {
	case o.Secure && o.SubPath == "":
		manager.Cookie.Name, manager.Cookie.Secure = "__Host-session", true
	case o.Secure: // browsers keep __Host- for cookies of the whole host
		manager.Cookie.Name, manager.Cookie.Secure = "__Secure-session", true
	}
	return &Sessions{
		db: o.DB, manager: manager, log: o.Log, now: o.Now, passwords: NewPasswords(), signer: o.Signer, throttle: limits,
		known: map[string]known{},
	}, nil
}

// Identify is the middleware that knows a signed-in browser again. It refuses
// nobody: routes say who may.
func (s *Sessions) Identify(c *gin.Context) {
	cookie, err := c.Request.Cookie(s.manager.Cookie.Name)
	if err != nil || cookie.Value == "" {
		return
	}
	user, err := s.user(c.Request.Context(), cookie.Value)
	switch {
	case errors.Is(err, models.ErrNotFound):
	case err != nil:
		web.Fail(c, err)
	default:
		act(c, models.Actor{Kind: models.ActorPerson, ID: user.ID, Name: user.Email})
		web.KnownBy(c, cookie.Value, s.manager.Cookie.Secure)
		c.Request = c.Request.WithContext(withUser(c.Request.Context(), &user))
	}
}

// user finds whose session a cookie is; ErrNotFound when it is over.
func (s *Sessions) user(ctx context.Context, cookie string) (models.User, error) {
	now := s.now()
	s.mu.Lock()
	kept, ok := s.known[cookie]
	changes := s.changes
	s.mu.Unlock()
	if ok && now.Sub(kept.at) < knownFor {
		return kept.user, nil
	}
	session, err := s.manager.Load(ctx, cookie)
	if err != nil {
		return models.User{}, err
	}
	seen := time.Unix(s.manager.GetInt64(session, "seen"), 0)
	if s.manager.GetString(session, "user") == "" || now.Sub(seen) > SessionIdle {
		return models.User{}, models.ErrNotFound
	}
	user, err := models.GetUser(ctx, s.db, s.manager.GetString(session, "user"))
	if err != nil {
		return models.User{}, err
	}
	if s.manager.GetString(session, "password") != fingerprint(user.PasswordHash) || s.manager.GetString(session, "role") != user.Role {
		return models.User{}, models.ErrNotFound // signed in with an older password, or with other rights
	}
	if now.Sub(seen) > seenEvery {
		s.manager.Put(session, "seen", now.Unix())
		if _, _, err := s.manager.Commit(seenAgain(session)); err != nil {
			return models.User{}, err // ErrNotFound: it was ended meanwhile
		}
	}
	s.remember(cookie, known{user: user, at: now}, changes)
	return user, nil
}

// remember keeps what was found before anything changed that could make it untrue.
func (s *Sessions) remember(cookie string, entry known, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != changes {
		return
	}
	if len(s.known) >= knownLimit {
		clear(s.known)
	}
	s.known[cookie] = entry
}

// Forget makes the next request of every browser look its user up again, after
// a change of a user.
func (s *Sessions) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	clear(s.known)
}

// Enter signs a browser in as this person, under a new token.
func (s *Sessions) Enter(c *gin.Context, user models.User) error {
	ctx := c.Request.Context()
	if err := s.end(c, s.db); err != nil { // an older session of this browser
		return err
	}
	session, err := s.manager.Load(ctx, "")
	if err != nil {
		return err
	}
	s.manager.SetDeadline(session, s.now().Add(SessionLifetime))
	s.manager.Put(session, "user", user.ID)
	s.manager.Put(session, "password", fingerprint(user.PasswordHash))
	s.manager.Put(session, "role", user.Role)
	s.manager.Put(session, "id", models.NewID())
	s.manager.Put(session, "address", c.ClientIP())
	s.manager.Put(session, "agent", agentOf(c))
	s.manager.Put(session, "began", s.now().Unix())
	s.manager.Put(session, "seen", s.now().Unix())
	var token string
	var expires time.Time
	err = models.Tx(ctx, s.db, func(tx *gorm.DB) (err error) {
		if token, expires, err = s.manager.Commit(within(session, tx)); err != nil {
			return err
		}
		if err := models.SignedIn(ctx, tx, user.ID, s.now()); err != nil {
			return err
		}
		return recordUser(as(ctx, user, c.ClientIP(), web.RequestID(ctx)), tx, "signed_in", user, nil)
	})
	if err != nil {
		return err
	}
	s.manager.WriteSessionCookie(ctx, c.Writer, token, expires)
	s.noteLast(c, user)
	if err := models.DeleteEndedSessions(ctx, s.db, s.now(), SessionIdle); err != nil {
		s.log.WarnContext(ctx, "old sessions could not be removed", "error", err)
	}
	return nil
}

// agentOf is what the browser calls itself, as far as it can be shown.
func agentOf(c *gin.Context) string {
	agent := []rune(columns.Fit(c.Request.UserAgent()))
	return string(agent[:min(len(agent), 300)])
}

// Current is the id of the request's own session; "" when there is none.
func (s *Sessions) Current(c *gin.Context) string {
	cookie, err := c.Request.Cookie(s.manager.Cookie.Name)
	if err != nil {
		return ""
	}
	session, err := s.manager.Load(c.Request.Context(), cookie.Value)
	if err != nil {
		return ""
	}
	return s.manager.GetString(session, "id")
}

// Leave signs the browser out.
func (s *Sessions) Leave(c *gin.Context) error {
	ctx := c.Request.Context()
	err := models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		if err := s.end(c, tx); err != nil {
			return err
		}
		if user := User(ctx); user != nil {
			return recordUser(ctx, tx, "signed_out", *user, nil)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.manager.WriteSessionCookie(ctx, c.Writer, "", time.Time{})
	return nil
}

// end destroys the session of the request's cookie, if there is one.
func (s *Sessions) end(c *gin.Context, tx *gorm.DB) error {
	cookie, err := c.Request.Cookie(s.manager.Cookie.Name)
	if err != nil || cookie.Value == "" {
		return nil
	}
	session, err := s.manager.Load(within(c.Request.Context(), tx), cookie.Value)
	if err != nil {
		return err
	}
	defer s.Forget()
	if s.manager.Token(session) == "" {
		return nil // over already
	}
	return s.manager.Destroy(session)
}
