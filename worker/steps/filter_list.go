package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/content"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// MaxRows is how many items or rows a list may have that steps look through at once.
const MaxRows = content.MaxRows

// filterTime bounds how long conditions are looked at; only patterns in long texts take
// as long.
const filterTime = time.Minute

var errTooLong = permanent("too_much_work", "The list was gone through for a minute without an end. Use simpler conditions, or a shorter list.")

type filterListConfig struct {
	List       any                  `json:"list" label:"List" wants:"list" required:"true" ref:"true" example:"{{ steps.fetch.body.orders }}" help:"A list that an earlier step gives." missing:"Choose the list to filter."`
	Match      string               `json:"match" label:"Keep an item when" options:"all=All of these are true,any=At least one of these is true" default:"all"`
	Conditions []workflow.Condition `json:"conditions" label:"Conditions" kind:"conditions" each:"true" help:"They look at each item, or at a part of it. Without conditions all items are kept. An empty value is neither greater nor less than anything."`
	SortBy     string               `json:"sort_by" label:"Sort by" fold:"Sort and shorten" each:"true" name:"list" example:"total" help:"A field of the items, such as total or customer.name. Empty keeps the list's order; items without the field come last."`
	Descending bool                 `json:"descending" label:"Largest or newest first" fold:"Sort and shorten" ref:"true"`
	UniqueBy   string               `json:"unique_by" label:"Keep one for each" fold:"Sort and shorten" each:"true" name:"list" example:"customer.id" help:"A field of the items: of those with the same value only the first is kept, after sorting. Two ways to write one moment are the same, as in conditions. Items without the field are all kept."`
	Limit      int                  `json:"limit" label:"At most" fold:"Sort and shorten" ref:"true" help:"How many items to keep, from the start of what the above leaves. Empty is all."`
}

// filterList keeps, sorts and shortens the items of a list.
func filterList() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "filter_list",
		Title:     "Filter a list",
		Summary:   "Keeps the items of a list that you want, sorted, each once, and only the first few.",
		Said:      "keep only where select sort unique duplicates",
		Icon:      "list-filter",
		Deed:      &workflow.Deed{Word: "only", Label: "Only those where…", Of: "item"},
		Begin:     beginFilter,
		Immediate: true,
		Through:   "list",
		Outputs: []workflow.Output{
			{Name: "items", Type: "list", ItemsOf: "list", Help: "The items that were kept.", Example: []any{map[string]any{"id": 1, "total": 120}}},
			{Name: "count", Type: "number", Help: "How many items were kept.", Example: 1},
			{Name: "rejected", Type: "number", Help: "How many items of the list were left out, for whatever reason.", Example: 2},
		},
		Check:    checkFilterList,
		Tidy:     tidyList,
		Sentence: filterListSentence,
		RunPart:  filtered,
	}, filter)
}

// filter does what the form asks in the order in which it does.
func filter(ctx context.Context, call workflow.Call, config filterListConfig) (workflow.Outcome, error) {
	list, err := listOf(config.List, MaxRows)
	if err != nil {
		return workflow.Outcome{}, err
	}
	if config.Limit < 0 {
		return workflow.Outcome{}, permanent("invalid_config", "“At most” must be a whole number of 1 or more.")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, filterTime, errTooLong)
	defer cancel()
	kept := make([]picked, 0, len(list))
	for i, item := range list {
		holds, err := keeps(ctx, call, config, item, i)
		if err != nil {
			return workflow.Outcome{}, err
		}
		if holds {
			kept = append(kept, picked{item: item, at: i})
		}
	}
	if err := sortItems(ctx, call, config, kept); err != nil {
		return workflow.Outcome{}, err
	}
	if kept, err = unlike(ctx, call, config.UniqueBy, kept); err != nil {
		return workflow.Outcome{}, err
	}
	if config.Limit > 0 {
		kept = kept[:min(config.Limit, len(kept))]
	}
	items := make([]any, len(kept))
	for i, one := range kept {
		items[i] = one.item
	}
	return workflow.Outcome{Output: map[string]any{"items": items, "count": len(items), "rejected": len(list) - len(items)}}, nil
}

