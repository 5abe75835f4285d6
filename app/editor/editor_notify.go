package editor

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/told"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// Entries of the form.
const (
	notifyTell    = "notify.tell"
	notifyPeople  = "notify.people"
	notifyOthers  = "notify.others"
	notifyChat    = "notify.chat"
	notifyOn      = "notify.on"
	notifyFrom    = "notify.quiet_from"
	notifyUntil   = "notify.quiet_until"
	notifyZone    = "notify.time_zone"
	notifyWebhook = "notify.webhook"
	notifySigned  = "notify.webhook_secret"
	notifyKeep    = "notify.keep"
)

// peopleOffered is how many accounts the form offers by name; the addresses of others are
// typed.
const peopleOffered = 50

// usually is of what somebody is told unless it is chosen otherwise.
func usually() []string { return []string{notify.Failed, notify.Recovered} }

// firstRules are who is told of a workflow that is made now, as the installation has it.
func (s *Site) firstRules(ctx context.Context) ([]notify.Rule, error) {
	first, err := told.FirstOf(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	addresses := first.Email
	if maker := auth.User(ctx).Email; first.Maker && !slices.ContainsFunc(addresses, func(other string) bool { return strings.EqualFold(other, maker) }) {
		addresses = append([]string{maker}, addresses...)
	}
	if len(addresses) == 0 {
		return nil, nil
	}
	return []notify.Rule{{On: usually(), Email: addresses}}, nil
}

// NotifyShow is the form of who is told.
func (s *Site) NotifyShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	found, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	form := formOf(d.definition.Settings.Notify)
	return s.notifyPage(c, d, form, notifyProblems(found, form.at))
}

// NotifySave puts who is told into the draft.
func (s *Site) NotifySave(c *gin.Context) (templ.Component, error) {
	d, sent, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	form := readNotify(sent, formOf(d.definition.Settings.Notify))
	before := d.definition.Settings.Notify
	d.definition.Settings.Notify = form.rules(before)
	problems := map[string]string{}
	if !autosaving(sent) {
		problems = notifyProblems(wrong(s.Catalog.Checker.Check(d.definition)), form.at)
	}
	if form.tell && len(form.rule.On) == 0 {
		problems[notifyOn] = "Choose of what they are told, or tell nobody."
	}
	if savesTyped(sent, problems) {
		return s.autosavesForm(c, d, sent, problems)
	}
	if len(problems) > 0 {
		page, err := s.notifyPage(c, d, form, problems)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, page)
	}
	if err := s.save(c, d, proposal{form: sent, again: d.url("/edit/notify")}); err != nil {
		return nil, err
	}
	return nil, web.Done(d.url("/edit"), "Who is told is saved in the draft. "+notYet(d))
}

// notifyForm is one entry of the list, which the form changes, and the others beside it.
type notifyForm struct {
	tell   bool
	rule   notify.Rule
	at     int // where the entry stands among the others
	others []notify.Rule
	keep   bool
}

// formOf is the entry that the form shows: the first that tells of failures, else the first.
func formOf(rules []notify.Rule) notifyForm {
	f := notifyForm{rule: notify.Rule{On: usually()}, keep: true}
	if len(rules) == 0 {
		return f
	}
	f.tell, f.at = true, max(0, slices.IndexFunc(rules, func(r notify.Rule) bool { return slices.Contains(r.On, notify.Failed) }))
	f.rule, f.others = rules[f.at], slices.Delete(slices.Clone(rules), f.at, f.at+1)
	return f
}

// rules is the list that the form stands for.
func (f notifyForm) rules(before []notify.Rule) []notify.Rule {
	rules := []notify.Rule{}
	if f.keep {
		rules = append(rules, f.others...)
	}
	if f.tell {
		return slices.Insert(rules, min(f.at, len(rules)), f.rule)
	}
	if len(rules) == 0 && before == nil { // nobody was told and nobody has said so
		return nil
	}
	return rules
}

