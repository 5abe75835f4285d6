package editor

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

// samples are what is known of the data of a draft.
func (s *Site) samples(ctx context.Context, d draft) (offer.Samples, error) {
	samples, err := s.Engine.Samples(ctx, d.workflow.ID, d.definition)
	if err != nil {
		return samples, err
	}
	trigger, at, err := s.Hooks.LastSent(ctx, d.workflow.ID)
	if err == nil && trigger != nil && at.After(samples.TriggerFrom.At) {
		samples.Trigger, samples.TriggerFrom = trigger, offer.Origin{Kind: offer.FromDelivery, At: at}
	}
	return samples, err
}

// choosing is one request for what may be chosen for a field.
type choosing struct {
	builder formBuilder
	sent    url.Values // the form that the field is in, as it was typed
	query   url.Values // of the address: the field
	name    string     // of the field
	row     int
	field   workflow.Field
	text    string // what the field holds
	whole   bool   // what is chosen takes the place of that
}

// DataShow lists what may be chosen for a field of a step or of a webhook, and carries
// along what was typed into its form: by a button of that form, or, of what is stored, by
// its address.
func (s *Site) DataShow(c *gin.Context) (templ.Component, error) {
	d, sent, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	query := c.Request.URL.Query()
	var was workflow.Step
	var t workflow.StepType
	action := d.url("/edit/new-webhook")
	if id := query.Get("step"); id != "" {
		step, _, found := workflow.FindStep(&d.definition, id)
		if !found {
			return nil, models.ErrNotFound
		}
		was, t, action = *step, s.Types[step.Type], d.stepURL(id)
	} else if t = webhookFields(); query.Get("webhook") != "" {
		i := triggerIndex(d.definition, query.Get("webhook"))
		if i < 0 || d.definition.Triggers[i].Type != "webhook" {
			return nil, models.ErrNotFound
		}
		was = workflow.Step{ID: d.definition.Triggers[i].ID, Config: workflow.WebhookConfig(d.definition.Triggers[i])}
		action = d.url("/edit/webhooks/", was.ID)
	}
	form := newStepForm(was, t)
	if len(sent) == 0 {
		sent = s.asSent(d, form, t)
	} else {
		form = readStepForm(sent, was, t)
	}
	if step, _, found := workflow.FindStep(&d.definition, query.Get("step")); found {
		step.Config = form.step.Config // as it stands in the form
	}
	samples, err := s.samples(c.Request.Context(), d)
	if err != nil {
		return nil, err
	}
	known := offer.Know(d.definition, s.Types, samples).Narrowed(c.Request.Context(), s.Now())
	ch := choosing{builder: formBuilder{form: form, known: &known, stepID: query.Get("step")}, sent: sent, query: query, name: query.Get("for")}
	if !ch.find(t.Fields) {
		return nil, models.ErrNotFound
	}
	if ch.field.Secret {
		if ch.builder.secrets, err = s.secretChoices(c); err != nil {
			return nil, err
		}
	}
	page := ch.page()
	page.Layout = s.editorLayout(c, d, page.Title)
	page.Action, page.SelfURL = action+"#"+page.FieldID+"-choose", c.Request.URL.RequestURI()
	page.Hidden = carried(sent)
	if web.IsHX(c) {
		return views.DataForm(page), nil
	}
	return views.Data(page), nil
}

// asSent is a form as it would be sent without a change.
func (s *Site) asSent(d draft, form *stepForm, t workflow.StepType) url.Values {
	sent := url.Values{"revision": {d.revision()}, "name": {form.step.Name}, "id": {form.id}}
	plain, advanced := formBuilder{form: form}.fields("config", t.Fields, form.step.Config)
	addSent(sent, slices.Concat(plain, advanced, failureFields(form, t)))
	return sent
}