// keeps reports whether an item meets the conditions.
func keeps(ctx context.Context, call workflow.Call, config filterListConfig, item any, index int) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if len(config.Conditions) == 0 {
		return true, nil
	}
	judge := workflow.Judge{Holds: func(condition workflow.Condition) (bool, error) {
		filled, err := condition.Filled(func(side any) (any, error) { return call.PerItem(side, item, index) })
		if err != nil {
			return false, err
		}
		holds, err := filled.Holds()
		if err != nil && (!given(filled.Value) || !given(filled.Other)) {
			return false, nil // nothing is neither greater nor less
		}
		return holds, err
	}}
	holds, number, err := judge.Decide(config.Match, config.Conditions)
	if failure := (*workflow.StepError)(nil); err != nil && !errors.As(err, &failure) {
		return false, permanent("invalid_condition", fmt.Sprintf("Condition %d cannot be decided for the item at %d (the first is 0): %s", number, index, err))
	}
	return holds, err
}

// sortItems sorts by the field that the config names, if any; equal ones keep their
// order.
func sortItems(ctx context.Context, call workflow.Call, config filterListConfig, kept []picked) error {
	if config.SortBy == "" {
		return nil
	}
	values := make([]any, len(kept))
	for i := range kept {
		var err error
		if values[i], err = partOf(ctx, call, config.SortBy, kept[i]); err != nil {
			return err
		}
	}
	for i, key := range sortables(values) {
		kept[i].key = key
	}
	slices.SortStableFunc(kept, func(a, b picked) int {
		switch { // those without come last both ways
		case a.key.none && b.key.none:
			return 0
		case a.key.none:
			return 1
		case b.key.none:
			return -1
		case config.Descending:
			return b.key.compare(a.key)
		}
		return a.key.compare(b.key)
	})
	return nil
}

// unlike leaves out items whose field is the same as one's before.
func unlike(ctx context.Context, call workflow.Call, by string, kept []picked) ([]picked, error) {
	if by == "" {
		return kept, nil
	}
	seen := map[string]bool{}
	var left []picked
	for _, one := range kept {
		value, err := partOf(ctx, call, by, one)
		if err != nil {
			return nil, err
		}
		identity := samenessOf(value)
		if identity != "" && seen[identity] {
			continue
		}
		seen[identity] = true
		left = append(left, one)
	}
	return left, nil
}

func checkFilterList(config map[string]any) []workflow.Problem {
	problems := checkList(config, MaxRows)
	if value := config["limit"]; given(value) && !isReference(value) {
		if n, err := strconv.Atoi(fmt.Sprint(value)); err != nil || n < 1 || n > MaxRows {
			problems = append(problems, workflow.Problem{Path: "limit", Code: "out_of_range", Message: fmt.Sprintf("Use a whole number between 1 and %d.", MaxRows)})
		}
	}
	return problems
}

func filterListSentence(config map[string]any) string {
	list := "a list"
	switch given := config["list"].(type) {
	case string:
		list = given
	case []any:
		list = fmt.Sprintf("%d items", len(given))
	}
	if !given(config["list"]) {
		return "Filters no list yet"
	}
	conditions := workflow.ConditionsOf(config["conditions"])
	var parts []string
	switch {
	case len(conditions) > 1:
		parts = append(parts, fmt.Sprintf("where %s and %d more", conditions[0].Sentence(), len(conditions)-1))
		if config["match"] == "any" {
			parts[0] = fmt.Sprintf("where %s or %d more", conditions[0].Sentence(), len(conditions)-1)
		}
	case len(conditions) == 1:
		parts = append(parts, "where "+conditions[0].Sentence())
	}
	if by := textAt(config, "sort_by"); by != "" {
		parts = append(parts, "sorted by "+document.Shorten(by, 60))
	}
	if by := textAt(config, "unique_by"); by != "" {
		parts = append(parts, "one for each "+document.Shorten(by, 60))
	}
	if limit := config["limit"]; given(limit) {
		parts = append(parts, "at most "+document.Shorten(fmt.Sprint(limit), 60))
	}
	if len(parts) == 0 {
		return "Keeps all of " + list
	}
	if len(conditions) == 0 {
		return "Takes " + list + ", " + strings.Join(parts, ", ")
	}
	return "Keeps those of " + list + " " + strings.Join(parts, ", ")
}

// filtered says how many items were kept.
func filtered(_ map[string]any, output any) *workflow.Part {
	given, ok := output.(map[string]any)
	if !ok || given["count"] == nil {
		return nil
	}
	return &workflow.Part{Title: "What was kept", Facts: []workflow.Fact{
		{Label: "Items kept", Value: document.Text(given["count"])},
		{Label: "Items left out", Value: document.Text(given["rejected"])},
	}}
}
