package editor

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/models/told"
	"workflows/views"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// askedWords say how those whom a step asks get to know; "" for a step that names
// nobody by an address of its own.
func (s *Site) askedWords(ctx context.Context, step *workflow.Step) (string, error) {
	asks := s.Types[step.Type].Asks
	if asks == nil || step.Disabled {
		return "", nil
	}
	addresses := asks(step.Config)
	if len(addresses) == 0 {
		return "", nil
	}
	known, err := models.KnownAddresses(ctx, s.DB, addresses)
	if err != nil {
		return "", err
	}
	var strangers []string
	for _, address := range addresses {
		if !known[address] {
			strangers = append(strangers, address)
		}
	}
	mails, err := s.Mail.Set(ctx)
	if err != nil {
		return "", err
	}
	names := strings.Join(strangers, ", ")
	switch {
	case mails && names == "":
		return "Everybody who is named gets an e-mail with a link to the question.", nil
	case mails:
		return "Nobody here has the address " + names + ". An e-mail goes there with a link to the question, and whoever has the link may answer it, once.", nil
	case names == "":
		return "This installation has no mail server: whoever is named finds the question on the overview only. An administrator can set one under Settings, E-mail.", nil
	}
	return "Nobody here has the address " + names + ", and this installation has no mail server: nobody is told there. Give them the question’s link: the overview leads to it. Or have an administrator invite them.", nil
}

// administratorsNamed is how many of them are named to whoever needs one.
const administratorsNamed = 3

// mailMissing says whether e-mails can leave, and if not who can change that.
func (s *Site) mailMissing(ctx context.Context) (views.MailMissing, error) {
	set, err := s.Mail.Set(ctx)
	switch {
	case err != nil || set:
		return views.MailMissing{}, err
	case auth.May(ctx, auth.Administrator):
		return views.MailMissing{Missing: true, URL: frame.MailURL}, nil
	}
	people, err := models.ListUsers(ctx, s.DB)
	var names []string
	for _, user := range people {
		if user.Role == string(auth.Administrator) && len(names) < administratorsNamed {
			names = append(names, cmp.Or(user.Name, user.Email))
		}
	}
	return views.MailMissing{Missing: true, Ask: strings.Join(names, ", ")}, err
}

// namesOf are what addresses are called, as the person who reads it would.
func namesOf(ctx context.Context, people []models.User) map[string]string {
	names := map[string]string{}
	for _, user := range people {
		if user.Name != "" {
			names[user.Email] = user.Name
		}
	}
	if user := auth.User(ctx); user != nil {
		names[user.Email] = notify.You
	}
	return names
}

// toldCard says who is told by a definition, and what is missing for that.
func (s *Site) toldCard(ctx context.Context, d workflow.Definition) (views.NotifyCard, error) {
	card := views.NotifyCard{}
	people, err := models.ListUsers(ctx, s.DB)
	if err != nil {
		return card, err
	}
	card.Sentences = notify.Words(d.Settings.Notify, namesOf(ctx, people))
	if slices.ContainsFunc(d.Settings.Notify, func(r notify.Rule) bool { return len(r.Email) > 0 }) {
		card.Mail, err = s.mailMissing(ctx)
	}
	return card, err
}

// lastTold is the newest message that somebody was told of a workflow; nil where there is
// none.
func (s *Site) lastTold(ctx context.Context, id string) (*views.LastTold, error) {
	found, err := told.Newest(ctx, s.DB, id, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	m := found[0]
	return &views.LastTold{To: m.Recipient, At: m.CreatedAt, State: frame.MessageState(m), Problem: m.Problem}, nil
}
