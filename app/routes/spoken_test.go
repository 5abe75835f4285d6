package routes_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"workflows/app/sitetest"
)

// unspoken is what no page tells a person outside of “Details”: braces, ids, the names by which
// programs call things, and the numbers with which servers answer.
var unspoken = regexp.MustCompile(`\{\{|\}\}|[0-9a-f]{8}-[0-9a-f]{4}-|\b[a-z]+(_[a-z0-9]+)+\b|\b(?:config|settings|steps|input|trigger|run|item|secrets)(?:\.[a-z]+)+\b|\b(?:20[0-6]|30[1-478]|40[0-9]|41[0-8]|42[0-9]|50[0-5]|[2-5]xx)\b`)

// fromElsewhere are what others call things by, and where they are found, which is not ours to
// put into words, and what is counted.
var fromElsewhere = regexp.MustCompile(`https?://\S+|\S+@\S+|\S+\.(?:example|com|org)\b\S*|\d+ (?:kB|MB|ms|lines|in all)`)

// unspokenIn are the sentences of a page that hold something unspoken.
func unspokenIn(root *html.Node) (found []string) {
	main := sitetest.Find(root, func(n *html.Node) bool { return n.Data == "main" })
	if main == nil {
		return nil
	}
	for _, sentence := range spoken(main, nil) {
		if unspoken.MatchString(sentence) && unspoken.MatchString(fromElsewhere.ReplaceAllString(sentence, "")) {
			found = append(found, sentence)
		}
	}
	return found
}

// spoken is what a person reads, and has read to them, of a page or a part of it, a text at a
// time: not what is theirs to type or to paste, nor data as they came, nor what “Details” hold.
func spoken(n *html.Node, texts []string) []string {
	class := strings.Fields(sitetest.Attribute(n, "class"))
	switch {
	case n.Type == html.TextNode:
		return append(texts, strings.Join(strings.Fields(n.Data), " "))
	case slices.Contains([]string{"script", "style", "template", "textarea"}, n.Data), sitetest.Has(n, "hidden"):
		return texts
	case n.Data == "details" && opensWith(n, "Details"), slices.Contains(class, "json"), slices.Contains(class, "code"), slices.Contains(class, "given-value"):
		return texts
	}
	for _, name := range []string{"title", "placeholder", "aria-label", "alt", "label"} {
		texts = append(texts, sitetest.Attribute(n, name))
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		texts = spoken(child, texts)
	}
	return texts
}

func opensWith(details *html.Node, words string) bool {
	summary := sitetest.Find(details, func(n *html.Node) bool { return n.Data == "summary" })
	return summary != nil && allText(summary) == words
}

// read judges a page that was opened.
func (w *walker) read(address string, root *html.Node) {
	w.t.Helper()
	if w.route(address) == "/api/docs" { // for those who write programs
		return
	}
	for _, sentence := range unspokenIn(root) {
		w.t.Errorf("%s says %q", address, sentence)
	}
}

func TestWhatIsNotForPeopleIsFoundInAPage(t *testing.T) {
	wrong := []string{
		"What is answered may insert {{ run.id }}.", "There is no step “fetch_orders”.", "input.order: “Order” must be a number.", "config.to must be filled in.",
		"The address answered 404 (Not Found).", "More are refused with 429.", "Use 2xx.", "Run 01a22cb1-4b21-748a-bac9-cebf6ce2f124 failed.",
	}
	right := []string{"“status of Ask the shop” is empty.", "The step “Ask the shop” failed 404711 times, on 20 Nov 2026.", "It has 200 kB and took 404 ms.", "Call https://shop.example.com/orders_2/404 or ops_team@example.com."}
	var page strings.Builder
	page.WriteString(`<main>`)
	for _, sentence := range wrong {
		page.WriteString("<p>" + sentence + "</p>")
		right = append(right, `<details><summary>Details</summary>`+sentence+`</details>`, `<textarea>`+sentence+`</textarea><input value="`+sentence+`"><pre class="code">`+sentence+`</pre>`)
	}
	page.WriteString(strings.Join(right, "\n") + `<details><summary>More</summary><p>{{ a }}</p></details><input placeholder="{{ b }}"><button aria-label="{{ c }}"></button><optgroup label="{{ d }}"></optgroup></main>`)
	root, err := html.Parse(strings.NewReader(page.String()))
	if err != nil {
		t.Fatal(err)
	}
	if found := unspokenIn(root); !slices.Equal(found, append(wrong, "{{ a }}", "{{ b }}", "{{ c }}", "{{ d }}")) {
		t.Errorf("found is %q", found)
	}
}

