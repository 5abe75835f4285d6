package e2e

import (
	"net"
	"strings"
	"testing"
	"time"
)

// asking is a published workflow with a public form that asks for something of each kind.
func asking(a *api, trigger object) (flow, link string) {
	form := object{"id": "form", "type": "form"}
	for name, value := range trigger {
		form[name] = value
	}
	made := a.call("POST", "/workflows", object{
		"format": 1, "publish": true, "name": "Contact us", "description": "We answer within a day.", "triggers": []object{form},
		"inputs": []object{
			{"name": "name", "type": "text", "label": "Your name", "required": true},
			{"name": "email", "type": "email", "label": "E-mail address"},
			{"name": "message", "type": "long_text", "label": "Your message", "help": "As long as you like."},
			{"name": "starts", "type": "date_time", "label": "When may we call?", "time_zone": "Europe/Berlin"},
			{"name": "at", "type": "time", "label": "Or at"},
			{"name": "size", "type": "choice", "display": "radio", "label": "Size", "options": []string{"Small", "Large"}},
			{"name": "extras", "type": "choices", "label": "Extras", "required": true, "options": []string{"Milk", "Sugar", "A very long choice that goes on and on over more than one line of a narrow screen"}},
			{"name": "photo", "type": "file", "label": "A photo"},
			{"name": "ref", "type": "text", "hidden": true},
			{"name": "terms", "type": "boolean", "label": "I have read the terms and agree", "required": true, "must_be_true": true},
		},
		"steps": []object{{"id": "a", "type": "set_values", "config": object{"values": object{"x": "{{ input.name }}"}}}},
	}, 201)
	return made["id"].(string), strings.TrimPrefix(made["triggers"].([]any)[0].(object)["url"].(string), a.base)
}

func TestFormsAreCleanAndWork(t *testing.T) {
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD=four-plain-words-do")
	api := &api{t: t, base: s.base}
	flow, link := asking(api, object{"thanks": "Thank you.\nWe call you by Friday.\n\nYour team"})
	b := open(t, s.base)
	b.visit(link + "?ref=spring&email=ann@example.com")
	b.clean("form")
	b.press("Send")
	b.sees("need your attention")
	b.until("the address that was filled in beforehand has stayed", "document.querySelector('#input\\\\.email').value === 'ann@example.com'")
	b.clean("form-wrong")
	b.fill("input.name", "Ann")
	b.script("document.querySelector('#input\\\\.extras-1').click(), document.querySelector('#input\\\\.terms').click()")
	b.press("Send")
	b.sees("We call you by Friday.")
	b.clean("form-thanks")

	b.visit("/login")
	b.fill("email", "anna@example.com")
	b.fill("password", "four-plain-words-do")
	b.press("Sign in")
	b.sees("Overview")
	empty := api.call("POST", "/workflows", object{"format": 1, "name": "Empty", "steps": []object{}}, 201)["id"].(string)
	for name, page := range map[string]string{
		"questions": "/workflows/" + flow + "/edit/inputs", "questions-none": "/workflows/" + empty + "/edit/inputs", "form-page": "/workflows/" + flow + "/forms/form",
		"form-rules": "/workflows/" + flow + "/edit/forms/form", "run-form-kinds": "/workflows/" + flow + "/run",
		"house": "/settings/house",
	} {
		b.visit(page)
		b.clean(name)
	}
	b.visit("/settings/house")
	b.fill("name", "Müller & Söhne")
	b.await(`new Promise(done => { const c = Object.assign(document.createElement("canvas"), { width: 120, height: 40 }), g = c.getContext("2d"); g.fillStyle = "#a3260b"; g.fillRect(0, 0, 120, 40);
		c.toBlob(picture => { const files = new DataTransfer(); files.items.add(new File([picture], "logo.png", { type: "image/png" })); document.querySelector("#logo").files = files.files; done("") }) })`)
	b.follow("Save")
	b.sees("Saved.")
	b.visit(link)
	b.until("the form shows the name and the logo", "document.body.innerText.includes('Müller') && document.querySelector('.house-logo').naturalWidth === 120")
	b.clean("form-house")
	b.visit("/workflows/" + empty + "/edit/inputs")
	b.fill("input.label", "Your favourite colour")
	b.until("the preview shows the question", "document.querySelector('#inputs-preview').innerText.includes('Your favourite colour')")
	b.press("Add a question")
	b.until("there are two questions, and nothing says that there are none", "document.querySelectorAll('.input-form').length === 2 && !document.body.innerText.includes('no questions yet')")
	b.follow("Done")
	if got := api.call("GET", "/workflows/"+empty, nil, 200)["definition"].(object)["inputs"].([]any); len(got) != 1 || got[0].(object)["name"] != "your_favourite_colour" {
		t.Errorf("it asks for %v", got)
	}
}

// Browsers hold the redirects of a form, too, to the page's policy: where that forbids
// it, none goes there.
func TestFormLeadsToAnotherSiteInABrowser(t *testing.T) {
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	came := make(chan struct{}, 1)
	go func() {
		if connection, err := other.Accept(); err == nil {
			came <- struct{}{}
			_ = connection.Close()
		}
	}()
	_, link := asking(&api{t: t, base: s.base}, object{"redirect": "https://" + other.Addr().String() + "/thanks"})
	b := open(t, s.base)
	b.visit(link)
	b.fill("input.name", "Ann")
	b.script("document.querySelector('#input\\\\.extras-1').click(), document.querySelector('#input\\\\.terms').click()")
	b.press("Send")
	select {
	case <-came:
	case <-time.After(30 * time.Second):
		t.Error("the browser does not go there")
	}
}
