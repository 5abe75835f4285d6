// Package auth says who is asking and what they may do: passwords, sessions of
// browsers, tokens of programs, roles and scopes.
package auth
