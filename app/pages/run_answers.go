package pages

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/entry"
	"workflows/worker/workflow"
)

// answers are what the run was started with, each under its question as the person
// read it; none where the workflow asks for nothing or too much was given to be read.
func (r *runSheet) answers() []views.RunFact {
	var given map[string]any
	if plan.IsCut(r.run.Input) || document.Decode(r.run.Input, &given) != nil {
		return nil
	}
	var facts []views.RunFact
	for _, input := range r.definition.Inputs {
		switch value := given[input.Name]; {
		case input.Type == "json": // stands below as it is
		case input.Uploaded():
			facts = append(facts, r.fileFacts(input, value)...)
		default:
			facts = append(facts, views.RunFact{Term: title(input), Text: answerWords(input, value)})
		}
	}
	return facts
}

// wasAnswered reports whether the run was started with anything.
func (r *runSheet) wasAnswered() bool {
	var given map[string]any
	if document.Decode(r.run.Input, &given) != nil {
		return len(r.run.Input) > 0
	}
	for _, value := range given {
		if value != nil {
			return true
		}
	}
	return false
}

// answerWords is an answer as a person would write it.
func answerWords(input workflow.Input, value any) string {
	switch value := value.(type) {
	case bool:
		if value {
			return "Yes"
		}
		return "No"
	case []any:
		words := make([]string, len(value))
		for i, one := range value {
			words[i] = document.Text(one)
		}
		if len(words) > 0 {
			return strings.Join(words, ", ")
		}
	case string:
		if at, err := time.Parse(time.DateOnly, value); err == nil && input.Type == "date" {
			return at.Format("2 January 2006")
		}
		if at, err := time.Parse(time.RFC3339, value); err == nil && input.Type == "date_time" {
			return at.In(input.Zone()).Format("2 January 2006, 15:04") + " (" + input.Zone().String() + ")"
		}
		if value != "" {
			return value
		}
	case nil:
	default:
		return document.Text(value)
	}
	return "–"
}

// fileFacts are files that were sent, with where to fetch them.
func (r *runSheet) fileFacts(input workflow.Input, value any) []views.RunFact {
	var facts []views.RunFact
	for i, file := range filesOf(value) {
		fact := views.RunFact{Term: title(input), Text: document.Text(file["name"])}
		if size, err := strconv.Atoi(document.Text(file["size"])); err == nil {
			fact.Text += ", " + ui.Size(size)
		}
		if file["data"] != nil {
			fact.URL = "/runs/" + r.run.ID + "/files/" + input.Name + "/" + strconv.Itoa(i)
		}
		facts = append(facts, fact)
	}
	if facts == nil {
		facts = append(facts, views.RunFact{Term: title(input), Text: "–"})
	}
	return facts
}

// filesOf are the files of a value: one, or a list of them.
func filesOf(value any) []map[string]any {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	var files []map[string]any
	for _, one := range list {
		if file, is := one.(map[string]any); is && entry.File(file) {
			files = append(files, file)
		}
	}
	return files
}

// RunFile sends a file that a run was started with. Whatever it is, a browser is told
// to keep it and not to show it: it came from outside.
func (s *Site) RunFile(c *gin.Context) {
	data, err := s.runValue(c.Request.Context(), c.Param("id"), frame.ValueInput)
	var given map[string]any
	if err == nil {
		err = document.Decode(data, &given)
	}
	if err != nil {
		web.Fail(c, err)
		return
	}
	files := filesOf(given[c.Param("input")])
	if n, err := strconv.Atoi(c.Param("number")); err == nil && n >= 0 && n < len(files) {
		text, kept := files[n]["data"].(string)
		content, err := base64.StdEncoding.DecodeString(text)
		if kept && err == nil {
			name := document.Text(files[n]["name"])
			c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
			c.Data(http.StatusOK, "application/octet-stream", content)
			return
		}
	}
	web.Fail(c, models.ErrNotFound)
}
