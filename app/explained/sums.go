package explained

import (
	"slices"
	"time"

	"workflows/app/frame"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine/plan"
)

// order is in which a moment counts where several things go on at once, as in loops: what works
// goes before what waits.
var order = []struct{ kind, words string }{
	{plan.Working, "At work"},
	{plan.Lost, "At work until a worker was lost"},
	{plan.Unclear, "At work, then waiting for a decision"},
	{plan.Asking, "Waiting for a person"},
	{plan.Calling, "Waiting for another workflow"},
	{plan.Lasting, "Waiting for a time"},
	{plan.Pausing, "Waiting to be tried again"},
	{plan.Queueing, "Waiting for a worker"},
}

// sums say how much of the run's time went where; each moment counts once.
func (t *times) sums() []views.RunFact {
	var cuts []time.Time
	for _, p := range t.pieces {
		cuts = append(cuts, p.From, p.To)
	}
	cuts = append(cuts, t.run.QueuedAt, t.now)
	slices.SortFunc(cuts, time.Time.Compare)
	total := map[string]time.Duration{}
	for i := 1; i < len(cuts); i++ {
		total[t.going(cuts[i-1], cuts[i])] += cuts[i].Sub(cuts[i-1])
	}
	var facts []views.RunFact
	for _, o := range order {
		if d := total[o.kind]; d >= time.Millisecond {
			facts = append(facts, views.RunFact{Term: o.words, Text: ui.DurationText(d)})
		}
	}
	if d := total[""]; d >= time.Millisecond {
		facts = append(facts, views.RunFact{Term: "Between steps", Text: ui.DurationText(d)})
	}
	whole := views.RunFact{Term: frame.Either(t.run.FinishedAt == nil, "So far", "In all"), Text: ui.DurationText(t.now.Sub(t.run.QueuedAt))}
	return append([]views.RunFact{whole}, facts...)
}

// going is what counts between two moments between which nothing begins or ends; "" is nothing
// that is kept.
func (t *times) going(from, to time.Time) string {
	first := len(order)
	for _, p := range t.pieces {
		if p.From.After(from) || p.To.Before(to) {
			continue
		}
		for i := range order[:first] {
			if order[i].kind == p.Kind {
				first = i
				break
			}
		}
	}
	if first == len(order) {
		return ""
	}
	return order[first].kind
}
