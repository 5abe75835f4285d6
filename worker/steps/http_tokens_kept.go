package steps

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

const (
	// tokenTime is how long a server may take to give a token that is kept: the call that
	// asks for it may have ended before, see workflow.Tokens.
	tokenTime = 45 * time.Second
	// notedEvery is how often it is noted that a token is in use.
	notedEvery = 24 * time.Hour
)

// keptToken is what a refresh token gave, as it is kept. The refresh token is the newest:
// many servers take each once. The access token is for those who ask in the same way.
type keptToken struct {
	Refresh string           `json:"refresh"`
	Access  string           `json:"access"`
	For     string           `json:"for"`
	Expiry  time.Time        `json:"expiry"`
	Style   oauth2.AuthStyle `json:"style"`
}

// chain is the id of all refresh tokens that were given for the one that was typed. What
// may change while that stays, such as the client's secret, is none of it.
func (c tokenClient) chain() string {
	return hashed("oauth2 refresh token", c.TokenURL, c.ClientID, c.RefreshToken)
}

// way tells calls that share an access token from others with the same refresh token.
func (c tokenClient) way() string { return hashed(c.ClientSecret, c.Scope, c.certificate) }

func hashed(parts ...string) string {
	sum := sha256.Sum256(document.JSON(parts))
	return hex.EncodeToString(sum[:])
}

// renewKept takes the token that is kept, where another process has got it meanwhile, or
// gets a new one with the refresh token that is kept.
func (h *heldToken) renewKept(ctx context.Context, kept workflow.Tokens, client *http.Client, auth tokenClient, refused string) error {
	text, err := kept.Renew(ctx, auth.chain(), func(ctx context.Context, text string) (string, error) {
		return renewedText(ctx, client, auth, text, refused)
	})
	var known *workflow.StepError
	var token keptToken
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &known):
		return known
	case err != nil || document.Decode([]byte(text), &token) != nil:
		return failure("token_not_kept", "The token for this call cannot be kept in the database, or be read from it. Try again; the log says why.")
	}
	h.token, h.noted = token.token(), time.Now()
	return nil
}

func (k keptToken) token() *oauth2.Token {
	return &oauth2.Token{AccessToken: k.Access, RefreshToken: k.Refresh, Expiry: k.Expiry}
}

// renewedText is a token as it is kept that is not the refused one: the same text where it
// is of use still.
func renewedText(ctx context.Context, client *http.Client, auth tokenClient, text, refused string) (string, error) {
	var before keptToken
	if text != "" && document.Decode([]byte(text), &before) != nil {
		before = keptToken{} // nobody can say what it was
	}
	if before.For == auth.way() && before.Access != refused && before.token().Valid() {
		return text, nil
	}
	getting, done := context.WithTimeout(ctx, tokenTime)
	defer done()
	token, style, err := renew(getting, client, auth, before.token(), before.Style)
	if err != nil {
		return "", tokenError(ctx, err)
	}
	return string(document.JSON(keptToken{Refresh: token.RefreshToken, Access: token.AccessToken, For: auth.way(), Expiry: token.Expiry, Style: style})), nil
}

// stays has a token stay that is used so long that nobody has to get a new one.
func (h *heldToken) stays(ctx context.Context, kept workflow.Tokens, auth tokenClient) {
	if kept == nil || time.Since(h.noted) < notedEvery {
		return
	}
	if kept.InUse(ctx, auth.chain()) == nil { // else it is noted with the next call
		h.noted = time.Now()
	}
}
