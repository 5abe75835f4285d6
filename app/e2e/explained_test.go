package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestARunIsExplained(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	a, b := &api{t, s.base}, open(t, s.base)
	b.account(s)
	target, _ := shop(t)
	run := differing(t, a, target.URL)

	b.visit("/runs/" + run)
	b.do(chromedp.Click(".run-compared > summary"))
	b.until("what differs is fetched", "document.querySelector('#differences-place h3')")
	b.sees("failed; the other time it succeeded")
	if again := b.script("document.querySelectorAll('#differences-place h1, #differences-place #differences-shown').length"); again != "0" {
		t.Errorf("the whole page was put into the page")
	}
	b.clean("run-compared")
	b.visit("/runs/" + run + "/timeline")
	b.sees("Waited to be tried again")
	b.clean("run-timeline-tried")
}
