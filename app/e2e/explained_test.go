package e2e

import (
	"strings"
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
	b.until("what differs is fetched", "document.querySelector('#differences-place h2')")
	b.sees("failed; the other time it succeeded")
	if again := b.script("document.querySelectorAll('#differences-place h1, #differences-place #differences-shown').length"); again != "0" {
		t.Errorf("the whole page was put into the page")
	}
	b.clean("run-compared")
	b.visit("/runs/" + run + "/differences")
	b.clean("run-differences-alone")
	b.visit("/runs/" + run + "/timeline")
	b.sees("Waited to be tried again")
	b.clean("run-timeline-tried")

	b.visit("/runs/" + run)
	b.follow("Send this run to a colleague")
	b.until("the form is there", "document.getElementById('days-0') || document.querySelector('[name=days]')")
	b.clean("run-links-none")
	b.follow("Make the link")
	b.until("the link is shown", "document.getElementById('made-link')")
	b.clean("run-links-made")
	shared := strings.TrimPrefix(b.script("document.getElementById('made-link').textContent"), s.base)
	b.visit("/runs/" + run)
	b.sees("Links that show this run to people without an account")
	b.clean("run-linked")

	stranger := open(t, s.base)
	stranger.visit(shared)
	stranger.sees("Ask the shop")
	stranger.clean("run-shared")
	stranger.follow("Ask the shop")
	stranger.sees("Why it failed")
	stranger.clean("run-shared-step")
	stranger.visit("/shared/void")
	stranger.sees("This link shows nothing.")
	stranger.clean("run-shared-over")
	b.visit("/settings/house")
	b.clean("house-links")
}