// readNotify reads the form; what is the same as before stays as it was written.
func readNotify(form url.Values, before notifyForm) notifyForm {
	f := notifyForm{tell: form.Get(notifyTell) != "", at: before.at, others: before.others, keep: form.Get(notifyKeep) != ""}
	var addresses []string
	for _, address := range append(slices.Clone(form[notifyPeople]), frame.Addresses(form.Get(notifyOthers))...) {
		if !slices.ContainsFunc(addresses, func(other string) bool { return strings.EqualFold(other, address) }) {
			addresses = append(addresses, address)
		}
	}
	f.rule = notify.Rule{
		On: form[notifyOn], Email: addresses, ChatSecret: form.Get(notifyChat), WebhookURL: strings.TrimSpace(form.Get(notifyWebhook)), WebhookSecret: form.Get(notifySigned),
	}
	if from, until := strings.TrimSpace(form.Get(notifyFrom)), strings.TrimSpace(form.Get(notifyUntil)); from+until != "" {
		f.rule.Quiet, f.rule.TimeZone = from+"-"+until, strings.TrimSpace(form.Get(notifyZone))
	}
	if sameTexts(f.rule.On, before.rule.On) {
		f.rule.On = before.rule.On
	}
	if sameTexts(f.rule.Email, before.rule.Email) {
		f.rule.Email = before.rule.Email
	}
	return f
}

// sameTexts reports whether two lists hold the same, in whatever order and case.
func sameTexts(a, b []string) bool {
	sorted := func(list []string) []string {
		low := make([]string, len(list))
		for i, text := range list {
			low[i] = strings.ToLower(text)
		}
		slices.Sort(low)
		return low
	}
	return slices.Equal(sorted(a), sorted(b))
}

// notifyProblems are those of the entry that the form shows, by the form's own entries;
// those of the others stand where people are chosen.
func notifyProblems(found []workflow.Problem, at int) map[string]string {
	problems := map[string]string{}
	for _, problem := range mine(found, "settings.notify") {
		index, field := indexAndRest(strings.TrimPrefix(problem.Path, "["))
		field, _, _ = strings.Cut(field, "[")
		entry := map[string]string{"on": notifyOn, "chat_secret": notifyChat, "webhook_url": notifyWebhook, "webhook_secret": notifySigned, "quiet": notifyFrom, "time_zone": notifyZone}[field]
		switch {
		case problem.Path == "" || index != at:
			entry = notifyKeep
		case field == "email" && problem.Code == "required":
			entry = notifyPeople
		case field == "email":
			entry = notifyOthers
		}
		problems[cmp.Or(entry, notifyPeople)] = problem.Message
	}
	return problems
}

func (s *Site) notifyPage(c *gin.Context, d draft, form notifyForm, problems map[string]string) (templ.Component, error) {
	page := views.NotifyPage{Layout: s.editorLayout(c, d, "If it fails"), Action: d.url("/edit/notify"), Revision: d.revision(), Unsaved: sentBack(c)}
	var err error
	if page.Form, err = s.notifyFields(c, form, problems); err != nil {
		return nil, err
	}
	for _, field := range append(slices.Clone(page.Form.Fields), page.Form.More...) {
		if field.Error != "" {
			page.Errors = append(page.Errors, ui.FieldMessage{FieldID: field.ID, Label: field.Label, Message: field.Error})
		}
	}
	if message := problems[notifyKeep]; message != "" {
		page.Errors = append(page.Errors, ui.FieldMessage{FieldID: "notify-keep", Message: message})
	}
	return views.Notify(page), nil
}

