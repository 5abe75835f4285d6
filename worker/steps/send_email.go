package steps

import (
	"context"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

const (
	maxSubject   = 250       // characters
	maxEmailText = 256 << 10 // bytes
	// maxEmailRows and maxEmailTable bound a table in an e-mail.
	maxEmailRows  = 1000
	maxEmailTable = 1 << 20
)

type sendEmailConfig struct {
	To      any    `json:"to" label:"To" kind:"recipients" required:"true" ref:"true" example:"anna@example.com, otto@example.com" missing:"Enter who gets the e-mail." help:"Up to 50 addresses, separated by commas."`
	Cc      any    `json:"cc" label:"Copy to" kind:"recipients" ref:"true" advanced:"true" help:"Everybody who gets the e-mail sees these addresses."`
	Bcc     any    `json:"bcc" label:"Hidden copy to" kind:"recipients" ref:"true" advanced:"true" help:"Nobody else sees these addresses."`
	ReplyTo string `json:"reply_to" label:"Answers go to" ref:"true" advanced:"true" example:"sales@example.com"`
	Subject string `json:"subject" label:"Subject" required:"true" ref:"true" example:"Order {{ input.order_id }} is over the limit" missing:"Enter the subject."`
	Text    string `json:"text" label:"Text" kind:"multiline" required:"true" ref:"true" missing:"Enter the text of the e-mail."`
	Rows    any    `json:"rows" label:"Table below the text" wants:"list" fold:"A table below the text" ref:"true" example:"{{ steps.large.items }}" help:"A list that an earlier step gives: each of its items is a row. Whatever stands in a cell stays text."`
	Columns any    `json:"columns" label:"Columns of the table" fold:"A table below the text" ref:"true" names:"rows" example:"id, customer.name, total" help:"Which fields of the items, in which order, with commas between them. Empty is all of them, in the order of the alphabet."`
}

// email is one message with its data inserted and its addresses read.
type email struct {
	to, cc, bcc   []string
	replyTo       string
	subject, text string
	html          string // of the text and its table; "" without one
	messageID     string // without its angle brackets
}

// sendEmail sends a message through the installation's mail server.
func sendEmail(server *mailServer) workflow.StepType {
	return workflow.WithTry(workflow.NewStepType(workflow.StepType{
		Name:    "send_email",
		Title:   "Send an e-mail",
		Summary: "Sends a message through the mail server of this installation.",
		Said:    "mail letter write message notify inform tell person people",
		Icon:    "mail",
		Chip:    "E-mail",
		Takes:   isAddress,
		Begin:   beginEmail,
		Outputs: []workflow.Output{
			{Name: "message_id", Type: "text", Help: "The same for every attempt, so that mail programs show a repeated message once.", Example: "6f1c@example.com"},
			{Name: "recipients", Type: "list", Help: "Every address that the mail server has accepted.", Example: []any{"anna@example.com"}},
		},
		Effects: func(map[string]any) bool { return true },
		Mails:   true,
		Did: func(config map[string]any) string {
			to, _ := addressList(config["to"])
			return "It was sent to " + strings.Join(to, ", ") + "."
		},
		Check: checkEmail,
		Sentence: func(config map[string]any) string {
			if to := strings.TrimSpace(document.Text(config["to"])); to != "" {
				return "To " + short(to) + ": " + short(textAt(config, "subject"))
			}
			return "Goes to nobody yet"
		},
	}, func(ctx context.Context, call workflow.Call, config sendEmailConfig) (workflow.Outcome, error) {
		message, err := config.email()
		if err != nil {
			return workflow.Outcome{}, err
		}
		if err := server.send(ctx, message, call.IdempotencyKey, call.Now); err != nil {
			return workflow.Outcome{}, err
		}
		return workflow.Outcome{Output: map[string]any{"message_id": message.messageID, "recipients": message.recipients()}}, nil
	}), tryEmail)
}

func checkEmail(config map[string]any) []workflow.Problem {
	var problems []workflow.Problem
	for _, field := range []string{"to", "cc", "bcc"} {
		problems = append(problems, checkAddresses(field, config[field])...)
	}
	if address := strings.TrimSpace(textAt(config, "reply_to")); address != "" && !strings.Contains(address, "{{") && !isAddress(address) {
		problems = append(problems, workflow.Problem{Path: "reply_to", Code: "invalid_value", Message: replyToMessage})
	}
	if message := subjectProblem(typed(textAt(config, "subject"), "")); message != "" {
		problems = append(problems, workflow.Problem{Path: "subject", Code: "invalid_value", Message: message})
	}
	if rows := config["rows"]; given(rows) && !isReference(rows) {
		if _, ok := rowsIn(rows); !ok {
			problems = append(problems, workflow.Problem{Path: "rows", Code: "not_a_list", Message: "Insert a list that an earlier step gives, or write one like [{\"id\": 1}]."})
		}
	}
	return problems
}

const replyToMessage = "The address for answers is not an e-mail address. Write one, like sales@example.com."

func subjectProblem(subject string) string {
	switch {
	case strings.ContainsAny(subject, "\r\n"):
		return "The subject contains a line break. Write it in one line."
	case utf8.RuneCountInString(subject) > maxSubject:
		return "The subject is longer than 250 characters. Shorten it."
	}
	return ""
}

// email reads the resolved config; inserted data can bring anything along.
func (c sendEmailConfig) email() (*email, error) {
	m := &email{subject: strings.TrimSpace(c.Subject), replyTo: strings.TrimSpace(c.ReplyTo), text: c.Text}
	for _, field := range []struct {
		value any
		into  *[]string
	}{{c.To, &m.to}, {c.Cc, &m.cc}, {c.Bcc, &m.bcc}} {
		list, err := addressList(field.value)
		if err != nil {
			return nil, err
		}
		*field.into = list
	}
	message := subjectProblem(c.Subject)
	switch {
	case message != "":
		return nil, permanent("invalid_config", message)
	case len(m.to) == 0:
		return nil, permanent("invalid_config", "Nobody is left to send to once the data is inserted. Enter who gets the e-mail.")
	case len(m.recipients()) > maxAddresses:
		return nil, permanent("invalid_config", "The e-mail has more than 50 recipients. Choose fewer, or send one for each item of a list.")
	case m.replyTo != "" && !isAddress(m.replyTo):
		return nil, permanent("invalid_config", replyToMessage)
	case len(m.text) > maxEmailText:
		return nil, permanent("too_large", "The text is longer than 256 kB once the data is inserted. Shorten it.")
	}
	return m, c.addTable(m)
}

// addTable puts the rows below the text, for mail programs that show HTML and for those
// that do not.
func (c sendEmailConfig) addTable(m *email) error {
	rows, err := c.table()
	if err != nil || len(rows.cells) == 0 { // the text alone
		return err
	}
	written := htmlTable(rows)
	plain, err := tableText(rows)
	if err != nil {
		return err
	}
	if len(written)+len(plain) > maxEmailTable {
		return permanent("too_large", "The table is larger than 1 MB. Send fewer rows or columns.")
	}
	m.html = `<!DOCTYPE html><html><body><div style="white-space:pre-wrap">` + html.EscapeString(m.text) + "</div><br>\n" + written + "</body></html>"
	m.text += "\n\n" + plain
	return nil
}

// table is what stands below the text; without cells nothing does.
func (c sendEmailConfig) table() (table, error) {
	if !given(c.Rows) {
		return table{}, nil
	}
	rows, ok := rowsIn(c.Rows)
	switch {
	case !ok:
		return table{}, permanent("not_a_list", "There are no rows for the table: what was inserted is "+kindWords(c.Rows)+". Choose a list that an earlier step gives.")
	case len(rows) > maxEmailRows:
		return table{}, permanent("too_many_items", fmt.Sprintf("The table would have %d rows; an e-mail takes %d. Keep the first with “Filter a list”.", len(rows), maxEmailRows))
	}
	return makeDataConfig{Columns: c.Columns, Header: true}.table(rows)
}

// triedRows is how many rows of a table are shown of an e-mail that is only tried.
const triedRows = 20

// tryEmail shows the message as it would arrive.
func tryEmail(_ workflow.Call, config sendEmailConfig) (workflow.Part, error) {
	message, err := config.email()
	if err != nil {
		return workflow.Part{}, err
	}
	part := workflow.Part{Title: "What would be sent", Text: config.Text}
	for _, line := range []workflow.Fact{
		{Label: "To", Value: strings.Join(message.to, ", ")},
		{Label: "Copy to", Value: strings.Join(message.cc, ", ")},
		{Label: "Hidden copy to", Value: strings.Join(message.bcc, ", ")},
		{Label: "Answers go to", Value: message.replyTo},
		{Label: "Subject", Value: message.subject},
	} {
		if line.Value != "" {
			part.Facts = append(part.Facts, line)
		}
	}
	rows, err := config.table()
	if err != nil || len(rows.cells) == 0 {
		return part, err
	}
	shown := &workflow.Table{Columns: rows.names, More: max(0, len(rows.cells)-triedRows)}
	for _, row := range rows.cells[:len(rows.cells)-shown.More] {
		texts := make([]string, len(row))
		for i, one := range row {
			texts[i] = document.Shorten(one.text, maxShownCell)
		}
		shown.Rows = append(shown.Rows, texts)
	}
	part.Table = shown
	return part, nil
}

// recipients are all addresses, each once.
func (m *email) recipients() []string {
	all := slices.Concat(m.to, m.cc, m.bcc)
	slices.Sort(all)
	return slices.Compact(all)
}
