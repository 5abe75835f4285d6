package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// version is an immutable definition, parsed, with what executing it needs.
type version struct {
	id, workflowID, name string
	number               int
	definition           workflow.Definition
	timeout              time.Duration                   // of the whole run; 0 is none
	needs                map[string]needs                // step id → what it refers to
	loopOf               map[string]string               // step id → the innermost for_each around it
	off                  map[string]bool                 // the steps that are passed over
	secrets              map[string][]string             // step id → the secrets that it uses; few do
	notify               []notify.Rule                   // who is told of what
	newer                string                          // in words, what only a newer program knows of it; "" is nothing
	called               func(workflow.Reference) string // what people call what a reference stands for
}

// errUnreadable says that a stored version cannot be used by this program.
var errUnreadable = errors.New("unreadable version")

// Unreadable reports whether an error says that a stored version cannot be used by
// this program: an older one wrote it, or a newer one.
func Unreadable(err error) bool { return errors.Is(err, errUnreadable) }

func newVersion(row models.WorkflowVersion, types workflow.Types) (*version, error) {
	definition, newer, err := types.Load(row.Definition)
	if err != nil {
		if document.Decode(row.Definition, &map[string]json.RawMessage{}) != nil {
			return nil, fmt.Errorf("%w %s", errUnreadable, row.ID) // no program has written it
		}
		return nil, &beyondError{what: newer, err: err}
	}
	v := &version{id: row.ID, workflowID: row.WorkflowID, name: row.Name, number: row.Number, definition: definition, needs: map[string]needs{}, loopOf: map[string]string{}, secrets: map[string][]string{}, off: workflow.StepsOff(definition.Steps), notify: definition.Settings.Notify, newer: newer}
	v.called = func(r workflow.Reference) string { // by few failures
		return workflow.TitlesOf(definition.Steps, types).WithInputs(definition.Inputs).Words(r)
	}
	if definition.Settings.Timeout != "" {
		v.timeout, _ = workflow.ParseDuration(definition.Settings.Timeout) // else it is a newer one's
	}
	workflow.Walk(v.definition.Steps, func(_ string, step *workflow.Step, around []*workflow.Step) bool {
		v.needs[step.ID] = needsOf(step.Config)
		if names := types[step.Type].SecretsOf(step.Config); len(names) > 0 {
			v.secrets[step.ID] = names
		}
		for _, holder := range around {
			if len(holder.Do) > 0 {
				v.loopOf[step.ID] = holder.ID
			}
		}
		return true
	})
	return v, nil
}

// needs are the data that the references inside a step's config stand for.
type needs struct {
	input, trigger bool
	steps          []string // each once
}

func needsOf(config map[string]any) (n needs) {
	for _, reference := range workflow.UsedIn(config) {
		switch reference.Root {
		case "input":
			n.input = true
		case "trigger":
			n.trigger = true
		case "steps":
			if len(reference.Path) > 0 && !slices.Contains(n.steps, reference.Path[0]) {
				n.steps = append(n.steps, reference.Path[0])
			}
		}
	}
	return n
}

// Definition is what the version with this id says, parsed: once for all who ask, so
// nobody may change it. One that only a newer program can read is a
// *models.UnavailableError.
func (e *Engine) Definition(ctx context.Context, versionID string) (workflow.Definition, error) {
	found, err := e.version(ctx, e.db, versionID)
	if errors.As(err, new(*beyondError)) {
		return workflow.Definition{}, ByNewerProgram()
	}
	if err != nil {
		return workflow.Definition{}, err
	}
	return found.definition, nil
}

// version returns the parsed version with this id.
func (e *Engine) version(ctx context.Context, tx *gorm.DB, id string) (*version, error) {
	if found, ok := e.versions.get(id); ok {
		return found, nil
	}
	row, err := models.VersionToRun(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	parsed, err := newVersion(row, e.types)
	if err != nil {
		return nil, err
	}
	e.versions.put(parsed.id, parsed)
	return parsed, nil
}
