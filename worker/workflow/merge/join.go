package merge

import (
	"maps"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Choice says whose is taken of a field that both changed.
type Choice string

// The choices.
const (
	Mine   Choice = "mine"
	Theirs Choice = "theirs"
)

// join is one joining under way.
type join struct {
	chosen                 map[string]Choice
	base, mine, theirs     apart
	mineWhole, theirsWhole workflow.Definition
	result                 apart
	clashes                []string
	gone, settled          map[string]bool // steps by id: left out, and those for which that is said
}

// Join returns in one definition what two people have made of the base. chosen are the
// choices that were made, by the paths of what clashes; where there is none, it has theirs. It
// is false for definitions that cannot be joined part by part.
func Join(base, mine, theirs workflow.Definition, chosen map[string]Choice) (workflow.Definition, Clashes, bool) {
	base, mine, theirs = sameNames(base, mine, theirs)
	n := &join{chosen: chosen, mineWhole: mine, theirsWhole: theirs, gone: map[string]bool{}, settled: map[string]bool{}}
	n.result = newApart()
	same := alike(base, mine, theirs)
	for _, side := range []struct {
		into *apart
		from workflow.Definition
	}{{&n.base, base}, {&n.mine, mine}, {&n.theirs, theirs}} {
		var ok bool
		if *side.into, ok = takeApart(side.from, same); !ok {
			return workflow.Definition{}, Clashes{}, false
		}
	}
	for _, name := range []string{"format", "name", "description"} {
		n.part(name)
	}
	n.fields("settings", true, true)
	n.items("inputs")
	n.items("triggers")
	n.steps(base)
	joined, err := n.result.together(same)
	return joined, Clashes{n.clashes, n}, err == nil
}

// part takes one value from whom it was changed by.
func (n *join) part(path string) {
	base, mine, theirs := n.base.parts[path], n.mine.parts[path], n.theirs.parts[path]
	taken := theirs
	switch {
	case theirs == base:
		taken = mine
	case mine == base, mine == theirs:
	case n.clash(path) == Mine:
		taken = mine
	}
	if taken != "" {
		n.result.parts[path] = taken
	}
}

// clash notes that both changed something, and says whose is taken.
func (n *join) clash(path string) Choice {
	choice, chosen := n.chosen[path]
	if chosen {
		return choice
	}
	n.clashes = append(n.clashes, path)
	return Theirs
}

// fields takes the values below a path; from one of both, where only that one has it.
func (n *join) fields(path string, inMine, inTheirs bool) {
	names := map[string]bool{}
	for _, side := range []struct {
		apart
		there bool
	}{{n.base, inMine && inTheirs}, {n.mine, inMine}, {n.theirs, inTheirs}} {
		if side.there {
			for _, name := range side.under[path] {
				names[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		at := path + "." + name
		switch {
		case inMine && inTheirs:
			n.part(at)
		case inMine:
			n.result.parts[at] = n.mine.parts[at]
		default:
			n.result.parts[at] = n.theirs.parts[at]
		}
		if n.result.parts[at] != "" {
			n.result.under[path] = append(n.result.under[path], name)
		}
	}
}

// items joins a list of inputs or triggers.
func (n *join) items(list string) {
	members := map[string]bool{}
	for _, name := range slices.Concat(n.base.lists[list], n.mine.lists[list], n.theirs.lists[list]) {
		path := list + "." + name
		inBase, inMine, inTheirs := slices.Contains(n.base.lists[list], name), slices.Contains(n.mine.lists[list], name), slices.Contains(n.theirs.lists[list], name)
		if members[name] || !inMine && !inTheirs {
			continue
		}
		if inBase && inMine != inTheirs && n.removed(path, inTheirs) {
			continue
		}
		members[name] = true
		n.fields(path, inMine, inTheirs)
	}
	n.order(list, members)
}

// removed reports whether what one of both removed is left out; it is not, where the other
// changed it and theirs, or that of whom it was chosen, is the change.
func (n *join) removed(path string, byMine bool) bool {
	other := n.mine
	if byMine {
		other = n.theirs
	}
	names := slices.Concat(n.base.under[path], other.under[path])
	if !slices.ContainsFunc(names, func(name string) bool {
		return n.base.parts[path+"."+name] != other.parts[path+"."+name]
	}) {
		return true
	}
	if slices.Contains(n.clashes, path) { // it is asked about
		return false
	}
	return (n.clash(path) == Mine) == byMine
}

// order puts what is in a list in order: as who changed it has it, with what the other added
// where it stood.
func (n *join) order(list string, members map[string]bool) {
	base, mine, theirs := n.base.lists[list], n.mine.lists[list], n.theirs.lists[list]
	first, second := theirs, mine
	inAll := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			return !slices.Contains(base, name) || !slices.Contains(mine, name) || !slices.Contains(theirs, name)
		})
	}
	before, mineNow, theirsNow := inAll(base), inAll(mine), inAll(theirs)
	switch {
	case slices.Equal(theirsNow, before):
		first, second = mine, theirs
	case slices.Equal(mineNow, before), slices.Equal(mineNow, theirsNow):
	case n.clash("order:"+list) == Mine:
		first, second = mine, theirs
	}
	var ordered []string
	for _, name := range first {
		if members[name] {
			ordered = append(ordered, name)
		}
	}
	at := 0 // behind what stands before it
	for _, name := range second {
		if i := slices.Index(ordered, name); i >= 0 {
			at = i + 1
		} else if members[name] {
			ordered = slices.Insert(ordered, at, name)
			at++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(ordered, name) {
			ordered = append(ordered, name)
		}
	}
	n.result.lists[list] = ordered
}

// sameNames has steps called the same by all: one that somebody renamed is renamed
// everywhere, and one that was added by mine under a name that theirs added too gets another.
func sameNames(base, mine, theirs workflow.Definition) (b, m, t workflow.Definition) {
	b, m, t = base.Copy(), mine.Copy(), theirs.Copy()
	for from, to := range renamed(b, m) {
		if _, _, taken := workflow.FindStep(&t, to); !taken {
			workflow.RenameStep(&b, from, to)
			workflow.RenameStep(&t, from, to)
		}
	}
	for from, to := range renamed(b, t) {
		if _, _, taken := workflow.FindStep(&m, to); !taken {
			workflow.RenameStep(&b, from, to)
			workflow.RenameStep(&m, from, to)
		}
	}
	for _, id := range stepIDs(m) {
		added, _, _ := workflow.FindStep(&m, id)
		_, _, inBase := workflow.FindStep(&b, id)
		other, _, inTheirs := workflow.FindStep(&t, id)
		if !inBase && inTheirs && string(document.JSON(added)) != string(document.JSON(other)) {
			both := m
			both.Steps = slices.Concat(m.Steps, t.Steps)
			workflow.RenameStep(&m, id, workflow.NewStepID(both, id))
		}
	}
	for i, trigger := range m.Triggers {
		_, inBase := workflow.FindTrigger(b, trigger.ID)
		other, inTheirs := workflow.FindTrigger(t, trigger.ID)
		if !inBase && inTheirs && string(document.JSON(trigger)) != string(document.JSON(other)) {
			both := m
			both.Triggers = slices.Concat(m.Triggers, t.Triggers)
			m.Triggers[i].ID = workflow.NewStepID(both, trigger.ID)
		}
	}
	return b, m, t
}

// renamed finds steps of a kind that stand under another id where one has gone.
func renamed(before, after workflow.Definition) map[string]string {
	stay := map[string]bool{}
	for _, id := range stepIDs(after) {
		stay[id] = true
	}
	if !slices.ContainsFunc(stepIDs(before), func(id string) bool { return !stay[id] }) {
		return nil // as nearly always: none has gone
	}
	found := map[string]string{}
	same := alike(before, after)
	is, ok := takeApart(after, same)
	was, also := takeApart(before, same)
	if !ok || !also {
		return nil
	}
	for list, ids := range was.lists {
		if !strings.HasPrefix(list, stepsList) {
			continue
		}
		for i, id := range ids {
			now := is.lists[list]
			if stay[id] || len(now) != len(ids) {
				continue
			}
			if _, old := was.within[now[i]]; !old && was.parts["steps."+id+".type"] == is.parts["steps."+now[i]+".type"] {
				found[id] = now[i]
			}
		}
	}
	return found
}

func stepIDs(d workflow.Definition) []string {
	var ids []string
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		ids = append(ids, step.ID)
		return true
	})
	return ids
}
