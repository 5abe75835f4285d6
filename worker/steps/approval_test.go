package steps

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

func TestApprovalAsksWhatIsWritten(t *testing.T) {
	kind := All(Options{})["approval"]
	for name, c := range map[string]struct {
		config    map[string]any
		assignees string
		expires   time.Duration
		code      string
	}{
		"nobody in particular": {map[string]any{"question": " Well? "}, "", 0, ""},
		"some, as a text":      {map[string]any{"question": "Well?", "assignees": "Anna@example.com;\n otto@example.com, ", "expires_after": "2h"}, "anna@example.com otto@example.com", 2 * time.Hour, ""},
		"some, as a list":      {map[string]any{"question": "Well?", "assignees": []any{"anna@example.com"}}, "anna@example.com", 0, ""},
		"no question":          {map[string]any{"question": "  "}, "", 0, "invalid_config"},
		"a long question":      {map[string]any{"question": strings.Repeat("x", 2001)}, "", 0, "too_large"},
		"no address":           {map[string]any{"question": "Well?", "assignees": "a@@b.c"}, "", 0, "invalid_config"},
		"a line too many":      {map[string]any{"question": "Well?", "assignees": "a@b.c\r\nBcc: x@y.z"}, "", 0, "invalid_config"},
		"too many":             {map[string]any{"question": "Well?", "assignees": strings.Repeat("a@example.com,", 51)}, "", 0, "invalid_config"},
		"a number":             {map[string]any{"question": "Well?", "assignees": json.Number("7")}, "", 0, "invalid_config"},
	} {
		outcome, err := kind.Execute(t.Context(), workflow.Call{Config: c.config})
		if c.code != "" {
			if known, ok := err.(*workflow.StepError); !ok || known.Code != c.code || !known.Permanent {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		asked, _ := outcome.Wait.(*workflow.Approval)
		if err != nil || asked == nil || asked.Question != "Well?" || strings.Join(asked.Assignees, " ") != c.assignees || asked.Expires != c.expires {
			t.Errorf("%s: %+v, %v", name, asked, err)
		}
	}
	for text, wrong := range map[string]bool{"": false, "anna@example.com": false, "{{ input.who }}": false, "nobody": true} {
		if found := len(kind.Check(map[string]any{"assignees": text})) > 0; found != wrong {
			t.Errorf("%q is found wrong: %v", text, found)
		}
	}
}
