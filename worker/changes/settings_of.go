package changes

import (
	"workflows/worker/workflow"
)

// SettingsOf are all settings of each step by its id, one in each line: for those who read
// a workflow whole, where sentences are cut short.
func SettingsOf(d workflow.Definition, naming Naming) map[string][]string {
	s := newSide(d, d, naming)
	settings := map[string][]string{}
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		lines := s.settings(naming.Types[step.Type].Fields, step.Config)
		if orOnce(step.Retry).MaxAttempts > 1 {
			lines = append(lines, "Tried "+triedWords(step.Retry))
		}
		if step.Timeout != "" {
			lines = append(lines, "May take "+durationWords(step.Timeout))
		}
		if step.OnError == "continue" {
			lines = append(lines, "When it fails, the run goes on")
		}
		if step.OnUnknown != "" {
			lines = append(lines, "When it is not known whether it acted, "+unknownWords(step.OnUnknown))
		}
		settings[step.ID] = lines
		return true
	})
	return settings
}
