package workflow

import (
	"slices"
	"strings"

	"workflows/worker/document"
)

// The kinds that are filled in by one control.

func textKind() Kind { return Kind{Name: "text", Check: checkText} }

func checkText(path string, field Field, value any) []Problem {
	if _, isText := value.(string); !isText && !field.Flexible {
		return wrongType(path, field, "a text", value)
	}
	return nil
}

// asTyped keeps the space around a text, which may be meant.
func asTyped(text string) any { return text }

func multilineKind() Kind { return TemplateKind("multiline") }

// TemplateKind is a text over several lines, into which values are inserted as they are.
// One that was stored as a list or an object is shown as JSON that gives the same when
// values are inserted into it as into JSON: a text that is one reference stands bare, and
// keeps its type.
func TemplateKind(name string) Kind {
	return Kind{Name: name, Check: checkText, Entry: Entry{Control: "multiline", Lines: 6, Mono: true, Read: asTyped, Show: indented}}
}

func jsonKind() Kind {
	return Kind{Name: "json", Check: checkText, Entry: Entry{Control: "json", Lines: 8, Read: asTyped, Show: indented}}
}

func indented(value any) string {
	text := string(document.Indented(value))
	walkTexts(value, "", func(_, inside string) {
		if oneReference(inside) {
			text = strings.ReplaceAll(text, string(document.JSON(inside)), inside)
		}
	})
	return text
}

func numberKind() Kind {
	return Kind{
		Name: "number", Schema: only("number"), Entry: Entry{Control: "number", Width: "short", Read: readNumber},
		Check: func(path string, field Field, value any) []Problem {
			if _, ok := document.Number(value, false); !ok {
				return wrongType(path, field, "a number", value)
			}
			return nil
		},
	}
}

// readNumber leaves what is no number as it was typed, for the checker to name.
func readNumber(text string) any {
	text = strings.TrimSpace(text)
	if value, problem := ParseFormInput(Input{Type: "number"}, text); problem == nil {
		return value
	}
	return text
}

func booleanKind() Kind {
	return Kind{
		Name: "boolean", Schema: only("boolean"), Entry: Entry{Control: "checkbox"},
		Check: func(path string, field Field, value any) []Problem {
			if _, ok := value.(bool); !ok {
				return wrongType(path, field, "true or false", value)
			}
			return nil
		},
	}
}

func choiceKind() Kind {
	return Kind{
		Name: "choice", Entry: Entry{Control: "choice"},
		Schema: func(field Field) map[string]any {
			return map[string]any{"type": "string", "enum": optionValues(field.Options)}
		},
		Check: func(path string, field Field, value any) []Problem {
			text, isText := value.(string)
			if !isText {
				return wrongType(path, field, "one of the choices", value)
			}
			if allowed := optionValues(field.Options); text != "" && !slices.Contains(allowed, text) {
				return []Problem{notAChoice(path, text, allowed)}
			}
			return nil
		},
	}
}

func durationKind() Kind {
	return Kind{
		Name: "duration", Schema: func(Field) map[string]any { return map[string]any{"type": "string", "example": "15m"} },
		Entry: Entry{Width: "medium", Read: func(text string) any { return ReadLength(text) }, Words: LengthWords},
		Check: func(path string, field Field, value any) []Problem {
			_, err := ParseDuration(textIn(value))
			return checkWritten(path, field, "a length of time such as 15m", value, err)
		},
	}
}

func timeKind() Kind {
	return Kind{
		Name: "time",
		Check: func(path string, field Field, value any) []Problem {
			_, err := ParseTime(textIn(value))
			return checkWritten(path, field, "a time such as 2026-12-24T18:00:00Z", value, err)
		},
	}
}

// checkWritten is for what is written as a text of a form of its own; err is what
// reading that text said.
func checkWritten(path string, field Field, want string, value any, err error) []Problem {
	if _, isText := value.(string); !isText {
		return wrongType(path, field, want, value)
	}
	if err != nil {
		return []Problem{{Path: path, Code: "invalid_value", Message: err.Error()}}
	}
	return nil
}

func textIn(value any) string {
	text, _ := value.(string)
	return text
}

func secretKind() Kind {
	return Kind{Name: "secret", Secret: true, Check: checkText, Entry: Entry{Control: "choice", Choices: ChoicesSecrets}}
}

func workflowKind() Kind {
	return Kind{
		Name: "workflow", Check: checkText, Entry: Entry{Control: "choice", Choices: ChoicesWorkflows},
		Schema: func(Field) map[string]any { return map[string]any{"type": "string", "format": "uuid"} },
	}
}
