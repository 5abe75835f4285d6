package workflow

import "workflows/worker/document"

// StepTitle is the step's name, or what its type is called.
func StepTitle(s Step, types Types) string {
	if s.Name != "" {
		return s.Name
	}
	if t, ok := types[s.Type]; ok {
		return t.Title
	}
	return s.ID
}

// StepSentence describes in a few words what the step is set to do.
func StepSentence(s Step, types Types) string {
	t, ok := types[s.Type]
	if !ok || t.Sentence == nil {
		return "A step of type “" + document.Shorten(s.Type, 40) + "”, which this version does not know."
	}
	return t.Sentence(s.Config)
}
