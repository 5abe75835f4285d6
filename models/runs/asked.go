package runs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/words"
)

// The index of words knows no fields. Runs that have the words of what is asked of a field
// are found by it, in pieces, and what is stored of them says whether the field has it.

const (
	// checkedAtOnce is how many runs are read at a time, mostChecked and checkedFor how many,
	// and for how long, before the caller is told how far that was.
	checkedAtOnce, mostChecked = 100, 2000
	checkedFor                 = 3 * time.Second
	// mostNamed is how many workflows a word of their names may mean.
	mostNamed = 20
)

// Triggers are the ways to start a run, in the order in which people look for them.
func Triggers() []string {
	return []string{"manual", "schedule", "webhook", "form", "workflow", "retry"}
}

// StartedWith is what of a trigger runs are found by: who or which run has started one, and
// what a webhook was sent.
func StartedWith() []string { return []string{"by", "run_id", "query", "body"} }

// readSearch reads what is typed into the box: the words of ours narrow the filter, the rest is
// what is looked for. What cannot be meant is a *models.InvalidError.
func (f Filter) readSearch(db *gorm.DB) (Filter, words.Query, error) {
	q := words.Read(f.Search)
	var states []string
	var fields []words.Field
	for _, field := range q.Fields {
		value := strings.ToLower(field.Value)
		switch field.Name {
		case "status":
			if value == "canceled" {
				value = "cancelled"
			}
			if !slices.Contains(allStates(), value) {
				return f, q, wrongSearch("There is no state “%s”. Write one of %s. For a field of that name write output.status:%s.", field.Value, strings.Join(allStates(), ", "), field.Value)
			}
			states = append(states, value)
		case "trigger":
			if !slices.Contains(Triggers(), value) {
				return f, q, wrongSearch("Nothing starts a run that is called “%s”. Write trigger: and one of %s.", field.Value, strings.Join(Triggers(), ", "))
			}
			if f.TriggerType != "" && f.TriggerType != value {
				return f, q, wrongSearch("Only one way to start can be looked for. Leave out trigger:%s, or choose no other.", field.Value)
			}
			f.TriggerType = value
		case "workflow":
			named, err := workflowsNamed(db, field.Value)
			if err != nil {
				return f, q, err
			}
			f.Workflows = append(f.Workflows, named...)
		default:
			fields = append(fields, field)
		}
	}
	if len(states) > 0 {
		f.Status = slices.DeleteFunc(states, func(state string) bool { return !slices.Contains(f.wantedStates(), state) })
		if len(f.Status) == 0 {
			f.Status = []string{"none of these"}
		}
	}
	q.Fields = fields
	f.asked = &q
	return f, q, nil
}

func wrongSearch(message string, with ...any) error {
	message = fmt.Sprintf(message, with...)
	return &models.InvalidError{Code: "invalid_parameter", Message: message, Fields: []models.FieldError{{Path: "q", Code: "unknown_value", Message: message}}}
}

// workflowsNamed are the workflows with these words in their names, or the one with the id.
func workflowsNamed(db *gorm.DB, typed string) ([]string, error) {
	if id := strings.ToLower(typed); models.ValidID(id) {
		return []string{id}, nil
	}
	found, more, err := models.WorkflowNames(db.Statement.Context, db, typed, mostNamed)
	switch {
	case err != nil:
		return nil, err
	case more:
		return nil, wrongSearch("More than %d workflows have “%s” in their names. Write more of the name, in quotation marks: workflow:\"…\".", mostNamed, typed)
	case len(found) == 0:
		return nil, wrongSearch("No workflow has “%s” in its name.", typed)
	}
	ids := make([]string, len(found))
	for i, w := range found {
		ids[i] = w.ID
	}
	return ids, nil
}