func addSent(sent url.Values, fields []views.FormField) {
	for _, field := range fields {
		switch {
		case field.Group != nil:
			addSent(sent, field.Group.Fields)
		case field.Rows != nil:
			for _, row := range field.Rows.Rows {
				for part, value := range map[string]string{"name": row.Name, "kind": row.Kind, "value": row.Value, "operator": row.Operator, "other": row.Other} {
					sent.Add(field.Rows.Name+"."+part, value)
				}
			}
		case field.Field.Kind != "checkbox" || field.Field.Checked:
			sent.Set(field.Field.Name, field.Field.Value)
		}
	}
}

// carried is the form as hidden entries.
func carried(form url.Values) []ui.Pair {
	pairs := []ui.Pair{{Name: "revision", Value: form.Get("revision")}}
	for _, pair := range sent(form) {
		if pair.Name != "row" && pair.Name != "do" && pair.Name != "switch" && !strings.HasPrefix(pair.Name, "data.") {
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

// find looks the field up, and what it holds.
func (ch *choosing) find(fields []workflow.Field) bool {
	path, inConfig := strings.CutPrefix(ch.name, "config.")
	name, part, deeper := strings.Cut(path, ".")
	found := false
	for found || inConfig {
		at := slices.IndexFunc(fields, func(f workflow.Field) bool { return f.Name == name })
		if found = at >= 0; !found {
			return false
		}
		ch.field = fields[at]
		if !ch.field.Kind.Parts {
			break
		}
		fields = ch.field.Fields
		name, part, deeper = strings.Cut(part, ".")
	}
	if !found || !ch.field.Reference || deeper && ch.field.Kind.Rows == nil || !deeper && ch.field.Kind.Rows != nil && ch.field.Kind.Rows.If == "" {
		return false
	}
	ch.row, _ = strconv.Atoi(cmp.Or(ch.sent.Get("data.row"), ch.query.Get("row")))
	if list := ch.sent[ch.name]; ch.row >= 0 && ch.row < len(list) {
		ch.text = list[ch.row]
	}
	_, one := workflow.TheReference(ch.text)
	control := ch.field.Kind.Entry.Control
	if deeper {
		control = ""
	}
	ch.whole = ch.conditions() || ch.field.Wants == "list" || control != "multiline" && control != "json" && (one || strings.TrimSpace(ch.text) == "")
	return true
}

func (ch *choosing) conditions() bool {
	return ch.field.Kind.Rows != nil && ch.field.Kind.Rows.Component == "conditions"
}

func (ch *choosing) page() views.DataPage {
	page := views.DataPage{
		Title: cmp.Or(ch.field.Label, "Choose a value"), InPlace: !ch.whole && ch.field.Kind.Name != "recipients", Query: strings.TrimSpace(ch.sent.Get("data.q")),
		FieldID: cmp.Or(ch.query.Get("id"), fieldID(ch.name)),
	}
	change := cmp.Or(ch.sent.Get("data.take"), ch.sent.Get("data.change"))
	if number, reference, ok := strings.Cut(change, " "); ok && ch.sent.Get("data.tree") == "" {
		page.Change = ch.change(number, reference)
		return page
	}
	references, _ := workflow.References(ch.text)
	for i, r := range references {
		if chosen, one := ch.builder.known.Chosen(ch.builder.stepID, ch.field, r.Text); one && r.Root != "secrets" {
			page.Present = append(page.Present, views.DataPresent{Words: chosen.Words, Now: now(chosen), Change: strconv.Itoa(i) + " " + r.Text})
		}
	}
	sources := ch.builder.offered(ch.field)
	if page.Query == "" {
		for _, data := range offer.Suited(sources, ch.suits()) {
			page.Suited = append(page.Suited, ch.dataRow(data, 0))
		}
		if len(ch.builder.secrets) > 0 {
			page.Sources = append(page.Sources, ch.secretRows())
		}
	}
	for _, source := range sources {
		rows := views.DataSource{Title: source.Title, Note: source.Note, From: fromWords(source.From), At: source.From.At}
		if page.Query != "" {
			source.Data = offer.Matching(source.Data, page.Query)
			page.Found += offer.Count(source.Data, page.Query)
		}
		for _, data := range source.Data {
			rows.Rows = append(rows.Rows, ch.dataRow(data, 0))
		}
		if len(rows.Rows) > 0 {
			page.Sources = append(page.Sources, rows)
		}
	}
	return page
}

// suits is the kind of value that suits the field best.
func (ch *choosing) suits() string {
	switch ch.field.Kind.Name {
	case "recipients":
		return "email"
	case "time":
		return "date"
	case "number":
		return "number"
	}
	return ch.field.Wants
}

func (ch *choosing) secretRows() views.DataSource {
	source := views.DataSource{Title: "Secrets", Note: "Nobody sees what they hold."}
	for _, secret := range ch.builder.secrets {
		text := workflow.SecretReference(secret.Value)
		source.Rows = append(source.Rows, views.DataRow{Command: ch.command("", text), Text: text, Name: secret.Label, Words: secret.Label})
	}
	return source
}

// command has the form come back with what is chosen: in the place of the whole, of one
// of the references, or at the end.
func (ch *choosing) command(number, text string) string {
	how := "end"
	switch {
	case ch.whole:
		how = "whole"
	case number != "":
		how = number
	case ch.field.Kind.Name == "recipients":
		how = "listed"
	}
	return strings.Join([]string{"choose", ch.name, strconv.Itoa(ch.row), how, text}, " ")
}

func (ch *choosing) dataRow(data offer.Data, deep int) views.DataRow {
	row := views.DataRow{Text: data.Reference, Name: workflow.PlainName(data.Name), Words: data.Words, Now: data.Shown, Type: data.Type, Help: data.Help, Left: leftWords(data), Open: deep < 2 || ch.sent.Get("data.q") != ""}
	if data.Reference != "" {
		row.Command = ch.command("", data.Reference)
	}
	for _, part := range data.Parts {
		row.Parts = append(row.Parts, ch.dataRow(part, deep+1))
	}
	return row
}

func leftWords(data offer.Data) string {
	var words []string
	if data.Left > 0 {
		words = append(words, strconv.Itoa(data.Left)+" more are not listed: type them, if need be.")
	}
	if data.Unwritable > 0 {
		words = append(words, strconv.Itoa(data.Unwritable)+" have a name that cannot be written here.")
	}
	return strings.Join(words, " ")
}

func fromWords(from offer.Origin) string {
	return map[string]string{
		offer.FromTry: "From the last try", offer.FromRun: "From the last run", offer.FromDelivery: "From the last delivery",
		offer.FromForm: "From the form that was sent last", offer.FromExample: "An example: try the step to see what it gives",
	}[from.Kind]
}

// now is what a chosen value was lately.
func now(chosen offer.Chosen) string {
	if !chosen.Known {
		return ""
	}
	return chosen.Shown
}

// chooseRow does what a button of the chooser asks: it writes a text into an entry of a
// form, "choose config.to 0 whole {{ item.email }}".
func chooseRow(form url.Values, command string) {
	words := strings.SplitN(command, " ", 5)
	if len(words) < 5 {
		return
	}
	row, err := strconv.Atoi(words[2])
	if err != nil || row < 0 || row >= maxRows {
		return
	}
	list := slices.Clone(form[words[1]])
	for len(list) <= row {
		list = append(list, "")
	}
	list[row] = chosenText(list[row], words[3], words[4])
	form[words[1]] = list
	rows, isValue := strings.CutSuffix(words[1], ".value")
	if kinds := form[rows+".kind"]; isValue && words[3] == "whole" && row < len(kinds) && kinds[row] == workflow.ValueText {
		kinds[row] = workflow.ValueReference
	}
}

func chosenText(text, how, chosen string) string {
	number, err := strconv.Atoi(how)
	references, _ := workflow.References(text)
	switch {
	case how == "whole":
		return chosen
	case how == "listed" && strings.TrimSpace(text) != "":
		return strings.TrimRight(strings.TrimSpace(text), ",") + ", " + chosen
	case err == nil && number >= 0 && number < len(references):
		return references[number].Replaced(text, chosen)
	case text == "" || strings.HasSuffix(text, "\n") || strings.HasSuffix(text, " "):
		return text + chosen
	}
	return text + " " + chosen
}
