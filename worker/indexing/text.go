package indexing

import (
	"slices"

	"workflows/models/runs"
	"workflows/models/words"
	"workflows/worker/workflow"
)

const (
	// textKept is how many bytes of what there is of a run are made words of, wordsKept
	// how many different words are kept.
	textKept, wordsKept = 16 << 10, 1000
	// usual is for how many values and words there is room from the beginning.
	usual = 64
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
	t := text{seen: make(map[string]bool, usual), words: make(map[string]bool, usual), values: make([][]string, 0, usual)}
	t.add(run.WorkflowName)
	t.addAll(string(run.Error))
	t.addAll(string(run.Input))
	for name, value := range members(string(run.Trigger)) {
		if slices.Contains(runs.StartedWith(), name) {
			t.addAll(value)
		}
	}
	t.addAll(string(run.Output))
	for _, step := range run.Steps {
		t.addAll(string(step.Error))
		t.addAll(string(step.Output))
	}
	return runs.Text{RunID: run.ID, TriggerType: run.TriggerType, Ended: workflow.Final(run.Status), Values: t.values}
}

func (t *text) addAll(document string) {
	if t.bytes < textKept {
		for _, value := range values(document) {
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
