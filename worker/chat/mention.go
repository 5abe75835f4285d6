package chat

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"workflows/worker/pattern"
	"workflows/worker/workflow"
)

// called are those whom a message calls.
type called struct {
	text         string // with which it begins
	everyone     bool
	users, roles []string
}

// allowed is what Discord wants to know: it calls nobody else, whoever stands in the
// text.
func (c called) allowed() map[string]any {
	parse := []any{}
	if c.everyone {
		parse = append(parse, "everyone")
	}
	allowed := map[string]any{"parse": parse}
	if len(c.users) > 0 {
		allowed["users"] = c.users
	}
	if len(c.roles) > 0 {
		allowed["roles"] = c.roles
	}
	return allowed
}

// members are the forms in which chats number those who can be called.
var members = map[Kind]struct {
	pattern func() *regexp.Regexp
	example string
}{
	Slack:      {pattern.Of(`^[SUW][A-Z0-9]{5,20}$`), "U012AB3CD"},
	Discord:    {pattern.Of(`^&?[0-9]{5,25}$`), "80351110224678912, or &41771983423143936 for a role"},
	Mattermost: {pattern.Of(`^[a-z0-9][a-z0-9._-]{0,63}$`), "anna"},
	GoogleChat: {pattern.Of(`^[0-9]{5,40}$`), "123456789012345678901"},
}

// CanMention reports whether somebody can be called from outside in a kind of chat.
func (k Kind) CanMention() bool {
	_, can := members[k]
	return can || k == Auto
}

// mentions writes those who are called as the chat wants it.
func (k Kind) mentions(names []string) (called, error) {
	var c called
	member, can := members[k]
	var words []string
	for _, name := range names {
		everyone := name == "channel" || name == "here"
		switch {
		case !can:
			return c, invalid(k.Title() + " calls nobody from outside. Leave “Mention” empty.")
		case !everyone && !member.pattern().MatchString(name):
			return c, invalid("“" + name + "” cannot be mentioned in " + k.Title() + ". Write channel, here, or a member such as " + member.example + ".")
		}
		c.everyone = c.everyone || everyone
		words = append(words, k.mention(name, everyone, &c))
	}
	if len(words) > 0 {
		c.text = strings.Join(slices.Compact(words), " ") + " "
	}
	return c, nil
}

func (k Kind) mention(name string, everyone bool, c *called) string {
	role, isRole := strings.CutPrefix(name, "&")
	switch {
	case k == Slack && everyone:
		return "<!" + name + ">"
	case k == Slack && name[0] == 'S':
		return "<!subteam^" + name + ">"
	case k == Slack:
		return "<@" + name + ">"
	case k == GoogleChat && everyone:
		return "<users/all>"
	case k == GoogleChat:
		return "<users/" + name + ">"
	case k == Discord && name == "channel":
		return "@everyone"
	case k == Mattermost, everyone:
		return "@" + name
	case isRole:
		c.roles = append(c.roles, role)
		return "<@&" + role + ">"
	}
	c.users = append(c.users, name)
	return "<@" + name + ">"
}

func invalid(message string) error {
	return &workflow.StepError{Code: "invalid_config", Permanent: true, Message: message}
}

// unseen is a character that nobody sees.
const unseen = "\u200b"

// callByID are the beginnings by which chats know whom a text calls: <!channel>,
// <@U012AB3CD>, <users/all>.
var callByID = pattern.Of(`<(!|@|users/)`)

// calm puts a character that nobody sees into what would call somebody, for the chats
// that cannot be told to call nobody.
func calm(text string) string {
	text = callByID().ReplaceAllString(text, "<"+unseen+"$1")
	var out strings.Builder
	written, before := 0, ' '
	for i, r := range text { // @anna, not in an e-mail address
		if r == '@' && !inName(before) && beginsName(text[i+1:]) {
			out.WriteString(text[written:i+1] + unseen)
			written = i + 1
		}
		before = r
	}
	return out.String() + text[written:]
}

func beginsName(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return first == '_' || inName(first)
}

func inName(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
