package editor

import (
	"cmp"
	"context"
	"strings"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
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
