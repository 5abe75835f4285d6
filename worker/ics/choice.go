package ics

import (
	"cmp"
	"slices"
	"time"
)

// Group is what a file says of one kind, and of one region or category, that can be
// taken or left.
type Group struct {
	Key    string // names it in a form
	Kind   Kind
	Of     string // the region, or the category of free days where the file has several
	Events []Event
}

// Groups are the kinds, regions and categories of a file's events: what is free first,
// then the regions by name, days that are kept but not free, and days of work.
func (f File) Groups() []Group {
	categories := map[string]bool{}
	for _, event := range f.Events {
		if event.Kind == Free {
			categories[event.Category] = true
		}
	}
	var groups []Group
	for _, event := range f.Events {
		g := Group{Key: string(event.Kind), Kind: event.Kind}
		switch {
		case event.Kind == Regional:
			g.Of = event.Region
			g.Key += ":" + g.Of
		case event.Kind == Free && len(categories) > 1:
			g.Of = event.Category
			g.Key += ":" + g.Of
		}
		i := slices.IndexFunc(groups, func(other Group) bool { return other.Key == g.Key })
		if i < 0 {
			i, groups = len(groups), append(groups, g)
		}
		groups[i].Events = append(groups[i].Events, event)
	}
	order := []Kind{Free, Regional, Observance, Working}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), cmp.Compare(a.Of, b.Of))
	})
	return groups
}

// Usual reports whether a group is taken unless somebody says otherwise: what is free
// for everybody, and days of work. What is free elsewhere, or only kept, is not.
func (g Group) Usual() bool { return g.Kind == Free || g.Kind == Working }

// Day is a day of a calendar, and what it is called.
type Day struct {
	Date time.Time
	Name string
}

// Days are the free days and the days of work of the groups that are taken, in order. A
// day that is both is free.
func (f File) Days(taken func(Group) bool) (free, working []Day) {
	seen := map[time.Time]bool{}
	gather := func(work bool) (days []Day) {
		for _, g := range f.Groups() {
			if (g.Kind == Working) != work || !taken(g) {
				continue
			}
			for _, event := range g.Events {
				for _, at := range event.Days {
					if !seen[at] {
						days, seen[at] = append(days, Day{at, event.Name}), true
					}
				}
			}
		}
		slices.SortFunc(days, func(a, b Day) int { return a.Date.Compare(b.Date) })
		return days
	}
	free = gather(false)
	return free, gather(true)
}
