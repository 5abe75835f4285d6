package frame

import (
	"slices"
	"strconv"
	"time"

	"workflows/models"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// StripRuns is how many runs a strip shows.
const StripRuns = 60

// RunBars are runs, the newest first, as the bars of a strip, the oldest first. The one
// that took longest has the highest.
func RunBars(runs []models.Run) []ui.RunBar {
	longest := time.Duration(1)
	for _, run := range runs {
		longest = max(longest, RunTook(run))
	}
	bars := make([]ui.RunBar, len(runs))
	for i, run := range runs {
		took := RunTook(run)
		bars[len(runs)-1-i] = ui.RunBar{
			At: run.QueuedAt, Status: RunBadge(run), Took: took, URL: RunURL(run.ID),
			Height: max(2, int(float64(took)/float64(longest)*ui.BarHeight)),
		}
	}
	return bars
}

// RunFacts say of runs how many of those that ended succeeded, and how long one takes.
func RunFacts(runs []models.Run) []ui.Pair {
	succeeded, failed, longest := 0, 0, time.Duration(0)
	var took []time.Duration
	for _, run := range runs {
		longest = max(longest, RunTook(run))
		switch run.Status {
		case workflow.RunSucceeded:
			succeeded++
			took = append(took, RunTook(run))
		case workflow.RunFailed:
			failed++
		}
	}
	var facts []ui.Pair
	if ended := succeeded + failed; ended > 0 {
		facts = append(facts, ui.Pair{Name: "Succeeded", Value: strconv.Itoa(succeeded) + " of " + strconv.Itoa(ended) + " (" + strconv.Itoa(succeeded*100/ended) + " %)"})
	}
	if len(took) > 0 {
		slices.Sort(took)
		facts = append(facts, ui.Pair{Name: "Usually takes", Value: ui.DurationText(took[len(took)/2])}, ui.Pair{Name: "Longest", Value: ui.DurationText(longest)})
	}
	return facts
}
