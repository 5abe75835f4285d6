// Package documents is the pages on which a workflow is a document: two versions compared,
// one as a file to keep or to take elsewhere, and one brought in from a file or pasted.
// What is in a file, what is wrong with it and what it changes is for worker/workflow and
// worker/catalog to say, as it is for the commands export and apply; what comes in becomes
// a draft, and nothing here publishes.
package documents

import (
	"workflows/app/frame"
	"workflows/worker/catalog"
)

// Site is what these pages are made from.
type Site struct {
	frame.Frame
	Catalog *catalog.Catalog
}
