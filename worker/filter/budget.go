package filter

import "math/bits"

// The words of one chain may together take about so long, in nanoseconds on a slow
// machine, and allocate so many bytes. What each costs is estimated before it begins,
// rather too high; TestNoChainIsCostlyOnAMegabyte holds the estimates.
const (
	maxTime   = 40_000_000
	maxMemory = 40 << 20
	// maxLevels is how deep a value may be nested that has to be gone through whole.
	maxLevels = 200
)

// budget is what is left of that.
type budget struct{ time, memory int }

func newBudget() *budget { return &budget{maxTime, maxMemory} }

// spend takes time and memory, and is a sentence where too little is left. Neither is
// negative.
func (c *call) spend(time, memory int) error {
	if time > c.budget.time || memory > c.budget.memory {
		return c.fails("has too much to do here. Change less data, or do it in several steps.")
	}
	c.budget.time -= time
	c.budget.memory -= memory
	return nil
}

// weight is what a value consists of; sorting is what it takes to put the names of its
// objects in order.
type weight struct{ values, objects, sorting, bytes int }

// weigh goes through a value, and pays for it.
func (c *call) weigh(value any) (weight, error) {
	var w weight
	limit := c.budget.time / timeToWeigh
	if !w.add(value, limit, 0) {
		if w.values > limit {
			return w, c.spend(maxTime+1, 0)
		}
		return w, c.fails("needs data that is nested less deep: at most %d levels.", maxLevels)
	}
	return w, c.spend(w.values*timeToWeigh, 0)
}

const timeToWeigh = 10

func (w *weight) add(value any, limit, level int) bool {
	w.values++
	w.bytes += 8
	switch v := value.(type) {
	case string:
		w.bytes += len(v)
	case []any:
		if level >= maxLevels {
			return false
		}
		for _, item := range v {
			if w.values > limit || !w.add(item, limit, level+1) {
				return false
			}
		}
	case map[string]any:
		if level >= maxLevels {
			return false
		}
		w.objects++
		w.sorting += len(v) * bits.Len(uint(len(v)))
		for name, item := range v {
			w.bytes += len(name) + 8
			if w.values > limit || !w.add(item, limit, level+1) {
				return false
			}
		}
	}
	return true
}

// spendJSON pays for writing a value as JSON.
func (c *call) spendJSON(value any) error {
	w, err := c.weigh(value)
	if err != nil {
		return err
	}
	return c.spend(w.values*80+w.objects*250+w.sorting*20+w.bytes*4, w.values*16+w.objects*200+w.bytes*10)
}
