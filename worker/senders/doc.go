// Package senders knows the programs that call webhooks: how each of them proves
// who it is, how it asks whether an address is ours, and by what it says that a
// delivery came before. All of that stands in one table; a new sender is one file
// and its line in All, and the editor, the API, the pages and package hooks do what
// its entry says.
//
// It knows no database and no network, and reads no clock.
package senders
