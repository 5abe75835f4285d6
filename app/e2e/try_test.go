package e2e

import "testing"

func TestAStepIsTriedInTheBrowser(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	b.account(s)
	made := (&api{t, s.base}).call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Tell the shop", "steps": []object{
		{"id": "tell", "type": "http_request", "config": object{"method": "POST", "url": "https://shop.example.com/orders", "body_type": "json", "body": `{"id": "{{ run.id }}"}`}},
	}}, 201)
	b.visit("/workflows/" + made["id"].(string) + "/edit/steps/tell")
	b.follow("Try")
	b.until("the page says what would be sent", "document.body.innerText.includes('Nothing was sent or changed')")
	b.sees("POST https://shop.example.com/orders")
	b.clean("step-tried")
}
