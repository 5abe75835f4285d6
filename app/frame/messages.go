package frame

import "workflows/models/told"

// MessageState says in a sentence what became of what somebody was told.
func MessageState(m told.Message) string {
	switch {
	case m.SentAt != nil && m.Unsure:
		return "It was sent, and may have come twice."
	case m.SentAt != nil:
		return "It was sent."
	case m.DueAt != nil && m.Problem == "":
		return "A worker sends it."
	case m.DueAt != nil:
		return "It could not be sent yet, and is tried again."
	case m.Problem != "":
		return "It could not be sent."
	}
	return "It was not needed any more."
}