// found are at most limit runs that meet all that is asked, and the id behind which to go on;
// "" where there are no more. Where fields are asked for there may be fewer although there
// are more: so far was looked.
func (f Filter) found(db *gorm.DB, limit int) (found []models.Run, next string, err error) {
	f, q, err := f.readSearch(db)
	if err != nil {
		return nil, "", err
	}
	if len(q.Fields) == 0 {
		found, err = f.candidates(db, limit+1)
		if len(found) > limit {
			return found[:limit], found[limit-1].ID, err
		}
		return found, "", err
	}
	began := time.Now()
	for looked := 0; ; {
		some, err := f.candidates(db, checkedAtOnce)
		if err != nil {
			return nil, "", err
		}
		meet, err := meeting(db, some, q.Fields)
		if err != nil {
			return nil, "", err
		}
		for _, run := range some {
			if meet[run.ID] {
				if len(found) == limit {
					return found, found[limit-1].ID, nil
				}
				found = append(found, run)
			}
		}
		if len(some) < checkedAtOnce {
			return found, "", nil
		}
		f.Before = some[len(some)-1].ID
		if looked += len(some); looked >= mostChecked || time.Since(began) > checkedFor {
			return found, f.Before, nil
		}
	}
}

// candidates are the newest runs that have the words of all that is asked.
func (f Filter) candidates(db *gorm.DB, limit int) ([]models.Run, error) {
	switch {
	case len(f.phrases()) > 0:
		return f.search(db, limit)
	case f.asked.Text != "": // nothing of it is a word
		return nil, nil
	}
	return f.newest(db, limit)
}

// phrases are what the index is asked for, the words of no field last. It has no steps by their names, and neither true
// nor false.
func (f Filter) phrases() words.Sought {
	var sought words.Sought
	for _, field := range f.asked.Fields {
		if field.Name != "step" && !isTruth(field.Value) {
			sought = append(sought, field.Phrase)
		}
	}
	return append(sought, f.asked.Sought...)
}

func isTruth(value string) bool {
	return strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
}

// meeting says which of these runs have all that is asked of fields.
func meeting(db *gorm.DB, some []models.Run, fields []words.Field) (map[string]bool, error) {
	meet := make(map[string]bool, len(some))
	ids := make([]string, len(some))
	for i, run := range some {
		ids[i], meet[run.ID] = run.ID, true
	}
	if len(ids) == 0 {
		return meet, nil
	}
	var ofContents []words.Field
	for _, field := range fields {
		if field.Name != "step" {
			ofContents = append(ofContents, field)
			continue
		}
		if err := keepWithStep(db, ids, field, meet); err != nil {
			return nil, err
		}
	}
	if len(ofContents) == 0 {
		return meet, nil
	}
	contents, err := ReadContents(db.Statement.Context, db, slices.DeleteFunc(ids, func(id string) bool { return !meet[id] }))
	has := make(map[string]bool, len(contents))
	for _, content := range contents {
		has[content.ID] = !slices.ContainsFunc(ofContents, func(field words.Field) bool { return !content.holdsField(field) })
	}
	return has, err
}

// keepWithStep keeps the runs in which a step of this id, or with these words in its name, has begun.
func keepWithStep(db *gorm.DB, ids []string, field words.Field, meet map[string]bool) error {
	named := models.Find(db.Session(&gorm.Session{NewDB: true}), "name", field.Value).Or("step_id = ?", field.Value)
	var with []string
	err := db.Model(&models.StepRun{}).Where("run_id IN ? AND status NOT IN ('pending', 'skipped')", ids).Where(named).Distinct().Pluck("run_id", &with).Error
	for _, id := range ids {
		meet[id] = meet[id] && slices.Contains(with, id)
	}
	return err
}

// holdsField reports whether what is stored of a run has what is asked of a field, or a text that
// says it so.
func (c Content) holdsField(field words.Field) bool {
	has := words.Holds(words.Of(c.WorkflowName), field.Whole)
	c.EachValue(func(v words.Value) bool {
		has = has || v.Meets(field)
		return !has
	})
	return has
}

// EachValue visits what a run is found by, until visit returns false. Paths are as in
// references: input.customer, trigger.body.order.id, steps.fetch.body.
func (c Content) EachValue(visit func(words.Value) bool) {
	on := true
	in := func(path string, document models.JSON) {
		if on {
			words.ValuesOf(path, string(document), func(v words.Value) bool {
				on = visit(v)
				return on
			})
		}
	}
	in("error", c.Error)
	in("input", c.Input)
	words.ValuesOf("trigger", string(c.Trigger), func(v words.Value) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(v.Path, "trigger."), ".")
		if on && slices.Contains(StartedWith(), name) {
			on = visit(v)
		}
		return on
	})
	in("output", c.Output)
	for _, step := range c.Steps {
		in("steps."+step.StepID+".error", step.Error)
		in("steps."+step.StepID, step.Output)
	}
}
