package steps

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/icholy/digest"
	"golang.org/x/net/http/httpguts"

	"workflows/worker/workflow"
)

// Ways of signing in that answer to what the other side says.
const (
	signInDigest  = "digest"
	signInClient  = "oauth2_client_credentials"
	signInRefresh = "oauth2_refresh_token"
)

// tokenConfig is how a call gets a token of OAuth 2.
type tokenConfig struct {
	TokenURL     string `json:"token_url" label:"Address for tokens" kind:"address" ref:"true" required:"true" showif:"type=oauth2_client_credentials,oauth2_refresh_token" example:"https://accounts.example.com/oauth/token" missing:"Enter the address that gives tokens."`
	ClientID     string `json:"client_id" label:"Client id" ref:"true" secret:"true" required:"true" showif:"type=oauth2_client_credentials,oauth2_refresh_token" missing:"Enter the client id."`
	ClientSecret string `json:"client_secret" label:"Client secret" ref:"true" secret:"true" showif:"type=oauth2_client_credentials,oauth2_refresh_token"`
	RefreshToken string `json:"refresh_token" label:"Refresh token" ref:"true" secret:"true" required:"true" showif:"type=oauth2_refresh_token" missing:"Enter the refresh token." help:"One that stays valid. Where each use gives a new one, that is kept, encrypted, for all later calls."`
	Scope        string `json:"scope" label:"Scope" ref:"true" showif:"type=oauth2_client_credentials,oauth2_refresh_token" help:"What the token allows, as the other side calls it. Several are separated by spaces."`
}

// signsIn adds to a session what its way of signing in needs. Nobody but the address
// that was asked is told anything.
func (s *session) signsIn(o *outbound, asked *url.URL, config httpRequestConfig, kept workflow.Tokens) error {
	inner, auth := s.client.Transport, config.Auth
	switch auth.Type {
	case signInDigest:
		s.client.Transport = &digestTransport{inner: inner, asked: asked, username: auth.Username, password: auth.Password}
	case signInClient, signInRefresh:
		if code, message := o.checkURL(strings.TrimSpace(auth.TokenURL)); code != "" {
			return permanent(code, "The address for tokens cannot be called. "+message)
		}
		getting := &http.Client{Transport: inner, CheckRedirect: o.checkRedirect}
		s.hidden = &hidden{}
		s.client.Transport = &tokenTransport{inner: inner, asked: asked, client: tokenClient{auth, config.ClientCertificate}, tokens: o.tokens, kept: kept, getting: getting, hidden: s.hidden}
	}
	return nil
}

func sameServer(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && a.Scheme == b.Scheme && portOf(a) == portOf(b)
}

// again is a request once more: its content too.
func again(request *http.Request) (*http.Request, error) {
	second := request.Clone(request.Context())
	if request.GetBody == nil {
		return second, nil
	}
	body, err := request.GetBody()
	second.Body = body
	return second, err
}

// throwAway ends an answer that is not wanted.
func throwAway(response *http.Response) {
	_, _ = io.CopyN(io.Discard, response.Body, workflow.FreeBytes)
	_ = response.Body.Close()
}

// digestTransport answers a challenge (RFC 7616), with which the other side turns down
// the first of two equal requests.
type digestTransport struct {
	inner              http.RoundTripper
	asked              *url.URL
	username, password string
}

// RoundTrip implements http.RoundTripper.
func (t *digestTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	second, err := again(request)
	if err != nil {
		return nil, err
	}
	response, err := t.inner.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusUnauthorized || !sameServer(request.URL, t.asked) {
		return response, err
	}
	challenge, err := digest.FindChallenge(response.Header)
	if err != nil {
		return response, nil
	}
	credentials, err := digest.Digest(challenge, digest.Options{
		Method: request.Method, URI: request.URL.RequestURI(), GetBody: request.GetBody, Username: t.username, Password: t.password,
	})
	if err != nil || !httpguts.ValidHeaderFieldValue(credentials.String()) {
		return response, nil
	}
	throwAway(response)
	second.Header.Set("Authorization", credentials.String())
	return t.inner.RoundTrip(second)
}

// tokenTransport shows a token, and a new one where it is not taken any more.
type tokenTransport struct {
	inner   http.RoundTripper
	asked   *url.URL
	client  tokenClient
	tokens  *tokens
	kept    workflow.Tokens
	getting *http.Client
	hidden  *hidden
}

// RoundTrip implements http.RoundTripper.
func (t *tokenTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if !sameServer(request.URL, t.asked) {
		return t.inner.RoundTrip(request)
	}
	second, err := again(request)
	if err != nil {
		return nil, err
	}
	token, err := t.token(request, "")
	if err != nil {
		return nil, err
	}
	first := request.Clone(request.Context())
	first.Header.Set("Authorization", "Bearer "+token)
	response, err := t.inner.RoundTrip(first)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	throwAway(response)
	if token, err = t.token(request, token); err != nil {
		return nil, err
	}
	second.Header.Set("Authorization", "Bearer "+token)
	return t.inner.RoundTrip(second)
}

// token is one that is not the refused one.
func (t *tokenTransport) token(request *http.Request, refused string) (string, error) {
	token, err := t.tokens.get(request.Context(), t.kept, t.getting, t.client, refused)
	if err != nil {
		return "", err
	}
	if !httpguts.ValidHeaderFieldValue(token) || token == "" {
		return "", permanent("token_refused", "The address for tokens gave a token that cannot be used. Check the address.")
	}
	t.hidden.add(token)
	return token, nil
}

// shownSignIn is what a try shows of a header that is made when the call is.
func shownSignIn(auth authConfig, header http.Header) {
	switch auth.Type {
	case signInDigest:
		header.Set("Authorization", "Digest unknown")
	case signInClient, signInRefresh:
		header.Set("Authorization", "Bearer unknown")
	}
}
