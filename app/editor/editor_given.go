package editor

import (
	"context"
	"strings"

	"workflows/models"
	"workflows/views"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
	"workflows/worker/workflow/offer"
)

// knowledge is what is known of a draft's data, joined with the draft.
func (s *Site) knowledge(ctx context.Context, d draft) (offer.Knowledge, error) {
	samples, err := s.samples(ctx, d)
	return offer.Know(d.definition, s.Types, samples).Narrowed(ctx, s.Now()), err
}

// mostGiven bounds the lines of what a step gave.
const mostGiven = 14

// givenRows are what a step gave lately, line by line, each with what can be done with it;
// of a loop they are those of its item.
func (s *Site) givenRows(known offer.Knowledge, step workflow.Step) []views.GivenRow {
	var rows []views.GivenRow
	if t := s.Types[step.Type]; len(t.Blocks) > 0 && t.Through != "" {
		for _, value := range known.Each(step.ID) {
			rows = append(rows, s.givenRow(value, 0, "value", "item"))
		}
		return rows[:min(len(rows), mostGiven)]
	}
	for _, value := range known.Given(step.ID) {
		if value.Example {
			continue
		}
		list, isList := value.Now.([]any)
		if !isList {
			rows = append(rows, s.givenRow(value, 0, "value"))
			continue
		}
		rows = append(rows, s.givenRow(value, 0, "list"))
		if len(list) > 0 {
			for _, part := range offer.PartsOfEach(list[0]) {
				row := s.givenRow(part, 1)
				row.Acts = s.deeds("item", value.Reference+itemBehind+part.Reference, part.Name)
				rows = append(rows, row)
			}
		}
	}
	return rows[:min(len(rows), mostGiven)]
}

// gaveOrWould are these rows and what they are: what the step gave, what it goes through, or,
// of one that narrows a list, what it would leave of what came last, as it is filled in.
func (s *Site) gaveOrWould(ctx context.Context, known offer.Knowledge, step workflow.Step) views.Given {
	t := s.Types[step.Type]
	given := views.Given{Rows: s.givenRows(known, step), Title: "It gave lately"}
	switch {
	case len(t.Blocks) > 0 && t.Through != "":
		given.Title = "Each item"
	case t.Through != "" && !known.Ran(step.ID):
		given.Title = "It chooses from"
	}
	if given.Follows = t.Narrows(); given.Follows {
		if computed, ok := known.Computed(ctx, step.ID, s.Now()); ok {
			given.Rows, given.Title = s.givenRows(computed, step), "Of what came last it would keep"
		}
	}
	return given
}

// itemBehind parts a list from a part of its items in a command.
const itemBehind = " each "

func (s *Site) givenRow(value workflow.Value, depth int, of ...string) views.GivenRow {
	row := views.GivenRow{Name: workflow.PlainName(value.Name), Value: offer.ShownShort(value.Now), Depth: depth}
	for _, kind := range of {
		row.Acts = append(row.Acts, s.deeds(kind, value.Reference, value.Name)...)
	}
	return row
}

// deeds are what step types offer to do with such a value.
func (s *Site) deeds(of, reference, name string) []views.EditorStart {
	var acts []views.EditorStart
	for _, t := range s.Types.List() {
		if t.Deed != nil && t.Deed.Of == of {
			acts = append(acts, views.EditorStart{Command: t.Deed.Word + ":" + reference, Label: t.Deed.Label, Icon: t.Icon, For: workflow.PlainName(name)})
		}
	}
	return acts
}

// deed adds the step that does something with a value which the open step gave, or with
// the item that it goes through.
func (e *editing) deed(t workflow.StepType) error {
	reference := strings.Join(e.args, ":")
	if e.open == "" {
		return models.ErrNotFound
	}
	list, item, ofItem := strings.Cut(reference, itemBehind)
	if ofItem {
		reference = item
	}
	if _, one := workflow.TheReference(reference); !one {
		return &models.InvalidError{Code: "invalid_reference", Message: "Choose a value that the step gave."}
	}
	chosen, err := e.chosen(reference)
	if err != nil {
		return err
	}
	_, at, _ := edit.ListOf(&e.d.definition, e.open)
	open, _, _ := workflow.FindStep(&e.d.definition, e.open)
	around := e.Types[open.Type]
	switch {
	case t.Deed.Of == "item" && !ofItem:
		return e.narrow(t, at, chosen)
	case strings.HasPrefix(reference, "{{ item") && len(around.Blocks) > 0 && around.Through != "":
		at = edit.Place{Step: e.open, Block: around.Blocks[0], Index: len(*open.Block(around.Blocks[0]))}
	default:
		at.Index++
	}
	if err := e.addAt(at.String(), t, workflow.Beginning{Chosen: &chosen}); err != nil {
		return err
	}
	if ofItem {
		e.through(list)
	}
	return nil
}

// narrow puts a step before the open one that leaves it fewer of the items it goes through.
func (e *editing) narrow(t workflow.StepType, at edit.Place, chosen workflow.Value) error {
	open, _, _ := workflow.FindStep(&e.d.definition, e.open)
	field := e.Types[open.Type].Through
	if field == "" {
		return models.ErrNotFound
	}
	list := open.Config[field]
	if err := e.addAt(at.String(), t, workflow.Beginning{Chosen: &chosen}); err != nil {
		return err
	}
	e.through(list)
	open, _, _ = workflow.FindStep(&e.d.definition, e.open)
	for _, output := range t.Outputs {
		if output.ItemsOf != "" {
			open.Config[field] = workflow.Reference{Root: "steps", Path: []string{e.added, output.Name}}.String()
		}
	}
	return nil
}

// through has the step that was added go through a list.
func (e *editing) through(list any) {
	step, _, _ := workflow.FindStep(&e.d.definition, e.added)
	if step.Config == nil {
		step.Config = map[string]any{}
	}
	step.Config[e.Types[step.Type].Through] = list
}

// chosen is a value with what it was lately.
func (e *editing) chosen(reference string) (workflow.Value, error) {
	known, err := e.knowledge(e.c.Request.Context(), e.d)
	if err != nil {
		return workflow.Value{}, err
	}
	given := known.Given(e.open)
	for _, value := range given {
		if list, isList := value.Now.([]any); isList && len(list) > 0 {
			given = append(given, offer.PartsOfEach(list[0])...)
		}
	}
	for _, value := range append(given, known.Each(e.open)...) {
		if value.Reference == reference {
			return value, nil
		}
	}
	return workflow.Value{Reference: reference}, nil
}
