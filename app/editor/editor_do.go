package editor

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/worker/workflow"
)

// editing is one press of a button of the editor's page: all that was typed is taken into
// the draft, the button's command is done to it, it is saved once, and the person is led
// on. A command is a word with what it is about behind colons: move:fetch:up.
type editing struct {
	*Site
	c        *gin.Context
	d        draft
	sent     url.Values
	form     *stepForm // of the step that is open; nil where none is
	open     string    // its id, which follows a changed one
	was      string    // its id before
	added    string    // the id of the step that was added
	shown    string    // the draft's revision before what was typed was taken into it
	word     string    // of the command
	args     []string
	unknown  map[string]string // why what stands in an entry for new steps is left there, by its place
	to, said string            // where the person is led, and what is said there
	then     func() error      // done once all is saved; may lead elsewhere
}

// EditorDo does what a button of the editor's page says, with all that is typed.
func (s *Site) EditorDo(c *gin.Context) (templ.Component, error) {
	d, sent, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	e := &editing{Site: s, c: c, d: d, sent: sent, shown: strconv.FormatInt(d.workflow.DraftRevision, 10), open: c.Param("step"), was: c.Param("step"), unknown: map[string]string{}}
	e.word, e.args = e.command()
	if e.open != "" {
		step, _, found := workflow.FindStep(&e.d.definition, e.open)
		if !found {
			return nil, s.gone(c, d, sent, "step")
		}
		if command := sent.Get("row"); command != "" {
			return e.rows(*step, command)
		}
		if e.word == autosave {
			return e.autosaves(step)
		}
		if err := e.takeStep(step); err != nil {
			return nil, err
		}
	}
	if e.word == autosave {
		return e.autosaves(nil)
	}
	if err := e.takeAll(); err != nil {
		return nil, err
	}
	if err := e.store(); err != nil {
		return nil, err
	}
	e.leadsOn(e.d.definition)
	if e.then != nil {
		if err := e.then(); err != nil {
			return nil, err
		}
	}
	if web.IsHX(c) && e.open == e.was {
		return e.stays()
	}
	return nil, web.Done(e.to, e.said)
}

// stays shows the page as it is now, for our script to put in the place of what was there.
func (e *editing) stays() (templ.Component, error) {
	return e.show(e.c, e.d, e.open, strings.TrimSpace(e.said+" "+web.AlsoSaid(e.c)))
}

// command reads what the pressed button says. Enter in a field presses none.
func (e *editing) command() (string, []string) {
	words := strings.SplitN(e.sent.Get("do"), ":", 3)
	return words[0], words[1:]
}

// takeStep puts the form of the open step into the draft.
func (e *editing) takeStep(step *workflow.Step) error {
	t, was := e.Types[step.Type], step.Config
	e.form = e.read(*step, t)
	e.open = e.form.put(&e.d.definition, step, t)
	for i, arg := range e.args { // the button was drawn before
		e.args[i] = e.now(arg)
	}
	return e.renames(was)
}

// read reads the form of the open step. A name that nobody has typed follows what it was made of.
func (e *editing) read(step workflow.Step, t workflow.StepType) *stepForm {
	f := readStepForm(e.sent, step, t)
	was := suggestedName(t, step.Config)
	if e.sent.Get("name") != e.sent.Get(nameWas) || was == "" || !isNumbered(step.Name, was) {
		return f
	}
	f.step.Name = step.Name
	if name := suggestedName(t, f.step.Config); name != was {
		f.step.Name = titledAlone(e.d.definition, name)
	}
	return f
}

// now is a step or a place as the page called it, by the id that the open step has now.
func (e *editing) now(drawn string) string {
	rest := strings.TrimPrefix(drawn, e.was)
	if e.was != "" && rest != drawn && (rest == "" || rest[0] == '.') {
		return e.open + rest
	}
	return drawn
}

// takeName takes the workflow's name, if it was typed.
func (e *editing) takeName() {
	if name := strings.TrimSpace(e.sent.Get("workflow.name")); name != "" && e.typesName() {
		e.d.definition.Name = name
	}
}

func (e *editing) typesName() bool {
	return e.sent.Get("workflow.name") != e.sent.Get("workflow.name.was")
}

