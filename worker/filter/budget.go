package filter

import (
	"math/bits"
	"time"

	"workflows/worker/moment"
)

// The words of one chain may together take about so long, in nanoseconds on a slow
// machine, and allocate so many bytes. What each costs is estimated before it begins,
// rather too high; BenchmarkCostliestChain shows how the estimates hold: on a machine that
// is busy with much else the worst takes some 50 ms of a processor and 35 MB.
const (
	maxTime   = 40_000_000
	maxMemory = 40 << 20
	// maxLevels is how deep a value may be nested that has to be gone through whole.
	maxLevels = 200
)

// budget is what is left of that to one chain.
type budget struct {
	time, memory int
	whole        *Allowance
}

// Allowance is what the words of many references may take together, beside the limit of
// each: a config may hold thousands, and a step may fill it in for each of its items. It
// is not for several goroutines at once.
type Allowance struct {
	left  time.Duration
	zones map[string]*time.Location
}

// NewAllowance allows words to take about so long together.
func NewAllowance(limit time.Duration) *Allowance {
	return &Allowance{left: limit}
}

func (a *Allowance) newBudget() *budget { return &budget{maxTime, maxMemory, a} }

func newBudget() *budget { return NewAllowance(maxTime).newBudget() }

// loadZone loads each time zone once: it takes as long as changing a long text.
func (c *call) loadZone(name string) (*time.Location, error) {
	if zone, known := c.budget.whole.zones[name]; known {
		return zone, nil
	}
	if err := c.spend(timeToLoad, 8<<10); err != nil {
		return nil, err
	}
	zone, err := moment.LoadZone(name)
	if err != nil {
		return nil, err
	}
	if c.budget.whole.zones == nil {
		c.budget.whole.zones = map[string]*time.Location{}
	}
	c.budget.whole.zones[name] = zone
	return zone, nil
}

// spend takes time and memory, and is a sentence where too little is left. Neither is
// negative.
func (c *call) spend(nanoseconds, memory int) error {
	if nanoseconds > c.budget.time || memory > c.budget.memory {
		return c.fails("has too much to do here. Change less data, or do it in several steps.")
	}
	cost := time.Duration(nanoseconds)
	if cost > c.budget.whole.left {
		return c.fails("cannot work any more: the words of this step have changed too much data together. Change less, or do it in several steps.")
	}
	c.budget.whole.left -= cost
	c.budget.time -= nanoseconds
	c.budget.memory -= memory
	return nil
}

// weight is what a value consists of; texts are those of its values that may be dates,
// sorting is what it takes to put the names of its objects in order.
type weight struct{ values, texts, objects, sorting, bytes int }

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
	return w, c.spend(w.values*timeToWeigh+w.objects*60, 0)
}

const timeToWeigh = 10

func (w *weight) add(value any, limit, level int) bool {
	w.values++
	w.bytes += 8
	switch v := value.(type) {
	case string:
		w.bytes += len(v) + escapes(v)
		if moment.MayBe(v) {
			w.texts++
		}
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

// escapes is how much longer a text becomes in JSON.
func escapes(text string) int {
	more := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t':
			more++
		case c < ' ':
			more += 5
		}
	}
	return more
}

// spendJSON pays for writing a value as JSON.
func (c *call) spendJSON(value any) error {
	w, err := c.weigh(value)
	if err != nil {
		return err
	}
	// The encoder's own text grows step by step, and is copied twice.
	return c.spend(w.values*80+w.objects*250+w.sorting*20+w.bytes*4, w.values*16+w.objects*100+w.bytes*7)
}
