// Package settings is the pages of getting in (set-up, sign-in, invitations) and of
// what is set for a person and for the whole installation: profile, sessions,
// people, tokens, secrets, the audit log. One file for each page or action, with
// the same stem as its view and its test.
//
// Pages here change accounts, tokens and secrets, each through the package that
// owns it (app/auth, worker/catalog, worker/secrets), which also writes the audit
// log. They touch no workflow, run or schedule, and show no secret's value.
package settings

import (
	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/worker/catalog"
	"workflows/worker/environment"
	"workflows/worker/mailserver"
	"workflows/worker/secrets"
)

// Site is what these pages are made from.
type Site struct {
	frame.Frame
	Catalog  *catalog.Catalog
	Settings environment.Settings
	Mail     *mailserver.Source
	Secrets  *secrets.Store
	Sessions *auth.Sessions
	Tokens   *auth.Tokens
}
