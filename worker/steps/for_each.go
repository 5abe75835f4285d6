package steps

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// MaxItems is how many items a list may have that steps are done for.
const MaxItems = 10_000

type forEachConfig struct {
	List        any    `json:"list" label:"For each item of" required:"true" ref:"true" example:"{{ steps.fetch.body.orders }}" help:"A list that an earlier step gives, or one like [\"Ada\", \"Bob\"]. The steps inside insert the item as {{ item }} and its number, from 0, as {{ index }}." missing:"Choose the list to go through."`
	MaxParallel int    `json:"max_parallel" label:"At the same time" default:"1" help:"How many items are worked on at once: 1 to 50. With 1 they are done in order."`
	OnItemError string `json:"on_item_error" label:"If an item fails" options:"fail=The step fails and the rest is left out,continue=Go on with the other items" default:"fail"`
}

// forEach does the steps inside it once for each item of a list.
func forEach() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "for_each",
		Title:     "For each",
		Summary:   "Does the steps inside it once for each item of a list.",
		Icon:      "repeat",
		Immediate: true,
		Blocks:    []string{"do"},
		Outputs: []workflow.Output{
			{Name: "items", Type: "list", Help: "What the last step gave for each item, in the list's order; null where it failed.", Example: []any{map[string]any{"status": 200}}},
			{Name: "count", Type: "number", Help: "How many items the list had.", Example: 1},
			{Name: "errors", Type: "list", Help: "The items that failed, each with index, code and message; empty when none did.", Example: []any{}},
		},
		Check:    checkForEach,
		Tidy:     tidyForEach,
		Sentence: forEachSentence,
	}, goThrough)
}

func goThrough(_ context.Context, _ workflow.Call, config forEachConfig) (workflow.Outcome, error) {
	list, ok := listIn(config.List)
	switch {
	case !ok:
		return workflow.Outcome{}, permanent("not_a_list", "There is no list to go through: what was inserted is "+kindWords(config.List)+". Choose a list that an earlier step gives.")
	case len(list) > MaxItems:
		return workflow.Outcome{}, permanent("too_many_items", fmt.Sprintf("The list has %d items; 10000 is the most. Go through a part of it at a time.", len(list)))
	}
	return workflow.Outcome{Items: &workflow.Items{List: list, MaxParallel: config.MaxParallel, OnItemError: config.OnItemError}}, nil
}

// listIn reads a list, or a text that is one in JSON.
func listIn(value any) ([]any, bool) {
	text, isText := value.(string)
	if !isText {
		list, ok := value.([]any)
		return list, ok
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return nil, false
	}
	var list []any
	err := document.Decode([]byte(text), &list)
	return list, err == nil
}

func kindWords(value any) string {
	switch value.(type) {
	case nil:
		return "empty"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

func checkForEach(config map[string]any) []workflow.Problem {
	var problems []workflow.Problem
	add := func(path, code, message string) {
		problems = append(problems, workflow.Problem{Path: path, Code: code, Message: message})
	}
	if value := config["list"]; given(value) && !strings.Contains(textAt(config, "list"), "{{") {
		list, ok := listIn(value)
		if !ok {
			add("list", "not_a_list", "Insert a list that an earlier step gives, or write one like [\"Ada\", \"Bob\"].")
		} else if len(list) > MaxItems {
			add("list", "too_many", "The list has more than 10000 items.")
		}
	}
	if value := config["max_parallel"]; given(value) {
		if n, err := strconv.Atoi(fmt.Sprint(value)); err != nil || n < 1 || n > 50 {
			add("max_parallel", "out_of_range", "Use a whole number between 1 and 50.")
		}
	}
	return problems
}

// tidyForEach turns a list that was typed into the value that it stands for.
func tidyForEach(config map[string]any) {
	if text, isText := config["list"].(string); isText {
		if list, ok := listIn(text); ok {
			config["list"] = list
		}
	}
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