// takeAll takes all else that was typed, and does the command. What cannot be kept, or is
// wrong while the person is done with it, comes back marked, with everything as it was sent.
func (e *editing) takeAll() error {
	e.takeName()
	unkept := e.form != nil && len(e.form.problems) > 0
	e.goes(e.here(""), "")
	if !unkept {
		if err := e.addTyped(); err != nil {
			return err
		}
	}
	problems, err := e.Catalog.Check(e.c.Request.Context(), e.d.workflow.ID, e.d.definition)
	if err != nil {
		return err
	}
	if e.form != nil {
		_, path, _ := workflow.FindStep(&e.d.definition, e.open)
		e.form.take(wrong(mine(problems, path+".")))
		unkept = unkept || e.form.problems["id"]+e.form.problems["name"] != "" || e.finishes() && len(e.form.problems) > 0
	}
	nameError := ""
	for _, problem := range problems {
		if problem.Path == "name" {
			nameError = problem.Message
		}
	}
	if unkept || nameError != "" || len(e.unknown) > 0 {
		return e.again(nameError)
	}
	act, known := e.commands()[e.word]
	if !known {
		return &models.InvalidError{Code: "unknown_command", Message: "This button is not known here. Load the page again."}
	}
	if err := act(e); err != nil {
		return err
	}
	if workflow.CountSteps(e.d.definition.Steps) > workflow.MaxSteps {
		return &models.InvalidError{Code: "too_many", Message: "A workflow has at most " + strconv.Itoa(workflow.MaxSteps) + " steps. Split it into two workflows."}
	}
	return nil
}

// finishes reports whether the person is done with the open step: what is wrong with it is
// said now. Otherwise it is kept, and the step stays marked.
func (e *editing) finishes() bool {
	return slices.Contains([]string{"", doTry, doAct, doTryOn}, e.word) && e.to == e.here("")
}

// again shows the page as it was sent, with what has to be put right first.
func (e *editing) again(nameError string) error {
	present, err := newDraft(e.d.workflow)
	if err != nil {
		return err
	}
	problems, err := e.Catalog.Check(e.c.Request.Context(), present.workflow.ID, present.definition)
	if err != nil {
		return err
	}
	view := editorView{form: e.form, typed: map[string]string{}, unknown: e.unknown, name: e.sent.Get("workflow.name"), nameError: nameError, unsaved: true, revision: e.sent.Get("revision")}
	for name := range e.sent {
		if place, ours := strings.CutPrefix(name, "add:"); ours {
			view.typed[place] = e.sent.Get(name)
		}
	}
	if e.form != nil {
		if step, _, found := workflow.FindStep(&present.definition, e.was); found {
			e.form.step.Disabled = step.Disabled
		}
	}
	page, err := e.editor(e.c, present, problems, view)
	if err != nil {
		return err
	}
	return web.Status(http.StatusUnprocessableEntity, page)
}

// rows shows the page with a row more or less in the open form, or with an entry filled in
// another way; nothing is saved.
func (e *editing) rows(step workflow.Step, command string) (templ.Component, error) {
	changeRows(e.sent, command)
	t := e.Types[step.Type]
	form := readStepForm(e.sent, step, t)
	turned := form.turned(command, t.Fields)
	if !turned {
		form.problems = map[string]string{}
		form.keepEmptyRows(e.sent, "config", t.Fields)
	}
	form.judges(t)
	problems, err := e.Catalog.Check(e.c.Request.Context(), e.d.workflow.ID, e.d.definition)
	if err != nil {
		return nil, err
	}
	return e.editor(e.c, e.d, problems, editorView{form: form, name: e.sent.Get("workflow.name"), unsaved: !turned || !reflect.DeepEqual(form.step, step), revision: e.sent.Get("revision")})
}

// store saves the draft if the form has changed it. What follows is about the draft as it is.
func (e *editing) store() (err error) {
	if e.d.same() {
		e.d, err = newDraft(e.d.workflow)
		return err
	}
	again := e.d.url("/edit")
	if e.was != "" {
		again = e.d.stepURL(e.was)
	}
	stored, err := e.saved(e.c, e.d, proposal{form: e.sent, again: again})
	if err != nil {
		return err
	}
	e.d, err = newDraft(stored)
	return err
}

// leadsOn leads to the list where the open step is not in the draft any more.
func (e *editing) leadsOn(now workflow.Definition) {
	if e.open == "" || !strings.HasPrefix(e.to, e.d.stepURL(e.open)) {
		return
	}
	if _, _, stays := workflow.FindStep(&now, e.open); !stays {
		e.to, e.open = e.d.url("/edit"), ""
	}
}

// goes says where the person is led, and what is said there.
func (e *editing) goes(to, said string) { e.to, e.said = to, said }

// here is the page as it is, at the step named; "" is the open one.
func (e *editing) here(id string) string {
	if id == "" {
		id = e.open
	}
	page, at := e.d.url("/edit"), ""
	if e.open != "" {
		page = e.d.stepURL(e.open)
	}
	if id != "" {
		at = "#step-" + id
	}
	return page + at
}

// arg is one of the words behind the command; "" where there are fewer.
func (e *editing) arg(i int) string {
	if i < len(e.args) {
		return e.args[i]
	}
	return ""
}

// step is the step that the command is about.
func (e *editing) step() (*workflow.Step, error) {
	step, _, found := workflow.FindStep(&e.d.definition, e.arg(0))
	if !found {
		return nil, models.ErrNotFound
	}
	return step, nil
}
