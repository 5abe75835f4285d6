package steps

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"workflows/worker/document"
	"workflows/worker/entry"
	"workflows/worker/workflow"
)

// The first settings of new steps. They are guesses that a person sees and changes: a
// wrong one costs a look, a right one a search.

// asWebAddress is a text that is a web address and nothing else, as it is called:
// shop.example.com is https://shop.example.com. It is "" of anything else.
func asWebAddress(typed string) string {
	typed = strings.TrimSpace(typed)
	if webHost(typed) != "" {
		return typed
	}
	host := webHost(entry.Completed(typed))
	if at := strings.LastIndex(host, "."); at > 0 && !strings.Contains(typed, "{{") && isWord(host[at+1:]) && (host != typed || !fileName.MatchString(host)) {
		return entry.Completed(typed)
	}
	return ""
}

// fileName is what people call their files, and no web site.
var fileName = regexp.MustCompile(`(?i)\.(csv|json|xml|xlsx?|docx?|txt|pdf|ya?ml|html?|zip|ics|log)$`)

// isWord reports whether a text is as the last part of a host is: a version or an amount is not.
func isWord(text string) bool {
	return len(text) > 1 && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// amongWords is what is found of all that was typed, or else of a word of it.
func amongWords(typed string, find func(text string) string) string {
	for _, text := range append([]string{typed}, spaced.FindAllString(typed, -1)...) {
		if found := cmp.Or(find(text), find(strings.TrimRight(text, ".,;:!?"))); found != "" {
			return found
		}
	}
	return ""
}

// spaced is what stands between spaces, with what is inserted there.
var spaced = regexp.MustCompile(`(?:\{\{[^{}]*\}\}|\S)+`)

// asMailAddress is a text that is an e-mail address, or "".
func asMailAddress(typed string) string {
	if isAddress(typed) {
		return typed
	}
	return ""
}

// webHost is the host of a web address, "" of anything else. What is inserted into the rest
// of the address may be anything.
func webHost(typed string) string {
	parsed, err := url.Parse(plainAddress(typed))
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || strings.ContainsAny(plainAddress(typed), " \t\n") {
		return ""
	}
	return parsed.Hostname()
}

// plainAddress is an address without what is inserted.
func plainAddress(typed string) string { return inserted.ReplaceAllString(typed, "…") }

var inserted = regexp.MustCompile(`\{\{[^{}]*\}\}`)

// beginCall names the call after its address.
func beginCall(b workflow.Beginning) (map[string]any, string) {
	address := amongWords(b.Typed, asWebAddress)
	if address == "" {
		return nil, ""
	}
	parsed, _ := url.Parse(plainAddress(address))
	return map[string]any{"url": address}, document.Shorten(parsed.Hostname()+strings.TrimSuffix(parsed.Path, "/"), 60)
}

// beginDecision compares what was chosen, or the first value that the step above gave.
func beginDecision(b workflow.Beginning) (map[string]any, string) {
	value := b.Chosen
	for i := range b.Above {
		if value == nil && b.Above[i].Single() {
			value = &b.Above[i]
		}
	}
	if value == nil {
		return nil, ""
	}
	condition := conditionOn(*value)
	if value.Example && value.Type == "text" { // such as approved
		condition["other"] = value.Now
	}
	return map[string]any{"conditions": []any{condition}}, ""
}

// length is a length of time among other words: “two hours”.
var length = regexp.MustCompile(`(?i)\b(\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten) ?(seconds?|s|minutes?|mins?|m|hours?|h|days?|d|weeks?)\b`)

// notWhole stands beside a length of time that is more than these words say: “1.5 hours”.
var notWhole = regexp.MustCompile(`(?i)\d|\bhalf\b|\bquarter\b`)

// beginWait waits as long as was typed.
func beginWait(b workflow.Beginning) (map[string]any, string) {
	all := length.FindAllStringSubmatch(b.Typed, -1)
	if len(all) != 1 || notWhole.MatchString(length.ReplaceAllString(b.Typed, "")) { // half of it would be wrong
		return nil, ""
	}
	number, unit := strings.ToLower(all[0][1]), strings.ToLower(all[0][2])[:1]
	if at := slices.Index(strings.Fields("one two three four five six seven eight nine ten"), number); at >= 0 {
		number = strconv.Itoa(at + 1)
	} else if number[0] == 'a' {
		number = "1"
	}
	if unit == "w" {
		weeks, err := strconv.Atoi(number)
		if err != nil || weeks > 52 {
			return nil, ""
		}
		number, unit = strconv.Itoa(7*weeks), "d"
	}
	if _, err := workflow.ParseDuration(number + unit); err != nil {
		return nil, ""
	}
	return map[string]any{"for": number + unit}, ""
}

// beginQuestion asks whoever adds the step, about what is known by then.
func beginQuestion(b workflow.Beginning) (map[string]any, string) {
	asks := "May it go on?"
	if name := workflow.GivenName(b.Workflow); name != "" {
		asks = "May “" + name + "” go on?"
	}
	question := strings.Join(append([]string{asks}, linesOf(b.Above)...), "\n")
	config := map[string]any{"question": question}
	if b.By != "" {
		config["assignees"] = b.By
	}
	return config, ""
}

// mostLines bounds the values that are written into a text by themselves.
const mostLines = 6

// linesOf writes the single values that come from where the first one does.
func linesOf(above []workflow.Value) []string {
	var lines []string
	for _, value := range above {
		if value.Single() && value.Source == above[0].Source && len(lines) < mostLines {
			lines = append(lines, value.Name+": "+value.Reference)
		}
	}
	return lines
}

func conditionOn(value workflow.Value) map[string]any {
	return map[string]any{"value": value.Reference, "operator": value.Operator()}
}

// beginLoop goes through what was chosen, or the nearest list.
func beginLoop(b workflow.Beginning) (map[string]any, string) {
	if b.Chosen != nil {
		return map[string]any{"list": b.Chosen.Reference}, ""
	}
	for _, value := range b.Above {
		if _, isList := value.Now.([]any); isList {
			return map[string]any{"list": value.Reference}, ""
		}
	}
	return nil, ""
}

// beginFilter keeps the items by the part of them that was chosen.
func beginFilter(b workflow.Beginning) (map[string]any, string) {
	if b.Chosen == nil || !strings.HasPrefix(b.Chosen.Reference, "{{ item") {
		return beginLoop(b)
	}
	return map[string]any{"conditions": []any{conditionOn(*b.Chosen)}}, ""
}

// beginEmail writes to the address that was typed, else to the first that stands above,
// else to whoever adds the step; about what was decided, else about what there is.
func beginEmail(b workflow.Beginning) (map[string]any, string) {
	config := map[string]any{"to": b.By, "subject": b.Workflow}
	if i := slices.IndexFunc(b.Above, func(value workflow.Value) bool { return value.Type == "email" }); i >= 0 {
		config["to"] = b.Above[i].Reference
		if workflow.NamesMachine(b.Workflow) { // they are not told which
			delete(config, "subject")
		}
	}
	if address := amongWords(b.Typed, asMailAddress); address != "" {
		config["to"] = address
	}
	if b.Around != nil {
		if reference, isText := b.Around.Value.(string); isText && config["subject"] != nil {
			config["subject"] = b.Workflow + ": " + nameOf(reference, b.Above) + " is " + reference
		}
	}
	if lines := linesOf(decidedBy(b)); len(lines) > 0 {
		config["text"] = strings.Join(lines, "\n")
	}
	if config["to"] == "" {
		delete(config, "to")
	}
	return config, ""
}

// decidedBy is what a new step may insert, from the place first whose value was decided by
// where it stands: inside a branch everybody knows how the decision itself went.
func decidedBy(b workflow.Beginning) []workflow.Value {
	if b.Around == nil {
		return b.Above
	}
	decided := slices.IndexFunc(b.Above, func(value workflow.Value) bool { return value.Reference == b.Around.Value })
	if decided < 0 {
		return b.Above
	}
	first := slices.IndexFunc(b.Above, func(value workflow.Value) bool { return value.Source == b.Above[decided].Source })
	return b.Above[first:]
}

func nameOf(reference string, among []workflow.Value) string {
	for _, value := range among {
		if value.Reference == reference {
			return value.Name
		}
	}
	return "it"
}
