// Package static holds what a browser fetches besides pages: the style sheet,
// our script, htmx and the icons. Everything is embedded, so that one program file is the
// whole installation.
package static

import "embed"

// files are the originals; assets.go names, hashes and compresses what is served.
//
//go:embed *.css *.js favicon.svg vendor/*.js icons/*.svg
var files embed.FS
