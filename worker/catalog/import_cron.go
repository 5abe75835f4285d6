package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"workflows/models"
	"workflows/worker/foreign"
	"workflows/worker/workflow"
)

const (
	// maxCommandName is how many characters of a command name its workflow.
	maxCommandName = 80
	// maxKeptLine is how many characters of a line its description keeps.
	maxKeptLine = 2000
)

// TakenOver is what became of a line of a crontab.
type TakenOver struct {
	Workflow models.Workflow
	New      bool // it was made now; else the line was taken over before
	Err      error
}

// TakeOver makes for each line of a crontab a draft with its schedule, named after
// its command, which is kept in the description: the steps are still to be made. A
// line that was taken over before is not taken over again.
func (c *Catalog) TakeOver(ctx context.Context, lines []foreign.Line, by string) ([]TakenOver, error) {
	drafts := make([]workflow.Definition, len(lines))
	names := make([]string, len(lines))
	for i, line := range lines {
		trigger := line.Trigger
		trigger.ID = "schedule"
		names[i] = nameOfCommand(line)
		drafts[i] = workflow.Definition{Format: workflow.Format, Name: names[i], Description: "Taken over. It was written as: " + cut(visible(line.Text), maxKeptLine), Triggers: []workflow.Trigger{trigger}}
	}
	there, err := models.WorkflowsNamed(ctx, c.DB, names)
	if err != nil {
		return nil, err
	}
	taken := make([]TakenOver, len(lines))
	for i, d := range drafts {
		if same, found := takenBefore(there, d); found {
			taken[i].Workflow = same
			continue
		}
		taken[i].Workflow, taken[i].Err = c.Create(ctx, d, false, by)
		if errors.Is(taken[i].Err, models.ErrUnavailable) {
			return nil, taken[i].Err
		}
		if taken[i].Err == nil {
			taken[i].New = true
			there = append(there, taken[i].Workflow)
		}
	}
	return taken, nil
}

func takenBefore(there []models.Workflow, d workflow.Definition) (models.Workflow, bool) {
	for _, w := range there {
		if w.Name != d.Name {
			continue
		}
		if other, err := workflow.Load(w.Draft); err == nil && other.Description == d.Description && hasTimes(other.Triggers, d.Triggers[0]) {
			return w, true
		}
	}
	return models.Workflow{}, false
}

func nameOfCommand(line foreign.Line) string {
	if name := cut(visible(line.Command), maxCommandName); name != "" {
		return name
	}
	return fmt.Sprintf("Line %d that was pasted", line.Number)
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// visible replaces what does not show or turns the direction of a text.
func visible(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text))
}
