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

func TestAWebhooksFieldsAreChosenByKeysAlone(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	b.account(s)
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
