// Package listing is how people find among what they keep: the list of workflows as they
// sort and filter it, the tags that they put on workflows, and whose favourites those are.
//
// It may import models and models/runs.
package listing

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
)

// How a list of workflows is sorted; favourites always come first.
const (
	ByNewest  = ""
	ByName    = "name"
	ByLastRun = "last_run"
	ByNextRun = "next_run"
	ByChange  = "changed"
	ByFailing = "failing" // those that fail first, of these what began to fail last
)

// Failing is a status by which lists of workflows are filtered: since one succeeded, or ever,
// every run of it that ended has failed.
const Failing = "failing"

// Filter chooses workflows.
type Filter struct {
	Search string // words of the name
	Status string // draft active paused failing; "" is all
	Tag    string // "" is all
	// Viewer is whose favourites come first, the id of a user.
	Viewer string
	// Favourites leaves no others.
	Favourites bool
	Sort       string
	// Page counts from 1, each of at most Limit workflows.
	Page, Limit int
}

// mostPages bounds how far a list is leafed through.
const mostPages = 1000

// Row is a workflow, without its draft, with what its list shows of it by itself.
type Row struct {
	models.Workflow `gorm:"embedded"`
	Favourite       bool
	Tagged          string // its tags, with commas
}

// Tags are the row's tags.
func (r Row) Tags() []string {
	if r.Tagged == "" {
		return nil
	}
	return strings.Split(r.Tagged, ",")
}

// columns are a workflow without its draft.
const columns = "w.id, w.name, w.status, w.draft_revision, w.version_id, w.version, w.paused_until, w.paused_reason, w.paused_by, w.created_at, w.updated_at"

const isFavourite = "EXISTS (SELECT 1 FROM favourites f WHERE f.workflow_id = w.id AND f.user_id = ?)"

// Workflows returns a page of workflows, and whether there are further ones, in one statement.
func Workflows(ctx context.Context, db *gorm.DB, f Filter) (rows []Row, more bool, err error) {
	viewer := f.Viewer
	if !models.ValidID(viewer) {
		viewer = models.BeforeAllIDs // nobody's
	}
	page, limit := min(max(f.Page, 1), mostPages), min(max(f.Limit, 1), 100)
	query := db.WithContext(ctx).Table("workflows AS w").
		Select(columns+", "+isFavourite+" AS favourite, coalesce((SELECT string_agg(t.tag, ',' ORDER BY folded(t.tag)) FROM workflow_tags t WHERE t.workflow_id = w.id), '') AS tagged", viewer)
	switch f.Status {
	case "":
	case Failing:
		query = query.Where("(" + runs.FirstFailureOfW() + ") IS NOT NULL")
	default:
		query = query.Where("w.status = ?", f.Status)
	}
	if f.Tag != "" {
		query = query.Where("EXISTS (SELECT 1 FROM workflow_tags t WHERE t.workflow_id = w.id AND folded(t.tag) = folded(?))", f.Tag)
	}
	if f.Favourites {
		query = query.Where(isFavourite, viewer)
	}
	query = models.Find(query, "w.name", f.Search).Order("favourite DESC")
	if order := orders()[f.Sort]; order != "" {
		query = query.Order(order)
	}
	if err := query.Order("w.id DESC").Offset((page - 1) * limit).Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, false, fmt.Errorf("list workflows: %w", models.Kind(err))
	}
	return rows[:min(len(rows), limit)], len(rows) > limit && page < mostPages, nil
}

// orders are the ways to sort. What runs say is looked up for each workflow, in places of
// indexes: a list of 500 asks for some thousand.
func orders() map[string]string {
	return map[string]string{
		ByNewest: "", ByName: "folded(w.name)", ByChange: "w.updated_at DESC",
		ByLastRun: "(" + runs.NewestOfW() + ") DESC NULLS LAST",
		ByNextRun: "(SELECT min(s.next_at) FROM schedules s WHERE s.workflow_id = w.id AND s.status = 'active') NULLS LAST",
		ByFailing: "(" + runs.FirstFailureOfW() + ") DESC NULLS LAST",
	}
}

// Sorts reports whether a list can be sorted so.
func Sorts(by string) bool {
	_, known := orders()[by]
	return known
}
