package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
)

// draft is a row whose definition has these members beside format and name.
func draft(name, members, field string, says ...string) badInput {
	return badInput{name: name, path: "/workflows", body: `{"format":1,"name":"A",` + members + `}`, status: 422, field: field, says: says}
}

func badDefinitions() []badInput {
	note := func(id, text string) string {
		return fmt.Sprintf(`{"id":%q,"type":"set_values","config":{"values":{"x":%q}}}`, id, text)
	}
	notes := make([]string, 201)
	for i := range notes {
		notes[i] = note(fmt.Sprintf("s%d", i), "x")
	}
	name := func(what, text string) badInput {
		quoted, _ := json.Marshal(text)
		return badInput{name: what, path: "/workflows", body: `{"format":1,"name":` + string(quoted) + `,"steps":[]}`, status: 422, field: "name"}
	}
	timed := func(timeout string) badInput {
		return draft("timeout "+timeout, `"steps":[{"id":"a","type":"wait","config":{"for":"1m"},"timeout":`+timeout+`}]`, "steps[0].timeout")
	}
	branches := `{"id":"if","type":"condition","config":{"conditions":[{"value":1,"operator":"equals","other":1}]},"then":[` + note("yes", "x") + `],"else":[` + note("no", "{{ steps.yes.y }}") + `]}`
	return []badInput{
		draft("no steps, published", `"publish":true,"steps":[]`, "steps"),
		draft("duplicate id", `"steps":[`+note("a", "x")+`,`+note("a", "y")+`]`, "steps[1].id"),
		draft("reference to no step", `"steps":[`+note("a", "{{ steps.b.x }}")+`]`, "steps[0].config.values.x"),
		draft("reference to a later step", `"steps":[`+note("a", "{{ steps.b.x }}")+`,`+note("b", "x")+`]`, "steps[0].config.values.x"),
		draft("reference to what a step in another branch does not give", `"steps":[`+branches+`]`, "steps[0].else[0].config.values.x"),
		{name: "calls itself", method: "PUT", path: "/workflows/{plain}", body: `{"format":1,"name":"plain","steps":[{"id":"a","type":"run_workflow","config":{"workflow":"{plain}"}}]}`, status: 422, field: "steps[0].config.workflow"},
		{name: "calls itself through another", method: "PUT", path: "/workflows/{flow}", body: `{"format":1,"name":"flow","steps":[{"id":"a","type":"run_workflow","config":{"workflow":"{caller}"}}]}`, status: 422, field: "steps[0].config.workflow"},
		draft("unknown type", `"steps":[{"id":"a","type":"http_requst"}]`, "steps[0].type", "http_request"),
		draft("over 200 steps", `"steps":[`+strings.Join(notes, ",")+`]`, "steps"),
		draft("newer format", `"format":2`, "").twice(),
		name("empty name", ""),
		name("256 characters", strings.Repeat("x", 256)),
		name("U+202E", "A\u202eB"),
		name("a line break", "A\nB"),
		timed(`0`), timed(`"0"`), timed(`"0s"`), timed(`-5`), timed(`"-5"`), timed(`"-5s"`), timed(`"999h"`), timed(`"abc"`),
		draft("id with a capital", `"steps":[`+note("A", "x")+`]`, "steps[0].id"),
		draft("an approval asks a bad address", `"steps":[{"id":"a","type":"approval","config":{"question":"?","assignees":"a@@b.c"}}]`, "steps[0].config.assignees"),
		draft("webhook without its secret", `"triggers":[{"id":"w","type":"webhook","signature":"github"}],"steps":[`+note("a", "x")+`],"publish":true`, "triggers[0].secret"),
		draft("secret in a field that may not hold it", `"steps":[`+note("a", "{{ secrets.HUB }}")+`]`, "steps[0].config.values.x"),
	}
}

