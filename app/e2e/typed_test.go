package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"workflows/models/modelstest"
)

func TestWhatIsTypedIsKeptBySwitchesAndNotLeftWithoutAQuestion(t *testing.T) {
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD=four-plain-words-do")
	api := &api{t: t, base: s.base}
	flow := api.call("POST", "/workflows", object{"format": 1, "publish": true, "name": "Stops", "steps": []object{
		{"id": "end", "type": "stop", "config": object{"message": "one"}},
		{"id": "send", "type": "http_request", "name": "example.com", "config": object{"method": "POST", "url": "https://example.com", "body_type": "json", "body": `{"deep": {}}`}},
		{"id": "say", "type": "http_request", "config": object{"method": "POST", "url": "https://example.com", "body_type": "text"}},
	}}, 201)["id"].(string)
	b := open(t, s.base)
	b.visit("/login")
	b.fill("email", "anna@example.com")
	b.fill("password", "four-plain-words-do")
	b.press("Sign in")
	b.sees("Overview")
	step := "/workflows/" + flow + "/edit/steps/end"
	b.visit(step)
	b.visit("/workflows/" + flow + "/edit")
	b.visit(step)
	b.press("Name and more settings")
	b.fill("name", "The end")
	b.press("More for Stop")
	b.follow("Switch off")
	b.sees("The step is switched off")
	b.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.sees("Your change is undone. It was: ")
	b.clean("editor-undo")
	b.do(chromedp.KeyEvent("Z", chromedp.KeyModifiers(chromedp.ModifierCtrl, chromedp.ModifierShift)))
	b.sees("Your change is made again.")
	b.script("document.querySelector('#workflow-name').focus()")
	b.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.sees("Your change is made again.") // the field has an undo of its own
	if b.asked.Load() != 0 {
		t.Fatalf("asked %d times although nothing typed was left behind", b.asked.Load())
	}
	b.visit("/workflows/" + flow + "/edit/steps/the_end")
	b.clean("editor-undone")
	b.fill("config.message", "saved by itself")
	b.until("it says that it is saved", "document.querySelector('#draft-saved').textContent.startsWith('Saved.')")
	b.sees("“saved by itself” instead of “one”")
	b.clean("editor-saved")
	b.fill("config.message", "saved by leaving")
	b.visit("/workflows")
	if b.asked.Load() != 0 {
		t.Errorf("asked %d times although it is saved by leaving", b.asked.Load())
	}
	saved := func(text string) {
		t.Helper()
		modelstest.Eventually(t, text+" is saved", func() bool {
			definition, _ := json.Marshal(api.call("GET", "/workflows/"+flow, nil, 200)["definition"])
			return strings.Contains(string(definition), text)
		})
	}
	saved("saved by leaving")
	b.visit(step[:len(step)-len("end")] + "the_end")
	b.press("If it fails")
	b.script("document.getElementsByName('retry.max_attempts')[0].type = 'text'")
	b.fill("retry.max_attempts", "many")
	b.until("it says why it is not saved", "document.querySelector('#draft-saved').textContent.startsWith('Not saved: Use a number of attempts')")
	b.visit("/workflows/" + flow + "/edit")
	if b.asked.Load() != 1 {
		t.Errorf("asked %d times before what is not saved was left behind", b.asked.Load())
	}
	b.sees("The end")
	b.visit("/workflows/" + flow + "/edit/details")
	b.fill("settings.timeout", "2h")
	b.until("it says that it is saved", "document.querySelector('#draft-saved').textContent.startsWith('Saved.')")
	b.clean("details-saved")
	b.follow("Undo")
	b.sees("Your change is undone. It was: ")
	if at := b.path(); at != "/workflows/"+flow+"/edit/details" {
		t.Errorf("Undo has led to %s", at)
	}
	b.choose("settings.priority", "low")
	b.script("window.__old = true; document.querySelector('.themes button').click()")
	b.until("the page has come in its theme", "!window.__old")
	saved(`"priority":"low"`)
	if b.asked.Load() != 1 {
		t.Errorf("asked %d times although what is typed is saved by itself", b.asked.Load())
	}
	b.visit("/workflows/" + flow + "/edit/steps/send")
	b.press("Name and more settings")
	b.fill("config.url", "https://shop.example.com")
	b.until("its name follows the address", "document.querySelector('#name').value === 'shop.example.com'")
	b.fill("name", "Ours")
	b.fill("config.url", "https://other.example.com")
	b.until("it says that it is saved", "document.querySelector('#draft-saved').textContent.startsWith('Saved.')")
	if name := b.script("document.querySelector('#name').value"); name != "Ours" {
		t.Errorf("the name that was typed is %q once the address is another", name)
	}
	marked := func(text, invalid, says string) {
		t.Helper()
		b.script(fmt.Sprintf("(() => { const field = document.querySelector('#config-body'); field.value = %q; field.dispatchEvent(new Event('input', {bubbles: true})) })()", text))
		b.until("it follows what is typed", "document.querySelector('#config-body').getAttribute('aria-invalid') === '"+invalid+"' && document.querySelector('#config-body-says').textContent.includes('"+says+"')")
	}
	marked("{\n\"a\" 1}", "true", "Line 2: a colon is missing after the name “a”.")
	b.clean("editor-json-wrong")
	marked(`{"a": 1}`, "false", "This is JSON.")
	b.press("Fill in names and values")
	b.until("it stands in rows", "document.querySelector('[name=\"config.body.name\"]')?.value === 'a'")
	b.clean("editor-json-rows")
	b.visit("/workflows/" + flow + "/edit/steps/say")
	b.script("(() => { const field = document.querySelector('#config-body'); field.value = '{\"b\": 2}'; field.dispatchEvent(new Event('input', {bubbles: true})) })()")
	b.choose("config.body_type", "json")
	b.until("what was typed as a text is there as JSON", "document.querySelector('#config-body').checkVisibility() && document.querySelector('#config-body').value === '{\"b\": 2}' && document.querySelector('#config-body-says')?.textContent.includes('This is JSON.')")
	for _, kind := range []string{"json", "text"} { // which the form was last
		b.choose("config.body_type", kind)
		b.choose("config.body_type", "form")
		b.until("and as the fields of a form", "document.querySelector('[name=\"config.body.name\"]')?.value === 'b'")
		b.script("(() => { const field = document.querySelector('[name=\"config.body.name\"]'); field.value = ''; document.querySelector('[name=\"config.body.value\"]').value = ''; document.querySelector('#config-body').value = '{\"b\": 3}' })()")
	}
	b.visit("/settings")
	b.fill("name", "Never sent")
	b.visit("/workflows/" + flow + "/edit")
	if b.asked.Load() != 2 {
		t.Errorf("asked %d times before what is typed into any form was left behind", b.asked.Load())
	}
	b.press("Discard all since version 1")
	b.sees("unpublished changes by anna@example.com are replaced")
}

