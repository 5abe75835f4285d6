package workflow

import "fmt"

// Most days for which a workflow has its runs kept, and most of the newest that stay.
const (
	MaxKeepDays = 3650
	MaxKeepLast = 10_000
)

// Keep says how long the runs of a workflow are kept after they ended.
type Keep struct {
	// Days is for how many days, FailedDays for how many those that failed. Without
	// Days it is as everywhere in the installation, without FailedDays as all others.
	Days       *int `json:"days,omitzero"`
	FailedDays *int `json:"failed_days,omitzero"`
	// Last is how many of the newest stay however old they are.
	Last int `json:"last,omitempty"`
}

// KeepWords say how long runs are kept; everywhere is what holds where a workflow does not
// say it.
func KeepWords(k *Keep, everywhere string) string {
	if k == nil {
		return everywhere
	}
	words := everywhere
	if k.Days != nil {
		words = plural(*k.Days, "day")
	}
	if k.FailedDays != nil {
		words += ", failed ones " + plural(*k.FailedDays, "day")
	}
	switch k.Last {
	case 0:
		return words
	case 1:
		return words + ", at least the last one"
	}
	return fmt.Sprintf("%s, at least the last %d", words, k.Last)
}

func (c *checking) keep(k *Keep) {
	if k == nil {
		return
	}
	days := func(path string, days *int) {
		if days != nil && (*days < 1 || *days > MaxKeepDays) {
			c.add(path, "out_of_range", "Use a number of days between 1 and %d.", MaxKeepDays)
		}
	}
	days("settings.keep.days", k.Days)
	days("settings.keep.failed_days", k.FailedDays)
	if k.Last < 0 || k.Last > MaxKeepLast {
		c.add("settings.keep.last", "out_of_range", "Use a number of runs between 0 and %d.", MaxKeepLast)
	}
}
