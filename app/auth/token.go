package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/throttled/throttled/v2"
	"gorm.io/gorm"

	"workflows/app/web"
	"workflows/models"
	"workflows/worker/memo"
)

// The scopes of an API token. "*" is every scope, those to come included.
const (
	ScopeRead  = "read"  // look at everything
	ScopeRun   = "run"   // start, cancel and retry runs, one or many, decide, see to failures, pause queues
	ScopeWrite = "write" // change workflows; with run also delete many runs
	// ScopeSecrets is needed to store and delete secrets; no scope reads them back.
	ScopeSecrets = "secrets"
	ScopeAudit   = "audit" // read the audit log
	// ScopeApprove is needed to answer questions that name who decides.
	ScopeApprove = "approve"
	// ScopeAnswer is what an operation needs that either of two scopes allows.
	ScopeAnswer = ScopeRun + " " + ScopeApprove
)

// Scopes lists the scopes that a token can be given, with what they allow.
func Scopes() []struct{ Name, Allows string } {
	return []struct{ Name, Allows string }{
		{ScopeRead, "Look at workflows, runs, schedules, deliveries, questions, alerts and the queue"},
		{ScopeRun, "Start, cancel and retry runs, one or many, decide about lost steps, see to failures, replay deliveries, answer questions that name nobody, pause and resume queues"},
		{ScopeApprove, "Answer every question, also those that name who decides"},
		{ScopeWrite, "Create, change, publish, pause and delete workflows and calendars, pause schedules, acknowledge alerts; with “run” also delete many runs"},
		{ScopeAudit, "Read the audit log"},
		{ScopeSecrets, "Store and delete secrets; nothing reads their values back"},
	}
}

// fingerprint is what is stored of a secret that nobody needs back.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// newSecret is 160 random bits in letters and digits.
func newSecret() string { return rand.Text() + rand.Text()[:6] }

// Tokens knows programs by their API token and limits how often they call.
type Tokens struct {
	db      *gorm.DB
	log     *slog.Logger
	now     func() time.Time
	limiter *throttled.GCRARateLimiterCtx // nil is no limit
	found   memo.Memo[models.APIToken]
}

// NewTokens prepares tokens; perMinute 0 is no limit. It asks the database for nothing.
func NewTokens(db *gorm.DB, perMinute int, log *slog.Logger, now func() time.Time) (*Tokens, error) {
	t := &Tokens{db: db, log: log, now: now}
	if perMinute > 0 {
		limiter, err := newLimiter(throttled.PerMin(perMinute), perMinute)
		if err != nil {
			return nil, err
		}
		t.limiter = limiter
	}
	return t, nil
}

// Issue makes a token and returns its text, which is not kept anywhere. With
// expires it holds for so long, else until it is revoked.
func (t *Tokens) Issue(ctx context.Context, name string, scopes []string, expires time.Duration, by string) (string, models.APIToken, error) {
	secret := "wf_" + newSecret()
	token := models.APIToken{
		ID: models.NewID(), Name: name, Hash: fingerprint(secret), Scopes: strings.Join(scopes, " "), CreatedBy: by, CreatedAt: t.now(),
	}
	if expires > 0 {
		until := t.now().Add(expires)
		token.ExpiresAt = &until
	}
	return secret, token, models.Tx(ctx, t.db, func(tx *gorm.DB) error {
		if err := models.CreateToken(ctx, tx, &token); err != nil {
			return err
		}
		return recordToken(ctx, tx, "created", token, nil, tokenFacts(token))
	})
}

// Revoke ends a token: at once in this process, within a second in others, which may have
// just found it.
func (t *Tokens) Revoke(ctx context.Context, token models.APIToken) error {
	defer t.found.Forget(token.Hash)

	return models.Tx(ctx, t.db, func(tx *gorm.DB) error {
		if err := models.DeleteToken(ctx, tx, token.ID); err != nil {
			return err
		}
		return recordToken(ctx, tx, "revoked", token, tokenFacts(token), nil)
	})
}