// slowMoves has a move take longer than it takes until what is typed is saved by itself, and
// counts what is saved meanwhile.
const slowMoves = `(() => {
	const real = window.fetch
	let moving = 0
	window.__clashes = 0
	window.fetch = async (...call) => {
		if (String(call[1]?.body).includes("autosave")) {
			window.__clashes += moving
			return real(...call)
		}
		moving++
		await new Promise(done => setTimeout(done, 1200))
		return real(...call).finally(() => moving--)
	}
})()`

func TestAStepIsMovedAroundWhatIsTyped(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	b.account(s)
	made := (&api{t, s.base}).call("POST", "/workflows", object{"format": 1, "name": "Three", "steps": []object{
		{"id": "one", "type": "stop", "name": "One"}, {"id": "two", "type": "stop", "name": "Two"}, {"id": "three", "type": "stop", "name": "Three"},
	}}, 201)
	path := "/workflows/" + made["id"].(string) + "/edit/steps/two"
	b.visit(path)
	b.fill("config.message", "typed")
	b.script("window.__old = true")
	b.script(slowMoves)
	titles := "[...document.querySelectorAll('.step-title')].map(e => e.innerText.replace(/^\\d+\\s*/, '')).join(' ')"
	b.press("Move down: One")
	b.until("the page shows the steps in their new order", titles+" === 'Two One Three'")
	b.press("Move down: One") // from where it is now, with the draft's new revision
	b.until("it is moved once more", titles+" === 'Two Three One'")
	if b.script("window.__old") != "true" || b.script("document.querySelector('[name=\"config.message\"]').value") != "typed" {
		t.Error("the page was loaded anew, or what was typed is gone")
	}
	if clashes := b.script("window.__clashes"); clashes != "0" {
		t.Errorf("what was typed is saved %s times while a step is being moved with it", clashes)
	}
	b.sees("The step is moved.")
	b.clean("editor-moved")
	(&api{t, s.base}).call("PUT", "/workflows/"+made["id"].(string), object{"format": 1, "name": "Changed elsewhere", "steps": []object{
		{"id": "two", "type": "stop", "name": "Two"}, {"id": "three", "type": "stop", "name": "Three"}, {"id": "one", "type": "stop", "name": "One"},
	}}, 200)
	b.press("Move up: One")
	b.sees("changed the draft too: Step “Two”: Message is empty now; it was “typed”. And one more change.")
	if b.asked.Load() != 0 {
		t.Errorf("asked %d times although nothing typed was left behind", b.asked.Load())
	}
}
