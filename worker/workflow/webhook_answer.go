package workflow

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/place"
)

// WebhookAnswer is what a webhook answers with that is not what it answers by itself.
type WebhookAnswer struct {
	Status int    `json:"status,omitempty"` // 202 when 0; 200 for an answer made of the run
	Type   string `json:"type,omitempty"`   // json (default) text xml
	Text   string `json:"text,omitempty"`   // with references to the run
}

const (
	maxAnswer      = 64 << 10 // bytes, as it is typed
	maxAnswered    = 1 << 20  // bytes, that are inserted
	maxOrigins     = 20
	codeNotAnswers = "invalid_answer"
)

// answerTypes are the kinds of texts that a webhook answers with, and their content types.
// HTML is none of them: nobody is shown a page of others' making here.
var answerTypes = map[string]string{"json": "application/json; charset=utf-8", "text": "text/plain; charset=utf-8", "xml": "application/xml; charset=utf-8"}

// AnswerTypes lists the kinds of texts that a webhook answers with.
func AnswerTypes() []string { return []string{"json", "text", "xml"} }

// Answers is how a webhook answers.
func (t Trigger) Answers() WebhookAnswer {
	if t.Answer == nil {
		return WebhookAnswer{}
	}
	return *t.Answer
}

// Waits reports whether a caller waits for the run's end.
func (t Trigger) Waits() bool { return t.Respond == RespondOutput || t.Respond == RespondAnswer }

// Worded reports whether the answer says something else than what a webhook says by
// itself; it may be empty.
func (a WebhookAnswer) Worded() bool { return a.Text != "" || a.Type != "" }

// ContentType is the one of its text.
func (a WebhookAnswer) ContentType() string {
	if kind := answerTypes[a.Type]; kind != "" {
		return kind
	}
	return answerTypes["json"]
}

// Write fills the text in with what is known of the run. Values stay in their place, as
// those of steps do. Errors are *StepError.
func (a WebhookAnswer) Write(run map[string]any) (string, error) {
	r := newResolver(Scope{Run: run}, maxAnswered)
	pieces, err := r.pieces(a.Text)
	if err != nil {
		return "", err
	}
	text := ""
	switch a.Type {
	case "text":
		text = document.Text(place.Joined(pieces))
	case "xml":
		text, err = place.XML(pieces)
	default:
		if text, err = place.JSON(pieces); err == nil && text != "" {
			_, err = document.Value([]byte(text))
		}
	}
	if misfit := new(place.Error); errors.As(err, &misfit) {
		return "", &StepError{Code: misfit.Code, Message: misfit.Message, Permanent: true}
	}
	if err != nil {
		return "", &StepError{Code: codeNotAnswers, Message: "The answer is no JSON once it is filled in. Put references to texts between quotation marks.", Permanent: true}
	}
	return text, nil
}

// answer checks how a webhook answers.
func (c *checking) answer(path string, t Trigger) {
	a := t.Answers()
	c.choice(path+".type", a.Type, AnswerTypes()...)
	switch {
	case t.Answer != nil && t.Respond == RespondOutput:
		c.add(path, "not_applicable", "A webhook that answers with the run’s output has no answer of its own. Remove it, or choose the other.")
		return
	case t.Respond == RespondAnswer && a.Text == "" && a.Type != "text":
		c.addIncomplete(path+".text", "Write what is answered, such as {\"text\": \"Thank you\"}.")
	}
	if a.Status != 0 && !slices.Contains([]int{http.StatusOK, http.StatusCreated, http.StatusAccepted}, a.Status) {
		c.add(path+".status", "invalid_value", "Use 200, 201 or 202.")
	}
	if len(a.Text) > maxAnswer {
		c.add(path+".text", "too_long", "An answer has at most 64 kB.")
		return
	}
	if _, err := References(a.Text); err != nil {
		c.unreadable(path+".text", err)
		return
	}
	known := true
	for _, reference := range Used(a.Text) {
		switch {
		case reference.Root != "run" || len(reference.Path) == 0:
			known = false
			c.add(path+".text", "unknown_reference", "An answer knows only the run and what that has given, and not “%s”.", c.called(reference))
		case t.Respond != RespondAnswer && reference.Path[0] != "id":
			known = false
			c.add(path+".text", "unknown_reference", "What is answered at once knows only the run’s id. To insert “%s”, have it wait for the run.", c.called(reference))
		}
	}
	if _, err := a.Write(map[string]any{}); err != nil && known && a.Text != "" {
		c.add(path+".text", "invalid_value", "%s", err)
	}
}

// CORS are the web sites, such as https://www.example.com, whose pages may call from a
// browser and see what is answered.
type CORS struct {
	Origins []string `json:"origins"`
}

// Origins are the web sites whose pages may call; none restricts nobody, and lets no page
// see what is answered.
func (t Trigger) Origins() []string {
	if t.CORS == nil {
		return nil
	}
	return t.CORS.Origins
}

// origins checks the web sites whose pages may call.
func (c *checking) origins(path string, origins []string) {
	if len(origins) > maxOrigins {
		c.add(path, "too_many", "Name at most %d web sites.", maxOrigins)
	}
	for i, origin := range origins {
		parsed, err := url.Parse(origin)
		if err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") || origin != parsed.Scheme+"://"+parsed.Host || origin != strings.ToLower(origin) || strings.Contains(origin, "*") {
			c.add(document.Item(path, i), "invalid_value", "“%s” is not a web site. Write it in small letters without what follows the name, such as https://www.example.com; each one by itself.", document.Shorten(origin, 60))
		}
	}
}
