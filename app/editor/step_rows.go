package editor

import (
	"strconv"

	"workflows/app/frame"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// stepRows writes the steps of a definition as the lines of a list, numbered and
// indented, the branches named.
func stepRows(d workflow.Definition, types workflow.Types) []ui.StepRow {
	rows := rowsOfSteps(d.Steps, "", 1, 0, types, workflow.StepsOff(d.Steps))
	titles := workflow.TitlesOf(d.Steps, types).WithInputs(d.Inputs)
	for i := range rows {
		rows[i].Sentence = workflow.InWords(rows[i].Sentence, titles)
	}
	return rows
}

// rowsOfSteps numbers from first on: the steps of both branches count on.
func rowsOfSteps(steps []workflow.Step, prefix string, first, depth int, types workflow.Types, off map[string]bool) []ui.StepRow {
	var rows []ui.StepRow
	for i, step := range steps {
		row := stepRow(step, prefix+strconv.Itoa(first+i), depth, types)
		row.Off = off[step.ID]
		rows = append(rows, row)
		number := 1
		for _, block := range edit.Blocks() {
			list := *step.Block(block)
			inner := rowsOfSteps(list, row.Number+".", number, depth+1, types, off)
			number += len(list)
			if len(inner) > 0 {
				inner[0].Branch = frame.BranchWords(block)
			}
			rows = append(rows, inner...)
		}
	}
	return rows
}

func stepRow(step workflow.Step, number string, depth int, types workflow.Types) ui.StepRow {
	return ui.StepRow{
		ID: step.ID, Number: number, Depth: depth, Icon: types[step.Type].Icon,
		Title: workflow.StepTitle(step, types), Sentence: workflow.StepSentence(step, types),
	}
}
