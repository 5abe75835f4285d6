package indexing

import (
	"workflows/models"
	"workflows/models/runs"
	"workflows/models/words"
	"workflows/worker/workflow"
)

const (
	// textKept is how many bytes of what there is of a run are made words of, wordsKept
	// how many different words are kept.
	textKept, wordsKept = 16 << 10, 1000
)

// text gathers what a run is found by, as far as there is room.
type text struct {
	values [][]string
	bytes  int
	seen   map[string]bool // values that stand there already: what one step gives another is given
	words  map[string]bool
}

// textOf makes words of what there is of a run: what tells it from others first.
func textOf(run runs.Content) runs.Text {
	t := text{seen: map[string]bool{}, words: map[string]bool{}}
	t.add(run.WorkflowName)
	t.add(run.StartedBy)
	for _, document := range []models.JSON{run.Error, run.Input, run.Body, run.Query, run.Output} {
		t.addAll(document)
	}
	for _, step := range run.Steps {
		t.addAll(step.Error)
		t.addAll(step.Output)
	}
	return runs.Text{RunID: run.ID, TriggerType: run.TriggerType, Ended: workflow.Final(run.Status), Values: t.values}
}

func (t *text) addAll(document models.JSON) {
	if t.bytes < textKept {
		for _, value := range values(string(document)) {
			t.add(value)
		}
	}
}

func (t *text) add(value string) {
	if len(value) > textKept-t.bytes {
		value = value[:max(textKept-t.bytes, 0)] // the words of half a letter are none
	}
	if value == "" || t.seen[value] {
		return
	}
	t.seen[value] = true
	t.bytes += len(value)
	found := words.Of(value)
	for n, word := range found {
		if !t.words[word] && len(t.words) == wordsKept {
			found = found[:n]
			break
		}
		t.words[word] = true
	}
	if len(found) > 0 {
		t.values = append(t.values, found)
	}
}
