package editor

import (
	"slices"
	"strconv"
	"strings"

	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

// choose is how data is chosen for a field that holds a text now.
func (b formBuilder) choose(at string, row int, field workflow.Field, text string, beside map[string]any) ui.Choose {
	if b.known == nil || !field.Reference {
		return ui.Choose{}
	}
	choose := ui.Choose{URL: b.dataURL + "&for=" + at, Row: strconv.Itoa(row), Only: field.Wants != "", Focus: b.form.chosen == at+" "+strconv.Itoa(row)}
	if chosen, one := b.known.Chosen(b.stepID, field, text); one {
		choose.Words, choose.Now = chosen.Words, now(chosen)
	} else {
		choose.Reads = b.known.Reads(b.stepID, field, beside, text)
	}
	return choose
}

// suggest are the names that a field may hold, which names fields of the items of a list.
func (b formBuilder) suggest(at string, field workflow.Field, text string, beside map[string]any) []ui.Option {
	if b.known == nil || field.NamesOf == "" {
		return nil
	}
	names := b.known.FieldsOfItems(b.stepID, beside[field.NamesOf])
	var given []string
	for name := range strings.SplitSeq(text, ",") {
		given = append(given, strings.TrimSpace(name))
	}
	how := "listed"
	if field.OneName {
		how = "whole"
	}
	var options []ui.Option
	for _, name := range names {
		if !slices.Contains(given, name) {
			options = append(options, ui.Option{Value: "choose " + at + " 0 " + how + " " + name, Label: name})
		}
	}
	return options
}

// chooseInRows says of each row what is chosen in it, and has the operators suit it.
func (b formBuilder) chooseInRows(r *views.RowsField, field workflow.Field) {
	r.Choose.URL = b.dataURL
	for i := range r.Rows {
		row := &r.Rows[i]
		row.ChosenValue = b.choose(r.Name+".value", i, field, row.Value, nil)
		row.ChosenOther = b.choose(r.Name+".other", i, field, row.Other, nil)
		if r.Kind == "conditions" && row.Kind == "" {
			b.suitOperators(row, field)
		}
	}
}

func (b formBuilder) suitOperators(row *views.FormRow, field workflow.Field) {
	chosen, one := b.known.Chosen(b.stepID, field, row.Value)
	suiting, others := workflow.OperatorsFor(chosen.Type)
	if !one || len(suiting) == 0 {
		return
	}
	if row.Operator == "" {
		row.Operator = suiting[0].Value
	}
	row.Operators = []ui.OptionGroup{{Label: "Suits this value", Options: options(suiting)}, {Label: "Others", Options: options(others)}}
	if workflow.OneSided(suiting[0].Value) || chosen.Shown == "" {
		return
	}
	row.Hint = "such as " + chosen.Shown
}

// offered is what may be chosen for a field.
func (b formBuilder) offered(field workflow.Field) []offer.Source {
	switch {
	case b.stepID == "" && field.Name == "text":
		return []offer.Source{b.known.OfferedInAnswer(b.form.step.Config["respond"] == workflow.RespondAnswer)}
	case b.stepID == "":
		return []offer.Source{b.known.OfferedByWebhook()}
	}
	return b.known.Offered(b.stepID, field)
}
