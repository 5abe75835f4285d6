package merge

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"workflows/worker/changes"
	"workflows/worker/workflow"
)

// Clashes are what both changed, each in another way.
type Clashes struct {
	Paths []string // each the same for as long as it is the same field
	of    *join
}

// Clash is one of them in words.
type Clash struct {
	Path         string
	Title        string // Step “Ask the shop”: Address
	Mine, Theirs string // what each made of it
}

// InWords says what each made of it, as worker/changes says what changes.
func (c Clashes) InWords(naming changes.Naming) []Clash {
	if len(c.Paths) == 0 {
		return nil
	}
	t := &telling{join: c.of, types: naming.NamedTypes(), asMine: naming.Words(c.of.mineWhole), asTheirs: naming.Words(c.of.theirsWhole)}
	told := make([]Clash, len(c.Paths))
	for i, path := range c.Paths {
		told[i] = t.told(path)
		told[i].Path = path
	}
	return told
}

type telling struct {
	*join
	types            workflow.Types
	asMine, asTheirs changes.Words
}

func (t *telling) told(path string) Clash {
	root, rest, _ := strings.Cut(path, ".")
	name, part, _ := strings.Cut(rest, ".")
	switch {
	case strings.HasPrefix(path, "order:"):
		list := strings.TrimPrefix(path, "order:")
		return Clash{Title: t.orderTitle(list), Mine: t.inOrder(t.mineWhole, t.mine.lists[list], list), Theirs: t.inOrder(t.theirsWhole, t.theirs.lists[list], list)}
	case strings.HasPrefix(path, "place:"):
		id := strings.TrimPrefix(path, "place:")
		return Clash{Title: "Where “" + t.title(id) + "” stands", Mine: t.where(t.mine.within[id]), Theirs: t.where(t.theirs.within[id])}
	case root == "steps":
		return t.step(name, part)
	case root == "triggers":
		return t.trigger(name, part)
	case root == "inputs":
		return t.input(name, part)
	case root == "settings":
		return twoWays("", t.asMine.Settings(t.mineWhole.Settings, rest), t.asTheirs.Settings(t.theirsWhole.Settings, rest))
	}
	return twoWays("", t.asMine.Workflow(t.mineWhole, path), t.asTheirs.Workflow(t.theirsWhole, path))
}

// twoWays is a part of something as each has it.
func twoWays(of string, mine, theirs changes.Part) Clash {
	return Clash{Title: of + cmp.Or(mine.Label, theirs.Label), Mine: cmp.Or(mine.Words, "Nothing"), Theirs: cmp.Or(theirs.Words, "Nothing")}
}

const (
	isRemoved = "It is removed"
	isKept    = "It is kept, as it was changed"
)

func (t *telling) step(id, part string) Clash {
	mine, _, isMine := workflow.FindStep(&t.mineWhole, id)
	theirs, _, isTheirs := workflow.FindStep(&t.theirsWhole, id)
	if part != "" && isMine && isTheirs {
		return twoWays("Step “"+t.title(id)+"”: ", t.asMine.Step(*mine, part), t.asTheirs.Step(*theirs, part))
	}
	told := Clash{Title: "Step “" + t.title(id) + "”", Mine: isRemoved, Theirs: isRemoved}
	if isMine {
		told.Mine = wholeStep(t.asMine, *mine)
	}
	if isTheirs {
		told.Theirs = wholeStep(t.asTheirs, *theirs)
	}
	return told
}

func wholeStep(words changes.Words, step workflow.Step) string {
	if workflow.CountSteps([]workflow.Step{step}) > 1 {
		return words.Sentence(step) + "\nWith the steps inside it"
	}
	return words.Sentence(step)
}

func (t *telling) trigger(id, part string) Clash {
	mine, isMine := workflow.FindTrigger(t.mineWhole, id)
	theirs, isTheirs := workflow.FindTrigger(t.theirsWhole, id)
	if isMine && isTheirs {
		of := ""
		if part != whenPart {
			of = "What starts it: "
		}
		return twoWays(of, t.asMine.Trigger(mine, part), t.asTheirs.Trigger(theirs, part))
	}
	told := Clash{Title: "When it starts", Mine: isRemoved, Theirs: isRemoved}
	if isMine {
		told.Mine = changes.StartWords(mine)
	}
	if isTheirs {
		told.Theirs = changes.StartWords(theirs)
	}
	return told
}

func (t *telling) input(name, part string) Clash {
	mine, isMine := workflow.FindInput(t.mineWhole, name)
	theirs, isTheirs := workflow.FindInput(t.theirsWhole, name)
	of := "“" + changes.Called(mine) + "”, which a run asks for"
	switch {
	case isMine && isTheirs:
		return twoWays(of+": ", t.asMine.Input(mine, part), t.asTheirs.Input(theirs, part))
	case isMine:
		return Clash{Title: of, Mine: isKept, Theirs: isRemoved}
	}
	return Clash{Title: "“" + changes.Called(theirs) + "”, which a run asks for", Mine: isRemoved, Theirs: isKept}
}

// title is what a step is called, by mine where it has it.
func (t *telling) title(id string) string {
	for _, d := range []*workflow.Definition{&t.mineWhole, &t.theirsWhole} {
		if step, _, found := workflow.FindStep(d, id); found {
			return workflow.StepTitle(*step, t.types)
		}
	}
	return id
}

func (t *telling) orderTitle(list string) string {
	switch owner := ownerOf(list); {
	case list == "inputs":
		return "The order in which a run asks"
	case list == "triggers":
		return "The order of what starts it"
	case owner != "":
		return "The order of the steps inside “" + t.title(owner) + "”"
	}
	return "The order of the steps"
}

// inOrder names what stands in a list.
func (t *telling) inOrder(d workflow.Definition, names []string, list string) string {
	called := slices.Clone(names)
	for i, name := range names {
		switch list {
		case "inputs":
			input, _ := workflow.FindInput(d, name)
			called[i] = changes.Called(input)
		case "triggers":
			trigger, _ := workflow.FindTrigger(d, name)
			called[i] = changes.StartWords(trigger)
		default:
			called[i] = t.title(name)
		}
	}
	return strings.Join(called, "\n")
}

func (t *telling) where(list string) string {
	owner := ownerOf(list)
	if owner == "" {
		return "Among the steps that always run"
	}
	return capital(changes.BlockWords(list[strings.LastIndexByte(list, '.')+1:])) + " of “" + t.title(owner) + "”"
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
