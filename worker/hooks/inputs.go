package hooks

import (
	"context"
	"maps"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/workflow"
)

// offered are the fields of what was sent, for the inputs of the same names. Those
// of a form are texts: they are read as the run's own form reads them, by the
// version that is returned and must be started then; "" is the published one.
func (d *delivery) offered(ctx context.Context, tx *gorm.DB, body any) (map[string]any, string, error) {
	fields, _ := body.(map[string]any)
	if !d.form {
		return fields, "", nil
	}
	target, err := models.WorkflowToRun(ctx, tx, d.hook.WorkflowID)
	if err != nil || target.VersionID == nil {
		return fields, "", err
	}
	version, err := models.VersionToRun(ctx, tx, *target.VersionID)
	if err != nil {
		return nil, "", err
	}
	definition, err := workflow.Load(version.Definition)
	if err != nil {
		return nil, "", d.r.beyond(d.hook, err.Error())
	}
	fields, problems := typed(definition.Inputs, fields)
	if len(problems) > 0 {
		return nil, "", &models.InvalidError{Code: "invalid_input", Message: "Some fields do not fit the workflow's inputs.", Fields: problems}
	}
	return fields, version.ID, nil
}

// typed are a form's texts as the types of the inputs want them.
func typed(inputs []workflow.Input, fields map[string]any) (map[string]any, []models.FieldError) {
	fields = maps.Clone(fields)
	var problems []models.FieldError
	for _, input := range inputs {
		text, given := fields[input.Name].(string)
		if !given {
			continue
		}
		value, problem := workflow.ParseFormInput(input, text)
		if problem != nil {
			problems = append(problems, models.FieldError{Path: problem.Path, Code: problem.Code, Message: problem.Message})
		}
		fields[input.Name] = value
	}
	return fields, problems
}
