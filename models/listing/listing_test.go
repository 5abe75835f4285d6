package listing_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/listing"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// kept stores a workflow with runs in these states, one behind the other, each of which ended
// a second after it was accepted.
func kept(t *testing.T, db *gorm.DB, name string, at time.Time, states ...string) string {
	t.Helper()
	w := models.Workflow{ID: models.NewID(), Name: name, Status: "active", Draft: models.JSON("{}"), CreatedAt: at, UpdatedAt: at}
	check(t, db.Create(&w).Error)
	for i, state := range states {
		queued := at.Add(time.Duration(i) * time.Minute)
		run := models.Run{
			ID: modelstest.IDAt(queued), WorkflowID: w.ID, VersionID: models.NewID(), WorkflowName: name, Status: state,
			TriggerType: "manual", Trigger: models.JSON("{}"), Queue: "default", QueuedAt: queued,
		}
		if state == "try" {
			run.Status, run.TriggerType = "failed", "try"
		}
		if ended := queued.Add(time.Second); state != "running" {
			run.FinishedAt = &ended
		}
		check(t, runs.Insert(t.Context(), db, &run))
	}
	return w.ID
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func person(t *testing.T, db *gorm.DB, email string) string {
	t.Helper()
	user := models.User{ID: models.NewID(), Email: email, Role: "viewer", CreatedAt: models.Now()}
	check(t, db.Create(&user).Error)
	return user.ID
}

// names are those of a page of the list, favourites with a star.
func names(t *testing.T, db *gorm.DB, f listing.Filter) string {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	rows, more, err := listing.Workflows(t.Context(), db, f)
	check(t, err)
	var all []string
	for _, row := range rows {
		name := row.Name
		if row.Favourite {
			name = "*" + name
		}
		all = append(all, name)
	}
	if more {
		all = append(all, "…")
	}
	return strings.Join(all, " ")
}

func TestWorkflowsAreSortedAndFilteredByHowTheyFare(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
		old := kept(t, db, "old", ago(30), "succeeded", "failed", "failed", "cancelled")
		fine := kept(t, db, "Fine", ago(20), "failed", "succeeded", "try", "running")
		kept(t, db, "idle", ago(1))
		late := kept(t, db, "late", ago(10), "succeeded", "failed")
		ann, otto := person(t, db, "ann@example.com"), person(t, db, "otto@example.com")
		for hours, id := range map[int]string{2: late, 9: fine} {
			next := now.Add(time.Duration(hours) * time.Hour)
			check(t, db.Create(&models.Schedule{ID: models.NewID(), WorkflowID: id, TriggerID: "s", Rule: models.JSON("{}"), TimeZone: "UTC", Status: "active", NextAt: &next, CreatedAt: now, UpdatedAt: now}).Error)
		}
		for order, want := range map[string]string{
			listing.ByNewest: "late idle Fine old", listing.ByName: "Fine idle late old", listing.ByChange: "idle late Fine old",
			listing.ByLastRun: "late Fine old idle", listing.ByNextRun: "late Fine idle old", listing.ByFailing: "late old idle Fine",
		} {
			if got := names(t, db, listing.Filter{Sort: order}); got != want {
				t.Errorf("by %q: %s, want %s", order, got, want)
			}
		}
		check(t, listing.SetFavourite(t.Context(), db, ann, old, true))
		check(t, listing.SetFavourite(t.Context(), db, ann, old, true))
		check(t, listing.SetFavourite(t.Context(), db, ann, models.NewID(), true))
		check(t, listing.SetTags(t.Context(), db, old, []string{"Sales"}))
		check(t, listing.SetTags(t.Context(), db, late, []string{"sales"}))
		for name, test := range map[string]struct {
			filter listing.Filter
			want   string
		}{
			"Ann's":              {listing.Filter{Viewer: ann}, "*old late idle Fine"},
			"Otto's":             {listing.Filter{Viewer: otto}, "late idle Fine old"},
			"Ann's favourites":   {listing.Filter{Viewer: ann, Favourites: true}, "*old"},
			"Otto's favourites":  {listing.Filter{Viewer: otto, Favourites: true}, ""},
			"nobody's":           {listing.Filter{Favourites: true}, ""},
			"those that fail":    {listing.Filter{Status: listing.Failing}, "late old"},
			"active ones":        {listing.Filter{Status: "active"}, "late idle Fine old"},
			"drafts":             {listing.Filter{Status: "draft"}, ""},
			"a tag":              {listing.Filter{Tag: "SALES"}, "late old"},
			"another tag":        {listing.Filter{Tag: "sale"}, ""},
			"a word":             {listing.Filter{Search: "FIN"}, "Fine"},
			"first page":         {listing.Filter{Viewer: ann, Limit: 3}, "*old late idle …"},
			"second page":        {listing.Filter{Viewer: ann, Limit: 3, Page: 2}, "Fine"},
			"a page behind all":  {listing.Filter{Limit: 3, Page: 3}, ""},
			"a page before all":  {listing.Filter{Limit: 3, Page: -3}, "late idle Fine …"},
			"an unknown sorting": {listing.Filter{Sort: "; DROP"}, "late idle Fine old"},
		} {
			if got := names(t, db, test.filter); got != test.want {
				t.Errorf("%s: %q, want %q", name, got, test.want)
			}
		}
		rows, _, err := listing.Workflows(t.Context(), db, listing.Filter{Tag: "sales", Limit: 2})
		if check(t, err); rows[0].Tagged != "Sales" || !reflect.DeepEqual(rows[1].Tags(), []string{"Sales"}) {
			t.Errorf("another spelling was kept: %+v", rows)
		}
		latest, err := runs.LatestOf(t.Context(), db, []string{old, fine, late, models.NewID()})
		check(t, err)
		if of := latest[old]; of.Ended.Status != "cancelled" || !of.FailingSince.Equal(ago(30).Add(time.Minute+time.Second)) {
			t.Errorf("old: %+v", of)
		}
		if of := latest[fine]; of.Ended.Status != "succeeded" || of.Newest.Status != "running" || !of.FailingSince.IsZero() {
			t.Errorf("fine: %+v", of)
		}
		check(t, db.Exec("DELETE FROM workflows").Error)
		if tags, err := listing.AllTags(t.Context(), db); err != nil || len(tags) > 0 {
			t.Error(tags, err)
		}
	})
}

func TestTagsAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	tags, err := listing.ReadTags([]string{" sales ", "Big   customers", "SALES", "ä"})
	if err != nil || fmt.Sprint(tags) != "[Big customers sales ä]" {
		t.Error(tags, err)
	}
	many := []string{}
	for i := range 21 {
		many = append(many, fmt.Sprint(i))
	}
	for path, typed := range map[string][]string{"tags[0]": {" "}, "tags[1]": {"a", "b,c"}, "tags[2]": {"a", "b", strings.Repeat("é", 41)}, "tags[3]": {"a", "b", "c", "x\u0007"}, "tags": many} {
		var invalid *models.InvalidError
		if _, err := listing.ReadTags(typed); !errors.As(err, &invalid) || invalid.Fields[0].Path != path {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

// Of 500 workflows with many runs each question is looked up in an index.
func TestAListOfWorkflowsReadsFewRuns(t *testing.T) {
	t.Parallel()
	db, _ := modelstest.Postgres(t)
	for _, statement := range []string{
		`INSERT INTO workflows (id, name, status, draft, draft_revision, created_at, updated_at) SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'W ' || n, 'active', '{}', 1, now(), now() FROM generate_series(1, 500) n`,
		`INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, trigger, queue, queued_at)
			SELECT ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad((n % 500 + 1)::text, 12, '0'))::uuid, gen_random_uuid(), 1, 'W',
			CASE WHEN n % 500 < 20 OR n % 7 = 0 THEN 'failed' ELSE 'succeeded' END, 'manual', '{}', 'default', now() FROM generate_series(1, 50000) n`,
		"ANALYZE",
	} {
		check(t, db.Exec(statement).Error)
	}
	plans := plansOfLists(t, db)
	ids := []string{}
	for i := range 25 {
		ids = append(ids, fmt.Sprintf("00000000-0000-7000-8000-%012d", i+1))
	}
	for _, order := range []string{listing.ByNewest, listing.ByLastRun, listing.ByNextRun, listing.ByFailing} {
		names(t, db, listing.Filter{Sort: order, Limit: 25})
	}
	names(t, db, listing.Filter{Status: listing.Failing})
	_, err := runs.LatestOf(t.Context(), db, ids)
	check(t, err)
	if len(*plans) != 6 {
		t.Errorf("%d statements", len(*plans))
	}
	for _, plan := range *plans {
		if strings.Contains(plan, "Seq Scan on runs") || strings.Contains(plan, "Bitmap Heap Scan on runs") || strings.Count(plan, "runs_pkey") > 1 {
			t.Errorf("it is planned so:\n%s", plan)
		}
	}
}

// plansOfLists notes how PostgreSQL plans what db lists from now on.
func plansOfLists(t *testing.T, db *gorm.DB) *[]string {
	plans := &[]string{}
	check(t, db.Callback().Query().After("gorm:query").Register("plans", func(asked *gorm.DB) {
		rows, err := asked.Statement.ConnPool.QueryContext(t.Context(), "EXPLAIN "+asked.Statement.SQL.String(), asked.Statement.Vars...)
		check(t, err)
		defer func() { check(t, rows.Close()) }()
		plan := ""
		for rows.Next() {
			var line string
			check(t, rows.Scan(&line))
			plan += line + "\n"
		}
		check(t, rows.Err())
		*plans = append(*plans, plan)
	}))
	return plans
}
