package steps

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

const (
	keptItems    = 10_000 // how many a step remembers by itself
	maxKeptItems = 100_000
)

type rememberConfig struct {
	List     any    `json:"list" label:"List" wants:"list" required:"true" ref:"true" example:"{{ steps.fetch.body.orders }}" help:"A list that an earlier step gives, the same with every run." missing:"Choose the list to look through."`
	Key      string `json:"key" label:"Know an item again by" each:"true" name:"list" example:"id" help:"A field of the items that never changes, such as id. Empty, and for items without it, the whole item: then a changed one is new."`
	FirstRun string `json:"first_run" label:"In the very first run" options:"all=All items are new,none=None is new: only what comes later" default:"all"`
	Keep     int    `json:"keep" label:"Remember at most" default:"10000" advanced:"true" help:"How many items are remembered, the newest: 1 to 100000. What is forgotten is new again; what is in the list is not forgotten."`
}

// remember gives the items of a list that no earlier run of its workflow has seen.
func remember() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:    "remember",
		Title:   "Only what is new",
		Summary: "Keeps the items of a list that no earlier run of this workflow has seen.",
		Said:    "ones seen before already",
		Icon:    "bookmark-check",
		Keeps:   []string{workflow.LeavesRemembered},
		Through: "list",
		Outputs: []workflow.Output{
			{Name: "items", Type: "list", ItemsOf: "list", Help: "The items that are new.", Example: []any{map[string]any{"id": 1}}},
			{Name: "count", Type: "number", Help: "How many items are new.", Example: 1},
			{Name: "remembered", Type: "number", Help: "How many items the step remembers, with these.", Example: 120},
			{Name: "since", Type: "time", Help: "Since when the step remembers.", Example: "2026-11-01T09:00:00.000000Z"},
		},
		Check:   checkRemember,
		Tidy:    tidyList,
		RunPart: rememberedPart,
		Sentence: func(config map[string]any) string {
			if !given(config["list"]) {
				return "Looks through no list yet"
			}
			list := "a list"
			if isReference(config["list"]) {
				list = textAt(config, "list")
			}
			if key := textAt(config, "key"); key != "" {
				return "New items of " + list + ", known by " + document.Shorten(key, 60)
			}
			return "New items of " + list
		},
	}, keepNew)
}

func checkRemember(config map[string]any) []workflow.Problem {
	problems := checkList(config, maxKeptItems)
	if value := config["keep"]; given(value) {
		if n, err := strconv.Atoi(fmt.Sprint(value)); err != nil || n < 1 || n > maxKeptItems {
			problems = append(problems, workflow.Problem{Path: "keep", Code: "out_of_range", Message: fmt.Sprintf("Use a whole number between 1 and %d.", maxKeptItems)})
		}
	}
	return problems
}

func keepNew(ctx context.Context, call workflow.Call, config rememberConfig) (workflow.Outcome, error) {
	list, err := listOf(config.List, maxKeptItems)
	if err != nil {
		return workflow.Outcome{}, err
	}
	keys := make([]string, len(list))
	for i, item := range list {
		value := item
		if config.Key != "" {
			if value, err = partOf(ctx, call, config.Key, picked{item: item, at: i}); err != nil {
				return workflow.Outcome{}, err
			}
		}
		if !given(value) {
			value = item
		}
		keys[i] = hashOf(identityOf(value))
	}
	seen, err := look(ctx, call, "", keys, config.Keep)
	if err != nil {
		return workflow.Outcome{}, err
	}
	items := []any{}
	for i, item := range list {
		if seen.isNew(i) && (!seen.first || config.FirstRun != "none") {
			items = append(items, item)
		}
	}
	output := map[string]any{"items": items, "count": len(items), "remembered": seen.remembered(), "since": timeText(seen.since)}
	return workflow.Outcome{Output: output, Leaves: seen.leaves("")}, nil
}

// hashOf is the hash under which something is remembered.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// sighting is what a step sees now beside what earlier runs have seen.
type sighting struct {
	workflow.Recalled
	scope string
	keep  int
	keys  []string
	first bool // nothing was ever seen before
	since time.Time
	news  map[string]int  // the new keys, with the first place of each
	at    map[int]string  // these places, with their keys
	left  map[string]bool // new keys that are left to the next run
}

// look recalls which of the keys earlier runs have seen. At most keep are remembered.
func look(ctx context.Context, call workflow.Call, scope string, keys []string, keep int) (*sighting, error) {
	places := make(map[string]int, len(keys))
	var different []string
	for i, key := range keys {
		if _, twice := places[key]; !twice {
			places[key] = i
			different = append(different, key)
		}
	}
	if len(different) > keep {
		return nil, permanent("too_many_items", fmt.Sprintf("The list has %d different items, and the step remembers %d: it would forget some at once. Have it remember more, or shorten the list.", len(different), keep))
	}
	recalled, err := call.Recall(ctx, scope, different)
	if err != nil {
		return nil, err
	}
	s := &sighting{Recalled: recalled, scope: scope, keep: keep, keys: different, first: recalled.Since.IsZero(), since: recalled.Since, news: places}
	if s.first {
		s.since = call.Now
	}
	for key := range recalled.Seen {
		delete(s.news, key)
	}
	s.at, s.left = make(map[int]string, len(s.news)), map[string]bool{}
	for key, place := range s.news {
		s.at[place] = key
	}
	return s, nil
}

// isNew reports whether the key at that place is new, and stands there first.
func (s *sighting) isNew(at int) bool { return s.at[at] != "" }

// later leaves the new key at that place to the next run.
func (s *sighting) later(at int) {
	key := s.at[at]
	delete(s.news, key)
	s.left[key] = true
}

// remembered is how many items are remembered with these.
func (s *sighting) remembered() int { return min(s.Count+len(s.news), s.keep) }

// leaves is what later runs are to know; nothing where they know it already.
func (s *sighting) leaves(note string) []workflow.Left {
	if !s.first && len(s.news) == 0 && !s.Stale && note == s.Note {
		return nil
	}
	left := workflow.Remembered{Scope: s.scope, Keep: s.keep, Note: note}
	for _, key := range s.keys {
		switch _, isNew := s.news[key]; {
		case isNew:
			left.New = append(left.New, key)
		case !s.left[key]:
			left.Again = append(left.Again, key)
		}
	}
	return []workflow.Left{left}
}

// timeText is a time as steps give it.
func timeText(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

// rememberedPart says how much a step remembers, and since when.
func rememberedPart(_ map[string]any, output any) *workflow.Part {
	given, ok := output.(map[string]any)
	if !ok || given["since"] == nil {
		return nil
	}
	since := document.Text(given["since"])
	if at, err := time.Parse(time.RFC3339, since); err == nil {
		since = at.UTC().Format("2 January 2006, 15:04 UTC")
	}
	return &workflow.Part{Title: "What the step remembers", Facts: []workflow.Fact{
		{Label: "New in this run", Value: document.Text(given["count"])},
		{Label: "Remembered", Value: document.Text(given["remembered"])},
		{Label: "Since", Value: since},
	}}
}
