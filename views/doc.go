// Package views shows pages: one file per page or part, which begins with what it is
// given. Views show, they never decide, and are given words and finished values only.
//
// Markup that is used twice becomes a component of views/ui. Every form works without
// scripts. A changed .templ needs `go tool templ generate -path ./views`, and its golden
// pages UPDATE_GOLDEN=1.
package views
