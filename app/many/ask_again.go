package many

import (
	"context"
	"errors"
	"slices"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// usualRate is how many runs a second are run again unless somebody types another number.
const usualRate = 10

const (
	beginLabel   = "Where to begin"
	versionLabel = "Which version"
	rateLabel    = "Runs a second"
)

// again fills in from where, with which version and how quickly runs are run again, and
// names what acts on the outside once more.
func (s *Site) again(ctx context.Context, o order, number int64, portions []runs.Portion, chosen bool, page *views.ManyAskPage) error {
	changed, err := s.actors(ctx, portions, page)
	if err != nil {
		return err
	}
	if !chosen {
		o.begin, o.version, o.rate = engine.FromStart, engine.VersionSame, ui.Count(usualRate)
		if o.failedOnly() {
			o.begin = engine.FromFailedStep
		}
		if o.version, err = s.mended(ctx, o); err != nil {
			return err
		}
	}
	begin := ui.FieldProps{
		Name: "begin", Kind: "radio", Label: beginLabel, Value: o.begin, Options: []ui.Option{{Value: engine.FromStart, Label: "From the start"}},
		Error: problem(o.begin, chosen, engine.FromStart, engine.FromFailedStep, "Choose where to begin."),
	}
	if !askedOf(o.filter.Wanted).ended(workflow.RunSucceeded) { // in those no step has failed
		begin.Options = append([]ui.Option{{Value: engine.FromFailedStep, Label: "From the step that failed"}}, begin.Options...)
		begin.Help = "From the step that failed, what was finished before it is not repeated. Its results are taken over."
		if !o.failedOnly() {
			begin.Help += " Runs in which no step failed are not run again then, and you are told how many."
		}
	}
	page.Fields = append(page.Fields, begin)
	if changed || chosen && o.version != engine.VersionSame {
		page.Fields = append(page.Fields, ui.FieldProps{Name: "version", Kind: "radio", Label: versionLabel, Value: o.version, Options: []ui.Option{
			{Value: engine.VersionSame, Label: "As it was then: each run's own"},
			{Value: engine.VersionCurrent, Label: "The one that is published now"},
		}, Error: problem(o.version, chosen, engine.VersionSame, engine.VersionCurrent, "Choose which version they run on.")})
	} else {
		page.Hidden = append(page.Hidden, ui.Pair{Name: "version", Value: engine.VersionSame})
		page.Note = "They run on the version that they ran on, which is still the published one."
	}
	pace := ui.FieldProps{Name: "per_second", Kind: "number", Width: "short", Label: rateLabel, Value: o.rate}
	if perSecond, ok := rate(o.rate); ok {
		pace.Help = "From 1 to 1,000. With " + ui.Count(perSecond) + " a second it takes " + roughly(lasts(number, perSecond)) + "."
	} else {
		pace.Error = "Enter how many runs a second are started, from 1 to 1,000."
	}
	page.Fields = append(page.Fields, pace)
	return nil
}

// problem is the sentence where something else than one of two was chosen.
func problem(value string, chosen bool, one, other, sentence string) string {
	if !chosen || value == one || value == other {
		return ""
	}
	return sentence
}

// mended is the current version where one was published since the runs of a group failed,
// else their own.
func (s *Site) mended(ctx context.Context, o order) (string, error) {
	if o.filter.Wanted.FailureID == "" {
		return engine.VersionSame, nil
	}
	f, err := failures.Get(ctx, s.DB, o.filter.Wanted.FailureID)
	if err != nil {
		return engine.VersionSame, found(err)
	}
	w, err := models.WorkflowToRun(ctx, s.DB, f.WorkflowID)
	if err != nil {
		return engine.VersionSame, found(err)
	}
	if w.Version != nil && *w.Version > f.LastVersion {
		return engine.VersionCurrent, nil
	}
	return engine.VersionSame, nil
}

// found passes over that something is not there any more.
func found(err error) error {
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	return err
}

// actors names the steps that act on the outside in the newest version of the runs, and in
// the published one, of the workflows that are named. It says whether a run has another
// version than the published one.
func (s *Site) actors(ctx context.Context, portions []runs.Portion, page *views.ManyAskPage) (changed bool, err error) {
	changed = len(portions) > namedWorkflows
	for _, portion := range portions[:min(len(portions), namedWorkflows)] {
		versions := portion.Versions[:1]
		w, err := models.WorkflowToRun(ctx, s.DB, portion.WorkflowID)
		if err = found(err); err != nil {
			return false, err
		}
		if w.VersionID != nil && !slices.Equal(portion.Versions, []string{*w.VersionID}) {
			changed = true
			versions = append(slices.Clone(versions), *w.VersionID)
		}
		actors := views.ManyActors{Workflow: portion.WorkflowName}
		for _, version := range versions {
			if actors.Steps, err = s.acting(ctx, version, actors.Steps); err != nil {
				return false, err
			}
		}
		if len(actors.Steps) > 0 {
			page.Actors = append(page.Actors, actors)
		}
	}
	return changed, nil
}

// acting adds the steps of a version that act on the outside, with what they are.
func (s *Site) acting(ctx context.Context, versionID string, steps []string) ([]string, error) {
	definition, err := s.Engine.Definition(ctx, versionID)
	if errors.As(err, new(*models.UnavailableError)) { // what this program cannot read, it cannot name
		return steps, nil
	}
	if err != nil {
		return steps, found(err)
	}
	workflow.Walk(definition.Steps, func(_ string, step *workflow.Step, around []*workflow.Step) bool {
		kind, known := s.Types[step.Type]
		off := slices.ContainsFunc(append(around, step), func(s *workflow.Step) bool { return s.Disabled })
		if !known || off || kind.Effects == nil || !kind.Effects(step.Config) {
			return true
		}
		name := "“" + workflow.StepTitle(*step, s.Types) + "”"
		if step.Name != "" && step.Name != kind.Title {
			name += " (" + kind.Title + ")"
		}
		if !slices.Contains(steps, name) {
			steps = append(steps, name)
		}
		return true
	})
	return steps, nil
}
