package frame

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// OfferedWorkflows bounds the workflows that a list offers by name.
const OfferedWorkflows = 200

// FindWorkflow is the entry that narrows such a list; it is there where the list does
// not offer all.
const FindWorkflow = "find_workflow"

// WorkflowFields are a list that offers workflows by name, the chosen one always among
// them, and where there are more than it offers an entry to find the others: find is
// what was typed there. any is what choosing none means.
func WorkflowFields(ctx context.Context, db *gorm.DB, list ui.FieldProps, any, find string) ([]ui.FieldProps, error) {
	found, more, err := models.WorkflowNames(ctx, db, find, OfferedWorkflows)
	if err != nil {
		return nil, err
	}
	list.Kind, list.Options = "choice", []ui.Option{{Value: "", Label: any}}
	for _, w := range found {
		list.Options = append(list.Options, ui.Option{Value: w.ID, Label: w.Name})
	}
	if list.Value != "" && !slices.ContainsFunc(list.Options, func(o ui.Option) bool { return o.Value == list.Value }) {
		label := "A workflow that was deleted"
		if w, err := models.WorkflowToRun(ctx, db, list.Value); err == nil {
			label = w.Name
		}
		list.Options = append(list.Options, ui.Option{Value: list.Value, Label: label})
	}
	fields := []ui.FieldProps{list}
	if more || find != "" {
		fields = append(fields, FindField(find, len(found), more))
	}
	return fields, nil
}

// FindField is the entry that narrows a list of workflows which offers so many of them.
func FindField(find string, offered int, more bool) ui.FieldProps {
	field := ui.FieldProps{Name: FindWorkflow, Kind: "search", Label: "Find a workflow for the list", Value: find, Autocomplete: "off"}
	switch {
	case more && find == "":
		field.Help = fmt.Sprintf("The list has the first %d by name. Type words of another's name.", offered)
	case more:
		field.Help = fmt.Sprintf("The list has the first %d of those with these words. Type more of the name.", offered)
	case offered == 0:
		field.Help = "No workflow has these words in its name."
	default:
		field.Help = "The list has those with these words in their names."
	}
	return field
}

// Chosen keeps a default unwritten that was unwritten before.
func Chosen(sent, was, standard string) string {
	if was == "" && sent == standard {
		return ""
	}
	return sent
}

// ReadLength reads a length of time that was typed in words; one that was not changed stays
// as it was written.
func ReadLength(form url.Values, name, was string) string {
	typed := strings.TrimSpace(form.Get(name))
	if typed == workflow.LengthWords(was) {
		return was
	}
	return workflow.ReadLength(typed)
}