// breaks has webhooks refuse calls and runs fail, in all the ways in which what is said holds
// what somebody typed, and has alerts raised.
func (r *studio) breaks() []string {
	r.t.Helper()
	r.made("/secrets", object{"name": "HUB", "value": "hush"})
	fails := func(id, kind string, config object) object {
		return object{"id": id, "type": kind, "config": config, "on_error": "continue"}
	}
	flow, path := r.hooked(object{
		"filter":          object{"conditions": []object{{"value": "{{ trigger.body.order_kind }}", "operator": "equals", "other": "paid"}}},
		"rate_per_minute": 1000, "same_within": "10m", "answer": object{"text": "{{ run.id }}"},
	}, object{"inputs": []object{{"name": "order_id", "type": "number", "label": "Order"}}, "settings": object{"max_duration": "1s", "notify": []object{{"on": []string{"failed", "slow"}, "email": []string{"ops@example.com"}}}}, "steps": []object{
		fails("mail_it", "send_email", object{"to": "{{ trigger.body.mail_address }}", "subject": "x", "text": "y"}),
		fails("round_it", "set_values", object{"values": object{"n": "{{ trigger.body.order_kind | round 2 }}"}}),
		fails("call_it", "http_request", object{"url": r.url + "/orders/{{ trigger.body.no_such }}"}),
		fails("call_gone", "http_request", object{"url": r.url + "/gone_away"}),
		fails("call_nobody", "http_request", object{"url": "http://nobody-here.invalid/"}),
		fails("tell_them", "chat_message", object{"webhook_secret": "HUB", "text": "x"}),
		{"id": "each_of_it", "type": "for_each", "config": object{"list": "{{ trigger.body.order_kind }}"}, "on_error": "continue", "do": []object{fails("note_it", "set_values", object{"values": object{"n": "{{ item }}"}})}},
		fails("some_of_it", "filter_list", object{"list": "{{ trigger.body }}", "conditions": []object{{"value": "{{ item.a_b }}", "operator": "greater_than", "other": "{{ trigger.body.order_kind }}"}}}),
		fails("which_is_it", "condition", object{"conditions": []object{{"value": "{{ trigger.body.order_kind }}", "operator": "greater_than", "other": 5}}}),
		{"id": "end_it", "type": "http_request", "config": object{"url": r.url + "/orders/{{ steps.round_it.n }}"}},
	}})
	_, signed := r.hooked(object{"signature": "github", "secret": "HUB"})
	for _, call := range [][]string{
		{path, `{"order_kind":"open"}`},
		{path, `{"order_kind":`},
		{path, `{"kind":"a","kind":"b"}`},
		{path, `{"order_id":"many","order_kind":"paid"}`},
		{path, "caf\xe9", "Content-Type", "text/plain"},
		{path, `{"a":"\u0000"}`},
		{path, `"` + strings.Repeat("x", 1<<20) + `"`},
		{signed, `{}`},
		{signed, `{}`, "X-Hub-Signature-256", "sha256=00"},
	} {
		r.deliver(call[0], call[1], call[2:]...)
	}
	r.hooked(object{"respond": "answer", "answer": object{"text": `{"text": "{{ run.output.some_text }}"}`, "status": 200}})
	r.deliver(path, `{"order_kind":"paid"}`)
	run := r.goes(r.newest(flow))
	return []string{"/runs/" + run.ID, "/workflows/" + flow + "/webhooks/shop", "/workflows/" + flow + "/edit/webhooks/shop"}
}

// steps are the pages of the editor on which a step of a workflow stands open, or its trigger.
func (r *studio) steps() (pages []string) {
	for _, flow := range r.api("GET", "/workflows?limit=100", nil).decoded(r.t)["data"].([]any) {
		page := "/workflows/" + flow.(object)["id"].(string)
		var open func(steps any)
		open = func(steps any) {
			list, _ := steps.([]any)
			for _, step := range list {
				step := step.(object)
				pages = append(pages, page+"/edit/steps/"+step["id"].(string))
				open(step["then"])
				open(step["else"])
				open(step["do"])
			}
		}
		open(r.api("GET", page, nil).decoded(r.t)["definition"].(object)["steps"])
	}
	return pages
}