// notifyFields are the entries of the form.
func (s *Site) notifyFields(c *gin.Context, form notifyForm, problems map[string]string) (views.NotifyForm, error) {
	ctx := c.Request.Context()
	people, err := models.ListUsers(ctx, s.DB)
	if err != nil {
		return views.NotifyForm{}, err
	}
	secrets, err := s.secretChoices(c)
	if err != nil {
		return views.NotifyForm{}, err
	}
	offered, others := peopleOf(people, form.rule.Email)
	from, until, _ := strings.Cut(form.rule.Quiet, "-")
	zone := form.rule.TimeZone
	if form.rule.Quiet == "" {
		zone = frame.ViewerZone(c)
	}
	nothing := func(label string) []ui.Option {
		return append([]ui.Option{{Value: "", Label: label}}, secrets...)
	}
	f := views.NotifyForm{
		Fields: []ui.FieldProps{
			{Name: notifyTell, Kind: "checkbox", Label: "Tell somebody when a run fails, and when it works again", Checked: form.tell},
			{Name: notifyPeople, Kind: "checks", Label: "By e-mail", Options: offered, Values: form.rule.Email},
			{Name: notifyOthers, Label: "Other addresses", Value: strings.Join(others, ", "), Placeholder: "team@example.com", Help: "With commas between them."},
			{Name: notifyChat, Kind: "choice", Label: "In a chat", Options: nothing("No chat"), Value: form.rule.ChatSecret, Help: "The secret that holds the chat’s address. Secrets are made under Settings."},
		},
		More: []ui.FieldProps{
			{Name: notifyOn, Kind: "checks", Label: "They are told", Options: eventOptions(), Values: form.rule.On},
			{Name: notifyFrom, Kind: "time", Width: "medium", Label: "Quiet from", Value: from, Help: "What happens in these hours is told at their end, in one message."},
			{Name: notifyUntil, Kind: "time", Width: "medium", Label: "Quiet until", Value: until},
			{Name: notifyZone, Label: "Time zone", Value: zone, Attributes: map[string]any{"list": "time-zones"}},
			{Name: notifyWebhook, Kind: "url", Label: "Web address that is called", Value: form.rule.WebhookURL, Help: "It gets the facts as JSON, for a program of yours."},
			{Name: notifySigned, Kind: "choice", Label: "The call is signed with", Options: nothing("No secret"), Value: form.rule.WebhookSecret, Help: "As Standard Webhooks says."},
		},
		MoreOpen: form.rule.Quiet != "" || form.rule.WebhookURL != "" || !sameTexts(form.rule.On, usually()), Keep: form.keep,
	}
	if len(form.others) > 0 {
		f.Others = notify.Words(form.others, namesOf(ctx, people))
	}
	for _, fields := range [][]ui.FieldProps{f.Fields, f.More} {
		for i := range fields {
			fields[i].ID, fields[i].Error, fields[i].Autocomplete = fieldID(fields[i].Name), problems[fields[i].Name], "off"
		}
	}
	f.MoreOpen = f.MoreOpen || slices.ContainsFunc(f.More, func(field ui.FieldProps) bool { return field.Error != "" })
	f.Mail, err = s.mailMissing(ctx)
	return f, err
}

// peopleOf offers the accounts by name, the chosen ones first where there are many; others
// are the chosen addresses that belong to none of them, as they were written.
func peopleOf(people []models.User, chosen []string) (offered []ui.Option, others []string) {
	has := func(user models.User) bool {
		return slices.ContainsFunc(chosen, func(address string) bool { return strings.EqualFold(address, user.Email) })
	}
	slices.SortStableFunc(people, func(a, b models.User) int {
		return cmp.Compare(frame.Either(has(a), "", "z"), frame.Either(has(b), "", "z"))
	})
	if len(people) <= peopleOffered {
		slices.SortFunc(people, func(a, b models.User) int { return strings.Compare(a.Email, b.Email) })
	}
	others = slices.Clone(chosen)
	for _, user := range people[:min(len(people), peopleOffered)] {
		value := user.Email
		if i := slices.IndexFunc(others, func(address string) bool { return strings.EqualFold(address, user.Email) }); i >= 0 {
			value = others[i]
			others = slices.Delete(others, i, i+1)
		}
		offered = append(offered, ui.Option{Value: value, Label: frame.Either(user.Name != "", user.Name+" ("+user.Email+")", user.Email)})
	}
	return offered, others
}

func eventOptions() []ui.Option {
	var options []ui.Option
	for _, event := range notify.Events() {
		options = append(options, ui.Option{Value: event, Label: notify.When(event)})
	}
	return options
}
