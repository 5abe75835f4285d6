package steps

import (
	"context"
	"fmt"
	"strconv"

	"workflows/worker/workflow"
)

// MaxItems is how many items a list may have that steps are done for.
const MaxItems = 10_000

type forEachConfig struct {
	List        any    `json:"list" label:"For each item of" wants:"list" required:"true" ref:"true" example:"{{ steps.fetch.body.orders }}" help:"A list that an earlier step gives. The steps inside can then choose the item, its parts and its number." missing:"Choose the list to go through."`
	MaxParallel int    `json:"max_parallel" label:"At the same time" fold:"How the items are done" default:"1" help:"How many items are worked on at once: 1 to 50. With 1 they are done in order."`
	OnItemError string `json:"on_item_error" label:"If an item fails" fold:"How the items are done" options:"fail=The step fails and the rest is left out,continue=Go on with the other items" default:"fail"`
}

// forEach does the steps inside it once for each item of a list.
func forEach() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "for_each",
		Title:     "For each",
		Summary:   "Does the steps inside it once for each item of a list.",
		Said:      "every all loop repeat through",
		Icon:      "repeat",
		Chip:      "For each",
		Deed:      &workflow.Deed{Word: "foreach", Label: "For each…", Of: "list"},
		Begin:     beginLoop,
		Immediate: true,
		Blocks:    []string{"do"},
		Through:   "list",
		Outputs: []workflow.Output{
			{Name: "items", Type: "list", Help: "What the last step gave for each item, in the list's order; null where it failed.", Example: []any{map[string]any{"status": 200}}},
			{Name: "count", Type: "number", Help: "How many items the list had.", Example: 1},
			{Name: "errors", Type: "list", Help: "The items that failed, each with index, code and message; empty when none did.", Example: []any{}},
		},
		Check:    checkForEach,
		Tidy:     tidyList,
		Sentence: forEachSentence,
	}, goThrough)
}

func goThrough(_ context.Context, _ workflow.Call, config forEachConfig) (workflow.Outcome, error) {
	list, err := listOf(config.List, MaxItems)
	if err != nil {
		return workflow.Outcome{}, err
	}
	return workflow.Outcome{Items: &workflow.Items{List: list, MaxParallel: config.MaxParallel, OnItemError: config.OnItemError}}, nil
}

func checkForEach(config map[string]any) []workflow.Problem {
	problems := checkList(config, MaxItems)
	add := func(path, code, message string) {
		problems = append(problems, workflow.Problem{Path: path, Code: code, Message: message})
	}
	if value := config["max_parallel"]; given(value) {
		if n, err := strconv.Atoi(fmt.Sprint(value)); err != nil || n < 1 || n > 50 {
			add("max_parallel", "out_of_range", "Use a whole number between 1 and 50.")
		}
	}
	return problems
}

func forEachSentence(config map[string]any) string {
	sentence := ""
	switch list := config["list"].(type) {
	case string:
		sentence = "For each item of " + list
	case []any:
		sentence = fmt.Sprintf("For each of %d items", len(list))
	}
	if !given(config["list"]) || sentence == "" {
		return "Goes through no list yet"
	}
	if text := fmt.Sprint(config["max_parallel"]); given(config["max_parallel"]) && text != "1" {
		sentence += ", " + text + " at the same time"
	}
	return sentence
}
