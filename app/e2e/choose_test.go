package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// hooked is a workflow whose webhook was sent an order once.
func hooked(t *testing.T, s *system, name string) (path string) {
	t.Helper()
	made := (&api{t, s.base}).call("POST", "/workflows", object{"publish": true, "format": 1, "name": name, "triggers": []object{{"id": "shop", "type": "webhook"}}, "steps": []object{
		{"id": "paid", "type": "condition", "name": "Is it paid?", "config": object{"conditions": []object{{"value": "{{ trigger.body.total }}", "operator": "is_empty"}}}, "then": []object{
			{"id": "tell", "type": "send_email", "name": "Tell them", "config": object{"to": "anna@example.com", "subject": "Paid", "text": "It is paid"}},
		}},
	}}, 201)
	address := made["triggers"].([]any)[0].(object)["url"].(string)
	response, err := http.Post(address, "application/json", strings.NewReader(`{"event":"paid","total":20.5,"customer":{"name":"Ada","email":"ada@example.com"},"lines":[{"sku":"a"},{"sku":"b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		t.Fatalf("the webhook answered %d", response.StatusCode)
	}
	return "/workflows/" + made["id"].(string)
}

// tabTo goes on with the Tab key until what has the focus is called like this, as a person
// does who uses no mouse.
func (b *browser) tabTo(name string) {
	b.t.Helper()
	for range 120 {
		b.do(chromedp.KeyEvent("\t"))
		called := b.script(`(() => { const e = document.activeElement; return (e.getAttribute("aria-label") || e.innerText || e.value || e.name || "").trim().replace(/\s+/g, " ") })()`)
		if strings.HasPrefix(called, name) {
			return
		}
	}
	b.shot("failure")
	b.t.Fatalf("nothing that can be reached by keys is called %q at %s", name, b.script("location.href"))
}

// entered presses Enter where the focus is and waits for the page that it leads to.
func (b *browser) entered() {
	b.t.Helper()
	b.script("window.__old = true")
	b.do(chromedp.KeyEvent("\r"))
	b.until("a new page after Enter", "!window.__old")
}

func TestWorkflowsAreMadeAndTheirFieldsChosenByKeysAlone(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	b.account(s)
	b.losesNoFocus(b.buildsByKeys(answers(t, map[string]any{"/status": object{"status": "down"}}) + "/status"))
	for _, scripts := range []bool{true, false} {
		name := "with scripts"
		if !scripts {
			name = "without scripts"
			b.withoutScripts()
		}
		path := hooked(t, s, "Chosen "+name)
		b.visit(path + "/edit/steps/paid")
		b.shot("choose-form " + name)
		b.tabTo("Conditions, row 1: value:")
		b.choosesByKeys(scripts, "data "+name, "event")
		chosen := "document.getElementById('config-conditions-0-value').value"
		b.until("the condition looks at what was sent", chosen+" === '{{ trigger.body.event }}'")
		if focus := b.script("document.activeElement.id"); focus != "config-conditions-0-value-choose" {
			t.Errorf("%s: the focus is at %q", name, focus)
		}
		b.shot("chosen " + name)
		b.shows("event of what was sent", "paid")
		b.tabTo("Conditions, row 1: operator")
		if operator := b.script("document.activeElement.value"); operator != "is_empty" {
			t.Errorf("%s: the operator that was chosen became %q", name, operator)
		}

		b.visit(path + "/edit/steps/tell")
		b.fill("config.to", "")
		b.tabTo("Insert data To")
		b.choosesByKeys(scripts, "data-to "+name, "customer › email of what was sent")
		b.until("the recipient is what was sent", "document.getElementById('config-to').value === '{{ trigger.body.customer.email }}'")
		b.shows("customer › email of what was sent", "ada@example.com")
		if scripts {
			b.clean("chosen-to")
			b.do(chromedp.Click("#config-to-choose"))
			b.until("the dialog is open", "document.getElementById('data-dialog')?.open")
			b.clean("data-dialog")
			b.do(chromedp.KeyEvent("\x1b"))
			b.until("Escape closes it", "!document.getElementById('data-dialog').open")
			b.do(chromedp.Click("#config-text"), chromedp.KeyEvent(" by "), chromedp.Click("#config-text-choose"))
			b.until("the dialog is open", "document.getElementById('data-dialog')?.open")
			b.press("name")
			b.until("what is chosen stands in the text", "document.getElementById('config-text').value.includes('by {{ trigger.body.customer.name }}')")
			b.until("the dialog is closed", "!document.getElementById('data-dialog').open")
		}
		b.follow("Done")
		b.visit(path + "/edit/data?step=tell&for=config.to")
		if scripts {
			b.clean("data-page")
		}
		stored := fmt.Sprint((&api{t, s.base}).call("GET", path, nil, 200)["definition"])
		if !strings.Contains(stored, "{{ trigger.body.customer.email }}") {
			t.Errorf("%s: the draft holds %s", name, stored)
		}
	}
}

// presses goes on to what is called so and presses it with a key.
func (b *browser) presses(name, key string) {
	b.t.Helper()
	b.tabTo(name)
	b.script("window.__old = true")
	b.do(chromedp.KeyEvent(key))
	b.until("a new page after “"+name+"”", "!window.__old")
}

// buildsByKeys makes a workflow from nothing and publishes it, and returns its address.
func (b *browser) buildsByKeys(address string) string {
	b.t.Helper()
	b.visit("/workflows")
	b.presses("New workflow", "\r")
	b.presses("Every working day at 09:00", " ")
	b.tabTo("Add a step: paste an address")
	b.do(chromedp.KeyEvent(address))
	b.entered()
	b.presses("Try", " ")
	b.sees("down")
	b.presses("Decide by it: status", "\r")
	b.tabTo("Conditions, row 1: operator")
	b.do(chromedp.KeyEvent("is not"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("ok"))
	b.presses("Wait", "\r")
	b.tabTo("config.for")
	b.do(chromedp.KeyEvent("5 minutes"))
	b.presses("Publish", "\r")
	b.sees("Version 1 is published. It runs next")
	return b.path()
}

// keepsFocus goes to what is called so, does something with it, and sees where the focus is then.
func (b *browser) keepsFocus(name, key, condition, wanted string) {
	b.t.Helper()
	b.tabTo(name)
	b.do(chromedp.KeyEvent(key))
	b.until(condition+" after “"+name+"”", condition)
	const focus = `(e => e.getAttribute('aria-label') || e.innerText || e.id || e.tagName)(document.activeElement)`
	b.until("the focus is at "+wanted+" after “"+name+"”, and not at "+b.script(focus), focus+".startsWith('"+wanted+"')")
}

// losesNoFocus changes pages around what has the focus.
func (b *browser) losesNoFocus(path string) {
	b.t.Helper()
	b.visit(path + "/edit")
	b.keepsFocus("Move up: Decide", "\r", "document.querySelector('.step-title').innerText.includes('Decide')", "Move down: Decide")
	b.keepsFocus("Move down: Decide", " ", "document.querySelector('.step-title').innerText.includes('status')", "Move up: Decide")
	b.keepsFocus("More for Decide", "\r", "document.querySelector('.menu:popover-open')", "More for Decide")
	b.do(chromedp.KeyEvent("\x1b"))
	b.until("Escape closes the menu", "!document.querySelector('.menu:popover-open')")

	b.visit(path + "/edit/steps/decide")
	rows := func(n string) string { return "document.querySelectorAll('[data-row]').length === " + n }
	b.keepsFocus("Add a condition", "\r", rows("2"), "Conditions, new row: value")
	b.keepsFocus("Conditions, new row: remove", "\r", rows("1"), "Conditions, row 1: value")

	b.tabTo("Conditions, row 1: operator")
	b.do(chromedp.KeyEvent("is empty"))
	b.until("it is saved", "document.getElementById('draft-saved').textContent.startsWith('Saved.')")
	b.tabTo("Conditions, row 1: operator")
	b.do(chromedp.KeyEvent("is not empty"))
	b.script("document.querySelector('[data-key=undo]').focus(); window.__undo = document.activeElement")
	b.until("the way back is another one", "!window.__undo.isConnected")
	if focus := b.script("document.activeElement.dataset.key"); focus != "undo" {
		b.t.Errorf("the focus was on Undo while it was saved, and is at %q", focus)
	}
}

// choosesByKeys opens the chooser, where the focus is, and chooses what is called so.
func (b *browser) choosesByKeys(dialog bool, shot, name string) {
	b.t.Helper()
	if dialog {
		b.do(chromedp.KeyEvent("\r"))
		b.until("the dialog is open", "document.getElementById('data-dialog')?.open")
	} else {
		b.entered()
	}
	b.shot(shot)
	b.tabTo(name)
	b.entered()
}

// What is pasted into a line goes in as it is; browsers glue its lines together.
func TestWhatIsPastedForAStepIsGluedToNothing(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD="+ownPassword)
	flow := (&api{t, s.base}).call("POST", "/workflows", object{"format": 1, "name": "Pastes", "steps": []object{{"id": "end", "type": "stop"}}}, 201)["id"].(string)
	b := open(t, s.base)
	b.visit("/login")
	b.signIn()
	b.visit("/workflows/" + flow + "/edit")
	for _, c := range []struct {
		has      string
		from, to int
		pasted   string
		then     string
	}{
		{"", 0, 0, "wait two hours,\n then stop\n", "wait two hours, then stop"},
		{"call", 4, 4, "https://example.com/a", "call https://example.com/a"},
		{"https://example.com/a", 0, 0, "https://example.com/b", "https://example.com/b https://example.com/a"},
		{"ask ben", 4, 7, "anna@example.com", "ask anna@example.com"},
	} {
		b.script(pasting("add:@1", c.has, c.from, c.to, c.pasted))
		b.until("it reads "+c.then, fmt.Sprintf("document.getElementsByName('add:@1')[0].value === %q", c.then))
	}
	b.script("window.__old = true")
	b.script(pasting("add:@1", "https://example.com/a", 0, 21, "https://example.com/b"))
	b.until("what replaces all of it has become a step", "!window.__old && document.getElementById('config-url').value === 'https://example.com/b'")
}

// pasting puts a text into a field that holds another, of which a part is selected. A browser
// that is told of it pastes nothing by itself.
func pasting(name, has string, from, to int, text string) string {
	return fmt.Sprintf(`(() => {
		const field = document.getElementsByName(%q)[0], data = new DataTransfer();
		data.setData("text/plain", %q);
		field.value = %q;
		field.focus();
		field.setSelectionRange(%d, %d);
		field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
		return true })()`, name, text, has, from, to)
}
