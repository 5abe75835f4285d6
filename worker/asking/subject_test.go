package asking

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
)

func TestTheEmailToWhoIsAskedNamesNoMachine(t *testing.T) {
	for name, want := range map[string]struct{ subject, text string }{
		"Refunds":                       {"Approval wanted: Refunds", "“Ask” of “Refunds” asks you:"},
		"127.0.0.1:18418/crm2/purchase": {"Approval wanted: Ask", "“Ask” asks you:"},
		"New workflow":                  {"Approval wanted: Ask", "“Ask” asks you:"},
	} {
		asked := models.Approval{WorkflowName: name, StepName: "Ask", Question: "Well?"}
		if got := subject(asked); got != want.subject {
			t.Errorf("%s: its subject is %q", name, got)
		}
		if got, _, _ := strings.Cut(text(asked, "https://x", true, time.UTC), "\n"); got != want.text {
			t.Errorf("%s: it begins with %q", name, got)
		}
	}
}
