package e2e

import "testing"

func TestWhatIsTypedIsKeptBySwitchesAndNotLeftWithoutAQuestion(t *testing.T) {
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD=four-plain-words-do")
	api := &api{t: t, base: s.base}
	flow := api.call("POST", "/workflows", object{"format": 1, "publish": true, "name": "Stops", "steps": []object{{"id": "end", "type": "stop", "config": object{"message": "one"}}}}, 201)["id"].(string)
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
	if b.asked.Load() != 0 {
		t.Fatalf("asked %d times although nothing typed was left behind", b.asked.Load())
	}
	b.press("Name and more settings")
	b.fill("name", "Never saved")
	b.visit("/workflows/" + flow + "/edit")
	if b.asked.Load() != 1 {
		t.Errorf("asked %d times before what was typed was left behind", b.asked.Load())
	}
	b.sees("The end")
	b.press("Discard the draft")
	b.sees("unpublished changes by anna@example.com are replaced")
}
