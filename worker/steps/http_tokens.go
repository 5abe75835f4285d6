package steps

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// maxTokens bounds how many tokens a process knows at once.
const maxTokens = 1000

// tokens are those that calls of this process have got, so that not every call asks for
// one. What a refresh token gave is kept besides, for other processes and later ones.
type tokens struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]*heldToken
}

// tokenClient is who asks for a token, and how; a certificate may be all that tells one
// client from another.
type tokenClient struct {
	authConfig
	certificate string
}

// heldToken is got by one call at a time: others with the same config wait for it.
type heldToken struct {
	turn  chan struct{}
	token *oauth2.Token
	style oauth2.AuthStyle // in which it was given
	noted time.Time        // when it was last noted that it is in use
}

func newTokens() *tokens { return &tokens{known: map[[sha256.Size]byte]*heldToken{}} }

// get gives a token for a config that is not the refused one.
func (t *tokens) get(ctx context.Context, kept workflow.Tokens, client *http.Client, auth tokenClient, refused string) (string, error) {
	if auth.Type != signInRefresh {
		kept = nil // another is given whenever it is asked for
	}
	held := t.held(auth)
	select {
	case held.turn <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-held.turn }()
	var err error
	switch {
	case held.token.Valid() && held.token.AccessToken != refused:
		held.stays(ctx, kept, auth)
	case kept != nil:
		err = held.renewKept(ctx, kept, client, auth, refused)
	default:
		if held.token, held.style, err = renew(ctx, client, auth, held.token, held.style); err != nil {
			err = tokenError(ctx, err)
		}
	}
	if err != nil {
		return "", err
	}
	return held.token.AccessToken, nil
}

// renew asks for a token with the client's secret in a header, and where it is not seen
// there in the content: servers differ. It does not leave this to the library, which
// asks twice whatever is wrong, and then tells what the second answer was. Where it fails,
// the token before stays.
func renew(ctx context.Context, client *http.Client, auth tokenClient, before *oauth2.Token, style oauth2.AuthStyle) (*oauth2.Token, oauth2.AuthStyle, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	if style == oauth2.AuthStyleAutoDetect {
		style = oauth2.AuthStyleInHeader
		if auth.ClientSecret == "" {
			style = oauth2.AuthStyleInParams
		}
	}
	token, err := source(ctx, auth, before, style).Token()
	if style == oauth2.AuthStyleInHeader && unseen(err) {
		var second error
		if token, second = source(ctx, auth, before, oauth2.AuthStyleInParams).Token(); second == nil || !unseen(second) {
			style, err = oauth2.AuthStyleInParams, second
		}
	}
	if err != nil {
		return before, style, err
	}
	return token, style, nil
}

// unseen reports whether a server may not have seen who asks.
func unseen(err error) bool {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return false
	}
	return refused.Response.StatusCode == http.StatusUnauthorized || slices.Contains([]string{"", "invalid_client", "invalid_request", "unauthorized_client"}, refused.ErrorCode) && refused.Response.StatusCode < 500
}

// held finds the place of a config's token; all that makes it another one counts.
func (t *tokens) held(auth tokenClient) *heldToken {
	key := sha256.Sum256(document.JSON([]any{auth.Type, auth.TokenURL, auth.ClientID, auth.ClientSecret, auth.RefreshToken, auth.Scope, auth.certificate}))
	t.mu.Lock()
	defer t.mu.Unlock()
	if held, known := t.known[key]; known {
		return held
	}
	for other := range t.known {
		if len(t.known) < maxTokens {
			break
		}
		delete(t.known, other) // any: it is got again when it is needed
	}
	held := &heldToken{turn: make(chan struct{}, 1)}
	t.known[key] = held
	return held
}

func source(ctx context.Context, auth tokenClient, before *oauth2.Token, style oauth2.AuthStyle) oauth2.TokenSource {
	address, scopes := strings.TrimSpace(auth.TokenURL), strings.Fields(auth.Scope)
	if auth.Type == signInClient {
		config := clientcredentials.Config{ClientID: auth.ClientID, ClientSecret: auth.ClientSecret, TokenURL: address, Scopes: scopes, AuthStyle: style}
		return config.TokenSource(ctx)
	}
	refresh := strings.TrimSpace(auth.RefreshToken)
	if before != nil && before.RefreshToken != "" {
		refresh = before.RefreshToken // the newest: some servers take each once
	}
	config := oauth2.Config{ClientID: auth.ClientID, ClientSecret: auth.ClientSecret, Endpoint: oauth2.Endpoint{TokenURL: address, AuthStyle: style}, Scopes: scopes}
	return config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh})
}

// tokenError says why there is no token.
func tokenError(ctx context.Context, err error) error {
	var refused *oauth2.RetrieveError
	var broken *url.Error
	switch {
	case errors.As(err, &refused):
	case errors.As(err, &broken), ctx.Err() != nil:
		return callErrorAt(ctx, "host that gives the tokens", err)
	default:
		return permanent("token_refused", "The address for tokens answered with something else than a token. Check the address.")
	}
	status := refused.Response.StatusCode
	words := refused.ErrorCode
	if refused.ErrorDescription != "" {
		words += ": " + refused.ErrorDescription
	}
	advice := " Check the client id and its secret."
	lasting := status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
	switch {
	case !lasting:
		advice = " Try again later."
	case refused.ErrorCode == "invalid_grant":
		advice = " Check the refresh token; it may have been withdrawn, or used elsewhere."
	case refused.ErrorCode == "invalid_scope":
		advice = " Check the scope."
	}
	return &workflow.StepError{Code: "token_refused", Permanent: lasting, Message: "The address for tokens gave none and answered " + statusWords(status) + quotedWords(words) + advice}
}
