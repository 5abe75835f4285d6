package merge

import (
	"maps"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// steps joins the steps: which there are, where each stands, and what it says.
func (n *join) steps(base workflow.Definition) {
	workflow.Walk(base.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		n.staysOrGoes(*step)
		return true
	})
	members := map[string]map[string]bool{}
	for _, id := range n.present() {
		n.fields("steps."+id, has(n.mine, id), has(n.theirs, id))
		n.result.within[id] = n.place(id)
	}
	n.breakCircles()
	for id, list := range n.result.within {
		if members[list] == nil {
			members[list] = map[string]bool{}
		}
		members[list][id] = true
	}
	for _, list := range slices.Sorted(maps.Keys(members)) {
		n.order(list, members[list])
	}
}

// has reports whether one of the three has a step.
func has(side apart, id string) bool {
	_, there := side.within[id]
	return there
}

// staysOrGoes says what becomes of a step of the base that one of both has removed: it goes
// with what is inside, unless the other changed something of that.
func (n *join) staysOrGoes(step workflow.Step) {
	inMine, inTheirs := has(n.mine, step.ID), has(n.theirs, step.ID)
	if n.settled[step.ID] || inMine && inTheirs {
		return
	}
	other, remover := &n.mineWhole, n.theirs
	if inTheirs {
		other, remover = &n.theirsWhole, n.mine
	}
	changed, _, found := workflow.FindStep(other, step.ID)
	if !found || string(document.JSON(changed)) == string(document.JSON(step)) {
		n.gone[step.ID] = true
		return
	}
	stays := (n.clash("steps."+step.ID) == Mine) == inMine
	workflow.Walk([]workflow.Step{*changed}, func(_ string, inside *workflow.Step, _ []*workflow.Step) bool {
		if !has(remover, inside.ID) {
			n.settled[inside.ID] = true
			n.gone[inside.ID] = !stays
		}
		return true
	})
}

// present are the steps that there are in the end, in an order that says nothing.
func (n *join) present() []string {
	all := map[string]bool{}
	for _, side := range []apart{n.mine, n.theirs} {
		for id := range side.within {
			if !n.gone[id] {
				all[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// place is the list in which a step stands.
func (n *join) place(id string) string {
	base, mine, theirs := n.base.within[id], n.mine.within[id], n.theirs.within[id]
	taken := theirs
	switch {
	case mine == "" || mine == theirs:
	case theirs == "" || theirs == base:
		taken = mine
	case mine == base:
	case n.clash("place:"+id) == Mine:
		taken = mine
	}
	for _, list := range []string{taken, theirs, mine, base} {
		if list != "" && n.holds(list) {
			return list
		}
	}
	return stepsList
}

// holds reports whether the step that has a list is there.
func (n *join) holds(list string) bool {
	owner := ownerOf(list)
	return owner == "" || !n.gone[owner] && (has(n.mine, owner) || has(n.theirs, owner))
}

// ownerOf is the step whose list it is: "decide" of steps.decide.then; "" of the outermost.
func ownerOf(list string) string {
	rest, _ := strings.CutPrefix(list, "steps.")
	owner, _, nested := strings.Cut(rest, ".")
	if !nested {
		return ""
	}
	return owner
}

// breakCircles puts steps back where theirs are that both have put into one another.
func (n *join) breakCircles() {
	for _, id := range slices.Sorted(maps.Keys(n.result.within)) {
		seen := map[string]bool{}
		at := id
		for at != "" && !seen[at] {
			seen[at] = true
			at = ownerOf(n.result.within[at])
		}
		if at == "" {
			continue
		}
		for inside := range seen {
			n.result.within[inside] = stepsList
			if list := n.theirs.within[inside]; list != "" && n.holds(list) {
				n.result.within[inside] = list
			}
		}
	}
}