// twice makes the first member stand again, which no program may resolve silently.
func (row badInput) twice() badInput {
	row.status = 400
	return row
}

func badCalls() []badInput {
	call := func(name, config, field string) badInput {
		return draft(name, `"steps":[{"id":"a","type":"http_request","config":{`+config+`}}]`, "steps[0].config."+field)
	}
	var rows []badInput
	for _, address := range []string{
		"ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)", "example.com", "http://",
		"http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data/", "http://168.63.129.16/",
		"http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[fe80::1]/", "http://[::1]/", "http://167772161/", "http://0xa.1/", "http://0.0.0.0/",
		"http://user:password@example.com/", "http://example.com:99999/",
	} {
		rows = append(rows, call(address, fmt.Sprintf(`"url":%q`, address), "url"))
	}
	return append(rows,
		call("CR LF in a header", `"url":"https://example.com","headers":{"X-A":"b\r\nX-C: d"}`, "headers.X-A"),
		call("CR LF in a header's name", `"url":"https://example.com","headers":{"X-A\r\nX-C":"d"}`, "headers.X-A\r\nX-C"),
		call("Host", `"url":"https://example.com","headers":{"Host":"other"}`, "headers.Host"),
		call("Content-Length", `"url":"https://example.com","headers":{"content-length":"1"}`, "headers.content-length"),
		call("no such method", `"url":"https://example.com","method":"STEAL"`, "method"),
		call("broken JSON", `"url":"https://example.com","method":"POST","body_type":"json","body":"{"`, "body"),
	)
}

func badEmails() []badInput {
	email := func(field, value string) badInput {
		quoted, _ := json.Marshal(value)
		others := map[string]string{"to": `"x@example.com"`, "subject": `"s"`, "text": `"t"`}
		others[field] = string(quoted)
		var members []string
		for name, text := range others {
			members = append(members, fmt.Sprintf("%q:%s", name, text))
		}
		return draft(fmt.Sprintf("%s %.40q", field, value), `"steps":[{"id":"a","type":"send_email","config":{`+strings.Join(members, ",")+`}}]`, "steps[0].config."+field)
	}
	return []badInput{
		email("to", "a@b"), email("to", "a@@b.c"), email("to", "x@example.com\r\nBcc: y@example.com"), email("subject", "s\r\nBcc: y@example.com"),
		email("reply_to", "x@example.com\nBcc: y@example.com"), email("to", strings.Repeat("x@example.com,", 200)),
	}
}

func badReferences() []badInput {
	text := func(name, text string) badInput {
		quoted, _ := json.Marshal(text)
		return draft(name, `"steps":[{"id":"a","type":"set_values","config":{"values":{"x":`+string(quoted)+`}}}]`, "steps[0].config.values.x")
	}
	condition := func(name, c, field string) badInput {
		return draft(name, `"publish":true,"steps":[{"id":"a","type":"condition","config":{"conditions":[`+c+`]}}]`, "steps[0].config.conditions"+field)
	}
	return []badInput{
		text("empty", "{{ }}"), text("unbalanced", "{{ input.x"), text("unknown", "{{ input.nope }}"), text("of no kind", "{{ process.env }}"),
		text("too long", "{{ run."+strings.Repeat("x", 3000)+" }}"), text("a call", "{{ run.id() }}"), text("arithmetic", "{{ 7*7 }}"),
		condition("unknown operator", `{"value":1,"operator":"is","other":1}`, "[0].operator"),
		condition("nothing to look at", `{"operator":"is_empty"}`, "[0].value"),
		condition("not a pattern", `{"value":"a","operator":"matches","other":"("}`, "[0].other"),
		condition("a pattern that costs too much", `{"value":"a","operator":"matches","other":"((a{100}){100}){100}"}`, "[0].other"),
		condition("larger than a word", `{"value":1,"operator":"greater_than","other":"many"}`, "[0].other"),
		condition("not a condition", `true`, "[0]"),
	}
}