func recordToken(ctx context.Context, tx *gorm.DB, action string, token models.APIToken, before, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "token." + action, ObjectKind: "token", ObjectID: token.ID, ObjectName: token.Name, Before: before, After: after})
}

// tokenFacts are what the audit log says of a token.
func tokenFacts(token models.APIToken) any {
	return map[string]any{"scopes": strings.Fields(token.Scopes), "expires_at": token.ExpiresAt}
}

// Require is the middleware of an API route: a valid bearer token with this
// scope, or one of these where a space separates several, and not too often. It
// never looks at cookies.
func (t *Tokens) Require(scope string) gin.HandlerFunc {
	return func(c *gin.Context) {
		token, remembered, err := t.find(c)
		if err == nil && t.limiter != nil {
			err = allow(c.Request.Context(), t.limiter, token.ID)
		}
		if err == nil && !allows(token.Scopes, scope) {
			err = MissingScope(scope)
		}
		if err != nil {
			web.Fail(c, err)
			return
		}
		if !remembered { // its use was noted when it was found
			t.touch(c.Request.Context(), token)
		}
		act(c, models.Actor{Kind: models.ActorToken, ID: token.ID, Name: token.Name})
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), tokenKey, &token))
	}
}

// MissingScope refuses what needs this scope, or one of these.
func MissingScope(scope string) error {
	return &web.Failure{
		Status: http.StatusForbidden, Code: "missing_scope",
		Message: fmt.Sprintf("This token lacks the scope “%s”. Make a token with it under Settings.", strings.ReplaceAll(scope, " ", "” or “")),
	}
}

// find finds the token that was sent; remembered is true where that was done a moment ago.
func (t *Tokens) find(c *gin.Context) (_ models.APIToken, remembered bool, _ error) {
	refused := &web.Failure{Status: http.StatusUnauthorized, Code: "unauthorized", Message: "Send a valid API token in the header Authorization: Bearer TOKEN. Tokens are made under Settings."}
	kind, secret, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if secret = strings.TrimSpace(secret); !strings.EqualFold(kind, "Bearer") || secret == "" {
		c.Header("WWW-Authenticate", `Bearer realm="workflows"`)
		return models.APIToken{}, false, refused
	}
	hash := fingerprint(secret)
	token, remembered, err := t.found.Get(hash, func() (models.APIToken, error) {
		return models.TokenByHash(c.Request.Context(), t.db, hash, t.now())
	})
	if remembered && token.ExpiresAt != nil && !token.ExpiresAt.After(t.now()) {
		err = models.ErrNotFound
	}
	if errors.Is(err, models.ErrNotFound) {
		c.Header("WWW-Authenticate", `Bearer realm="workflows", error="invalid_token"`)
		return models.APIToken{}, false, refused
	}
	return token, remembered, err
}

// touch notes the use, once a minute at most; a failure must not fail the call.
func (t *Tokens) touch(ctx context.Context, token models.APIToken) {
	now := t.now()
	if token.LastUsedAt != nil && now.Sub(*token.LastUsedAt) < time.Minute {
		return
	}
	if err := models.TouchToken(ctx, t.db, token.ID, now); err != nil {
		t.log.WarnContext(ctx, "a token's use could not be noted", "token_id", token.ID, "error", err)
	}
}

// Allows reports whether the request's token has the scope.
func Allows(ctx context.Context, scope string) bool {
	token := Token(ctx)
	return token != nil && allows(token.Scopes, scope)
}

// allows reports whether a token with these scopes has one of those that would do.
func allows(scopes, needed string) bool {
	have := strings.Fields(scopes)
	return slices.Contains(have, "*") || slices.ContainsFunc(strings.Fields(needed), func(one string) bool { return slices.Contains(have, one) })
}
