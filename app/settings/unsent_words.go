package settings

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"workflows/models"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// entryLabels are those of the entries in which people write, on whatever page.
var entryLabels = map[string]string{
	"name": "Name", "workflow.name": "Workflow", "description": "Description", "comment": "Comment", "reason": "Reason", "note": "Note",
	"config.thanks": "What it says then", "input.label": "Label", "input.help": "Help",
}

// typedWords are what somebody had typed, under the labels that they saw: not what a form
// carries along, nor what a draft says already. What has no label that is known stands
// without one, if it is several words: all else may be the program's own.
func (s *Site) typedWords(ctx context.Context, u unsent) []ui.Pair {
	known := s.entriesOf(ctx, u.to)
	var words []ui.Pair
	for _, name := range slices.SortedFunc(maps.Keys(u.form), known.compare) {
		for _, value := range u.form[name] {
			value = workflow.InWords(value, known.titles)
			label, stored := known.labels[name], known.stored[name]
			if label == "" {
				label = entryLabels[name]
			}
			switch {
			case strings.TrimSpace(value) == "", value == u.form.Get(name+".was"), value == stored:
			case strings.HasSuffix(name, ".was"), strings.ContainsAny(value, "{}"):
			case label == "" && (known.whole || !strings.Contains(strings.TrimSpace(value), " ")):
			default:
				words = append(words, ui.Pair{Name: label, Value: value})
			}
		}
	}
	return words
}

// entries are what is known of a form by the address that it is sent to.
type entries struct {
	order          []string
	labels, stored map[string]string // by the names of entries
	titles         workflow.Titles
	whole          bool // all that a person may write has a label
}

// compare puts entries in the order of their form, and all others behind.
func (e entries) compare(a, b string) int {
	at := func(name string) int {
		if i := slices.Index(e.order, name); i >= 0 {
			return i
		}
		return len(e.order)
	}
	if at(a) != at(b) {
		return at(a) - at(b)
	}
	return strings.Compare(a, b)
}

func (e *entries) add(name, label, stored string) {
	e.order = append(e.order, name)
	e.labels[name], e.stored[name] = label, stored
}

// ofWorkflow is an address below that of a workflow.
var ofWorkflow = regexp.MustCompile(`/workflows/([^/?]+)/(?:(run)|edit/steps/([^/?]+))(?:\?.*)?$`)

// entriesOf are those of a step's form, and of the form that starts a workflow. While the
// draft cannot be read, nothing is known of them.
func (s *Site) entriesOf(ctx context.Context, to string) entries {
	e := entries{labels: map[string]string{}, stored: map[string]string{}}
	at := ofWorkflow.FindStringSubmatch(to)
	if at == nil || !models.ValidID(at[1]) {
		return e
	}
	found, err := models.GetWorkflow(ctx, s.DB, at[1])
	if err != nil {
		return e
	}
	d, err := workflow.Load(found.Draft)
	if err != nil {
		return e
	}
	if at[2] != "" {
		for _, input := range d.Inputs {
			e.add("input."+input.Name, input.Called(), "")
		}
		e.whole = true
		return e
	}
	types := s.Catalog.Checker.Types
	step, _, there := workflow.FindStep(&d, at[3])
	if !there {
		return e
	}
	e.titles, e.whole = workflow.TitlesOf(d.Steps, types).WithInputs(d.Inputs), true
	e.add("name", "Name", step.Name)
	for _, field := range types[step.Type].Fields {
		if len(field.Options) == 0 {
			stored, _ := step.Config[field.Name].(string)
			e.add("config."+field.Name, field.Label, workflow.InWords(stored, e.titles))
		}
	}
	return e
}

// deeds are what sending a form does, by the end of its address.
var deeds = []struct {
	end   *regexp.Regexp
	label string
}{
	{regexp.MustCompile(`/workflows/[^/]+/run$`), "Start it and go on"},
	{regexp.MustCompile(`/(delete|remove)$`), "Delete it and go on"},
	{regexp.MustCompile(`/publish$`), "Publish it and go on"},
	{regexp.MustCompile(`/runs/[^/]+/cancel$`), "Cancel the run and go on"},
	{regexp.MustCompile(`/runs/[^/]+/retry$`), "Run it again and go on"},
	{regexp.MustCompile(`/inbox/[^/]+$`), "Send the answer and go on"},
	{regexp.MustCompile(`/(pause|resume|acknowledge|revoke|restore|duplicate|replay|fetch|address|end|try|decisions|test|restored|withdraw)$`), "Go on with it"},
}

// ofPart is the form of a part of a draft, whose id may read like a deed.
var ofPart = regexp.MustCompile(`/edit/(steps|triggers|forms|webhooks)/[^/]+$`)

// deed is what the button says that sends a form.
func (u unsent) deed() string {
	path, _, _ := strings.Cut(u.to, "?")
	for _, deed := range deeds {
		if deed.end.MatchString(path) && !ofPart.MatchString(path) {
			return deed.label
		}
	}
	switch do, _, _ := strings.Cut(u.form.Get("do"), ":"); do {
	case "publish":
		return "Save it and publish"
	case "act":
		return "Save it and do it now, really"
	}
	return "Save it and go on"
}
